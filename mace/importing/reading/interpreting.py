"""Reading a book by its plan: every cell of a used row becomes a value, a kept text or a doubt, and none is lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from mace.importing.reading.cells import Book, Cell, Sheet, address, where
from mace.importing.reading.checking import check_row
from mace.importing.reading.dates import clearly_empty
from mace.importing.reading.matching import find_same_people
from mace.importing.reading.plan import Column, Plan, SheetPlan
from mace.importing.reading.result import Doubt, Kept, PassedOver, PersonRow, PlaceRow, Reading, SamePeople, Value
from mace.importing.reading.rows import passed_over
from mace.importing.reading.spellings import Codes
from mace.importing.reading.tables import find_table
from mace.importing.reading.tasks import GivenAction, read_actions
from mace.importing.reading.values import Row, RowReader

__all__ = [
    "Doubt",
    "GivenAction",
    "Kept",
    "PassedOver",
    "PersonRow",
    "PlaceRow",
    "Reading",
    "SamePeople",
    "Value",
    "read",
]


def read(book: Book, plan: Plan, *, codes: Codes, today: dt.date) -> Reading:
    """The people and places of the book, row by row, as the plan says.

    Nothing that is not understood is left out or made up.
    """
    people: list[PersonRow] = []
    places: list[PlaceRow] = []
    over: list[PassedOver] = []
    doubts: list[Doubt] = []
    for sheet in book.sheets:
        sheet_plan = plan.sheet(sheet.name)
        if sheet_plan is None or sheet_plan.use == "nothing":
            doubts += _left_out(sheet, sheet_plan)
            continue
        rows = sheet.rows()
        skipped = passed_over(sheet, sheet_plan, rows)
        over += skipped.values()
        reader = RowReader(sheet=sheet, plan=sheet_plan, spellings=plan.spellings, rows=rows, codes=codes, today=today)
        doubts += _second_tables(sheet, sheet_plan, rows, skipped)
        for number in sorted(rows):
            if number <= sheet_plan.header_rows[-1] or number in skipped:
                continue
            if not any(cell.text or cell.note for cell in rows[number].values()):
                continue
            row = reader.row(number)
            if sheet_plan.use == "places":
                _must_have_place(sheet_plan, number, row)
                places.append(PlaceRow(sheet.name, number, row.values, tuple(row.kept)))
                doubts += row.doubts
                continue
            actions = _actions(sheet_plan, row, rows[number], today)
            _must_have(sheet, sheet_plan, number, row)
            check_row(row, today=today)
            people.append(PersonRow(sheet.name, number, row.values, tuple(actions), tuple(row.kept)))
            doubts += row.doubts
    same, more = find_same_people(people)
    return Reading(tuple(people), tuple(places), tuple(over), tuple(_in_order(book, doubts + more)), tuple(same))


def _in_order(book: Book, doubts: list[Doubt]) -> list[Doubt]:
    """The doubts by sheet, row and column."""
    sheets = {sheet.name: at for at, sheet in enumerate(book.sheets)}

    def place(doubt: Doubt) -> tuple[int, int, int, str]:
        letters = doubt.cell.rstrip("0123456789")
        return sheets[doubt.sheet], int(doubt.cell.removeprefix(letters) or 0), len(letters), letters

    return sorted(doubts, key=place)


def _left_out(sheet: Sheet, plan: SheetPlan | None) -> list[Doubt]:
    """A doubt for a sheet that is not read though it may have cases."""
    if not any(cell.text for cell in sheet.cells):
        return []
    if plan is None:
        return [
            Doubt(
                sheet.name, "", "", "", "The plan says nothing of this sheet: nothing of it is read.", "sheet_left_out"
            )
        ]
    if plan.sure:
        return []
    return [Doubt(sheet.name, "", "", "", f"Nothing of this sheet is read, because {plan.why}.", "sheet_left_out")]


def _second_tables(
    sheet: Sheet, plan: SheetPlan, rows: Mapping[int, Mapping[int, Cell]], skipped: Mapping[int, PassedOver]
) -> list[Doubt]:
    """Doubts that block a row further down that has headings of its own, and every row below it."""
    out: list[Doubt] = []
    other = 0
    for number in sorted(rows):
        cells = [cell for cell in rows[number].values() if cell.text]
        if number <= plan.header_rows[-1] or number in skipped or not cells:
            continue
        if not other and _has_headings(sheet, rows[number], cells):
            other = number
        if other:
            words = f"Row {other} looks like the headings of another table, and this row belongs to that."
            words += " Put that table on a sheet of its own, or take the row as it is read."
            out.append(Doubt(sheet.name, where(cells[0]), "", "", words, "second_table", blocks=True))
    return out


def _has_headings(sheet: Sheet, row: Mapping[int, Cell], cells: list[Cell]) -> bool:
    """Whether a row among the others looks like headings: four cells or more, no figures, most naming fields."""
    if len(cells) < 4 or any(c.isdigit() for cell in cells for c in cell.text):
        return False
    table = find_table(sheet, {cells[0].row: row})
    return table is not None and max(table.people, table.places) >= max(3, 0.6 * len(cells))


def _actions(plan: SheetPlan, row: Row, cells: Mapping[int, Cell], today: dt.date) -> list[GivenAction]:
    """The actions of the row, in the order of its columns; due dates without a year get it from the row’s own dates."""
    dates = {
        name: found
        for name in ("referred_on", "pre_mace_on", "mace_on")
        if isinstance(found := row.value(name), dt.date)
    }
    held = [on for on in dates.values() if on <= today] or list(dates.values())
    given: list[GivenAction] = []
    for column in plan.columns:
        cell = cells.get(column.column)
        if column.field != "actions" or cell is None or not cell.text:
            continue
        at = where(cell)
        if clearly_empty(cell.text):
            row.kept.append(Kept(column.heading, cell.text, at))
            continue
        found, unsure = read_actions(
            cell.text, cell=at, after=min(dates.values(), default=None), around=max(held, default=None), today=today
        )
        given += found
        for doubt in unsure:
            words = f"Line {doubt.line}: the due date {doubt.words}."
            row.doubts.append(Doubt(row.sheet, at, "actions", doubt.text, words, doubt.kind))
    return given


def _must_have_place(plan: SheetPlan, number: int, row: Row) -> None:
    """A doubt that blocks a row without a place."""
    if not row.value("place"):
        column = plan.column_of("place")
        words = "The row names no place, and cannot be imported without."
        cell = address(number, column.column if column else 1)
        row.doubts.append(Doubt(row.sheet, cell, "place", "", words, "no_place", blocks=True))


def _must_have(sheet: Sheet, plan: SheetPlan, number: int, row: Row) -> None:
    """Doubts that block the row: it has no whole name, or no date of birth."""
    if not (row.value("forename") and row.value("surname")) and not row.doubted(
        {"name", "forename", "surname"}, blocks=True
    ):
        column = plan.column_of("name") or plan.column_of("surname") or plan.column_of("forename")
        at = column.column if column else 1
        above = next((area for area in sheet.merged if area[0] < number <= area[2] and area[1] <= at <= area[3]), None)
        lacks = "no name" if not (row.value("forename") or row.value("surname")) else "no forename and surname"
        words = f"The row has {lacks}, and cannot be imported without."
        if above:
            words += f" Its cell is merged with {address(above[0], above[1])}: it may belong to the person there."
        row.doubts.append(Doubt(row.sheet, address(number, at), "name", "", words, "no_name", blocks=True))
    if row.value("date_of_birth") is None and not row.doubted({"date_of_birth"}, blocks=True):
        birth: Column | None = plan.column_of("date_of_birth")
        found = row.values.get("date_of_birth")
        cell = found.cell if found else address(number, birth.column if birth else 1)
        words = "The row has no date of birth, and cannot be imported without."
        row.doubts.append(
            Doubt(row.sheet, cell, "date_of_birth", found.text if found else "", words, "no_birth_date", blocks=True)
        )
