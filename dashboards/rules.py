"""Arithmetic of figures that needs no database: groups, shares, months, and hiding small counts.

Suppression: figures for people who may see no case are released for half-years, each referral in exactly one of them
and each half-year once, so no two releases can be subtracted. A half-year with fewer than ``LEAST_RELEASED`` referrals
is not released. Within each table, counts of 1 to 4 are hidden together with others that keep them from being worked
out from the total (``hide``). No release crosses one grouping with another.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

SMALLEST_SHOWN = 5
LEAST_RELEASED = 10
"""No release and no rate below this many people."""
COVERED_BELOW = 8
"""Where a small count is hidden, counts below this are hidden with it, so that none stands alone."""
SLACK = 2
"""How far the sum of hidden counts must stay from the least and the most that it could be."""
NOT_KNOWN = "Not known"
NONE_SHOWN = "–"
HIDDEN_SHOWN = "hidden"

AGE_BANDS: tuple[tuple[str, int, int], ...] = (
    ("Under 10", 0, 9),
    ("10 to 13", 10, 13),
    ("14 to 17", 14, 17),
    ("18 to 25", 18, 25),
    ("26 or over", 26, 200),
)
TEENAGE = "14 to 17"
BROAD_GROUPS = ("Asian", "Black", "Mixed", "White", "Other")


@dataclass(frozen=True, slots=True)
class Group:
    """One line of a table. ``count`` is ``None`` when it is hidden.

    ``percent`` is of the table's total, to one decimal; ``None`` when the total is 0 or the share is hidden.
    """

    label: str
    count: int | None
    percent: float | None


@dataclass(frozen=True, slots=True)
class Table:
    """Counts that add up to ``total``. ``name`` is a key for programs, ``title`` for people."""

    name: str
    title: str
    total: int
    groups: tuple[Group, ...]

    @property
    def occurring(self) -> tuple[Group, ...]:
        """The groups that are not 0; a hidden one is not."""
        return tuple(group for group in self.groups if group.count != 0)

    def count(self, label: str) -> int | None:
        """The count of a group; 0 for one that does not occur."""
        return next((group.count for group in self.groups if group.label == label), 0)


def percent(count: int, total: int) -> float | None:
    """A share in per cent to one decimal, halves upwards; ``None`` of nothing, never 0 %."""
    if not total:
        return None
    tenths = (count * 2000 + total) // (2 * total)
    return tenths / 10


def table(name: str, title: str, counts: Sequence[tuple[str, int]]) -> Table:
    """A table of true counts, groups in the order given."""
    total = sum(count for _, count in counts)
    return Table(name, title, total, tuple(Group(label, count, percent(count, total)) for label, count in counts))


def percent_words(value: float | None) -> str:
    """``73.3 %``, or a dash when there is nothing to take a share of."""
    return NONE_SHOWN if value is None else f"{value:.1f} %"


def share_words(count: int, total: int) -> str:
    """``73.3 % (11 of 15)``."""
    return f"{percent_words(percent(count, total))} ({count:,} of {total:,})" if total else NONE_SHOWN


def months_between(start: dt.date, end: dt.date) -> list[dt.date]:
    """The first days of the months that a period touches."""
    found: list[dt.date] = []
    month = start.replace(day=1)
    while month <= end:
        found.append(month)
        month = next_month(month)
    return found


def next_month(month: dt.date) -> dt.date:
    return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def month_words(month: dt.date) -> str:
    return f"{month:%b %Y}"


def year_before(end: dt.date) -> dt.date:
    """The first day of the twelve months that end on a day: the day after the same date a year earlier."""
    try:
        return end.replace(year=end.year - 1) + dt.timedelta(days=1)
    except ValueError:
        return dt.date(end.year - 1, 3, 1)


# --- Half-years and what is hidden in them ----------------------------------------------------------------------


def half_year_of(day: dt.date) -> tuple[dt.date, dt.date]:
    """April to September or October to March: the first and last day of the half-year that a day falls in."""
    if 4 <= day.month <= 9:
        return dt.date(day.year, 4, 1), dt.date(day.year, 9, 30)
    year = day.year if day.month >= 10 else day.year - 1
    return dt.date(year, 10, 1), dt.date(year + 1, 3, 31)


def half_years_ended(*, before: dt.date, count: int) -> list[tuple[dt.date, dt.date]]:
    """The latest half-years that ended before a day, newest first."""
    found: list[tuple[dt.date, dt.date]] = []
    start, _ = half_year_of(before)
    while len(found) < count:
        first, last = half_year_of(start - dt.timedelta(days=1))
        found.append((first, last))
        start = first
    return found


def hide(counts: Sequence[int]) -> list[int | None]:
    """The counts of one table whose total is known, with those hidden that could tell of a child.

    When a count from 1 to 4 occurs, it and every other count below ``COVERED_BELOW`` but 0 are hidden. When that leaves
    one hidden count alone, or hidden counts whose sum is so near the least or the most they could be that they could be
    worked out, the whole table is hidden, zeros included. Which counts are hidden depends on nothing but their own
    size, so knowing this rule tells a reader no more: every hidden count still has three or more possible values, which
    a test proves by trying all tables (hiding "the next smallest" instead does not pass it).
    """
    if not any(0 < count < SMALLEST_SHOWN for count in counts):
        return list(counts)
    covered = [count for count in counts if 0 < count < COVERED_BELOW]
    highest = (SMALLEST_SHOWN - 1) + (COVERED_BELOW - 1) * (len(covered) - 1)
    if len(covered) < 2 or not len(covered) + SLACK <= sum(covered) <= highest - SLACK:
        return [None] * len(counts)
    return [None if 0 < count < COVERED_BELOW else count for count in counts]


def suppressed(true: Table) -> Table:
    """The table as it may be released: small counts and their shares hidden, the total kept."""
    shown = hide([group.count or 0 for group in true.groups])
    groups = tuple(
        Group(group.label, count, None if count is None or true.total < LEAST_RELEASED else group.percent)
        for group, count in zip(true.groups, shown, strict=True)
    )
    return Table(true.name, true.title, true.total, groups)
