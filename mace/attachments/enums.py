"""What a file is, what it is for, and what the virus scanner said of it."""

from __future__ import annotations

from django.db import models


class AttachmentKind(models.TextChoices):
    """The first two may stand in place of what would otherwise be typed."""

    ASSESSMENT = "assessment", "Our own assessment"
    PLAN = "plan", "Our own plan"
    CHRONOLOGY = "chronology", "Chronology"
    OTHER = "other", "Something else"


class FileType(models.TextChoices):
    """As found by looking into the file; the value is the ending of the name that it is given out under."""

    PDF = "pdf", "PDF"
    DOCX = "docx", "Word"
    XLSX = "xlsx", "Excel"
    PPTX = "pptx", "PowerPoint"
    RTF = "rtf", "RTF"
    TXT = "txt", "Text"
    JPEG = "jpg", "JPEG picture"
    PNG = "png", "PNG picture"
    HEIC = "heic", "HEIC picture"


class Scan(models.TextChoices):
    """Only what is clean, or was never to be scanned, is given out."""

    NOT_SCANNED = "not_scanned", "Not scanned for viruses"
    WAITING = "waiting", "Waiting for the virus scan"
    CLEAN = "clean", "Scanned, no virus found"
    INFECTED = "infected", "A virus was found: removed"
    FAILED = "failed", "The virus scanner could not read it"


GIVEN_OUT = frozenset({Scan.NOT_SCANNED.value, Scan.CLEAN.value})
"""What the scanner must have said before anybody gets the file."""
