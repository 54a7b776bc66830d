"""Where an import stands, and what became of a row."""

from __future__ import annotations

from django.db import models


class ImportStatus(models.TextChoices):
    """``checking`` and ``importing`` are the worker's; a run that dies leaves them, and the next goes on from there."""

    PLANNING = "planning", "Being prepared"
    CHECKING = "checking", "Being checked"
    CHECKED = "checked", "Checked"
    IMPORTING = "importing", "Being imported"
    IMPORTED = "imported", "Imported"
    UNDONE = "undone", "Undone"
    LEFT = "left", "Left"


class RowOutcome(models.TextChoices):
    """What a row of a spreadsheet became."""

    OPENED = "opened", "A case was opened"
    ADDED = "added", "Added to a case"
    PLACE = "place", "A place was recorded"
    LEFT_OUT = "left_out", "Left out"
