"""What is read of VOLT is of the record asked about: among links in both directions, and with others beside it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import pytest
from django.http import Http404

from mace.access.models import Kind, Scope
from mace.core.seat import acting_as
from referrals.models import Case, Referral
from tests.access.locks import owner
from tests.access.world import World
from tests.factories.cast import Cast
from tests.factories.referrals import MONDAY, another_child, open_case
from tests.volt.test_records import link, show_to_police
from tests.volt.test_scopes_and_handling import SAID, TIGHT, tight_person
from volt.enums import LinkKind
from volt.models import Location, PersonOfConcern, Theme
from volt.selectors import (
    End,
    LinkedCase,
    Shared,
    VoltEntry,
    around,
    end_by_reference,
    entries_of,
    referrals_with_mentions,
    search_volt,
    shared_between_cases,
    volt_by_reference,
    volt_of_record,
    wording_by_reference,
    wordings_on,
)
from volt.services import record_location, record_person, record_theme

OTHER = LinkKind.OTHER


@dataclass
class Net:
    """Two cases, a referral that waits, and what they are linked with.

    Dex is linked with Ana and, the other way round, with Bo; vapes with Bo and, the other way round, with the waiting
    referral; the station and the phones with Ana alone; and some with each other, which is nothing between cases.
    """

    ana: Case
    bo: Case
    waiting: Referral
    dex: PersonOfConcern
    vee: PersonOfConcern
    station: Location
    quay: Location
    vapes: Theme

    def name(self, record: int) -> str:
        return next(one.name for one in fields(self) if getattr(self, one.name).pk == record)


@pytest.fixture
def net(world: World) -> Net:
    cast = world.cast
    bo = open_case(cast, child=another_child(1))
    seat = cast["coordinator"]
    with acting_as(seat):
        vee = record_person(name="Vee", by=seat, at=MONDAY)
        station, quay = Location.objects.get(), record_location(name="Quay", by=seat, at=MONDAY)
        vapes = record_theme(name="Vapes", by=seat, at=MONDAY)
        case = Case.objects.get(pk=world.case.pk)
    dex, waiting = world.person, world.waiting
    for a, b in ((dex, bo), (bo, vapes), (vapes, waiting), (dex, station), (station, vapes)):
        link(cast, a.pk, b.pk, by="coordinator", kind=OTHER)
    return Net(case, bo, waiting, dex, vee, station, quay, vapes)


def names(entries: list[VoltEntry]) -> dict[str, int]:
    """Each with how many links lead there."""
    return {entry.row.name: len(entry.links) for entry in entries}


def cases(net: Net, found: list[LinkedCase]) -> dict[str, int]:
    return {net.name(one.record_id): len(one.links) for one in found}


def shared(net: Net, found: list[Shared]) -> dict[str, dict[str, int]]:
    return {one.entry.row.name: cases(net, one.cases) for one in found}


PHONES, STATION, DEX = "Phones given as presents", "Anytown Station", "“Dex”"
AROUND: dict[str, tuple[dict[str, int], dict[str, int]]] = {
    "dex": ({STATION: 1}, {"ana": 1, "bo": 1}),
    "station": ({DEX: 1, "Vapes": 1}, {"ana": 1}),
    "vapes": ({STATION: 1}, {"bo": 1, "waiting": 1}),
    "vee": ({}, {}),
    "ana": ({DEX: 1, STATION: 1, PHONES: 1}, {}),
    "bo": ({DEX: 1, "Vapes": 1}, {}),
    "waiting": ({"Vapes": 1}, {}),
}
BETWEEN: dict[str, dict[str, dict[str, int]]] = {
    "": {DEX: {"ana": 1, "bo": 1}, "Vapes": {"bo": 1, "waiting": 1}},
    "ana": {DEX: {"bo": 1}},
    "bo": {DEX: {"ana": 1}, "Vapes": {"waiting": 1}},
    "waiting": {"Vapes": {"bo": 1}},
}


def test_around_a_record_stands_what_is_linked_with_it_in_either_direction(cast: Cast, net: Net) -> None:
    with acting_as(cast["coordinator"]):
        for of, (volt, linked) in AROUND.items():
            view, found = around(getattr(net, of).pk)
            assert (names(view.entries), cases(net, found), view.wordings) == (volt, linked, []), of
            assert names(volt_of_record(getattr(net, of).pk).entries) == volt, of
        assert names(entries_of({net.vee.pk: []}, {net.vee.pk: Kind.PERSON})) == {"Vee": 0}
        assert names(search_volt("dex")) == {DEX: 0}
        assert names(search_volt("va")) == {"Vapes": 0}


def test_cases_share_what_two_of_them_are_linked_with(cast: Cast, net: Net) -> None:
    client = cast.client("coordinator")
    for of, expected in BETWEEN.items():
        with acting_as(cast["coordinator"]):
            assert shared(net, shared_between_cases(getattr(net, of).pk if of else None)) == expected, of
        page = client.get("/volt/shared/", {"case": getattr(net, of).reference} if of else {})
        assert [name in page.content.decode() for name in (DEX, "Vapes")] == [
            name in expected for name in (DEX, "Vapes")
        ]
    for reference in (net.dex.reference, "C-0000-0000"):
        assert client.get("/volt/shared/", {"case": reference}).status_code == 404


def end(found: End | None) -> tuple[int, str, str] | None:
    return (found.record_id, found.kind, found.reference) if found else None


def test_the_end_of_a_link_is_the_record_of_that_reference(cast: Cast, net: Net) -> None:
    with acting_as(cast["coordinator"]):
        for case in (net.ana, net.bo):
            assert end(end_by_reference(case.reference)) == (case.pk, Kind.CASE, case.reference)
            referral = Referral.objects.get(case=case)
            assert end(end_by_reference(referral.reference)) == (case.pk, Kind.REFERRAL, referral.reference)
        assert end(end_by_reference(net.waiting.reference)) == (net.waiting.pk, Kind.REFERRAL, net.waiting.reference)
        for row, kind in ((net.dex, Kind.PERSON), (net.vee, Kind.PERSON), (net.quay, Kind.LOCATION)):
            assert end(end_by_reference(row.reference)) == (row.pk, kind, row.reference)
            assert volt_by_reference(row.reference).row == row
        for subject, of in ((net.ana, Referral.objects.get(case=net.ana)), (net.waiting, net.waiting)):
            found = end_by_reference(subject.reference)
            assert found is not None
            assert referrals_with_mentions(found) == [of.reference]
    owner("update referrals_referral set case_id = %s where record_id = %s", net.bo.pk, net.waiting.pk)
    with acting_as(cast["coordinator"]):
        found = end_by_reference(net.bo.reference)
        assert found is not None
        assert len(referrals_with_mentions(found)) == 2
        assert [end_by_reference(f"{letter}-0000-0000") for letter in "CRV"] == [None] * 3


def test_in_full_is_said_of_what_is_held_in_full(cast: Cast, net: Net) -> None:
    """Beside it the seat holds one thing in full and one as a summary."""
    show_to_police(cast, net.dex.pk, Scope.SUMMARY)
    show_to_police(cast, net.vee.pk, Scope.FULL)
    show_to_police(cast, net.bo.pk, Scope.FULL)
    with acting_as(cast["police_lead"]):
        assert [volt_by_reference(row.reference).in_full for row in (net.dex, net.vee)] == [False, True]
        assert [end(end_by_reference(row.reference)) for row in (net.ana, net.bo)] == [
            None,
            (net.bo.pk, Kind.CASE, net.bo.reference),
        ]


def test_wordings_are_of_the_links_of_the_record_asked_about(cast: Cast, net: Net) -> None:
    """Not the record's own, which stands in its place, nor of links of others, nor of those that the seat sees."""
    ghost, other = tight_person(cast), tight_person(cast)
    link(cast, other.pk, net.ana.pk, by="coordinator", kind=OTHER, **TIGHT)
    link(cast, net.ana.pk, ghost.pk, by="coordinator", kind=OTHER, **TIGHT)
    quay = link(cast, net.quay.pk, net.bo.pk, by="coordinator", kind=OTHER, **TIGHT)
    with acting_as(cast["practitioner"]):
        own = wording_by_reference(ghost.reference)
        assert (own.record_id, own.other_id, own.words) == (ghost.pk, None, SAID.words)
        assert own.pk not in [row.pk for row in wordings_on(ghost.pk)]
        [first], [second] = wordings_on(ghost.pk), wordings_on(other.pk)
        assert [(row.record_id, row.other_id) for row in (first, second)] == [
            (net.ana.pk, ghost.pk),
            (other.pk, net.ana.pk),
        ]
        expected = {"ana": [first.pk, second.pk], "bo": [quay.wording_id], "quay": [quay.wording_id], "dex": []}
        assert {name: [row.pk for row in wordings_on(getattr(net, name).pk)] for name in expected} == expected
        assert wording_by_reference(other.reference).record_id == other.pk
        for reference in (net.dex.reference, "V-0000-0000"):
            with pytest.raises(Http404):
                wording_by_reference(reference)
    with acting_as(cast["coordinator"]):
        assert around(ghost.pk)[0].wordings == []
