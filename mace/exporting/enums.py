"""What can be taken away, as what, and how far it is."""

from __future__ import annotations

from django.db import models


class ExportStatus(models.TextChoices):
    """``waiting`` is the worker's; a run that dies leaves it so, and the next begins anew."""

    WAITING = "waiting", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Could not be made"
    EXPIRED = "expired", "Erased"


class ExportFormat(models.TextChoices):
    XLSX = "xlsx", "Excel spreadsheet (XLSX)"
    CSV = "csv", "CSV, for other programs"
    PDF = "pdf", "PDF"


class ExportOf(models.TextChoices):
    """One of the lists, or one case."""

    CASES = "cases", "Cases"
    REFERRALS = "referrals", "Referrals"
    SCREENING = "screening", "Referrals waiting to be screened"
    ACTIONS = "actions", "Actions"
    REVIEWS = "reviews", "12-week reviews"
    CASE = "case", "A case"
