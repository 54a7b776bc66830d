"""Words with rules behind them, for panels, meetings, decisions and actions."""

from __future__ import annotations

from django.db import models


class PanelKind(models.TextChoices):
    PRE_MACE = "pre_mace", "Pre-MACE panel"
    OPERATIONAL = "operational", "Operational MACE panel"
    STRATEGIC = "strategic", "Strategic MACE board"
    OVER_18 = "over_18", "18 to 25 panel"


class MeetingStatus(models.TextChoices):
    PLANNED = "planned", "Planned"
    PUBLISHED = "published", "Agenda published"
    IN_PROGRESS = "in_progress", "In progress"
    DRAFTED = "drafted", "Minutes drafted"
    APPROVED = "approved", "Minutes approved"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Cancelled"


class Strand(models.TextChoices):
    """VOLT; a person who is both is discussed as a victim first (Lewisham report 2024, 5.9)."""

    VICTIM = "victim", "Victim"
    OFFENDER = "offender", "Offender"
    LOCATION = "location", "Location"
    THEME = "theme", "Theme"
    STANDING = "standing", "Standing item"


class ItemKind(models.TextChoices):
    NEW = "new", "New"
    REVIEW = "review", "12-week review"
    UPDATE = "update", "Update"


class Presence(models.TextChoices):
    PRESENT = "present", "Present"
    DEPUTY = "deputy", "Represented by a deputy"
    APOLOGIES = "apologies", "Apologies"
    ABSENT = "absent", "Absent"


class Decision(models.TextChoices):
    KEEP_OPEN = "keep_open", "Keep open at this tier"
    ESCALATE = "escalate", "Escalate to MACE"
    CLOSE = "close", "Close at this tier"
    NOTE = "note", "Noted"


class ActionStatus(models.TextChoices):
    """A MARAC-style split of what was not done: circumstances changed, or the agency did not act."""

    OPEN = "open", "Open"
    DONE = "done", "Done"
    NOT_POSSIBLE = "not_possible", "Not possible: circumstances changed"
    NOT_ACTED = "not_acted", "The agency did not act"
    SUPERSEDED = "superseded", "Superseded"


class DocumentStatus(models.TextChoices):
    QUEUED = "queued", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Could not be made"
