"""The plan of an import: what each sheet, column and spelling is taken for. A person may change any of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

from mace.core.errors import RuleBroken
from mace.importing.reading.cells import Book, column_letters
from mace.importing.reading.dates import Order
from mace.importing.reading.fields import CODED, FIELDS, Use, words_of
from mace.importing.reading.persons import STYLES, Style
from mace.importing.reading.spellings import Codes, spelling_key

T = TypeVar("T")
USES: dict[str, str] = {"people": "people", "places": "places", "nothing": "not read"}
ORDERS: dict[str, str] = {"day_first": "day first", "month_first": "month first"}


@dataclass(frozen=True, slots=True)
class Column:
    """What a column is taken for.

    ``order`` matters to columns of dates only; ``sure`` is false where a person should look.
    """

    column: int
    heading: str
    field: str
    why: str
    sure: bool
    order: Order = "day_first"


@dataclass(frozen=True, slots=True)
class Spelling:
    """A spelling and the code it is taken for, empty for none.

    ``rest`` is the part that is kept as text beside the code.
    """

    text: str
    code: str
    sure: bool
    why: str
    count: int = 1
    rest: str = ""

    @property
    def key(self) -> str:
        return spelling_key(self.text)


@dataclass(frozen=True, slots=True)
class Colour:
    """A fill (``RRGGBB``), the plain word for it, and what the sheet says it means; empty where it does not say."""

    colour: str
    word: str
    meaning: str


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """What a sheet is taken for, its heading rows (one, or two stacked), its columns and how its names are written."""

    sheet: str
    use: Use
    why: str
    sure: bool = True
    header_rows: tuple[int, ...] = ()
    columns: tuple[Column, ...] = ()
    names: Style = "forename_surname"
    names_why: str = ""
    names_sure: bool = True
    colours: tuple[Colour, ...] = ()

    def column_of(self, name: str) -> Column | None:
        """The first column of a field."""
        return next((column for column in self.columns if column.field == name), None)


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole plan. ``spellings`` has, for each coded field that a sheet uses, every spelling found."""

    name: str
    sheets: tuple[SheetPlan, ...]
    spellings: Mapping[str, tuple[Spelling, ...]] = field(default_factory=dict)

    def sheet(self, name: str) -> SheetPlan | None:
        return next((sheet for sheet in self.sheets if sheet.sheet == name), None)

    def with_column(self, sheet: str, column: int, *, field: str) -> Plan:
        """The plan with a column taken for another field, by a person and so for sure."""
        return replace(
            self,
            sheets=tuple(
                _with_column(entry, column, field) if entry.sheet == sheet else entry for entry in self.sheets
            ),
        )

    def with_spelling(self, field: str, text: str, *, code: str) -> Plan:
        """The plan with a spelling of a field taken for a code, or for none if that is empty.

        By a person and so for sure.
        """
        key = spelling_key(text)
        changed = tuple(
            replace(entry, code=code, sure=True, why="decided by a person") if entry.key == key else entry
            for entry in self.spellings.get(field, ())
        )
        return replace(self, spellings={**self.spellings, field: changed})

    def to_json(self) -> dict[str, Any]:
        """The plan as lists, texts and numbers only."""
        return {
            "name": self.name,
            "sheets": [
                {
                    "sheet": sheet.sheet,
                    "use": sheet.use,
                    "why": sheet.why,
                    "sure": sheet.sure,
                    "header_rows": list(sheet.header_rows),
                    "columns": [
                        {name: getattr(column, name) for name in ("column", "heading", "field", "why", "sure", "order")}
                        for column in sheet.columns
                    ],
                    "names": sheet.names,
                    "names_why": sheet.names_why,
                    "names_sure": sheet.names_sure,
                    "colours": [
                        {name: getattr(entry, name) for name in ("colour", "word", "meaning")}
                        for entry in sheet.colours
                    ],
                }
                for sheet in self.sheets
            ],
            "spellings": {
                name: [
                    {part: getattr(entry, part) for part in ("text", "code", "sure", "why", "count", "rest")}
                    for entry in entries
                ]
                for name, entries in self.spellings.items()
            },
        }

    @classmethod
    def from_json(cls, data: Any, *, book: Book, codes: Codes) -> Plan:
        """The plan that ``to_json`` gave, perhaps changed since.

        Raises ``RuleBroken`` for what does not fit the book or the lists.
        """
        sheets = tuple(
            _sheet(_of(entry, dict, "a sheet"), book) for entry in _of(_get(data, "sheets"), list, "the sheets")
        )
        names = [sheet.sheet for sheet in sheets]
        if repeated := next((name for name in names if names.count(name) > 1), None):
            raise RuleBroken(f"The plan has the sheet “{repeated}” twice. Keep one of them.", field="sheets")
        spellings = _of(data.get("spellings", {}), dict, "the spellings")
        return cls(
            name=str(data.get("name", "")),
            sheets=sheets,
            spellings={name: _spellings(name, entries, codes) for name, entries in spellings.items()},
        )


def to_json(plan: Plan) -> dict[str, Any]:
    return plan.to_json()


def from_json(data: Any, *, book: Book, codes: Codes) -> Plan:
    """As ``Plan.from_json``."""
    return Plan.from_json(data, book=book, codes=codes)


def _with_column(sheet: SheetPlan, column: int, name: str) -> SheetPlan:
    return replace(
        sheet,
        columns=tuple(
            replace(entry, field=name, why="decided by a person", sure=True) if entry.column == column else entry
            for entry in sheet.columns
        ),
    )


def _of(value: Any, kind: type[T], what: str) -> T:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise RuleBroken(f"The plan is damaged: {what} cannot be read. Make the plan again from the file.")
    return value


def _get(data: Any, name: str) -> Any:
    if not isinstance(data, dict) or name not in data:
        raise RuleBroken(f"The plan is damaged: it has no “{name}”. Make the plan again from the file.")
    return data[name]


def _sheet(data: dict[str, Any], book: Book) -> SheetPlan:
    name = _of(_get(data, "sheet"), str, "a sheet’s name")
    sheet = book.sheet(name)
    if sheet is None:
        raise RuleBroken(
            f"The file has no sheet “{name}”. Its sheets are {', '.join(s.name for s in book.sheets)}.", field="sheet"
        )
    use = _get(data, "use")
    if use not in USES:
        raise RuleBroken(
            f"The sheet “{name}” cannot be used for “{use}”. Choose people, places or nothing.", field="use"
        )
    last = max((cell.row for cell in sheet.cells), default=0)
    rows = tuple(
        _of(row, int, f"a heading row of “{name}”")
        for row in _of(data.get("header_rows", []), list, "the heading rows")
    )
    if use != "nothing" and not (
        1 <= len(rows) <= 2 and all(1 <= row <= last for row in rows) and (len(rows) < 2 or rows[1] == rows[0] + 1)
    ):
        raise RuleBroken(
            f"Say which row of “{name}” has the headings: one row, or two that follow each other, from 1 to {last}.",
            field="header_rows",
        )
    columns = tuple(
        _column(_of(entry, dict, "a column"), name, use) for entry in _of(data.get("columns", []), list, "the columns")
    )
    _check_columns(columns, name, use)
    style = data.get("names", "forename_surname")
    if style not in STYLES:
        raise RuleBroken(
            f"Names in “{name}” cannot be written as “{style}”. Choose {' or '.join(STYLES.values())}.", field="names"
        )
    colours = tuple(
        Colour(*(_of(entry.get(part, ""), str, "a colour") for part in ("colour", "word", "meaning")))
        for entry in _of(data.get("colours", []), list, "the colours")
        if isinstance(entry, dict)
    )
    return SheetPlan(
        sheet=name,
        use=use,
        why=str(data.get("why", "")),
        sure=bool(data.get("sure", True)),
        header_rows=rows,
        columns=columns,
        names=style,
        names_why=str(data.get("names_why", "")),
        names_sure=bool(data.get("names_sure", True)),
        colours=colours,
    )


def _column(data: dict[str, Any], sheet: str, use: str) -> Column:
    number = _of(_get(data, "column"), int, f"a column of “{sheet}”")
    if not 1 <= number <= 16_384:
        raise RuleBroken(f"The sheet “{sheet}” has no column {number}.", field="column")
    name, order = _get(data, "field"), data.get("order", "day_first")
    if use != "nothing" and name not in FIELDS[use]:
        raise RuleBroken(
            f"Column {column_letters(number)} of “{sheet}” cannot hold “{name}”. Choose one of the fields for {use}.",
            field="field",
        )
    if order not in ORDERS:
        raise RuleBroken(
            f"Dates in column {column_letters(number)} of “{sheet}” are either day first or month first.", field="order"
        )
    return Column(
        number,
        str(data.get("heading", "")),
        str(name),
        str(data.get("why", "")),
        bool(data.get("sure", True)),
        cast("Order", order),
    )


def _check_columns(columns: tuple[Column, ...], sheet: str, use: str) -> None:
    seen: dict[str, Column] = {}
    numbers: set[int] = set()
    for column in columns:
        if column.column in numbers:
            raise RuleBroken(
                f"The plan has column {column_letters(column.column)} of “{sheet}” twice. Keep one.", field="column"
            )
        numbers.add(column.column)
        if use == "nothing" or FIELDS[use][column.field].many:
            continue
        if other := seen.get(column.field):
            raise RuleBroken(
                f"Columns {column_letters(other.column)} and {column_letters(column.column)} of “{sheet}” are both "
                f"“{words_of(use, column.field)}”. Keep one, and take the other as text.",
                field="field",
            )
        seen[column.field] = column


def _spellings(name: str, entries: Any, codes: Codes) -> tuple[Spelling, ...]:
    if name not in CODED:
        raise RuleBroken(f"“{name}” has no list of codes.", field="spellings")
    known = {code for code, _ in codes.get(CODED[name], ())}
    out: list[Spelling] = []
    for entry in _of(entries, list, "the spellings"):
        text, code = (_of(_get(entry, part), str, "a spelling") for part in ("text", "code"))
        if code and code not in known:
            words = words_of("people", name)
            raise RuleBroken(
                f"“{code}” is not in the list of {words[0].lower()}{words[1:]}. Choose one that is, or none.",
                field="spellings",
            )
        count = _of(entry.get("count", 1), int, "how often a spelling stands")
        out.append(
            Spelling(
                text, code, bool(entry.get("sure", True)), str(entry.get("why", "")), count, str(entry.get("rest", ""))
            )
        )
    return tuple(out)


def is_heading_text(text: str) -> bool:
    """Whether a text can be a heading: short, with letters, and more words than figures."""
    return (
        len(text) <= 90 and bool(re.search(r"[^\W\d_]|[#º]", text)) and sum(c.isdigit() for c in text) <= len(text) / 3
    )
