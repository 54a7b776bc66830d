"""People of a spreadsheet on their way in: who they are, and which of their rows open cases and which join them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mace.core.clock import london_time
from mace.core.numbers import local_number
from mace.importing.models import Import, ImportedRow
from mace.importing.services.lines import Line, text
from mace.importing.services.people import Spell, spells
from referrals.models import Case, CaseSummary
from referrals.selectors.matching import Wanted, all_surely_meant
from referrals.services.importing import Summed, TakenOver
from referrals.services.writing import NewChild, new_children

LONGEST = {"aliases": 200, "address": 300, "nhs_number": 10, "upn": 13, "local_id": 40}


@dataclass(frozen=True, slots=True)
class Person:
    """One child's rows, in the order in which things happened. ``made``: whether the record is made for them."""

    spells: Sequence[Spell]
    child_id: int
    made: bool
    unsure: bool

    @property
    def first(self) -> Line:
        return self.spells[0].lines[0]


def persons_of(file: Import, people: Sequence[list[Line]]) -> list[Person]:
    """Each one's record, found by name and date of birth or by number, or made of the last row that says each thing.

    The number of statements does not grow with the people.
    """
    ordered = [spells(lines) for lines in people]
    said = [_said(one) for one in ordered]
    meant = all_surely_meant([_wanted(one) for one in said], but=lambda found: _came_with(file, found))
    unknown = [at for at, (known, _) in enumerate(meant) if known is None]
    made = dict(zip(unknown, new_children([_new_child(ordered[at], said[at]) for at in unknown]), strict=True))
    return [
        Person(ordered[at], made[at] if known is None else known.child_id, known is None, unsure)
        for at, (known, unsure) in enumerate(meant)
    ]


def _came_with(file: Import, found: Collection[int]) -> set[int]:
    """Which children other rows of the file made: somebody decided that these speak of another."""
    if not found:
        return set()
    rows = ImportedRow.objects.filter(file=file, child_id__in=found, made_child=True)
    return {*rows.values_list("child_id", flat=True)}


def _said(ordered: Sequence[Spell]) -> dict[str, Any]:
    """What the last row that says something says, by field; identities no longer than there is room for."""
    said: dict[str, Any] = {}
    for spell in ordered:
        for line in spell.lines:
            said |= {name: one.value for name, one in line.row.values.items() if one.value not in (None, "")}
    said |= {name: str(said.get(name, ""))[:room] for name, room in LONGEST.items()}
    said["local_id"] = local_number(said["local_id"]) or ""
    return said


def _wanted(said: Mapping[str, Any]) -> Wanted:
    return Wanted(
        str(said.get("forename", "")),
        str(said.get("surname", "")),
        said["date_of_birth"],
        nhs_number=said["nhs_number"],
        upn=said["upn"],
        local_id=said["local_id"],
    )


def _new_child(ordered: Sequence[Spell], said: Mapping[str, Any]) -> NewChild:
    return NewChild(
        identity={name: said[name] for name in ("date_of_birth", *LONGEST)},
        profile={"sex": str(said.get("sex") or "U"), "ethnicity": str(said.get("ethnicity", ""))},
        forename=str(said.get("forename", ""))[:80],
        surname=str(said.get("surname", ""))[:80],
        at=london_time(ordered[0].lines[0].referred_on, 9),
    )


@dataclass(frozen=True, slots=True)
class RowIn:
    """A row as it is taken over. ``makes_child``: whether the child's record was made for it."""

    line: Line
    taken: TakenOver
    child_id: int
    makes_child: bool

    @property
    def opens(self) -> bool:
        return self.taken.into is None


class CasesHere:
    """The cases that the persons' rows open or join, one person after the other."""

    def __init__(self, file: Import, persons: Sequence[Person], reference: Callable[[Line], str]) -> None:
        known = [person.child_id for person in persons if not person.made]
        cases = (
            Case.objects.filter(child_id__in=known, partnership_id=file.partnership_id, closed_on__isnull=True)
            if known
            else ()
        )
        self._open: dict[int, Case | int] = {case.child_id: case for case in cases}
        self._ours = self._opened_by(file)
        self._reference = reference
        self.rows: list[RowIn] = []
        for person in persons:
            self._add(person)

    def _opened_by(self, file: Import) -> set[int]:
        """Which of the open cases the file itself opened: these its rows may still sum up anew."""
        keys = [case.pk for case in self._open.values() if isinstance(case, Case)]
        if not keys:
            return set()
        rows = ImportedRow.objects.filter(file=file, record_id__in=keys, made_case=True)
        return {*rows.values_list("record_id", flat=True)}

    def _add(self, person: Person) -> None:
        """Where a case is open here already, all the rows are added to it."""
        there = self._open.get(person.child_id)
        makes_child = person.made
        for spell in person.spells:
            into = there
            for line in spell.lines:
                opens = into is None
                self.rows.append(
                    RowIn(line, self._taken(line, spell, person.child_id, into), person.child_id, makes_child)
                )
                makes_child = False
                if opens:
                    into = len(self.rows) - 1
                    if spell.lines[-1].closed_on is None:
                        self._open[person.child_id] = into
            if there is not None and len(spell.lines) > 1:
                self._sum_up(there, spell)

    def _taken(self, line: Line, spell: Spell, child_id: int, into: Case | int | None) -> TakenOver:
        row, opens = line.row, into is None
        return TakenOver(
            reference=self._reference(line),
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
            into=into,
            stands=_summed(spell) if opens else None,
        )

    def _sum_up(self, there: Case | int, spell: Spell) -> None:
        """The summary of a case that the file opened says what the last of its rows say."""
        says = _summed(spell)
        if isinstance(there, int):
            opener = self.rows[there]
            self.rows[there] = replace(opener, taken=replace(opener.taken, stands=says))
        elif there.pk in self._ours:
            CaseSummary.objects.filter(record_id=there.pk).update(
                rating=says.rating, primary_category=says.primary_category, rated_on=says.rated_on
            )


def _summed(spell: Spell) -> Summed:
    rated = next((line for line in reversed(spell.lines) if text(line.row, "rating")), spell.lines[0])
    return Summed(spell.last("rating"), spell.last("primary_category"), rated.referred_on)
