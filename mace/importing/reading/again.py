"""Proposing again what hangs on something that a person has decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from mace.core.errors import RuleBroken
from mace.importing.reading.cells import Book
from mace.importing.reading.choosing import choose_columns, evidence_by_column
from mace.importing.reading.fields import Use
from mace.importing.reading.persons import usual_style
from mace.importing.reading.plan import USES, Plan, SheetPlan
from mace.importing.reading.planning import spellings_of
from mace.importing.reading.spellings import Codes, Remembered
from mace.importing.reading.tables import row_headings

DECIDED = "decided by a person"


def propose_again(
    plan: Plan,
    book: Book,
    *,
    sheet: str,
    use: str,
    header_rows: Sequence[int],
    codes: Codes,
    remembered: Remembered,
) -> Plan:
    """The plan with a sheet taken for something, headed by those rows; its columns are worked out from them.

    Raises ``RuleBroken`` for a sheet, a use or rows that there are not.
    """
    found, before = book.sheet(sheet), plan.sheet(sheet)
    if found is None or before is None or use not in USES:
        raise RuleBroken(f"The file has no sheet “{sheet}”, or it cannot be used so.", field="use")
    if use == "nothing":
        return _with(plan, replace(before, use="nothing", why=DECIDED, sure=True), book, codes, remembered)
    rows = found.rows()
    wanted = tuple(sorted(set(header_rows)))
    if not 1 <= len(wanted) <= 2 or any(number not in rows for number in wanted):
        raise RuleBroken(
            f"Say which row of “{sheet}” has the headings: one row that is not empty, or two.", field="first"
        )
    headings = row_headings(found, rows, wanted)
    below = {number: row for number, row in rows.items() if number > wanted[-1]}
    seen = evidence_by_column(below, headings, codes=codes, remembered=remembered)
    columns = choose_columns(cast("Use", use), headings, seen)
    named = next((column.column for column in columns if column.field == "name"), 0)
    style, why, sure = usual_style(row[named].text for row in below.values() if named in row)
    changed = replace(
        before,
        use=cast("Use", use),
        why=DECIDED,
        sure=True,
        header_rows=wanted,
        columns=columns,
        names=style,
        names_why=why if named else "",
        names_sure=sure or not named,
    )
    return _with(plan, changed, book, codes, remembered)


def spelled_again(plan: Plan, book: Book, *, codes: Codes, remembered: Remembered) -> Plan:
    """The plan with every way of writing in the columns it now has; what a person decided before stays decided."""
    decided = {
        name: {entry.key: entry for entry in entries if entry.why == DECIDED}
        for name, entries in plan.spellings.items()
    }
    found = spellings_of(book, plan.sheets, codes, remembered)
    return replace(
        plan,
        spellings={
            name: tuple(decided.get(name, {}).get(entry.key, entry) for entry in entries)
            for name, entries in found.items()
        },
    )


def _with(plan: Plan, sheet: SheetPlan, book: Book, codes: Codes, remembered: Remembered) -> Plan:
    sheets = tuple(sheet if one.sheet == sheet.sheet else one for one in plan.sheets)
    return spelled_again(replace(plan, sheets=sheets), book, codes=codes, remembered=remembered)
