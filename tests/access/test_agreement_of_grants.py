"""Grants and reasons agree both ways, and what a seat is listed is what the policies show it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from django.db.models import Model

from mace.access.models import Kind, Record, Scope
from mace.access.selectors import visible_page
from mace.access.services import bar_person, lift_restriction, name_person, restrict, share, unname_person
from mace.accounts.models import Role
from mace.casework.services.emergency import begin_emergency_access
from mace.core import clock
from mace.core.seat import Seat, acting_as
from panels.models import AgendaItem, Meeting
from referrals.models import Case, Child, Referral
from tests.access.reasons import UNEXPLAINED, WITHOUT_A_GRANT, WRONG_END
from tests.access.world import World
from tests.cluster import clone, servers
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.panels import HELD
from tests.factories.referrals import BORN, another_child, open_case
from tests.factories.sharing import shared
from tests.seeded import seeded
from volt.models import Location, PeerGroup, PersonOfConcern, Theme

DEMO = "mace_agreement"
MODELS: dict[Kind, type[Model]] = {
    Kind.CHILD: Child,
    Kind.CASE: Case,
    Kind.MEETING: Meeting,
    Kind.ITEM: AgendaItem,
    Kind.PERSON: PersonOfConcern,
    Kind.LOCATION: Location,
    Kind.THEME: Theme,
    Kind.GROUP: PeerGroup,
}


@pytest.fixture
def world(world: World, cast: Cast) -> World:
    """The world of the access tests, with everything in it that can give or take a grant."""
    coordinator = cast["coordinator"]
    other = open_case(cast, child=another_child(7))
    with acting_as(coordinator):
        shared(cast, world.person.pk, "police", Scope.SUMMARY)
        shared(cast, other.pk, "health", Scope.FULL, ends_on=clock.today())
        shared(cast, other.pk, "health", Scope.IDENTITY)
        name_person(record_id=other.pk, membership=cast.memberships["police_member"], scope=Scope.FULL, by=coordinator)
        bar_person(
            record_id=other.pk,
            user=cast.memberships["education_lead"].user,
            reason="An uncle",
            by=coordinator,
            at=HELD,
        )
    with acting_as(cast["other_practitioner"]):
        assert begin_emergency_access(
            forename="Tamika",
            surname="Brightwater",
            born=BORN,
            reason="Found hurt at the station; the ward must know of any risk now",
            by=cast["other_practitioner"],
            at=HELD,
        )
    return world


def answers(sql: str) -> list[tuple[object, ...]]:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def disagreements() -> list[tuple[object, ...]]:
    return [*answers(UNEXPLAINED), *answers(WITHOUT_A_GRANT), *answers(WRONG_END)]


def test_every_grant_has_a_reason_and_every_reason_its_grant(world: World) -> None:
    assert disagreements() == []
    assert len(answers("select 1 from access_grant")) > 80


def test_they_agree_while_a_case_is_restricted_and_after(world: World) -> None:
    cast, by = world.cast, world.cast["coordinator"]
    people = {cast.memberships[name]: Scope.FULL for name in ("coordinator", "practitioner", "health_lead")}
    with acting_as(by):
        restrict(record_id=world.case.pk, people=people, reason="A colleague", by=by)
    assert disagreements() == []
    with acting_as(by):
        people.pop(cast.memberships["health_lead"])
        restrict(record_id=world.case.pk, people=people, reason="A colleague", by=by)
    assert disagreements() == []
    with acting_as(by):
        lift_restriction(record_id=world.case.pk, reason="Over", by=by)
    assert disagreements() == []
    with acting_as(by):
        unname_person(record_id=world.case.pk, membership=cast.memberships["coordinator"], by=by)
    assert disagreements() == []


def test_a_grant_without_a_reason_is_found(world: World) -> None:
    cast = world.cast
    with acting_as(cast["coordinator"]):
        share(record_id=world.case.pk, principal=cast["voluntary_member"].agency_principal, scope=Scope.IDENTITY)
    principal = cast["voluntary_member"].agency_principal
    assert [row[1:3] for row in answers(UNEXPLAINED)] == [(principal, 1)]


def test_a_reason_without_its_grant_is_found(world: World) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "delete from access_grant where record_id = %s and principal = %s",
            [world.case.pk, world.cast["police_lead"].agency_principal],
        )
    assert {row[0] for row in answers(WITHOUT_A_GRANT)} == {"decision"}


# --- The selector and the policies -----------------------------------------------------------------------------------


def walked(kind: Kind) -> set[int]:
    """All records of a kind that the selector pages through."""
    found: list[int] = []
    after = ""
    while True:
        page = visible_page(kind, after=after, size=2)
        found += page.ids
        after = page.next_after
        if not after:
            assert len(found) == len(set(found))
            return set(found)


def people(cast: Cast) -> Iterator[tuple[str, Seat]]:
    return ((name, seat) for name, seat in cast.seats.items() if seat.role != Role.SYSTEM)


def test_selector_and_policies_show_every_seat_the_same_records(world: World) -> None:
    seen = 0
    for name, seat in people(world.cast):
        with acting_as(seat):
            for kind in Kind:
                ids = walked(kind)
                assert ids == set(Record.objects.filter(kind=kind).values_list("pk", flat=True)), (name, kind)
                if model := MODELS.get(kind):
                    assert ids == set(model._default_manager.values_list("pk", flat=True)), (name, kind)
                seen += len(ids)
    assert seen > 60


def test_a_referral_is_listed_to_who_holds_it_in_full_and_kept_by_its_author(world: World) -> None:
    for name, seat in people(world.cast):
        with acting_as(seat):
            shown = set(Referral.objects.values_list("pk", flat=True))
            held = {pk for kind in (Kind.REFERRAL, Kind.CASE) for pk in visible_page(kind, scope=3, size=100).ids}
            written = set(Referral.objects.filter(written_by_principal=seat.principal).values_list("pk", flat=True))
            assert shown == held | written, name


# --- The demonstration -----------------------------------------------------------------------------------------------


@pytest.mark.deep
def test_they_agree_in_the_demonstration() -> None:
    template, _ = seeded()
    clone(DEMO, template)
    try:
        with psycopg.connect(servers().database_url(DEMO, "postgres")) as database:
            for sql in (UNEXPLAINED, WITHOUT_A_GRANT, WRONG_END):
                assert database.execute(sql).fetchall() == []
            row = database.execute("select count(*) from access_grant").fetchone()
            assert row is not None
            assert row[0] > 1000
    finally:
        servers().drop_database(DEMO)
