"""A file kept, and how it is read decided: sheets, columns, ways of writing, single cells, people."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

from celery import current_app
from django.db import transaction

from mace.access.policy import Capability, require
from mace.core.errors import Conflict, RuleBroken
from mace.core.seat import Seat
from mace.importing.enums import ImportStatus
from mace.importing.models import Import, Spelling
from mace.importing.reading.book import read_book
from mace.importing.reading.cells import Book, column_letters, where
from mace.importing.reading.correcting import Corrections, corrected, place
from mace.importing.reading.fields import Use
from mace.importing.reading.interpreting import Reading, read
from mace.importing.reading.plan import Column, Plan
from mace.importing.reading.planning import plan_again, propose, spelled_again
from mace.importing.reading.spellings import spelling_key
from mace.importing.selectors.files import code_lists, remembered
from mace.importing.transitions import CHANGEABLE, WORKING, check_import

LARGEST = 20 * 1024 * 1024
REMEMBERED = 120
"""Characters. What is longer is prose, and will not be written so again."""
FORGOTTEN_AFTER = dt.timedelta(days=30)
ROWS_SHOWN, COLUMNS_SHOWN, CELL_SHOWN, SAMPLES = 8, 8, 40, 12
CHECK, RUN = "mace.importing.tasks.check_import", "mace.importing.tasks.run_import"


@transaction.atomic
def bring_file(*, content: bytes, name: str, by: Seat, at: dt.datetime) -> Import:
    """Keep a file and propose how it is read. Raises ``RuleBroken`` for what is no spreadsheet, or too large."""
    require(by, Capability.IMPORT)
    if len(content) > LARGEST:
        raise RuleBroken(
            "The file is larger than 20 MB. Save the sheets with cases as a file of their own", field="file"
        )
    book = read_book(content, name)
    plan = propose(book, codes=code_lists(), remembered=remembered())
    return Import.objects.create(
        partnership_id=by.partnership_id,
        name=name[:200],
        digest=hashlib.sha256(content).hexdigest(),
        content=content,
        plan=plan.to_json(),
        outline=outline(book),
        brought_by_id=by.membership_id,
        brought_at=at,
    )


def outline(book: Book) -> list[dict[str, Any]]:
    """What of each sheet is shown to decide by: its first rows (number, texts by column) and values of each column."""
    found: list[dict[str, Any]] = []
    for sheet in book.sheets:
        first: dict[int, list[str]] = {}
        samples: dict[str, list[tuple[int, str]]] = {}
        for cell in sheet.cells:
            if not cell.text:
                continue
            text = cell.text[:CELL_SHOWN]
            if cell.column <= COLUMNS_SHOWN and (len(first) < ROWS_SHOWN or cell.row in first):
                first.setdefault(cell.row, [""] * COLUMNS_SHOWN)[cell.column - 1] = text
            said = samples.setdefault(str(cell.column), [])
            if len(said) < SAMPLES and text not in {words for _, words in said}:
                said.append((cell.row, text))
        found.append({"sheet": sheet.name, "hidden": sheet.hidden, "rows": [*first.items()], "samples": samples})
    return found


@dataclass(frozen=True, slots=True)
class Source:
    """What a file says, read as its plan says, and what stood there before anything was corrected."""

    reading: Reading
    columns: Mapping[tuple[str, str], Column]
    rows: Mapping[tuple[str, int], Mapping[str, str]]
    corrections: Corrections

    def column(self, sheet: str, cell: str) -> Column | None:
        """The column that a cell stands in, by its address."""
        return self.columns.get((sheet, cell.rstrip("0123456789")))

    def heading(self, sheet: str, cell: str) -> str:
        found = self.column(sheet, cell)
        return found.heading if found else ""

    def cells(self, sheet: str, row: int) -> dict[str, str]:
        """The text of each cell of a row, word for word; beside it how it was read, where somebody corrected it."""
        said = dict(self.rows.get((sheet, row), {}))
        for cell, words in self.corrections.get(sheet, {}).items():
            if place(cell)[0] == row:
                said[cell] = f"{said.get(cell) or '(nothing)'} (read as: {words})"
        return said


def source_of(file: Import, *, today: dt.date) -> Source:
    """The file as it was brought, read with the cells that were corrected. Raises ``RuleBroken`` when it is gone."""
    before, cells = _book(file), file.decisions.get("cells", {})
    book = corrected(before, cells)
    plan = plan_of(file, book)
    rows: dict[tuple[str, int], dict[str, str]] = {}
    for sheet in before.sheets:
        for cell in sheet.cells:
            if cell.text:
                rows.setdefault((sheet.name, cell.row), {})[where(cell)] = cell.text
    return Source(
        reading=read(book, plan, codes=code_lists(), today=today),
        columns={(s.sheet, column_letters(c.column)): c for s in plan.sheets for c in s.columns},
        rows=rows,
        corrections=cells,
    )


def _book(file: Import) -> Book:
    if file.content is None:
        raise RuleBroken("The file was imported or left, and is not kept. Bring it again")
    return read_book(bytes(file.content), file.name)


def book_of(file: Import) -> Book:
    """The file with the cells that were corrected."""
    return corrected(_book(file), file.decisions.get("cells", {}))


def plan_of(file: Import, book: Book) -> Plan:
    """How the file is read. Raises ``RuleBroken`` when that does not fit it."""
    return Plan.from_json(file.plan, book=book, codes=code_lists())


def _locked(file: Import, version: int | None) -> Import:
    """The row, locked, as it stands. Raises ``Conflict`` when somebody else decided something meanwhile."""
    locked = Import.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if version is not None and locked.version != version:
        raise Conflict(version=locked.version, theirs={})
    return locked


def _changeable(file: Import, version: int | None) -> Import:
    locked = _locked(file, version)
    if locked.status not in CHANGEABLE:
        raise RuleBroken(f"This import is {locked.get_status_display().lower()}: nothing can be changed now")
    return locked


def _decided(locked: Import) -> Import:
    locked.version += 1
    locked.status, locked.found = ImportStatus.PLANNING, {}
    locked.save(update_fields=["plan", "decisions", "status", "found", "version"])
    return locked


def _planned(locked: Import, data: Any, book: Book) -> Import:
    """Keep a plan that fits the file and the lists. Raises ``RuleBroken`` for one that does not."""
    locked.plan = Plan.from_json(data, book=book, codes=code_lists()).to_json()
    return _decided(locked)


@transaction.atomic
def set_headings(*, file: Import, sheet: str, use: str, rows: tuple[int, ...], version: int, by: Seat) -> Import:
    """Take a sheet for something else, or other rows for its headings; its columns are proposed anew."""
    require(by, Capability.IMPORT)
    locked = _changeable(file, version)
    book = book_of(locked)
    plan = plan_again(
        book,
        plan_of(locked, book),
        sheet=sheet,
        use=cast("Use", use),
        header_rows=rows,
        codes=code_lists(),
        remembered=remembered(),
    )
    return _planned(locked, plan.to_json(), book)


@transaction.atomic
def set_columns(*, file: Import, sheet: str, fields: Mapping[int, str], names: str, version: int, by: Seat) -> Import:
    """Say what each column of a sheet holds, by its number, and how names are written there."""
    require(by, Capability.IMPORT)
    locked = _changeable(file, version)
    book = book_of(locked)
    plan = plan_of(locked, book)
    before = plan.sheet(sheet)
    assert before is not None
    for column in before.columns:
        wanted = fields.get(column.column, column.field)
        if wanted != column.field:
            plan = plan.with_column(sheet, column.column, field=wanted)
    plan = replace(
        plan,
        sheets=tuple(
            replace(one, names=cast("Any", names), names_sure=True) if one.sheet == sheet else one
            for one in plan.sheets
        ),
    )
    plan = spelled_again(plan, book, codes=code_lists(), remembered=remembered())
    return _planned(locked, plan.to_json(), book)


@transaction.atomic
def set_spellings(*, file: Import, chosen: Mapping[str, Mapping[str, str]], version: int, by: Seat) -> Import:
    """Say which code, or none, each way of writing in a field means. It is remembered for the next file."""
    require(by, Capability.IMPORT)
    locked = _changeable(file, version)
    book = book_of(locked)
    plan = plan_of(locked, book)
    rows: dict[tuple[str, str], Spelling] = {}
    for name, written in chosen.items():
        for text, code in written.items():
            plan = plan.with_spelling(name, text, code=code)
            key = spelling_key(text)
            if len(key) <= REMEMBERED:
                rows[name, key] = Spelling(partnership_id=by.partnership_id, field=name, written=key, code=code)
    Spelling.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["partnership", "field", "written"], update_fields=["code"]
    )
    return _planned(locked, plan.to_json(), book)


@transaction.atomic
def replan(*, file: Import, data: Any, by: Seat) -> Import:
    """Read the file as a mapping says. Raises ``RuleBroken`` for what does not fit the file or the lists."""
    require(by, Capability.IMPORT)
    locked = _changeable(file, None)
    return _planned(locked, data, book_of(locked))


@transaction.atomic
def correct_cell(*, file: Import, sheet: str, cell: str, text: str, version: int, by: Seat) -> Import:
    """Read another text than the one that stands in a cell; empty takes the correction back."""
    require(by, Capability.IMPORT)
    place(cell)
    locked = _changeable(file, version)
    cells: dict[str, Any] = locked.decisions.setdefault("cells", {}).setdefault(sheet, {})
    if text.strip():
        cells[cell] = text.strip()
    else:
        cells.pop(cell, None)
    return _decided(locked)


@transaction.atomic
def decide_people(*, file: Import, same: Mapping[str, bool], version: int, by: Seat) -> Import:
    """Say which groups of rows speak of one child."""
    require(by, Capability.IMPORT)
    locked = _changeable(file, version)
    locked.decisions["same"] = {**locked.decisions.get("same", {}), **same}
    return _decided(locked)


def _forget(locked: Import) -> None:
    locked.status, locked.content = ImportStatus.LEFT, None
    locked.plan, locked.outline, locked.decisions, locked.found = {}, [], {}, {}
    locked.version += 1
    locked.save()


@transaction.atomic
def leave_file(*, file: Import, by: Seat) -> Import:
    """Give an import up; the file is forgotten."""
    require(by, Capability.IMPORT)
    locked = _locked(file, None)
    check_import(locked.status, ImportStatus.LEFT)
    _forget(locked)
    return locked


@transaction.atomic
def forget_old(*, by: Seat, at: dt.datetime) -> int:
    """Give up imports that nobody went on with for ``FORGOTTEN_AFTER``: no file lies about. Answers how many."""
    require(by, Capability.IMPORT)
    old = Import.objects.select_for_update(of=("self",)).filter(
        partnership_id=by.partnership_id, status__in=CHANGEABLE, brought_at__lt=at - FORGOTTEN_AFTER
    )
    for file in old:
        _forget(file)
    return len(old)


@transaction.atomic
def start(*, file: Import, status: ImportStatus, by: Seat, queue: bool = True) -> Import:
    """Let the worker check or import the file; one that is at it already is queued once more, which does no harm.

    Without ``queue`` the caller does the work.
    """
    require(by, Capability.IMPORT)
    locked = _locked(file, None)
    if locked.status != status or status not in WORKING:
        check_import(locked.status, status)
        locked.status, locked.rows_done = status, 0
        locked.version += 1
        locked.save(update_fields=["status", "rows_done", "version"])
    if not queue:
        return locked
    task = CHECK if status == ImportStatus.CHECKING else RUN
    transaction.on_commit(
        partial(current_app.send_task, task, kwargs={"membership_id": by.membership_id, "import_id": locked.pk}),
        robust=True,
    )
    return locked
