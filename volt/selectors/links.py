"""What hangs on a case or a VOLT record, and what cases share. A link is seen where both ends are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from mace.access.models import Kind, Record
from mace.core.together import Among, Together
from referrals.models import Case, Referral
from volt.enums import LinkKind
from volt.models import Link, Wording
from volt.rules import ABOUT_A_CHILD, VOLT_KINDS
from volt.selectors.records import VoltEntry, rows_of


@dataclass(frozen=True, slots=True)
class VoltView:
    """What is linked to one record, victims first, then by name."""

    persons: list[VoltEntry]
    locations: list[VoltEntry]
    groups: list[VoltEntry]
    themes: list[VoltEntry]
    wordings: list[Wording] = field(default_factory=list)
    """What may be said of links that are for the police and coordinators only, for a seat that is neither."""

    @property
    def entries(self) -> list[VoltEntry]:
        return [*self.persons, *self.locations, *self.groups, *self.themes]

    def __len__(self) -> int:
        return len(self.entries)


@dataclass(frozen=True, slots=True)
class LinkedCase:
    """A case, or a referral that is no case yet, at the other end of links. ``case`` is ``None`` for the latter."""

    record_id: int
    reference: str
    case: Case | None
    links: list[Link]


@dataclass(frozen=True, slots=True)
class Shared:
    """A person, location, group or theme that several cases are linked to, and those cases."""

    entry: VoltEntry
    cases: list[LinkedCase]


def wordings_on(record_id: int | RawSQL) -> QuerySet[Wording]:
    """What may be said of the links of a record, newest first; also of those that the seat sees."""
    return Wording.objects.filter(Q(record_id=record_id) | Q(other_id=record_id), reference="").order_by("-pk")


def in_place_of(links: Iterable[Link], wordings: Iterable[Wording]) -> list[Wording]:
    """The wordings whose links the seat may not see."""
    seen = {link.wording_id for link in links}
    return [row for row in wordings if row.pk not in seen]


def links_on(record_id: int | RawSQL) -> QuerySet[Link]:
    """The links of a record, newest first, with both ends' records."""
    return (
        Link.objects.filter(Q(a_id=record_id) | Q(b_id=record_id))
        .select_related("a", "b", "wording", "created_by__user", "created_by__agency")
        .order_by("-created_at", "-pk")
    )


def links_at(record_id: int) -> list[Link]:
    """The links of a record, read."""
    return list(links_on(record_id))


def other_end(link: Link, record_id: int) -> Record:
    return link.b if link.a_id == record_id else link.a


def _by_kind() -> dict[str, QuerySet[Any]]:
    return {kind.value: rows_of(kind).filter(Among("pk", "ids")) for kind in VOLT_KINDS}


_BY_KIND = Together(_by_kind)


def entries_of(links_by_record: dict[int, list[Link]], kinds: dict[int, str]) -> list[VoltEntry]:
    """The VOLT records among these ids, victims first, then by name; all kinds that occur in one statement."""
    present = [kind for kind in VOLT_KINDS if any(kinds[i] == kind for i in links_by_record)]
    if not present:
        return []
    found = _BY_KIND.read(*(kind.value for kind in present), ids=list(links_by_record))
    entries: list[VoltEntry] = []
    for kind in present:
        rows = [VoltEntry(kind, row, links_by_record[row.pk]) for row in found[kind.value]]
        entries += sorted(rows, key=lambda entry: (not entry.victim_first, entry.row.name_key, entry.row.pk))
    return entries


def gathered(record_id: int, links: Iterable[Link]) -> tuple[VoltView, dict[int, list[Link]]]:
    """From a record's links: what is VOLT at their other ends, and the links to cases by record id."""
    volt: dict[int, list[Link]] = {}
    cases: dict[int, list[Link]] = {}
    kinds: dict[int, str] = {}
    for link in links:
        end = other_end(link, record_id)
        kinds[end.pk] = end.kind
        (cases if end.kind in ABOUT_A_CHILD else volt).setdefault(end.pk, []).append(link)
    entries = entries_of(volt, kinds)
    view = VoltView(
        persons=[entry for entry in entries if entry.kind is Kind.PERSON],
        locations=[entry for entry in entries if entry.kind is Kind.LOCATION],
        groups=[entry for entry in entries if entry.kind is Kind.GROUP],
        themes=[entry for entry in entries if entry.kind is Kind.THEME],
    )
    return view, cases


def volt_of_record(record_id: int) -> VoltView:
    """Persons, locations and themes linked to a case, a referral or a VOLT record, each with its links."""
    return volt_of_links(links_on(record_id), record_id)


def volt_of_links(links: Iterable[Link], record_id: int) -> VoltView:
    """The same from a record's links that were read already."""
    return gathered(record_id, links)[0]


def around(record_id: int) -> tuple[VoltView, list[LinkedCase]]:
    """What stands around a VOLT record: other VOLT records, and the cases that the seat may see."""
    links = links_at(record_id)
    view, cases = gathered(record_id, links)
    view = replace(view, wordings=in_place_of(links, wordings_on(record_id)))
    return view, cases_at(cases) if cases else []


def cases_at(links_by_record: dict[int, list[Link]]) -> list[LinkedCase]:
    """The cases (or referrals that are no case yet) with these record ids that the seat may see, newest first."""
    cases = (
        Case.objects.filter(pk__in=links_by_record)
        .select_related("child__identity", "summary")
        .order_by("-opened_on", "-pk")
    )
    found = [LinkedCase(case.pk, case.reference, case, links_by_record[case.pk]) for case in cases]
    left = set(links_by_record) - {entry.record_id for entry in found}
    if left:
        found += [
            LinkedCase(row.pk, row.reference, None, links_by_record[row.pk])
            for row in Referral.objects.filter(pk__in=left).order_by("-created_at", "-pk")
        ]
    return found


def shared_between_cases(record_id: int | None = None) -> list[Shared]:
    """Persons, locations and themes that at least two cases are linked to, of what the seat sees of all ends.

    What a record was itself referred with is no case that it shares.

    With ``record_id`` (of a case): only those linked to that case; ``cases`` then lists the others.
    """
    links = Link.objects.filter(
        Q(a__kind__in=ABOUT_A_CHILD) | Q(b__kind__in=ABOUT_A_CHILD)  # the other end is then VOLT
    ).exclude(kind=LinkKind.REFERRED)
    links = links.select_related("a", "b", "created_by__user", "created_by__agency")
    if record_id is not None:
        mine = Link.objects.filter(Q(a_id=record_id) | Q(b_id=record_id)).values_list("a_id", "b_id")
        ends = {end for pair in mine for end in pair} - {record_id}
        links = links.filter(Q(a_id__in=ends) | Q(b_id__in=ends))
    by_volt: dict[int, dict[int, list[Link]]] = {}
    kinds: dict[int, str] = {}
    for link in links.order_by("-created_at", "-pk"):
        volt, case = (link.b, link.a) if link.a.kind in ABOUT_A_CHILD else (link.a, link.b)
        kinds[volt.pk] = volt.kind
        by_volt.setdefault(volt.pk, {}).setdefault(case.pk, []).append(link)
    several = {volt: ends for volt, ends in by_volt.items() if len(ends) > 1}
    if not several:
        return []
    entries = entries_of(
        {volt: [link for links in cases.values() for link in links] for volt, cases in several.items()}, kinds
    )
    cases = {entry.record_id: entry for entry in cases_at({case: [] for cases in several.values() for case in cases})}
    return [
        Shared(
            entry,
            [
                LinkedCase(case, cases[case].reference, cases[case].case, links)
                for case, links in several[entry.row.pk].items()
                if case != record_id and case in cases
            ],
        )
        for entry in entries
    ]
