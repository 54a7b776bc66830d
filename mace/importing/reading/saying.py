"""The report on a book for the shell. It names cells, not people: what identifies somebody is not repeated."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from mace.importing.reading.cells import Book, column_letters
from mace.importing.reading.fields import CODED, IDENTIFYING, words_of
from mace.importing.reading.persons import STYLES, looks_like_name
from mace.importing.reading.plan import Plan, SheetPlan
from mace.importing.reading.result import Doubt, Reading

MOST_TEXT = 60
OPEN_WORDS = frozenset({"actions", "note", "outcome", "referred_by", "school", "lead_professional", ""})
"""Fields of free words, in which anybody may be named: their text is not repeated either."""


def said(book: Book, plan: Plan, reading: Reading) -> list[str]:
    """The report, line by line."""
    lines = [f"{plan.name}: {_count(len(book.sheets), 'sheet')}"]
    for sheet in plan.sheets:
        lines += ["", *_sheet(sheet, reading)]
    lines += ["", *_same(reading), "", *_spellings(plan), "", *_doubts(reading)]
    return lines


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _sure(sure: bool) -> str:
    return "" if sure else "  (not sure)"


def _sheet(sheet: SheetPlan, reading: Reading) -> Iterator[str]:
    uses = {"people": "read as people", "places": "read as places", "nothing": "not read"}
    yield f"Sheet “{sheet.sheet}”: {uses[sheet.use]}, because {sheet.why}{_sure(sheet.sure)}"
    if sheet.use == "nothing":
        return
    yield f"  Headings in row {' and '.join(str(row) for row in sheet.header_rows)}"
    for column in sheet.columns:
        heading = f"“{column.heading}”" if column.heading else "without heading"
        words = words_of(sheet.use, column.field)
        yield f"  {column_letters(column.column):>3} {heading} → {words}: {column.why}{_sure(column.sure)}"
    if sheet.names_why:
        yield f"  Names are written {STYLES[sheet.names]}: {sheet.names_why}{_sure(sheet.names_sure)}"
    for colour in sheet.colours:
        yield (
            f"  Cells coloured {colour.word} ({colour.colour}): "
            f"{colour.meaning or 'the sheet does not say what that means'}"
        )
    rows = reading.people if sheet.use == "people" else reading.places
    read = sum(row.sheet == sheet.sheet for row in rows)
    yield f"  {_count(read, 'row')} read"
    for over in reading.passed_over:
        if over.sheet == sheet.sheet:
            text = (
                f": “{over.text[:MOST_TEXT]}”"
                if over.text and over.kind in {"title", "section", "key"} and not looks_like_name(over.text)
                else ""
            )
            yield f"  Row {over.row} passed over, because {over.why}{text}"


def _same(reading: Reading) -> Iterator[str]:
    yield (
        f"People on several rows: {sum(group.sure for group in reading.same_people)}, and perhaps "
        f"{sum(not group.sure for group in reading.same_people)} more"
    )
    for group in reading.same_people:
        sheets = {sheet for sheet, _ in group.rows}
        rows = ", ".join(str(row) if len(sheets) == 1 else f"{sheet} {row}" for sheet, row in group.rows)
        yield f"  {'' if group.sure else 'Perhaps '}{'r' if not group.sure else 'R'}ows {rows}: {group.why}"


def _spellings(plan: Plan) -> Iterator[str]:
    for name in CODED:
        if entries := plan.spellings.get(name):
            yield f"Spellings of {words_of('people', name).lower()}"
            for entry in entries:
                rest = f", with “{entry.rest}” kept as text" if entry.rest and entry.rest not in entry.why else ""
                yield (
                    f"  “{entry.text[:MOST_TEXT]}” ({entry.count}) → {entry.code or 'nothing'}: "
                    f"{entry.why}{rest}{_sure(entry.sure)}"
                )


def _doubts(reading: Reading) -> Iterator[str]:
    blocked = len(reading.blocked())
    yield f"{_count(len(reading.doubts), 'doubt')}; {_count(blocked, 'row')} cannot be imported without a decision"
    for kind, count in Counter(doubt.kind for doubt in reading.doubts).most_common():
        yield f"  {count:>6} {kind.replace('_', ' ')}"
    for doubt in reading.doubts:
        yield f"  {doubt.sheet} {doubt.cell}: {_quoted(doubt)}{doubt.words}{' STOPS THE ROW.' if doubt.blocks else ''}"


def _quoted(doubt: Doubt) -> str:
    """The doubtful text, where it identifies nobody."""
    if doubt.field in IDENTIFYING:
        return f"{words_of('people', doubt.field)} in {doubt.cell}: " if doubt.text else ""
    if doubt.field == "actions" and re.fullmatch(r"[\d/.\s-]+", doubt.text):
        return f"“{doubt.text}”. "
    if not doubt.text or doubt.field in OPEN_WORDS or doubt.text[:MOST_TEXT] in doubt.words:
        return ""
    return f"“{' '.join(doubt.text.split())[:MOST_TEXT]}”. "
