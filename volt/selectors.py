"""Reading VOLT: what hangs on a case or a VOLT record, and what cases share. A link is seen where both ends are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.http import Http404

from mace.access.models import Grant, Kind, Record, Scope
from mace.access.selectors import by_ids, visible_page
from mace.core.names import name_key
from mace.core.together import Among, Together, told
from referrals.models import Case, Referral
from referrals.selectors.referrals import mentions_of
from volt.models import Link, Location, PersonOfConcern, Theme, Wording
from volt.rules import ABOUT_A_CHILD, VOLT_KINDS

VoltRow = PersonOfConcern | Location | Theme

MODELS: dict[Kind, type[PersonOfConcern | Location | Theme]] = {
    Kind.PERSON: PersonOfConcern,
    Kind.LOCATION: Location,
    Kind.THEME: Theme,
}
DETAIL: dict[Kind, str] = {Kind.PERSON: "account", Kind.LOCATION: "account", Kind.THEME: "rests_on"}
"""What stands beside a row at a wider scope; absent (``hasattr``) where the seat's scope does not reach."""
FOUND_AT_MOST = 50


@dataclass(frozen=True, slots=True)
class VoltEntry:
    """A person of concern, a location or a theme, with the links that lead to it from where one stands."""

    kind: Kind
    row: VoltRow
    links: list[Link] = field(default_factory=list)

    @property
    def in_full(self) -> bool:
        """Whether the seat holds it in full; known of an entry read by its reference."""
        return getattr(self.row, "seat_scope", 0) == Scope.FULL

    @property
    def victim_first(self) -> bool:
        """The person is a child known here too, so a victim first (Lewisham report 2024, 5.9)."""
        return isinstance(self.row, PersonOfConcern) and self.row.child_id is not None

    @property
    def kind_words(self) -> str:
        """On screen: a victim is never called a person of concern alone."""
        return "Victim first, also a person of concern" if self.victim_first else self.kind.label


@dataclass(frozen=True, slots=True)
class VoltView:
    """What is linked to one record, victims first, then by name."""

    persons: list[VoltEntry]
    locations: list[VoltEntry]
    themes: list[VoltEntry]
    wordings: list[Wording] = field(default_factory=list)
    """What may be said of links that are for the police and coordinators only, for a seat that is neither."""

    @property
    def entries(self) -> list[VoltEntry]:
        return [*self.persons, *self.locations, *self.themes]

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
    """A person, location or theme that several cases are linked to, and those cases."""

    entry: VoltEntry
    cases: list[LinkedCase]


def rows_of(kind: Kind) -> QuerySet[VoltRow]:
    """All rows of that kind that the seat may see."""
    return MODELS[kind].objects.select_related("created_by__user", "created_by__agency", "wording", DETAIL[kind])


def volt_page(kind: Kind, *, after: str = "") -> tuple[list[VoltEntry], str]:
    """One page of the records of a kind, newest first, and the key of the next page."""
    page = visible_page(kind, after=after)
    return [VoltEntry(kind, row) for row in by_ids(rows_of(kind), page.ids)], page.next_after


def search_volt(text: str, *, kinds: Iterable[Kind] = VOLT_KINDS) -> list[VoltEntry]:
    """Records whose name or alias contains the words; nothing for a search of fewer than two letters."""
    key = name_key(text)
    if len(key) < 2:
        return []
    found: list[VoltEntry] = []
    for kind in kinds:
        match = Q(name_key__contains=key)
        if kind is Kind.PERSON:
            match |= Q(account__aliases__icontains=text.strip())
        found += [
            VoltEntry(kind, row) for row in rows_of(kind).filter(match).order_by("name_key", "pk")[:FOUND_AT_MOST]
        ]
    return found


def _by_reference() -> dict[str, QuerySet[Any]]:
    scope = Grant.objects.filter(record_id=OuterRef("pk")).order_by("-scope").values("scope")[:1]
    return {
        kind.value: rows_of(kind).filter(reference=told("reference")).annotate(seat_scope=Subquery(scope))
        for kind in VOLT_KINDS
    }


_BY_REFERENCE = Together(_by_reference)


def volt_by_reference(reference: str) -> VoltEntry:
    """The record of that reference, with the widest scope the seat has on it as ``seat_scope``.

    Raises ``Http404`` when there is none that the seat may see.
    """
    found = _BY_REFERENCE.read(*(kind.value for kind in VOLT_KINDS), reference=reference)
    for kind in VOLT_KINDS:
        for row in found[kind.value]:
            return VoltEntry(kind, row)
    raise Http404


def wording_by_reference(reference: str) -> Wording:
    """What stands in the place of a record that the seat may not see itself. Raises ``Http404`` when there is none."""
    row = Wording.objects.filter(reference=reference).select_related("record").first()
    if row is None:
        raise Http404
    return row


def wordings_on(record_id: int | RawSQL) -> QuerySet[Wording]:
    """What may be said of the links of a record, newest first; also of those that the seat sees."""
    return Wording.objects.filter(Q(record_id=record_id) | Q(other_id=record_id), reference="").order_by("-pk")


def in_place_of(links: Iterable[Link], wordings: Iterable[Wording]) -> list[Wording]:
    """The wordings whose links the seat may not see."""
    seen = {link.wording_id for link in links}
    return [row for row in wordings if row.pk not in seen]


def sees_in_full(record_ids: set[int]) -> bool:
    """Whether the seat holds every one of these records in full."""
    rows = Grant.objects.filter(record_id__in=record_ids, scope=Scope.FULL).values_list("record_id", flat=True)
    return set(rows) == record_ids


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

    With ``record_id`` (of a case): only those linked to that case; ``cases`` then lists the others.
    """
    links = Link.objects.filter(
        Q(a__kind__in=ABOUT_A_CHILD) | Q(b__kind__in=ABOUT_A_CHILD)  # the other end is then VOLT
    ).select_related("a", "b", "created_by__user", "created_by__agency")
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


@dataclass(frozen=True, slots=True)
class MentionToSettle:
    """A person, place or theme that a referral mentions, the records of the same name, and whether one is linked."""

    key: str
    kind: Kind
    name: str
    about: str
    existing: list[VoltEntry]
    linked: bool


def mentions_to_settle(referral: Referral) -> list[MentionToSettle]:
    """What a referral mentions, in its order; records of the same name first, so that nobody is recorded twice."""
    mentions = mentions_of(referral)
    linked = {entry.row.pk for entry in volt_of_record(referral.case_id or referral.record_id).entries}
    found: list[MentionToSettle] = []
    for kind, named in (
        (Kind.PERSON, mentions.people),
        (Kind.LOCATION, mentions.places),
        (Kind.THEME, mentions.themes),
    ):
        keys = {name_key(mention.name) for mention in named}
        known: dict[str, list[VoltEntry]] = {}
        if keys:
            for row in rows_of(kind).filter(name_key__in=keys).order_by("created_at", "pk"):
                known.setdefault(row.name_key, []).append(VoltEntry(kind, row))
        for place, mention in enumerate(named):
            existing = known.get(name_key(mention.name), [])
            found.append(
                MentionToSettle(
                    key=f"{kind}_{place}",
                    kind=kind,
                    name=mention.name,
                    about=mention.about,
                    existing=existing,
                    linked=any(entry.row.pk in linked for entry in existing),
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class End:
    """One end of a link to be made: a case, a referral or a VOLT record, as it is named on the page."""

    record_id: int
    kind: Kind
    reference: str
    title: str


def end_by_reference(reference: str) -> End | None:
    """The case, referral or VOLT record of that reference that the seat sees in full; ``None`` for any other."""
    wanted = reference.strip().upper()
    if wanted.startswith("C-"):
        case = Case.objects.filter(reference=wanted).select_related("child__identity").first()
        if case is None or not sees_in_full({case.pk}):
            return None
        return End(case.pk, Kind.CASE, wanted, f"Case {wanted}, {case.child.identity.full_name}")
    if wanted.startswith("R-"):
        referral = Referral.objects.filter(reference=wanted).first()
        if referral is None or not sees_in_full({referral.pk}):
            return None
        return End(referral.case_id or referral.pk, Kind.REFERRAL, wanted, f"Referral {wanted}")
    try:
        entry = volt_by_reference(wanted)
    except Http404:
        return None
    return End(entry.row.pk, entry.kind, wanted, f"{entry.kind_words}: {entry.row.name}")


def referrals_with_mentions(end: End) -> list[str]:
    """References of the referrals behind a case (or of the referral itself) that name anybody or anything."""
    rows = Referral.objects.filter(Q(case_id=end.record_id) | Q(pk=end.record_id)).order_by("created_at", "pk")
    return [row.reference for row in rows if mentions_of(row).count]
