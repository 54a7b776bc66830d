"""VOLT records: one kind a page at a time, by name, by reference, and those that may be the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404

from mace.access.models import Grant, Kind, Scope
from mace.access.selectors import by_ids, visible_page
from mace.core.names import name_key
from mace.core.together import Together, told
from volt.models import Link, Location, PeerGroup, PersonOfConcern, Theme, Wording
from volt.rules import VOLT_KINDS

VoltRow = PersonOfConcern | Location | PeerGroup | Theme

MODELS: dict[Kind, type[VoltRow]] = {
    Kind.PERSON: PersonOfConcern,
    Kind.LOCATION: Location,
    Kind.GROUP: PeerGroup,
    Kind.THEME: Theme,
}
DETAIL: dict[Kind, str] = {
    Kind.PERSON: "account",
    Kind.LOCATION: "account",
    Kind.GROUP: "account",
    Kind.THEME: "rests_on",
}
"""What stands beside a row at a wider scope; absent (``hasattr``) where the seat's scope does not reach."""
FOUND_AT_MOST = 50
LIKE_AT_MOST, LIKE_AT_LEAST = 5, 0.3
"""Records offered as perhaps the same, and how like a name must be: the share of its letters in threes."""


@dataclass(frozen=True, slots=True)
class VoltEntry:
    """A person of concern, a location, a peer group or a theme, with the links that lead to it."""

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


def volt_like(kind: Kind, name: str) -> list[VoltEntry]:
    """Records of that kind whose name is like this one, the likest first, at most a few."""
    found = (
        rows_of(kind)
        .annotate(like=TrigramSimilarity("name_key", name_key(name)))
        .filter(like__gte=LIKE_AT_LEAST)
        .order_by("-like", "pk")
    )
    return [VoltEntry(kind, row) for row in found[:LIKE_AT_MOST]]


def sees_in_full(record_ids: set[int]) -> bool:
    """Whether the seat holds every one of these records in full."""
    rows = Grant.objects.filter(record_id__in=record_ids, scope=Scope.FULL).values_list("record_id", flat=True)
    return set(rows) == record_ids
