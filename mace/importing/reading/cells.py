"""What a spreadsheet is made of here: a book of sheets, a sheet of cells, whatever kind of file they came in."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

CellValue = str | int | float | bool | dt.date | dt.datetime | None
Range = tuple[int, int, int, int]
"""First row, first column, last row, last column of a merged range."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that holds a text, a colour or a note. ``row`` and ``column`` count from 1.

    ``colour`` is ``RRGGBB`` or empty.

    ``text`` is what a person reads in it, without spaces at its ends; a date reads 20/09/2012.
    """

    row: int
    column: int
    value: CellValue
    text: str
    colour: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; ``cells`` by row, then column.

    ``merged`` are its merged ranges, ``hidden_rows`` the rows not shown.
    """

    name: str
    hidden: bool
    cells: tuple[Cell, ...]
    merged: tuple[Range, ...] = ()
    hidden_rows: frozenset[int] = field(default_factory=frozenset)

    def rows(self) -> dict[int, dict[int, Cell]]:
        """Every row that has cells, by its number, and its cells by the number of their column."""
        rows: dict[int, dict[int, Cell]] = {}
        for cell in self.cells:
            rows.setdefault(cell.row, {})[cell.column] = cell
        return rows


@dataclass(frozen=True, slots=True)
class Book:
    """A whole file: its name and its sheets in their order."""

    name: str
    sheets: tuple[Sheet, ...]

    def sheet(self, name: str) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


def column_letters(column: int) -> str:
    """``2`` is ``B``, ``28`` is ``AB``."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    return f"{column_letters(column)}{row}"


def where(cell: Cell) -> str:
    """The address of a cell as a spreadsheet says it: ``B5``."""
    return address(cell.row, cell.column)


def cleaned(text: str) -> str:
    """The text with plain spaces and line ends, without characters that are not seen, and without space at its ends."""
    text = text.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    text = re.sub(r"[\u200b-\u200f\ufeff\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)
    return "\n".join(line.strip() for line in text.split("\n")).strip()
