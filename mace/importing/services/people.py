"""Rows that speak of one child are brought together, by what the file says and what was decided about it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mace.importing.reading.result import PersonRow, Reading
from mace.importing.services.lines import Line, Period, text
from referrals.enums import Tier

Row = tuple[str, int]


def group_key(rows: Iterable[Row]) -> str:
    """What a decision about a group of rows is kept under; another once the group changes."""
    said = "|".join(f"{sheet}!{row}" for sheet, row in sorted(rows))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def together(reading: Reading, decisions: Mapping[str, Any]) -> list[list[PersonRow]]:
    """The rows, each person's together: those surely alike unless that was denied, others if it was affirmed."""
    decided: Mapping[str, bool] = decisions.get("same", {})
    leader: dict[Row, Row] = {(person.sheet, person.row): (person.sheet, person.row) for person in reading.people}

    def first(row: Row) -> Row:
        while leader[row] != row:
            row = leader[row]
        return row

    for group in reading.same_people:
        rows = [row for row in group.rows if row in leader]
        if decided.get(group_key(group.rows), group.sure):
            for row in rows[1:]:
                leader[first(row)] = first(rows[0])
    found: dict[Row, list[PersonRow]] = {}
    for person in reading.people:
        found.setdefault(first((person.sheet, person.row)), []).append(person)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Spell:
    """Rows that make one case: from the first until one says that it is closed. ``tiers`` are those of the whole."""

    lines: tuple[Line, ...]
    tiers: tuple[Period, ...]

    @property
    def opened_on(self) -> dt.date:
        return self.lines[0].opened_on

    def last(self, field: str) -> str:
        """What the last row that says something in that field says."""
        return next((said for line in reversed(self.lines) if (said := text(line.row, field))), "")


def spells(lines: Iterable[Line]) -> list[Spell]:
    """One child's rows as cases, in the order in which they happened. A row while a case is open belongs to it."""
    ordered = sorted(lines, key=lambda line: (line.opened_on, line.referred_on, line.place))
    found: list[list[Line]] = []
    for line in ordered:
        if found and found[-1][-1].closed_on is None:
            found[-1].append(line)
        else:
            found.append([line])
    return [Spell(tuple(some), _tiers(some)) for some in found]


def _tiers(lines: list[Line]) -> tuple[Period, ...]:
    """Each tier from its first day in any row. Pre-MACE ends with MACE, all when the last row closes."""
    starts: dict[Tier, dt.date] = {}
    for line in lines:
        for tier, start, _ in line.tiers:
            starts[tier] = min(start, starts.get(tier, start))
    closed = lines[-1].closed_on
    mace = starts.get(Tier.MACE)
    found: list[Period] = []
    for tier, start in starts.items():
        end = mace if tier == Tier.PRE_MACE and mace is not None else closed
        found.append((tier, start, None if end is None else max(start, end)))
    return tuple(found)
