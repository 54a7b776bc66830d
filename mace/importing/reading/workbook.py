"""Excel workbooks: the values as last saved, fills, notes, merged ranges, what is hidden, and nothing else.

Only the parts that hold those are opened: no pictures, charts, macros, links or pivot tables, whatever they contain.
"""

from __future__ import annotations

import colorsys
import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import iterparse

from openpyxl.comments.comment_sheet import CommentSheet
from openpyxl.packaging.relationship import get_dependents, get_rels_path
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.colors import COLOR_INDEX
from openpyxl.styles.numbers import builtin_format_code
from openpyxl.styles.stylesheet import Stylesheet
from openpyxl.utils import coordinate_to_tuple
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import ARC_STYLE, COMMENTS_NS, SHEET_MAIN_NS
from openpyxl.xml.functions import fromstring

from mace.core.errors import RuleBroken
from mace.importing.reading.cells import Cell, CellValue, Range, Sheet, cleaned

MOST_BYTES = 100 * 1024 * 1024
"""Of all parts together, unpacked. 5,000 rows of 20 columns are about 10 MB."""
MOST_CELLS = 200_000
"""Of the whole book, with those that hold nothing but a border: reading them takes memory all the same."""
MOST_SHEETS = 200
BROKEN = "The file is damaged and cannot be read. Open it in Excel and save it again as an Excel workbook (.xlsx)."
THEME = ("FFFFFF", "000000", "E7E6E6", "44546A", "4472C4", "ED7D31", "A5A5A5", "FFC000", "5B9BD5", "70AD47")
"""Excel’s own theme; a book with another shows other shades of the same ten."""


def workbook_sheets(content: bytes) -> list[Sheet]:
    """The sheets of an XLSX or XLSM file in their order.

    Raises ``RuleBroken`` for every other and every broken file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_parts(archive)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return list(_sheets(content))
    except RuleBroken:
        raise
    except MemoryError:
        raise
    except Exception as error:
        raise RuleBroken(BROKEN) from error


def _check_parts(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    if "mimetype" in names and b"opendocument" in archive.read("mimetype")[:200]:
        raise RuleBroken("This is an OpenDocument file (.ods). Open it and save it as an Excel workbook (.xlsx).")
    if any(name.startswith("word/") for name in names):
        raise RuleBroken("This is a Word document, not a spreadsheet. Ask for the spreadsheet of the cases.")
    if "xl/workbook.bin" in names:
        raise RuleBroken(
            "This is a binary Excel file (.xlsb). Open it in Excel and save it as an Excel workbook (.xlsx)."
        )
    if "[Content_Types].xml" not in names:
        raise RuleBroken("This is a packed file without a spreadsheet in it. Unpack it and choose the spreadsheet.")
    if any(entry.flag_bits & 0x1 for entry in archive.infolist()):
        raise RuleBroken("The file is protected by a password. Take the password off and save it again.")
    if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
        raise RuleBroken(
            f"The file is larger than {MOST_BYTES // 1024 // 1024} MB when unpacked. Copy the sheets with "
            "cases to a new file."
        )
    cells = 0
    for entry in archive.infolist():
        if entry.filename.endswith((".xml", ".rels")):
            cells += _scan(archive, entry)
            if cells > MOST_CELLS:
                raise RuleBroken(
                    f"The file has more than {MOST_CELLS:,} cells, counting empty ones that have a border or a colour. "
                    "Copy the rows with cases to a new file."
                )


def _scan(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    """How many cells a part holds.

    Raises ``RuleBroken`` for a part with a document type, which spreadsheets never have.
    """
    cells, rest = 0, b""
    with archive.open(entry) as part:
        while block := part.read(1 << 20):
            whole = rest + block
            if b"<!DOCTYPE" in whole or b"<!ENTITY" in whole:
                raise RuleBroken(BROKEN)
            cells += len(re.findall(rb"<(?:\w+:)?c[ >/]", whole)) - len(re.findall(rb"<(?:\w+:)?c[ >/]", rest))
            rest = whole[-12:]
    return cells if entry.filename.startswith("xl/worksheets/") else 0


def _sheets(content: bytes) -> Iterator[Sheet]:
    reader = ExcelReader(io.BytesIO(content), read_only=True, data_only=True, keep_vba=False, keep_links=False)
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    looks = _Looks(reader.archive)
    for count, (sheet, rel) in enumerate(reader.parser.find_sheets()):
        if count >= MOST_SHEETS:
            raise RuleBroken(f"The file has more than {MOST_SHEETS} sheets. Copy those with cases to a new file.")
        if rel.target in reader.valid_files and "chartsheet" not in rel.Type:
            hidden = sheet.state in {"hidden", "veryHidden"}
            yield _sheet(reader, looks, path=rel.target, name=cleaned(sheet.name), hidden=hidden)


def _sheet(reader: Any, looks: _Looks, *, path: str, name: str, hidden: bool) -> Sheet:
    notes = _notes(reader.archive, path)
    formulas = _formulas_without_value(reader.archive, path)
    cells: dict[tuple[int, int], Cell] = {}
    with reader.archive.open(path) as part:
        parser = WorkSheetParser(
            part,
            reader.shared_strings,
            data_only=True,
            epoch=reader.wb.epoch,
            date_formats=looks.dates,
            timedelta_formats=looks.spans,
        )
        for _, found in parser.parse():
            for raw in found:
                at = (raw["row"], raw["column"])
                note = notes.pop(at, "")
                if at in formulas:
                    note = "\n".join(filter(None, [note, f"formula without a value: {formulas[at]}"]))
                value, text = shown(raw["value"], pad=looks.padding(raw["style_id"]))
                colour = looks.colour(raw["style_id"])
                if text or colour or note:
                    cells[at] = Cell(*at, value if text else None, text, colour, note)
    for at, note in notes.items():
        cells[at] = Cell(*at, None, "", "", note)
    merged: tuple[Range, ...] = ()
    if parser.merged_cells is not None:
        ranges = (part for part in parser.merged_cells.mergeCell if part.ref)
        merged = tuple((area.min_row, area.min_col, area.max_row, area.max_col) for area in ranges)
    rows = frozenset(
        int(float(row)) for row, attrs in parser.row_dimensions.items() if attrs.get("hidden") in {"1", "true"}
    )
    return Sheet(name, hidden, tuple(cells[at] for at in sorted(cells)), merged, rows)


def shown(value: Any, *, pad: int = 0) -> tuple[CellValue, str]:
    """A value and how a person reads it. ``pad`` is how many figures a format of noughts shows at least."""
    if value is None:
        return None, ""
    if isinstance(value, dt.datetime) and value.time() != dt.time():
        return value, f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, dt.date):
        return (value.date() if isinstance(value, dt.datetime) else value), f"{value:%d/%m/%Y}"
    if isinstance(value, bool | int | float):
        return _shown_number(value, pad)
    text = cleaned(str(value))
    return text or None, text


def _shown_number(value: bool | float, pad: int) -> tuple[CellValue, str]:
    if isinstance(value, bool):
        return value, "TRUE" if value else "FALSE"
    if not float(value).is_integer() or abs(value) >= 1e15:
        return value, repr(value)
    text = f"{int(value):0{pad}d}"
    return (text if len(text) > len(str(int(value))) else int(value)), text


def _notes(archive: zipfile.ZipFile, path: str) -> dict[tuple[int, int], str]:
    """The notes of a sheet by the row and column of their cell."""
    rels_path = get_rels_path(path)  # type: ignore[no-untyped-call]
    if rels_path not in archive.namelist():
        return {}
    notes = {}
    for rel in get_dependents(archive, rels_path).find(COMMENTS_NS):
        node: Any = fromstring(archive.read(rel.target))
        sheet: Any = CommentSheet.from_tree(node)
        for ref, comment in sheet.comments:
            if text := cleaned(comment.text or ""):
                notes[coordinate_to_tuple(ref)] = text
    return notes


def _formulas_without_value(archive: zipfile.ZipFile, path: str) -> dict[tuple[int, int], str]:
    """Formulas that no program has worked out, by row and column: their cells look empty."""
    found: dict[tuple[int, int], str] = {}
    tag = f"{{{SHEET_MAIN_NS}}}"
    with archive.open(path) as part:
        for _, element in iterparse(part):  # noqa: S314 (see the import)
            if element.tag == tag + "c":
                formula, value = element.find(tag + "f"), element.findtext(tag + "v")
                if formula is not None and not value and element.get("r"):
                    found[coordinate_to_tuple(element.get("r", ""))] = f"={formula.text or ''}"
            elif element.tag == tag + "row":
                element.clear()
    return found


class _Looks:
    """What the styles of a book say: which show dates, which have a fill, which show noughts in front."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.dates: set[int] = set()
        self.spans: set[int] = set()
        self.colours: list[str] = []
        self.pads: list[int] = []
        if ARC_STYLE not in archive.namelist():
            return
        node: Any = fromstring(archive.read(ARC_STYLE))
        styles: Any = Stylesheet.from_tree(node)
        self.dates, self.spans = styles.date_formats, styles.timedelta_formats
        fills = [_fill_colour(fill) for fill in styles.fills]
        formats = styles.number_formats
        for style in styles.cell_styles:
            number = style.numFmtId
            code = formats[number - 164] if 164 <= number < 164 + len(formats) else builtin_format_code(number) or ""
            self.colours.append(fills[style.fillId] if style.fillId < len(fills) else "")
            self.pads.append(len(code) if re.fullmatch("00+", code) else 0)

    def colour(self, style: int) -> str:
        return self.colours[style] if style < len(self.colours) else ""

    def padding(self, style: int) -> int:
        return self.pads[style] if style < len(self.pads) else 0


def _fill_colour(fill: Any) -> str:
    """``RRGGBB`` of a fill that is one colour; empty for none and for white."""
    if getattr(fill, "fill_type", None) != "solid":
        return ""
    colour = fill.fgColor
    if colour.type == "rgb":
        code = str(colour.rgb)[-6:].upper()
    elif colour.type == "indexed":
        code = COLOR_INDEX[colour.indexed][-6:].upper() if colour.indexed < len(COLOR_INDEX) else ""
    else:
        code = _tinted(THEME[colour.theme], colour.tint or 0.0) if colour.theme < len(THEME) else ""
    return "" if code == "FFFFFF" or not re.fullmatch("[0-9A-F]{6}", code) else code


def _tinted(code: str, tint: float) -> str:
    red, green, blue = (int(code[at : at + 2], 16) / 255 for at in (0, 2, 4))
    hue, light, depth = colorsys.rgb_to_hls(red, green, blue)
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    return "".join(f"{round(part * 255):02X}" for part in colorsys.hls_to_rgb(hue, min(1.0, max(0.0, light)), depth))
