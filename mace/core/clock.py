"""What day it is, for rules that count days.

Services take dates as arguments; views, tasks and commands ask here. Due things are dates in Europe/London. The demo
moves its clock by writing a number of days to ``settings.CLOCK_FILE``; everywhere else that setting is ``None``.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

LONDON = ZoneInfo("Europe/London")


def offset() -> dt.timedelta:
    """How far the demo's clock is ahead; zero outside the demo."""
    path: Path | None = getattr(settings, "CLOCK_FILE", None)
    if path is None:
        return dt.timedelta()
    try:
        return dt.timedelta(days=int(path.read_text()))
    except (FileNotFoundError, ValueError):
        return dt.timedelta()


def now() -> dt.datetime:
    """The present moment, in UTC."""
    return timezone.now() + offset()


def today() -> dt.date:
    """Today's date in London."""
    return now().astimezone(LONDON).date()


def london_date(moment: dt.datetime) -> dt.date:
    """The date that a moment falls on in London."""
    return moment.astimezone(LONDON).date()


def london_time(day: dt.date, hour: int = 0, minute: int = 0) -> dt.datetime:
    """That hour of that day in London, as UTC."""
    return dt.datetime.combine(day, dt.time(hour, minute), LONDON).astimezone(dt.UTC)
