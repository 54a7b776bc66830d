"""Bringing in what a spreadsheet says: each row once, whatever dies, told to nobody and shared with nobody."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F

from mace.access.policy import Capability, require
from mace.core.clock import london_date
from mace.core.seat import Seat
from mace.importing.enums import ImportStatus, RowOutcome
from mace.importing.models import Import, ImportedRow
from mace.importing.reading.result import PersonRow, PlaceRow
from mace.importing.services.cells import KeptCell, cells_to_keep, keep_cells
from mace.importing.services.lines import Line, blocked, line_of, text
from mace.importing.services.people import together
from mace.importing.services.persons import CasesHere, RowIn, persons_of
from mace.importing.services.planning import Source, source_of
from mace.importing.services.tally import Tally
from mace.importing.services.telling import DONE, tell
from mace.importing.transitions import check_import
from panels.enums import Strand
from panels.models import Action
from panels.rules_chasing import default_due
from referrals.models import Case, Referral
from referrals.services.importing import take_over_all
from volt.services import record_location

NOT_STORED = "It could not be stored as it stands. Look at the row for something unusual, such as a very long name"
AT_ONCE = 50
"""People, or places, in one transaction; so many are done again when a worker dies."""
ROOM = 400
WHICH_IS_NOT_KNOWN = (
    "Several children here have this name and date of birth and are said to be different: "
    "the row got a record of its own"
)

Some = Sequence[list[PersonRow] | PlaceRow]
"""People, each with the rows that speak of them, or places: what is brought in together."""


def run_import(*, file: Import, by: Seat, at: dt.datetime, more: Callable[[], bool] = lambda: True) -> bool:
    """Import every row that was not imported yet, some people at a time; answers whether it came to the end.

    A second run waits for the first and finds its rows done; ``more`` is asked whether there is time for more of them.
    Side effects, once all is done: what was in the file is forgotten, and whoever asked is told.
    """
    require(by, Capability.IMPORT)
    if file.status != ImportStatus.IMPORTING:
        return False
    bringing = Bringing(file, source_of(file, today=london_date(at)), by, at)
    for some in bringing.batches():
        with transaction.atomic():
            if not more() or locked(file, ImportStatus.IMPORTING) is None:
                return False
            done = bringing.bring(some)
            Import.objects.filter(pk=file.pk).update(rows_done=F("rows_done") + done)
    with transaction.atomic():
        last = locked(file, ImportStatus.IMPORTING)
        if last is None:
            return False
        _end(last, by, at)
    return True


def locked(file: Import, status: ImportStatus) -> Import | None:
    """The import, locked, while it stands so; without what is in the file and how that is read."""
    rows = Import.objects.select_for_update(of=("self",)).defer("content", "plan", "outline", "decisions")
    return rows.filter(pk=file.pk, status=status).first()


def _end(last: Import, by: Seat, at: dt.datetime) -> None:
    check_import(last.status, ImportStatus.IMPORTED)
    last.status, last.imported_at = ImportStatus.IMPORTED, at
    last.rows_done = ImportedRow.objects.filter(file=last).count()
    last.found = {"counts": last.found.get("counts", {})}
    last.content, last.plan, last.outline, last.decisions = None, {}, [], {}
    last.version += 1
    last.save()
    tell(last, DONE, by=by, at=at)


def place_in(file: Import, row: PersonRow) -> str:
    """Names a row among all that was ever imported, in at most 30 characters."""
    return f"{file.reference}:{hashlib.sha256(row.sheet.encode()).hexdigest()[:8]}:{row.row}"


def rows_of(one: list[PersonRow] | PlaceRow) -> Sequence[PersonRow | PlaceRow]:
    """The rows of what is brought in as one."""
    if isinstance(one, list):
        return one
    return [one]


class Bringing:
    """One file on its way in, for one seat at one moment. Rows that were done before are left as they are."""

    def __init__(self, file: Import, source: Source, by: Seat, at: dt.datetime) -> None:
        self.file, self.source, self.by, self.at = file, source, by, at
        self.on = london_date(at)
        self.tally = Tally()
        self._blocked = blocked(source.reading)

    def batches(self, *, after: int = 0) -> Iterator[Some]:
        """The people, some at a time, then the places, without so many of them that were done.

        Always in the same order, however often the file is read.
        """
        people = together(self.source.reading, self.file.decisions)
        for kind in (people[after:], self.source.reading.places[max(0, after - len(people)) :]):
            for start in range(0, len(kind), AT_ONCE):
                yield kind[start : start + AT_ONCE]

    def bring(self, some: Some) -> int:
        """All of them together; where the database takes them not, each half by itself, leaving out what is alone.

        Answers how many rows that were not done before are done.
        """
        batch = Batch(self, some)
        try:
            with transaction.atomic():
                batch.bring()
        except DatabaseError:
            if len(some) > 1:
                return self.bring(some[: len(some) // 2]) + self.bring(some[len(some) // 2 :])
            batch = Batch(self, some)
            batch.leave_all_out(NOT_STORED)
        self.tally.add(batch.tally)
        return batch.done

    def line_of(self, row: PersonRow) -> Line | str:
        """The row as it can be imported, or why it cannot."""
        return self._blocked.get((row.sheet, row.row)) or line_of(row, today=self.on)


class Batch:
    """Some people, or places, brought in by as many statements as one would take."""

    def __init__(self, bringing: Bringing, some: Some) -> None:
        self.file, self.source, self.by, self.at = bringing.file, bringing.source, bringing.by, bringing.at
        self.on, self.line_of = bringing.on, bringing.line_of
        self.tally = Tally()
        self._some = some
        self._rows: list[ImportedRow] = []
        self._cells: list[KeptCell] = []

    def bring(self) -> None:
        """Each person's rows in the order in which things happened; then what became of all of them."""
        left = self._left()
        if people := [one for one in left if isinstance(one, list)]:
            self._bring_people(people)
        for one in left:
            if isinstance(one, PlaceRow):
                self._bring_place(one)
        self._write()

    @property
    def done(self) -> int:
        """How many rows it put on record."""
        return len(self._rows)

    def leave_all_out(self, words: str) -> None:
        for one in self._left():
            for row in rows_of(one):
                self._leave_out(row, words)
        self._write()

    def _left(self) -> list[list[PersonRow] | PlaceRow]:
        """Those of whom something is not done yet, with what that is."""
        numbers = [row.row for one in self._some for row in rows_of(one)]
        rows = ImportedRow.objects.filter(file=self.file, row__in=numbers)
        done = set(rows.values_list("sheet", "row"))
        left: list[list[PersonRow] | PlaceRow] = []
        for one in self._some:
            if isinstance(one, list):
                left += [rest] if (rest := [row for row in one if (row.sheet, row.row) not in done]) else []
            elif (one.sheet, one.row) not in done:
                left.append(one)
        return left

    def _write(self) -> None:
        """Put what became of the rows on record, together, after everything else that was written for them."""
        keep_cells(self.file, self._cells)
        ImportedRow.objects.bulk_create(self._rows)

    def _leave_out(self, row: PersonRow | PlaceRow, words: str) -> None:
        self.tally.left_out.append((row.sheet, row.row, words))
        self.tally.counts["left_out"] += 1
        self._done(row, RowOutcome.LEFT_OUT, words=words)

    def _done(self, row: PersonRow | PlaceRow, outcome: RowOutcome, *, words: str = "", **records: Any) -> None:
        self._rows.append(
            ImportedRow(
                file=self.file,
                partnership_id=self.by.partnership_id,
                sheet=row.sheet,
                row=row.row,
                outcome=outcome,
                words=words[:ROOM],
                done_at=self.at,
                **records,
            )
        )

    def _keep(self, row: PersonRow | PlaceRow, record_id: int) -> None:
        kept = cells_to_keep(self.source, row, record_id)
        self.tally.counts["kept"] += sum(not cell.field for cell in kept)
        self._cells += kept

    # --- People

    def _bring_people(self, people: Sequence[list[PersonRow]]) -> None:
        persons = persons_of(self.file, self._lines(people))
        for person in persons:
            self.tally.counts["children" if person.made else "known_children"] += 1
            if person.unsure:
                self.tally.concluded.append((*person.first.place, WHICH_IS_NOT_KNOWN))
        rows = CasesHere(self.file, persons, lambda line: place_in(self.file, line.row)).rows
        referrals = take_over_all(rows=[row.taken for row in rows], by=self.by)
        actions: list[Action] = []
        for row, referral in zip(rows, referrals, strict=True):
            assert referral.case is not None
            self._took_over(row, referral, referral.case)
            if referral.case.closed_on is None:
                actions += self._actions(row.line.row, referral.case)
        Action.objects.bulk_create(actions)
        self.tally.counts["actions"] += len(actions)

    def _lines(self, people: Sequence[list[PersonRow]]) -> list[list[Line]]:
        """The rows that can be imported, each person's together; the others are left out."""
        found = []
        for rows in people:
            lines = []
            for row in rows:
                line = self.line_of(row)
                if isinstance(line, Line):
                    lines.append(line)
                else:
                    self._leave_out(row, line)
            found += [lines] if lines else []
        return found

    def _took_over(self, brought: RowIn, referral: Referral, case: Case) -> None:
        line, row = brought.line, brought.line.row
        self.tally.counts["cases" if brought.opens else "added"] += 1
        self.tally.counts["closed_cases"] += brought.opens and case.closed_on is not None
        self._keep(row, case.pk)
        if line.words:
            self.tally.concluded.append((*line.place, line.words))
        self._done(
            row,
            RowOutcome.OPENED if brought.opens else RowOutcome.ADDED,
            words=line.words,
            record_id=case.pk,
            referral_id=referral.pk,
            child_id=brought.child_id,
            made_case=brought.opens,
            made_child=brought.makes_child,
        )

    def _actions(self, row: PersonRow, case: Case) -> list[Action]:
        """Actions that are not done, owned by whoever brings them in until they are given on."""
        return [
            Action(
                record_id=case.pk,
                partnership_id=self.by.partnership_id,
                strand=Strand.VICTIM,
                text=(f"{given.text} ({given.who})" if given.who else given.text)[:ROOM],
                owner_agency_id=self.by.agency_id,
                owner_agency_principal=self.by.agency_principal,
                owner_id=self.by.membership_id,
                owner_principal=self.by.principal,
                due_on=given.due_on
                if given.due_on is not None and given.due_on >= self.on
                else default_due(given_on=self.on, next_meeting_on=None),
                created_at=self.at,
                operation=f"{place_in(self.file, row)}:{number}",
            )
            for number, given in enumerate(row.actions)
            if not given.done and given.text.strip()
        ]

    # --- Places

    def _bring_place(self, row: PlaceRow) -> None:
        name = text(row, "place").strip()
        if not name:
            self._leave_out(row, "The place has no name")
            return
        values: Mapping[str, Any] = row.values
        said = [
            f"{self.source.heading(row.sheet, one.cell)}: {one.text}"
            for key, one in values.items()
            if key != "place" and one.text
        ]
        said += [f"{one.heading}: {one.text}" for one in row.kept if one.text]
        made = record_location(name=name[:120], harms="\n".join(said), by=self.by, at=self.at)
        self.tally.counts["places"] += 1
        self._keep(row, made.pk)
        self._done(row, RowOutcome.PLACE, record_id=made.pk)
