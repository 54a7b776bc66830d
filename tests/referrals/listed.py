"""A list worded anew, as a coordinator or chair does it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from referrals.selectors.codes import CodeList, Entry

AT = dt.datetime(2026, 3, 4, 10, tzinfo=dt.UTC)


def worded(now: CodeList, **labels: str) -> list[Entry]:
    """The entries with other words for some, by code; without any, the first is worded anew."""
    entries = list(now.entries.values())
    labels = labels or {entries[0].code: "Worded anew"}
    return [replace(entry, label=labels.get(entry.code, entry.label)) for entry in entries]
