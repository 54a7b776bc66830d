"""What stands on a first page: lists of things to do, and how long ago something was."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One thing to do, in the words of the component *action_rows*; ``record_id`` is the record it shows, if any."""

    title: str
    url: str
    meta: str = ""
    state: str = ""
    urgent: bool = False
    note: str = ""
    due_on: dt.date | None = None
    record_id: int | None = None


@dataclass(frozen=True, slots=True)
class WorkSection:
    """A list under a heading, and the words of the card that counts it. ``all_url`` leads to the whole list."""

    key: str
    title: str
    card: str
    rows: list[WorkRow] = field(default_factory=list)
    urgent: bool = False
    all_url: str = ""
    all_text: str = ""


def days_words(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def ago(done: str, day: dt.date | None, on: dt.date) -> str:
    """``closed 3 days ago``."""
    days = (on - day).days if day else 0
    return f"{done} {days_words(days)} ago" if days else f"{done} today"
