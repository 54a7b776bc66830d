"""Where in a sheet the table is: which rows hold its headings, and what each column is headed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from mace.importing.reading.cells import Cell, Sheet
from mace.importing.reading.fields import FIELDS
from mace.importing.reading.headings import guesses
from mace.importing.reading.plan import is_heading_text

LOOKED_AT = 60
"""How many filled rows from the top are looked at for headings."""
MOST_OF_GROUP = 40
"""Letters of a heading that stands over several."""
KNOWN = 0.6
"""The least score by which a heading counts as known."""
Rows = Mapping[int, Mapping[int, Cell]]


@dataclass(frozen=True, slots=True)
class Table:
    """The heading rows of a sheet, its headings by column, and how many fields they name for people and for places."""

    header_rows: tuple[int, ...]
    headings: Mapping[int, str]
    people: int
    places: int


def find_table(sheet: Sheet, rows: Rows) -> Table | None:
    """The likeliest heading row or two stacked rows; ``None`` where no row names two fields."""
    numbers = [number for number in sorted(rows) if any(cell.text for cell in rows[number].values())][:LOOKED_AT]
    best: Table | None = None
    for number in numbers:
        single = _table((number,), row_headings(sheet, rows, (number,)))
        candidates = [single] if _all_headings(rows[number]) else []
        if number + 1 in rows and _may_group(rows[number]) and _all_headings(rows[number + 1]):
            double = _table((number, number + 1), row_headings(sheet, rows, (number, number + 1)))
            below = _table((number + 1,), row_headings(sheet, rows, (number + 1,)))
            if _strength(double) > max(_strength(single), _strength(below)):
                candidates.append(double)
        for candidate in candidates:
            if best is None or _strength(candidate) > _strength(best):
                best = candidate
    return best if best and _strength(best) >= 2 else None


def _strength(table: Table) -> int:
    return max(table.people, table.places)


def _table(rows: tuple[int, ...], headings: Mapping[int, str]) -> Table:
    return Table(rows, headings, _fields_named(headings, "people"), _fields_named(headings, "places"))


def _fields_named(headings: Mapping[int, str], use: str) -> int:
    """How many different fields the headings name; notes and what is left out do not count."""
    named = {
        found[0].field for heading in headings.values() if (found := guesses(heading, use)) and found[0].score >= KNOWN
    }
    return len((named & set(FIELDS[use])) - {"note", "ignore"})


def _all_headings(row: Mapping[int, Cell]) -> bool:
    """Whether nothing in a row looks like data: no dates, hardly a number, no long text."""
    cells = [cell for cell in row.values() if cell.text]
    if any(isinstance(cell.value, dt.date | bool) for cell in cells):
        return False
    return sum(is_heading_text(cell.text) for cell in cells) >= 0.8 * len(cells)


def _may_group(row: Mapping[int, Cell]) -> bool:
    """Whether a row can be the upper of two: several short headings, and not a title or who last changed the sheet."""
    texts = {cell.text for cell in row.values() if cell.text}
    return len(texts) >= 2 and all(len(text) <= MOST_OF_GROUP for text in texts) and _all_headings(row)


def row_headings(sheet: Sheet, rows: Rows, numbers: tuple[int, ...]) -> dict[int, str]:
    """The heading of each column by those rows; of two, the upper stands before the lower: “Dates – Pre-MACE”.

    A merged heading stands over every column of its range. In text files, which keep no merging, an upper heading
    reaches to the next
    where that makes sense of the lower.
    """
    parts = [_spread(sheet, rows, number) for number in numbers]
    if len(parts) == 1:
        return parts[0]
    upper, lower = parts
    headings: dict[int, str] = {}
    reaching = ""
    for column in sorted(upper.keys() | lower.keys()):
        over, under = upper.get(column, ""), lower.get(column, "")
        reaching = over or (reaching if under else "")
        headings[column] = _stacked(over or reaching, under)
    return headings


def _stacked(over: str, under: str) -> str:
    if not over or not under or over == under:
        return over or under
    whole = f"{over} – {under}"
    for use in ("people", "places"):
        both, alone = guesses(whole, use), guesses(under, use)
        if both and both[0].score >= 0.9:
            return whole
        if alone and alone[0].score >= 0.9:
            return under
    return whole


def _spread(sheet: Sheet, rows: Rows, number: int) -> dict[int, str]:
    """The texts of a row by column, merged ones in every column (and row) of their range."""
    texts = {column: " ".join(cell.text.split()) for column, cell in rows.get(number, {}).items() if cell.text}
    for top, left, bottom, right in sheet.merged:
        if top <= number <= bottom and right - left < 200:
            first = rows.get(top, {}).get(left)
            for column in range(left, right + 1):
                if first and first.text and column not in texts:
                    texts[column] = " ".join(first.text.split())
    return texts
