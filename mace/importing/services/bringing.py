"""Bringing in what a spreadsheet says: each row once, whatever dies, told to nobody and shared with nobody."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import DatabaseError, transaction

from mace.access.policy import Capability, require
from mace.core.clock import london_date, london_time
from mace.core.numbers import local_number
from mace.core.seat import Seat
from mace.importing.enums import ImportStatus, RowOutcome
from mace.importing.models import Import, ImportedCell, ImportedRow
from mace.importing.reading.result import PersonRow, PlaceRow
from mace.importing.services.lines import Line, blocked, line_of, text
from mace.importing.services.people import Spell, spells, together
from mace.importing.services.planning import Source, source_of
from mace.importing.transitions import check_import
from panels.enums import Strand
from panels.models import Action
from panels.rules_chasing import default_due
from referrals.models import Case, CaseSummary
from referrals.selectors.matching import Wanted, surely_meant
from referrals.services.importing import TakenOver, take_over
from referrals.services.writing import new_child
from volt.services import record_location

NOT_STORED = "It could not be stored as it stands. Look at the row for something unusual, such as a very long name"
AT_ONCE = 20
"""People in one transaction; so many are done again when a worker dies."""
LONGEST = {"aliases": 200, "address": 300, "nhs_number": 10, "upn": 13, "local_id": 40}
ROOM = 400
WHICH_IS_NOT_KNOWN = (
    "Several children here have this name and date of birth and are said to be different: "
    "the row got a record of its own"
)
HELD = frozenset(
    {
        *(
            "name",
            "forename",
            "surname",
            "aliases",
            "date_of_birth",
            "age",
            "sex",
            "ethnicity",
            "local_id",
            "nhs_number",
        ),
        *(
            "upn",
            "address",
            "school",
            "education_status",
            "legal_status",
            "referred_on",
            "key_team",
            "primary_category",
        ),
        *("rating", "pre_mace_on", "mace_on", "closed_on", "state", "actions", "place"),
    }
)
"""Fields of a spreadsheet that a field of ours holds. What others say stands on the case as text."""


@dataclass
class Tally:
    """What an import did, or would do. Rows by sheet and number, each with words."""

    counts: Counter[str] = field(default_factory=Counter)
    left_out: list[tuple[str, int, str]] = field(default_factory=list)
    concluded: list[tuple[str, int, str]] = field(default_factory=list)


def try_import(*, file: Import, source: Source, by: Seat, at: dt.datetime) -> Tally:
    """What importing the file would do: it is done, and all of it taken back."""
    require(by, Capability.IMPORT)
    bringing = Bringing(file, source, by, at)
    for people in bringing.people():
        with transaction.atomic():
            bringing.bring_people_or_say_why_not(people)
            transaction.set_rollback(True)
    with transaction.atomic():
        bringing.bring_places()
        transaction.set_rollback(True)
    return bringing.tally


def run_import(*, file: Import, by: Seat, at: dt.datetime, more: Callable[[], bool] = lambda: True) -> bool:
    """Import every row that was not imported yet, some people at a time; answers whether it came to the end.

    A second run waits for the first and finds its rows done; ``more`` is asked whether there is time for more of them.
    Side effects, once all is done: what was in the file is forgotten.
    """
    require(by, Capability.IMPORT)
    if file.status != ImportStatus.IMPORTING:
        return False
    bringing = Bringing(file, source_of(file, today=london_date(at)), by, at)
    for people in bringing.people():
        with transaction.atomic():
            if not more() or _locked(file) is None:
                return False
            bringing.bring_people_or_say_why_not(people)
            Import.objects.filter(pk=file.pk).update(rows_done=ImportedRow.objects.filter(file=file).count())
    with transaction.atomic():
        locked = _locked(file)
        if locked is None:
            return False
        bringing.bring_places()
        _end(locked, at)
    return True


def _locked(file: Import) -> Import | None:
    return Import.objects.select_for_update(of=("self",)).filter(pk=file.pk, status=ImportStatus.IMPORTING).first()


def _end(locked: Import, at: dt.datetime) -> None:
    check_import(locked.status, ImportStatus.IMPORTED)
    locked.status, locked.imported_at = ImportStatus.IMPORTED, at
    locked.rows_done = ImportedRow.objects.filter(file=locked).count()
    locked.found = {"counts": locked.found.get("counts", {})}
    locked.content, locked.plan, locked.outline, locked.decisions = None, {}, [], {}
    locked.version += 1
    locked.save()


def place_in(file: Import, row: PersonRow) -> str:
    """Names a row among all that was ever imported, in at most 30 characters."""
    return f"{file.reference}:{hashlib.sha256(row.sheet.encode()).hexdigest()[:8]}:{row.row}"


class Bringing:
    """One file on its way in, for one seat at one moment. Rows that were done before are left as they are."""

    def __init__(self, file: Import, source: Source, by: Seat, at: dt.datetime) -> None:
        self.file, self.source, self.by, self.at = file, source, by, at
        self.on = london_date(at)
        self.tally = Tally()
        self._opened: set[int] = set()
        self._made: set[int] = set()
        self._rows: list[ImportedRow] = []
        self._cells: list[ImportedCell] = []
        self._blocked = blocked(source.reading)

    def people(self) -> Iterator[list[list[PersonRow]]]:
        """The people, some at a time; the rows of each together."""
        going = iter(together(self.source.reading, self.file.decisions))
        while some := list(islice(going, AT_ONCE)):
            yield some

    def bring_people_or_say_why_not(self, people: list[list[PersonRow]]) -> None:
        """All of them together; where the database takes one of them not, one by one, leaving that out."""
        before = copy.deepcopy(self.tally), set(self._made)
        try:
            with transaction.atomic():
                self.bring_people(people)
        except DatabaseError:
            (self.tally, self._made), self._rows, self._cells = before, [], []
            if len(people) > 1:
                for one in people:
                    self.bring_people_or_say_why_not([one])
                return
            for row in people[0]:
                self._leave_out(row, NOT_STORED)
            self._write()

    def bring_people(self, people: list[list[PersonRow]]) -> None:
        """Each person's rows in the order in which things happened."""
        wanted = [row.row for rows in people for row in rows]
        done = set(ImportedRow.objects.filter(file=self.file, row__in=wanted).values_list("sheet", "row"))
        for rows in people:
            lines: list[Line] = []
            for row in rows:
                if (row.sheet, row.row) in done:
                    continue
                line = self._blocked.get((row.sheet, row.row)) or line_of(row, today=self.on)
                if isinstance(line, Line):
                    lines.append(line)
                else:
                    self._leave_out(row, line)
            if lines:
                self._bring_person(lines)
        self._write()

    def bring_places(self) -> None:
        """Places come after the people, all at once: there are few."""
        for row in self.source.reading.places:
            if not ImportedRow.objects.filter(file=self.file, sheet=row.sheet, row=row.row).exists():
                self._bring_place(row)
        self._write()

    def _write(self) -> None:
        """Put what became of the rows on record, together, after everything else that was written for them."""
        ImportedCell.objects.bulk_create(self._cells)
        ImportedRow.objects.bulk_create(self._rows)
        self._cells, self._rows = [], []

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

    # --- People

    def _bring_person(self, lines: list[Line]) -> None:
        """The child's cases, one after the other. Where a case is open here already, all the rows are added to it."""
        ordered = spells(lines)
        child_id, made = self._child([line for spell in ordered for line in spell.lines])
        self.tally.counts["children" if made else "known_children"] += 1
        here = Case.objects.filter(child_id=child_id, partnership_id=self.by.partnership_id, closed_on__isnull=True)
        there = None if made else here.first()
        for spell in ordered:
            case = there
            for line in spell.lines:
                case = self._bring_line(line, spell, child_id, case, made_child=made)
                made = False

    def _finish(self, spell: Spell, case: Case) -> None:
        """The case's summary says what the last of its rows say."""
        rating, category = spell.last("rating"), spell.last("primary_category")
        rated = next((line for line in reversed(spell.lines) if text(line.row, "rating")), spell.lines[0])
        if len(spell.lines) > 1:
            CaseSummary.objects.filter(record_id=case.pk).update(
                rating=rating, primary_category=category, rated_on=rated.referred_on
            )

    def _child(self, lines: list[Line]) -> tuple[int, bool]:
        """The child's record, found by name and date of birth, or made of the last row that says each thing."""
        said: dict[str, Any] = {}
        for line in lines:
            said |= {name: one.value for name, one in line.row.values.items() if one.value not in (None, "")}
        forename, surname, born = str(said.get("forename", "")), str(said.get("surname", "")), said["date_of_birth"]
        identity = {name: str(said.get(name, ""))[:room] for name, room in LONGEST.items()}
        identity["local_id"] = local_number(identity["local_id"]) or ""
        wanted = Wanted(
            forename,
            surname,
            born,
            nhs_number=identity["nhs_number"],
            upn=identity["upn"],
            local_id=identity["local_id"],
        )
        known, unsure = surely_meant(wanted, but=self._came_with_this_file)
        if known is not None:
            return known.child_id, False
        if unsure:
            row = lines[0].row
            self.tally.concluded.append((row.sheet, row.row, WHICH_IS_NOT_KNOWN))
        made = new_child(
            identity={"date_of_birth": born} | identity,
            profile={"sex": str(said.get("sex") or "U"), "ethnicity": str(said.get("ethnicity", ""))},
            forename=forename[:80],
            surname=surname[:80],
            at=london_time(lines[0].referred_on, 9),
        )
        self._made.add(made)
        return made, True

    def _came_with_this_file(self, child_id: int) -> bool:
        """Whether other rows of the file made the child: somebody decided that these speak of another."""
        return (
            child_id in self._made
            or ImportedRow.objects.filter(file=self.file, child_id=child_id, made_child=True).exists()
        )

    def _bring_line(self, line: Line, spell: Spell, child_id: int, current: Case | None, *, made_child: bool) -> Case:
        """Open the spell's case with the row, or add the row to it; answers the case."""
        row, opens = line.row, current is None
        taken = TakenOver(
            reference=place_in(self.file, row),
            child_id=child_id,
            referred_at=london_time(line.referred_on, 9),
            opened_on=spell.opened_on if opens else line.opened_on,
            tiers=spell.tiers,
            primary_category=text(row, "primary_category"),
            rating=text(row, "rating"),
            key_team=text(row, "key_team")[:120],
            legal_status=text(row, "legal_status"),
            education_status=text(row, "education_status"),
            school=text(row, "school")[:120],
        )
        referral = take_over(row=taken, case=current, by=self.by)
        case = referral.case
        assert case is not None
        counts = self.tally.counts
        if opens:
            self._opened.add(case.pk)
        counts["cases" if opens else "added"] += 1
        counts["closed_cases"] += opens and case.closed_on is not None
        counts["kept"] += self._keep_cells(row, case.pk)
        if case.closed_on is None:
            counts["actions"] += self._give_actions(row, case)
        if line is spell.lines[-1] and case.pk in self._opened:
            self._finish(spell, case)
        if line.words:
            self.tally.concluded.append((row.sheet, row.row, line.words))
        self._done(
            row,
            RowOutcome.OPENED if opens else RowOutcome.ADDED,
            words=line.words,
            record_id=case.pk,
            referral_id=referral.pk,
            child_id=child_id,
            made_case=opens,
            made_child=made_child,
        )
        return case

    def _keep_cells(self, row: PersonRow | PlaceRow, record_id: int) -> int:
        """Keep what stood in each cell of the row, word for word; answers how many texts no field of ours holds."""
        stood = self.source.cells(row.sheet, row.row)
        apart = {one.cell for one in row.kept if stood.get(one.cell) == one.text}
        made = [
            ("" if cell in apart else self._held_as(row, cell), cell, self.source.heading(row.sheet, cell), said)
            for cell, said in stood.items()
            if not self._not_taken(row, cell)
        ]
        made += [
            ("", one.cell, one.heading, one.text) for one in row.kept if one.text and stood.get(one.cell) != one.text
        ]
        self._cells += [
            ImportedCell(
                record_id=record_id,
                file=self.file,
                file_name=self.file.name,
                sheet=row.sheet,
                row=row.row,
                cell=cell,
                heading=heading[:200],
                field=name,
                text=said,
            )
            for name, cell, heading, said in made
        ]
        return sum(not name for name, *_ in made)

    def _not_taken(self, row: PersonRow | PlaceRow, cell: str) -> bool:
        column = self.source.column(row.sheet, cell)
        return column is not None and column.field == "ignore"

    def _held_as(self, row: PersonRow | PlaceRow, cell: str) -> str:
        """The field of ours that holds what stands in a cell; empty where none does, or nobody could read it."""
        column = self.source.column(row.sheet, cell)
        field = column.field if column else ""
        read = field == "actions" or any(one.cell == cell for one in row.values.values())
        return field if field in HELD and read else ""

    def _give_actions(self, row: PersonRow, case: Case) -> int:
        """Actions that are not done, owned by whoever brings them in until they are given on."""
        made = [
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
        Action.objects.bulk_create(made)
        return len(made)

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
        self._keep_cells(row, made.pk)
        self._done(row, RowOutcome.PLACE, record_id=made.pk)
