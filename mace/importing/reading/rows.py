"""Which rows below the headings are rows of people or places, and why the others are not."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from mace.importing.reading.cells import Cell, Sheet
from mace.importing.reading.persons import looks_like_name
from mace.importing.reading.plan import SheetPlan
from mace.importing.reading.result import PassedOver

_TOTAL = re.compile(r"^\W*(grand\s+|sub\W?)?totals?\b|^count\b|^number of\b|^no\.? of\b", re.IGNORECASE)
_SECTION = re.compile(
    r"\b(cases?|carried|new|open|closed|closures?|current|reviews?|referrals?|section|part|team|month|week|quarter|panel|mace|pre-?mace|archive"
    r"|january|february|march|april|may|june|july|august|september|october|november|december|q[1-4]|(19|20)\d\d)\b",
    re.IGNORECASE,
)
_KEY = re.compile(r"^\s*\w+\s*(=|means)\s*\S", re.IGNORECASE)
NAMING = frozenset({"name", "forename", "surname", "place"})
WHY = {
    "title": "it stands above the headings",
    "section": "it is a heading of a section",
    "total": "it is a total",
    "empty": "it is empty",
    "number": "it has nothing but its number",
    "header": "it has the headings again",
    "key": "it explains what colours or letters mean",
}


def passed_over(sheet: Sheet, plan: SheetPlan, rows: Mapping[int, Mapping[int, Cell]]) -> dict[int, PassedOver]:
    """Every row that is not read, by its number, up to the last row with anything in it."""
    out: dict[int, PassedOver] = {}
    last = max(
        (number for number, row in rows.items() if any(cell.text or cell.note for cell in row.values())), default=0
    )
    headings = {column.column: column.heading for column in plan.columns}
    for number in range(1, last + 1):
        row = rows.get(number, {})
        if number in plan.header_rows:
            continue
        kind = _kind(sheet, plan, headings, number, row)
        if kind:
            first = next((cell.text for cell in row.values() if cell.text), "")
            out[number] = PassedOver(sheet.name, number, WHY[kind], "empty" if kind == "number" else kind, first)
    return out


def _kind(sheet: Sheet, plan: SheetPlan, headings: Mapping[int, str], number: int, row: Mapping[int, Cell]) -> str:
    """Why the row is not read; empty for a row that is."""
    cells = [cell for cell in row.values() if cell.text]
    if not cells:
        return "" if any(cell.note for cell in row.values()) and number > plan.header_rows[-1] else "empty"
    if number < plan.header_rows[-1]:
        return "title" if number < plan.header_rows[0] else "header"
    repeated = sum(_is_heading(cell.text, headings.get(cell.column, "")) for cell in cells)
    if repeated >= 2 and repeated > 0.6 * len(cells):
        return "header"
    ignored = {column.column for column in plan.columns if column.field == "ignore"}
    if all(cell.column in ignored and re.fullmatch(r"\d+\.?", cell.text) for cell in cells):
        return "section" if all(re.fullmatch(r"(19|20)\d\d\.?", cell.text) for cell in cells) else "number"
    if _TOTAL.match(cells[0].text) and not looks_like_name(_named(plan, row)):
        return "total"
    return _alone(sheet, plan, cells[0]) if len(cells) == 1 else ""


def _is_heading(text: str, heading: str) -> bool:
    """Whether a text is the heading of its column, or the upper or lower part of it."""
    plain = " ".join(text.split()).lower()
    return plain in {heading.lower(), *heading.lower().split(" – ")}


def _named(plan: SheetPlan, row: Mapping[int, Cell]) -> str:
    return " ".join(
        row[column.column].text for column in plan.columns if column.field in NAMING and column.column in row
    )


def _alone(sheet: Sheet, plan: SheetPlan, cell: Cell) -> str:
    """What the only text of a row is: a section’s heading, a key, or empty for the beginning of somebody’s row."""
    if isinstance(cell.value, dt.date):
        return ""
    if _KEY.match(cell.text) and len(cell.text) < 200:
        return "key"
    if any(top == cell.row and left == cell.column and right - left >= 2 for top, left, _, right in sheet.merged):
        return "section"
    field = next((column.field for column in plan.columns if column.column == cell.column), "note")
    first = min((column.column for column in plan.columns), default=1)
    if field in NAMING:
        words = cell.text.split()
        two_names = looks_like_name(cell.text) and len(words) == 2 and not all(map(_SECTION.fullmatch, words))
        return "section" if _SECTION.search(cell.text) and not two_names else ""
    if cell.column == first and (field in {"ignore", "note", "local_id"} or _SECTION.search(cell.text)):
        return "section"
    return "section" if _SECTION.fullmatch(cell.text.strip()) else ""
