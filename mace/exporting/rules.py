"""Bounds of what is taken away."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

REASON_LEAST, REASON_MOST = 10, 400
"""Characters."""
ROWS_AT_MOST = 20_000
"""A longer list is refused: whoever needs all of it needs figures, not names."""
CHUNK = 500
"""So many rows are read at a time."""
GIVEN_UP_AFTER = dt.timedelta(days=1)
"""What still waits to be made then is marked as failed."""

CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
}


def lasts() -> dt.timedelta:
    """How long after it is ready an export can be downloaded."""
    return dt.timedelta(hours=settings.EXPORT_LIFE_HOURS)
