"""One row of a sheet read cell by cell, each by the field of its column."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from mace.core.numbers import nhs_number, upn
from mace.importing.reading.cells import Cell, Sheet, where
from mace.importing.reading.dates import clearly_empty, read_date, years_old
from mace.importing.reading.evidence import state_of
from mace.importing.reading.fields import CODED, FIELDS, words_of
from mace.importing.reading.numbers import bare
from mace.importing.reading.persons import STYLES, begins_with_forename, take_apart, tidy, turned_round, without_aliases
from mace.importing.reading.plan import Column, SheetPlan, Spelling
from mace.importing.reading.result import Doubt, Kept, Value
from mace.importing.reading.spellings import Codes, meaning, says_nothing, spelling_key

OLDEST = 110
_ERROR = re.compile(r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)")
_GENDER = re.compile(r"\b(trans|transgender|non\W?binary|nb|queer|fluid|agender)\b", re.IGNORECASE)
_NO_VALUE = "formula without a value"


@dataclass(slots=True)
class Row:
    """A row while it is read."""

    sheet: str
    number: int
    values: dict[str, Value] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    def value(self, name: str) -> Any:
        found = self.values.get(name)
        return found.value if found else None

    def doubted(self, fields: Collection[str], *, blocks: bool = False) -> bool:
        """Whether one of the fields has a doubt already, one that blocks if so asked."""
        return any(doubt.field in fields and (doubt.blocks or not blocks) for doubt in self.doubts)

    def doubt(
        self, column: Column, cell: Cell, kind: str, words: str, *, blocks: bool = False, suggestion: str = ""
    ) -> None:
        self.doubts.append(Doubt(self.sheet, where(cell), column.field, cell.text, words, kind, blocks, suggestion))

    def keep(self, column: Column, cell: Cell, text: str | None = None) -> None:
        self.kept.append(Kept(column.heading, cell.text if text is None else text, where(cell)))

    def put(self, name: str, value: str | int | dt.date | None, cell: Cell) -> None:
        self.values.setdefault(name, Value(value, cell.text, where(cell)))


class RowReader:
    """Reads the rows of one sheet by its plan."""

    def __init__(
        self,
        *,
        sheet: Sheet,
        plan: SheetPlan,
        spellings: Mapping[str, tuple[Spelling, ...]],
        rows: Mapping[int, Mapping[int, Cell]],
        codes: Codes,
        today: dt.date,
    ) -> None:
        self.sheet, self.plan, self.codes, self.today, self.rows = sheet, plan, codes, today, rows
        self.columns = {column.column: column for column in plan.columns}
        self.spellings = {name: {entry.key: entry for entry in entries} for name, entries in spellings.items()}
        self.colours = {entry.colour: entry for entry in plan.colours}
        self.unexplained: set[str] = set()
        self.mixed_order = {column.column for column in plan.columns if self._looks_american(column)}
        self.has_status = plan.column_of("education_status") is not None
        self.readers: dict[str, Callable[[Row, Column, Cell], None]] = {
            "name": self._name,
            "date": self._date,
            "number": self._age,
            "code": self._code,
            "id": self._id,
            "state": self._state,
            "text": self._text,
            "note": Row.keep,
        }

    def row(self, number: int) -> Row:
        """Everything in the row but its actions."""
        row = Row(self.sheet.name, number)
        cells = self.rows[number]
        if number in self.sheet.hidden_rows and (first := next((cell for cell in cells.values() if cell.text), None)):
            words = "The row is hidden in the sheet. It is read as the others are."
            row.doubts.append(Doubt(row.sheet, where(first), "", "", words, "hidden_row"))
        for at in sorted(cells):
            column = self.columns.get(at, Column(at, "", "note", "", sure=True))
            self._beside(row, column, cells[at])
            kind = FIELDS[self.plan.use][column.field].kind
            if cells[at].text and kind in self.readers:
                if _ERROR.fullmatch(cells[at].text) and kind != "note":
                    row.keep(column, cells[at])
                    blocks = column.field in {"name", "surname", "date_of_birth"}
                    row.doubt(
                        column,
                        cells[at],
                        "excel_error",
                        "The formula of this cell has failed. The cell is taken as empty.",
                        blocks=blocks,
                    )
                else:
                    self.readers[kind](row, column, cells[at])
        self._colours(row, cells)
        return row

    def _beside(self, row: Row, column: Column, cell: Cell) -> None:
        """The note on a cell, and a formula that has no value."""
        if not cell.note:
            return
        row.kept.append(Kept(f"{column.heading} (note)".strip(), cell.note, where(cell)))
        if _NO_VALUE in cell.note and column.field not in {"note", "ignore"}:
            words = (
                "The formula of this cell has no value saved with it. The cell is taken as empty; the formula is "
                "kept as text."
            )
            row.doubt(column, cell, "formula", words)

    def _colours(self, row: Row, cells: Mapping[int, Cell]) -> None:
        """What the colours of the row mean, cell by cell, or once if most of the row has the colour."""
        coloured = [cell for cell in cells.values() if cell.colour in self.colours]
        filled = sum(bool(cell.text) for cell in cells.values())
        told: set[str] = set()
        for cell in coloured:
            entry = self.colours[cell.colour]
            whole = sum(other.colour == cell.colour for other in coloured) > max(2, filled / 2)
            if whole and cell.colour in told:
                continue
            told.add(cell.colour)
            column = self.columns.get(cell.column)
            says = entry.meaning or "the sheet does not say what that means"
            heading = "Colour of the row" if whole else f"{column.heading if column else ''} (colour)".strip()
            row.kept.append(Kept(heading, f"{entry.word}: {says}", where(cell)))
            if not entry.meaning and cell.colour not in self.unexplained:
                self.unexplained.add(cell.colour)
                words = (
                    f"Cells are coloured {entry.word} and the sheet does not say why. The colour is kept as text "
                    "at each."
                )
                row.doubts.append(
                    Doubt(row.sheet, where(cell), column.field if column else "", "", words, "colour_unexplained")
                )

    def _name(self, row: Row, column: Column, cell: Cell) -> None:
        if column.field != "name":
            self._part_of_name(row, column, cell)
            return
        if clearly_empty(cell.text):
            row.put("name", None, cell)
            return
        parts = take_apart(cell.text, self.plan.names)
        row.put("name", cell.text, cell)
        if parts.kind in {"no_name", "one_name"}:
            row.doubt(
                column, cell, parts.kind, f"The name {parts.words}. The row is not imported without one.", blocks=True
            )
            return
        forename, surname = parts.forename, parts.surname
        if turned_round(cell.text, self.plan.names):
            forename, surname = surname, forename
            usual = STYLES[self.plan.names]
            row.doubt(
                column,
                cell,
                "name_order",
                f"The column writes {usual}, and this looks the other way round. It is taken with the two "
                "turned round.",
            )
        elif not self.plan.names_sure and not begins_with_forename(cell.text, self.plan.names):
            words = (
                "It is not certain which of the two is the forename. They are taken as the column is said to "
                "write them."
            )
            row.doubt(column, cell, "name_order", words)
        elif parts.kind:
            row.doubt(
                column,
                cell,
                parts.kind,
                f"The name {parts.words}. Which of them are the surname is taken from how the column writes names.",
            )
        row.put("forename", forename, cell)
        row.put("surname", surname, cell)
        if parts.aliases:
            row.put("aliases", parts.aliases, cell)

    def _part_of_name(self, row: Row, column: Column, cell: Cell) -> None:
        plain, aliases = without_aliases(cell.text)
        if clearly_empty(plain):
            row.put(column.field, None, cell)
            return
        if re.search(r"[\d?/&+;,]", plain):
            row.keep(column, cell)
            row.doubt(
                column, cell, "no_name", "This is not one name only. The row is not imported without one.", blocks=True
            )
            return
        row.put(column.field, tidy(plain), cell)
        if aliases:
            row.put("aliases", aliases, cell)

    def _looks_american(self, column: Column) -> bool:
        """Whether a column of dates, read day first, holds dates that can only be month first.

        And nobody has said how to read it.
        """
        if FIELDS[self.plan.use][column.field].kind != "date" or column.sure or column.order == "month_first":
            return False
        cells = (row[column.column] for row in self.rows.values() if column.column in row)
        return any(
            isinstance(cell.value, str)
            and read_date(cell.value, cell.text, birth=False, order="day_first", today=self.today).kind == "month_first"
            for cell in cells
        )

    def _date(self, row: Row, column: Column, cell: Cell) -> None:
        birth = column.field == "date_of_birth"
        found = read_date(cell.value, cell.text, birth=birth, order=column.order, today=self.today)
        words = words_of(self.plan.use, column.field).lower()
        if found.kind == "empty":
            row.put(column.field, None, cell)
            return
        if found.on is None:
            row.keep(column, cell)
            end = "The row is not imported without one." if birth else "It is kept as text, and no date is taken."
            suggestion = found.suggestion.isoformat() if found.suggestion else ""
            row.doubt(
                column, cell, found.kind, f"The {words} {found.words}. {end}", blocks=birth, suggestion=suggestion
            )
            return
        if birth and not 0 <= years_old(found.on, self.today) <= OLDEST:
            row.keep(column, cell)
            row.doubt(
                column,
                cell,
                "birth_impossible",
                "The date of birth cannot be right. The row is not imported without one.",
                blocks=True,
            )
            return
        row.put(column.field, found.on, cell)
        other = self._other_order(column, cell, found.on)
        if other:
            words = "Other dates of this column have the month first. This one is taken with the day first."
            row.doubt(column, cell, "month_or_day", words, suggestion=other.isoformat())

    def _other_order(self, column: Column, cell: Cell, on: dt.date) -> dt.date | None:
        """The date that a text may also be, in a column where others have the month first."""
        ambiguous = isinstance(cell.value, str) and re.match(r"\s*\d{1,2}\D+\d{1,2}\D", cell.text)
        if column.column not in self.mixed_order or not ambiguous or on.day > 12 or on.day == on.month:
            return None
        return on.replace(day=on.month, month=on.day)

    def _age(self, row: Row, column: Column, cell: Cell) -> None:
        found = re.fullmatch(r"(\d{1,2})(?:\.0)?\s*(?:y|yr|yrs|years?)?(?:\s*old)?", cell.text.strip(), re.IGNORECASE)
        if found:
            row.put(column.field, int(found[1]), cell)
        elif clearly_empty(cell.text):
            row.put(column.field, None, cell)
        else:
            row.keep(column, cell)
            row.doubt(column, cell, "not_an_age", "This is not an age in years. It is kept as text.")

    def _code(self, row: Row, column: Column, cell: Cell) -> None:
        if says_nothing(CODED[column.field], cell.text, self.codes):
            row.put(column.field, None, cell)
            return
        self._spelt(row, column, cell, column.field)

    def _spelt(self, row: Row, column: Column, cell: Cell, name: str) -> None:
        """A coded value by its spelling."""
        entry = self.spellings.get(name, {}).get(spelling_key(cell.text))
        if entry is None:
            found = meaning(name, CODED[name], cell.text, codes=self.codes, remembered={})
            entry = Spelling(cell.text, found.code, found.sure, found.why, 1, found.rest)
            self.spellings.setdefault(name, {})[entry.key] = entry
        words = words_of("people", name).lower()
        if (
            not entry.code
            and name == "sex"
            and _GENDER.search(cell.text)
            and not self.plan.column_of("gender_identity")
        ):
            row.put("gender_identity", cell.text, cell)
            words = (
                f"“{cell.text}” says a gender identity rather than a sex. The sex is left empty, and this is taken "
                "as gender identity."
            )
            row.doubt(column, cell, "spelling_unknown", words)
            return
        if not entry.code:
            row.keep(column, cell)
            if not entry.sure:
                row.doubt(
                    column,
                    cell,
                    "spelling_unknown",
                    f"“{cell.text}”: {entry.why}. The {words} is left empty, and this is kept as text.",
                )
            return
        row.put(name, entry.code, cell)
        label = dict(self.codes.get(CODED[name], ())).get(entry.code, entry.code)
        if entry.rest or not entry.sure:
            row.keep(column, cell, entry.rest if entry.sure else cell.text)
        if not entry.sure:
            words = f"“{cell.text}”: {entry.why}. The {words} is taken as “{label}”, and this is kept as text."
            row.doubt(column, cell, "spelling_unsure", words, suggestion=entry.code)

    def _id(self, row: Row, column: Column, cell: Cell) -> None:
        checks = {"nhs_number": nhs_number, "upn": upn}
        if clearly_empty(cell.text):
            row.put(column.field, None, cell)
        elif column.field in checks and not checks[column.field](cell.text):
            row.keep(column, cell)
            words = f"This is no {words_of('people', column.field)}: its check figure is wrong. It is kept as text."
            row.doubt(column, cell, "wrong_number", words)
        elif not re.search(r"\d", cell.text):
            row.keep(column, cell)
            row.doubt(column, cell, "not_a_number", "This has no figures. It is kept as text, and no number is taken.")
        else:
            row.put(column.field, bare(cell.text) if column.field in checks else " ".join(cell.text.split()), cell)

    def _state(self, row: Row, column: Column, cell: Cell) -> None:
        state = state_of(cell.text)
        if state or clearly_empty(cell.text):
            row.put(column.field, state, cell)
        else:
            row.keep(column, cell)
            row.doubt(column, cell, "open_or_closed", "This says neither open nor closed. It is kept as text.")

    def _text(self, row: Row, column: Column, cell: Cell) -> None:
        if clearly_empty(cell.text):
            row.put(column.field, None, cell)
        elif (
            column.field == "school"
            and not self.has_status
            and spelling_key(cell.text) in self.spellings.get("education_status", {})
        ):
            self._spelt(row, column, cell, "education_status")
        elif column.field in row.values:
            row.keep(column, cell)
        else:
            row.put(column.field, cell.text, cell)
