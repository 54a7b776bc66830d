"""A table as a file: XLSX or CSV, in which nothing is ever computed and which says nothing of who made it.

The first row is the marking, the second the headings. Everything stays in memory: a temporary file with names in it
would outlive a worker that is killed.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.writer.excel import ExcelWriter

Cell = str | int | dt.date | None

LONGEST = 32_000
"""Characters; a cell of XLSX holds ``HELD``."""
HELD = 32_767
CUT = " (cut)"
SIGNS = frozenset("=+-@−")
"""With what a text may begin that a spreadsheet computes; in any width, as some take wide signs for the usual ones."""
BLANKS = frozenset("\t\r")
"""What some programs take away before they compute."""
_NOT_HELD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""What begins a character by its number in XLSX (ECMA-376, part 1, ST_Xstring): `_x003D_` is an equals sign."""
_LINES = re.compile("\r\n?")
WIDEST, NARROWEST = 60, 8
LOOKED_AT = 200
"""So many rows decide how wide a column is."""


def plain(text: str) -> str:
    """The text as both formats can hold it: without control characters, each line ended by a line feed."""
    found = _NOT_HELD.sub("", _LINES.sub("\n", text))
    return found if len(found) <= LONGEST else f"{found[: LONGEST - len(CUT)]}{CUT}"


def begins_like_a_formula(text: str) -> bool:
    """Whether a spreadsheet might compute it; blanks and what cannot be seen before the sign do not help."""
    if text[:1] in BLANKS:
        return True
    seen = (one for one in text if not one.isspace() and unicodedata.category(one) not in {"Cc", "Cf"})
    return unicodedata.normalize("NFKC", next(seen, ""))[:1] in SIGNS


def neutral(text: str) -> str:
    """The text for CSV: an apostrophe before what might be computed."""
    said = plain(text)
    return f"'{said}" if said and (begins_like_a_formula(said) or begins_like_a_formula(text)) else said


def literal(text: str) -> str:
    """The text for a cell of XLSX, so that it is read as it stands: `_x003D_` too. What is too long then is cut."""
    found = _ESCAPE.sub("_x005F_", text)
    over = len(found) - HELD
    return found if over <= 0 else _ESCAPE.sub("_x005F_", f"{text[: -over - len(CUT)]}{CUT}")


def csv_file(marking: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with a byte order mark, every cell in quotation marks, days as `2026-11-22`."""
    found = io.StringIO(newline="")
    writer = csv.writer(found, quoting=csv.QUOTE_ALL)
    writer.writerow([neutral(marking)])
    writer.writerow([neutral(name) for name in head])
    for row in rows:
        writer.writerow([_text(cell) for cell in row])
    return found.getvalue().encode("utf-8-sig")


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return neutral(cell)
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)


class _InMemory(ExcelWriter):
    """Takes a sheet from where it was written in memory; openpyxl’s own takes it from a temporary file."""

    def __init__(self, book: Workbook, archive: ZipFile) -> None:
        super().__init__(book, archive)
        self.archive = archive

    def write_worksheet(self, ws: Any) -> None:
        ws._drawing = SpreadsheetDrawing()  # noqa: SLF001 (as the overridden method does)
        ws._drawing.charts, ws._drawing.images = [], []  # noqa: SLF001
        ws.close()
        ws._rels = ws._writer._rels  # noqa: SLF001
        self.archive.writestr(ws.path[1:], ws._writer.out.getvalue())  # noqa: SLF001
        self.manifest.append(ws)


def xlsx_file(
    marking: str, head: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str, made_at: dt.datetime
) -> bytes:
    """A workbook of one sheet whose properties hold ``title`` and the moment, and nobody's name.

    Text is written as text, never as a formula; days are days.
    """
    book = Workbook(write_only=True)
    moment = made_at.replace(tzinfo=None)
    book.properties.title, book.properties.creator = title, None
    book.properties.created = book.properties.modified = moment
    sheet: Any = book.create_sheet(title)
    waiting = iter(rows)
    first = [row for row, _ in zip(waiting, range(LOOKED_AT), strict=False)]
    for at, width in enumerate(_widths(head, first), 1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = "A3"
    sheet._writer = WorksheetWriter(sheet, out=io.BytesIO())  # noqa: SLF001 (else it makes a temporary file)
    sheet._writer.write_top()  # noqa: SLF001
    sheet.append([_cell(sheet, marking, bold=True)])
    sheet.append([_cell(sheet, name, bold=True) for name in head])
    for row in _all(first, waiting):
        sheet.append([_cell(sheet, cell) for cell in row])
    found = io.BytesIO()
    _InMemory(book, ZipFile(found, "w", ZIP_DEFLATED, allowZip64=True)).save()
    return found.getvalue()


def _all(first: list[Sequence[Cell]], rest: Iterator[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    yield from first
    yield from rest


def _widths(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[int]:
    found = [len(name) for name in head]
    for row in rows:
        for at, cell in enumerate(row[: len(found)]):
            long = 10 if isinstance(cell, dt.date) else len(str(cell or ""))
            found[at] = max(found[at], long)
    return [min(max(width + 2, NARROWEST), WIDEST) for width in found]


def _cell(sheet: Any, value: Cell, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet)
    if isinstance(value, str):
        said = plain(value)
        cell.value = literal(said)
        cell.data_type = "s"
        if begins_like_a_formula(said):
            cell.quotePrefix = True
        if "\n" in said:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    elif value is not None:
        cell.value = value
        if isinstance(value, dt.date):
            cell.number_format = "DD/MM/YYYY"
    if bold:
        cell.font = Font(bold=True)
    return cell
