"""Reading another text than the one that stands in a cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from mace.core.errors import RuleBroken
from mace.importing.reading.cells import Book, Cell, Sheet

ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
Corrections = Mapping[str, Mapping[str, str]]
"""Sheet, cell, text."""


def corrected(book: Book, cells: Corrections) -> Book:
    """The book as if those texts stood in those cells. Raises ``RuleBroken`` for what is no cell of it."""
    for name in cells:
        if book.sheet(name) is None:
            raise RuleBroken(f"The file has no sheet “{name}”.")
    sheets = tuple(_corrected(sheet, cells[sheet.name]) if cells.get(sheet.name) else sheet for sheet in book.sheets)
    return replace(book, sheets=sheets)


def place(address: str) -> tuple[int, int]:
    """Row and column of ``B5``: 5, 2. Raises ``RuleBroken`` for anything else."""
    match = ADDRESS.fullmatch(address)
    if match is None:
        raise RuleBroken(f"“{address}” is no cell. Cells are written like B5.")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column


def _corrected(sheet: Sheet, texts: Mapping[str, str]) -> Sheet:
    wanted = {place(address): text for address, text in texts.items()}
    found = [
        replace(cell, value=wanted[cell.row, cell.column], text=wanted.pop((cell.row, cell.column)))
        if (cell.row, cell.column) in wanted
        else cell
        for cell in sheet.cells
    ]
    found += [Cell(row, column, text, text) for (row, column), text in wanted.items()]
    return replace(sheet, cells=tuple(sorted(found, key=lambda cell: (cell.row, cell.column))))
