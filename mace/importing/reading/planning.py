"""Proposing a plan: what each sheet, column and spelling of a book most likely is, why, and whether that is sure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from mace.core.errors import RuleBroken
from mace.importing.reading.cells import Book, Cell, Sheet
from mace.importing.reading.choosing import choose_columns, evidence_by_column
from mace.importing.reading.colours import meanings_of
from mace.importing.reading.dates import clearly_empty
from mace.importing.reading.evidence import Evidence
from mace.importing.reading.fields import CODED, Use
from mace.importing.reading.headings import IDEAS, guesses, heading_words
from mace.importing.reading.persons import usual_style
from mace.importing.reading.plan import Plan, SheetPlan, Spelling, from_json, to_json
from mace.importing.reading.spellings import Codes, Remembered, meaning, says_nothing, spelling_key
from mace.importing.reading.tables import Rows, Table, find_table, row_headings

__all__ = ["Plan", "SheetPlan", "Spelling", "from_json", "plan_again", "propose", "spelling_key", "to_json"]

OUT_OF_USE = re.compile(
    r"\b(old|do not use|don'?t use|archived?|template|blank|lists?|look ?ups?|drop ?downs?|validation"
    r"|examples?|guidance|key|instructions"
    r"|read ?me|backup|copy of)\b",
    re.IGNORECASE,
)
"""Names of sheets that hold no cases that are worked on."""


def propose(book: Book, *, codes: Codes, remembered: Remembered | None = None) -> Plan:
    """The plan that a person is shown first. What was ``remembered`` wins over what is worked out here, and is sure."""
    decided = remembered or {}
    sheets = tuple(_sheet(sheet, codes, decided) for sheet in book.sheets)
    return Plan(name=book.name, sheets=sheets, spellings=_spellings(book, sheets, codes, decided))


def _sheet(sheet: Sheet, codes: Codes, remembered: Remembered) -> SheetPlan:
    rows = sheet.rows()
    if not any(cell.text for cell in sheet.cells):
        return SheetPlan(sheet.name, "nothing", "it is empty")
    table = find_table(sheet, rows)
    if table is None and (out := OUT_OF_USE.search(sheet.name)):
        return SheetPlan(
            sheet.name,
            "nothing",
            f"its name says “{out[0]}”, and no row has headings of people or of places",
            sure=len(rows) < 3,
        )
    if table is None:
        return SheetPlan(sheet.name, "nothing", "no row has headings of people or of places", sure=len(rows) < 3)
    below = _below(rows, table)
    seen = evidence_by_column(below, table.headings, codes=codes, remembered=remembered)
    use, why, sure = _use_of(sheet, table, seen, below)
    looked: Use = use if use != "nothing" else ("people" if table.people >= table.places else "places")
    planned = _filled_in(sheet, table, looked, seen)
    if use == "people" and not _names_people(column.field for column in planned.columns):
        use, why, sure = "nothing", "no column holds names of people", False
    return replace(planned, use=use, why=why, sure=sure)


def plan_again(
    book: Book, plan: Plan, *, sheet: str, use: Use, header_rows: tuple[int, ...], codes: Codes, remembered: Remembered
) -> Plan:
    """The plan with one sheet used as a person says, its columns proposed anew from the heading rows that they name.

    Raises ``RuleBroken`` for a sheet that the book does not have, and for rows that cannot be headings.
    """
    was = plan.to_json()
    for entry in was["sheets"]:
        if entry["sheet"] == sheet:
            entry.update(use=use, header_rows=list(header_rows), columns=[])
    checked = Plan.from_json(was, book=book, codes=codes)
    found = book.sheet(sheet)
    if found is None or checked.sheet(sheet) is None:
        raise RuleBroken(f"The file has no sheet “{sheet}”.", field="sheet")
    rows = found.rows()
    table = Table(header_rows, row_headings(found, rows, header_rows) if header_rows else {}, 0, 0)
    if use == "nothing":
        again = SheetPlan(sheet, use, "a person left it out")
    else:
        seen = evidence_by_column(_below(rows, table), table.headings, codes=codes, remembered=remembered)
        again = replace(_filled_in(found, table, use, seen), why="a person said so")
    sheets = tuple(again if entry.sheet == sheet else entry for entry in plan.sheets)
    return spelled_again(replace(plan, sheets=sheets), book, codes=codes, remembered=remembered)


def spelled_again(plan: Plan, book: Book, *, codes: Codes, remembered: Remembered) -> Plan:
    """The plan with every spelling in the columns it now has; those it had before keep what was said of them."""
    before = {name: {entry.key: entry for entry in entries} for name, entries in plan.spellings.items()}
    found = _spellings(book, plan.sheets, codes, remembered)
    return replace(
        plan,
        spellings={
            name: tuple(before.get(name, {}).get(entry.key, entry) for entry in entries)
            for name, entries in found.items()
        },
    )


def _below(rows: Rows, table: Table) -> Rows:
    return {number: row for number, row in rows.items() if number > table.header_rows[-1]}


def _filled_in(sheet: Sheet, table: Table, use: Use, seen: Mapping[int, Evidence]) -> SheetPlan:
    """The plan of a sheet for that use: its columns, how it writes names, what its colours mean."""
    columns = choose_columns(use, table.headings, seen)
    named = next((column.column for column in columns if column.field == "name"), 0)
    below = _below(sheet.rows(), table)
    style, names_why, names_sure = usual_style(row[named].text for row in below.values() if named in row)
    return SheetPlan(
        sheet=sheet.name,
        use=use,
        why="",
        header_rows=table.header_rows,
        columns=columns,
        names=style,
        names_why=names_why if named else "",
        names_sure=names_sure or not named,
        colours=meanings_of(sheet, table.header_rows),
    )


def _use_of(sheet: Sheet, table: Table, seen: Mapping[int, Evidence], below: Rows) -> tuple[Use, str, bool]:
    """What a sheet is for, why, and whether that is sure."""
    filled = sum(any(cell.text for cell in row.values()) for row in below.values())
    headed = ", ".join(f"“{heading}”" for heading in list(table.headings.values())[:4] if heading)
    why_not, sure = _why_not(sheet, table, filled, headed)
    if why_not:
        return "nothing", why_not, sure
    person = any(
        found and found[0].field in {"name", "surname"}
        for found in (guesses(each, "people") for each in table.headings.values())
    )
    named = any(each.names > 0.6 and each.count >= 3 for each in seen.values())
    if table.people >= 3 and (person or (named and table.people > table.places)):
        return (
            "people",
            f"row {table.header_rows[-1]} has {table.people} headings of people’s cases ({headed} and others)",
            True,
        )
    if table.places >= 3:
        return (
            "places",
            f"row {table.header_rows[-1]} has {table.places} headings of places ({headed} and others)",
            True,
        )
    if table.people >= 2 and named:
        return (
            "people",
            f"row {table.header_rows[-1]} has {table.people} headings of people’s cases, and a column has names",
            False,
        )
    return "nothing", f"too few of its headings ({headed}) are those of people or places", False


def _why_not(sheet: Sheet, table: Table, filled: int, headed: str) -> tuple[str, bool]:
    """Why a sheet with headings is not read, and whether that is sure; empty for one that may be."""
    if other := _other_list(table):
        return other, True
    if out := OUT_OF_USE.search(sheet.name):
        though = f", though it has {filled} rows under {headed}" if filled else ""
        return f"its name says “{out[0]}”{though}", not filled
    if not filled:
        return f"it has headings ({headed}) and no rows", True
    return (f"it is hidden, though it has {filled} rows under {headed}", False) if sheet.hidden else ("", True)


def _other_list(table: Table) -> str:
    """Why the headings are those of a list of something else than cases; empty where they are not."""
    ideas = [_ideas(heading) for heading in table.headings.values()]
    episodes = sum(bool(found & {"interview", "found"}) or {"missing", "raised"} <= found for found in ideas)
    cases = sum(bool(found & {"referral", "mace", "premace", "review", "action", "concern"}) for found in ideas)
    if episodes >= 3 and episodes > cases:
        return "it is a list of missing episodes (when reported, when found, return interviews), not of cases"
    return ""


def _ideas(heading: str) -> set[str]:
    return {idea for word in heading_words(heading) for idea, listed in IDEAS.items() if word in listed.split()}


def _names_people(fields: Iterable[str]) -> bool:
    return bool({"name", "surname"} & set(fields)) or {"forename", "local_id"} <= set(fields)


def _spellings(
    book: Book, plans: Iterable[SheetPlan], codes: Codes, remembered: Remembered
) -> dict[str, tuple[Spelling, ...]]:
    """Every spelling of the coded fields, the commonest first.

    Schools are looked through for what is really a status.
    """
    counts: dict[str, Counter[str]] = {}
    for plan in plans:
        sheet = book.sheet(plan.sheet)
        if plan.use != "people" or sheet is None:
            continue
        fields = {column.column: column.field for column in plan.columns}
        for cell in sheet.cells:
            name = fields.get(cell.column, "")
            if cell.row <= plan.header_rows[-1] or not cell.text:
                continue
            if name in CODED and not _nothing(name, cell, codes):
                counts.setdefault(name, Counter())[cell.text] += 1
            elif name == "school" and "education_status" not in fields.values() and _is_status(cell, codes, remembered):
                counts.setdefault("education_status", Counter())[cell.text] += 1
    return {name: _with_meanings(name, found, codes, remembered) for name, found in counts.items()}


def _with_meanings(name: str, counts: Counter[str], codes: Codes, remembered: Remembered) -> tuple[Spelling, ...]:
    """One spelling for each key, written as it is oftenest."""
    by_key: dict[str, Spelling] = {}
    for text, count in counts.most_common():
        key = spelling_key(text)
        if key in by_key:
            first = by_key[key]
            by_key[key] = Spelling(first.text, first.code, first.sure, first.why, first.count + count, first.rest)
            continue
        found = meaning(name, CODED[name], text, codes=codes, remembered=remembered)
        by_key[key] = Spelling(text, found.code, found.sure, found.why, count, found.rest)
    return tuple(by_key.values())


def _nothing(name: str, cell: Cell, codes: Codes) -> bool:
    return says_nothing(CODED[name], cell.text, codes)


def _is_status(cell: Cell, codes: Codes, remembered: Remembered) -> bool:
    """Whether what stands in a column of schools is an education status: ``NEET``, ``PRU``."""
    if clearly_empty(cell.text) or len(cell.text) > 40:
        return False
    found = meaning("education_status", "education_status", cell.text, codes=codes, remembered=remembered)
    return bool(found.code) and "misspelt" not in found.why
