"""What a reading gives: people and places by row, what was passed over, doubts, and who looks like one person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mace.importing.reading.tasks import GivenAction


@dataclass(frozen=True, slots=True)
class Value:
    """What a cell is taken for, and the text it has.

    ``value`` is ``None`` where the text says plainly that there is nothing.
    """

    value: str | int | dt.date | None
    text: str
    cell: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A text that goes along as it stands.

    A column of notes, what was not understood, a note on a cell, what a colour means.
    """

    heading: str
    text: str
    cell: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is doubtful in a cell and what happens if nothing is done (``words``).

    ``kind`` is a short code for what it is.

    ``blocks`` says that the row cannot be imported without a decision. ``suggestion`` is a date (ISO) or a code that
    it may be, where
    there is one that is not taken without being asked. ``cell`` is empty for a doubt about a whole sheet.
    """

    sheet: str
    cell: str
    field: str
    text: str
    words: str
    kind: str
    blocks: bool = False
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One row of a sheet of people. The same person may have several."""

    sheet: str
    row: int
    values: Mapping[str, Value]
    actions: tuple[GivenAction, ...]
    kept: tuple[Kept, ...]

    def value(self, field: str) -> Any:
        """The value of a field; ``None`` where there is none."""
        found = self.values.get(field)
        return found.value if found else None


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One row of a sheet of places."""

    sheet: str
    row: int
    values: Mapping[str, Value]
    kept: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A row that is not read.

    ``kind``: ``title``, ``section``, ``total``, ``empty``, ``header`` or ``key``; ``text`` is its first.
    """

    sheet: str
    row: int
    why: str
    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class SamePeople:
    """Rows, each by sheet and number, that look like one person.

    ``why`` in words, ``sure`` false where a person must decide.
    """

    rows: tuple[tuple[str, int], ...]
    why: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """The whole book, read by a plan."""

    people: tuple[PersonRow, ...]
    places: tuple[PlaceRow, ...]
    passed_over: tuple[PassedOver, ...]
    doubts: tuple[Doubt, ...]
    same_people: tuple[SamePeople, ...]

    def blocked(self) -> frozenset[tuple[str, int]]:
        """The rows, by sheet and number, that cannot be imported without a decision."""
        return frozenset(
            (doubt.sheet, int(doubt.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))) for doubt in self.doubts if doubt.blocks
        )
