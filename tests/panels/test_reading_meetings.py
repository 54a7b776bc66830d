"""What is read of a meeting and its minutes is of that one, whatever else the seat sees."""

from __future__ import annotations

import datetime as dt

import pytest
from django.http import Http404

from mace.access.models import Kind, Scope
from mace.access.services import name_person
from mace.accounts.models import Membership, Role
from mace.core.seat import acting_as
from panels.enums import DocumentStatus, Presence
from panels.models import MinutesDocument
from panels.selectors.before_sharing import BeforeSharing, before_sharing
from panels.selectors.documents import document_by_reference, documents_of, file_of
from panels.selectors.meetings import (
    expected_at,
    item_by_reference,
    items_of,
    meeting_by_reference,
    meetings_visible,
    panels_to_plan_for,
    scopes_on,
)
from panels.selectors.minute_takers import minute_takers_of
from panels.services.meetings import publish_agenda, record_attendance, request_document, start_meeting
from panels.services.minute_taking import give_meeting
from tests.access.locks import owner
from tests.access.world import World
from tests.factories.cast import SINCE
from tests.factories.owner import as_owner
from tests.factories.panels import HELD, PLANNED, invited, item_of, planned_meeting
from tests.factories.referrals import another_child, open_case

TODAY = dt.date(2026, 3, 20)
CORE = [("Anytown Children’s Services", True), ("Anytown NHS Trust", True), ("Anytown Police", True)]


TO_COME = [
    ("planned", "2026-03-20", True),
    ("planned", "2026-03-19", True),
    ("published", "2026-04-19", True),
    ("approved", "2026-03-20", True),
    ("approved", "2026-03-19", False),
    ("cancelled", "2026-03-20", False),
    ("cancelled", "2026-03-19", False),
]


def test_meetings_to_come_and_those_whose_minutes_are_not_approved(world: World) -> None:
    for status, held_on, listed in TO_COME:
        owner(
            "update panels_meeting set status = %s, held_on = %s, approved_at = starts_at, approved_by_id = %s "
            "where record_id = %s",
            status,
            held_on,
            world.cast["chair"].membership_id,
            world.meeting.pk,
        )
        with acting_as(world.cast["coordinator"]):
            assert (world.meeting in meetings_visible(on=TODAY)) is listed
            for one in (world.meeting, world.next_meeting):
                assert meeting_by_reference(one.reference) == one
            for item in (world.item, world.next_item):
                assert item_by_reference(item.reference) == item


def test_who_is_expected_is_of_the_panel_the_meeting_and_its_items(world: World) -> None:
    """Beside it, a meeting of a panel without core agencies, where others are invited and came."""
    cast, seat = world.cast, world.cast["coordinator"]
    owner("delete from panels_coreagency where panel_id = %s", cast.panels["operational"].pk)
    second = open_case(cast, child=another_child(1))
    other = planned_meeting(cast, second, panel="operational", starts_at=HELD, at=PLANNED)
    invited(cast, item_of(cast, other), "voluntary")

    def expected(meeting: object) -> list[tuple[str, bool, str]]:
        return [
            (row.agency.name, row.needed, row.attendance.presence if row.attendance else "")
            for row in expected_at(meeting)  # type: ignore[arg-type]
        ]

    with acting_as(seat):
        publish_agenda(meeting=other, by=seat, at=PLANNED)
        assert expected(other) == [("Safe Harbour", False, "")]
        start_meeting(meeting=other, by=seat, at=HELD)
        education = cast.agencies["education"]
        record_attendance(meeting=other, agency=education, presence=Presence.PRESENT, who="A person", by=seat)
        assert expected(other) == [("Anytown Education", False, "present"), ("Safe Harbour", False, "")]
        here = [(name, needed, "") for name, needed in CORE]
        assert expected(world.next_meeting) == [here[0], ("Anytown Education", False, ""), *here[1:]]
    owner(
        "update access_disclosure set withdrawn_at = now(), withdrawn_reason = 'x', withdrawn_by_id = %s "
        "where agency_id = %s",
        seat.membership_id,
        education.pk,
    )
    with acting_as(seat):
        assert expected(world.next_meeting) == here


def test_panels_to_plan_for_are_the_partnership_s_or_those_chaired(world: World) -> None:
    cast = world.cast
    strategic, operational, other = (
        cast.panels[name].principal for name in ("strategic", "operational", "other_strategic")
    )
    chair, coordinator = cast["chair"].membership_id, cast["coordinator"].membership_id
    owner("delete from accounts_holding where principal in (%s, %s)", strategic, operational)
    add = "insert into accounts_holding (membership_id, principal, from_on) values (%s, %s, %s)"
    owner(add, coordinator, strategic, SINCE)
    owner(add, chair, other, SINCE)
    for name, kinds in (("chair", ["pre_mace"]), ("coordinator", ["pre_mace", "operational", "strategic"])):
        with acting_as(cast[name]):
            assert panels_to_plan_for(cast[name]) == [cast.panels[kind] for kind in kinds]


def test_scopes_are_of_the_records_asked_about(world: World) -> None:
    with acting_as(world.cast["police_lead"]):
        assert scopes_on([world.case.pk]) == {world.case.pk: 2}
        assert scopes_on([world.item.pk, world.draft.pk]) == {world.item.pk: 2}
        assert scopes_on([]) == {}


def test_documents_are_of_their_meeting_and_files_of_their_document(world: World) -> None:
    seat, ready = (
        world.cast["police_lead"],
        "update panels_minutesdocument set status = 'ready', content = %s where id = %s",
    )
    with acting_as(seat):
        assert document_by_reference(world.document.reference) == world.document
        assert (documents_of(world.meeting), documents_of(world.next_meeting)) == ([world.document], [])
    owner(ready, b"first", world.document.pk)
    with acting_as(seat):
        second = request_document(meeting=world.meeting, by=seat, at=HELD + dt.timedelta(days=9))
    owner(ready, b"second", second.pk)
    with acting_as(seat):
        made = [document_by_reference(one.reference) for one in (world.document, second)]
        assert made == [world.document, second]
        assert [file_of(one) for one in made] == [b"first", b"second"]


def test_a_file_is_given_while_it_is_ready_and_every_item_may_be_read(world: World) -> None:
    seat, pk = world.cast["police_lead"], world.document.pk
    owner("update panels_minutesdocument set status = 'ready', content = 'x' where id = %s", pk)
    with acting_as(seat):
        ready, queued = DocumentStatus.READY, DocumentStatus.QUEUED
        assert file_of(MinutesDocument(pk=pk, status=ready, item_records=[world.item.pk])) == b"x"
        for status, records in ((queued, [world.item.pk]), (ready, [world.item.pk, world.draft.pk])):
            with pytest.raises(Http404):
                file_of(MinutesDocument(pk=pk, status=status, item_records=records))
    owner("update access_grant set scope = 1 where record_id = %s", world.item.pk)
    with acting_as(seat), pytest.raises(Http404):
        file_of(MinutesDocument(pk=pk, status=ready, item_records=[world.item.pk]))


@pytest.fixture
def takers(world: World) -> dict[str, Membership]:
    """Two who may take minutes, of whom the first also has other seats, here and elsewhere."""
    cast, until = world.cast, dt.date(2027, 1, 1)
    with as_owner():
        for name in ("taker", "second_taker"):
            cast.join(name, cast.agencies["social_care"], Role.MINUTE_TAKER, until_on=until, purpose="x")
        taker = cast.memberships["taker"]
        for role, partnership in (
            (Role.PRACTITIONER, cast.partnership),
            (Role.MINUTE_TAKER, cast.other_partnership),
        ):
            Membership.objects.create(
                user=taker.user,
                agency=taker.agency,
                role=role,
                partnership=partnership,
                from_on=SINCE,
                until_on=until,
                purpose="x",
            )
    return {name: cast.memberships[name] for name in ("taker", "second_taker")}


def test_minute_takers_are_those_named_on_the_meeting(world: World, takers: dict[str, Membership]) -> None:
    cast, seat = world.cast, world.cast["coordinator"]
    other = planned_meeting(cast, starts_at=HELD + dt.timedelta(days=2), at=PLANNED)
    with acting_as(seat):
        give_meeting(meeting=world.next_meeting, to=takers["taker"], by=seat, at=HELD)
        give_meeting(meeting=other, to=takers["second_taker"], by=seat, at=HELD)
        name_person(record_id=other.pk, membership=cast.memberships["manager"], scope=Scope.FULL, by=seat)
        assert minute_takers_of(world.next_meeting) == [takers["taker"]]
        assert minute_takers_of(other) == [takers["second_taker"]]
        assert minute_takers_of(world.meeting) == []
        assert len(items_of(world.next_meeting)) == 1


TAKES_PLACE = "That the meeting takes place, once its agenda is published, and the titles of standing items"


OPENS = [
    (Scope.IDENTITY, False, 3, []),
    (Scope.SUMMARY, False, 6, []),
    (Scope.FULL, False, 10, ["1 referral", "2 agenda items that it was invited to, as invited"]),
    (Scope.IDENTITY, True, 3, [TAKES_PLACE, "This agenda item, not its minutes"]),
    (Scope.SUMMARY, True, 6, [TAKES_PLACE, "This agenda item and its minutes"]),
    (Scope.FULL, True, 10, [TAKES_PLACE, "This agenda item and its minutes", "1 referral"]),
]


def test_what_sharing_a_case_would_open(world: World) -> None:
    """The police were invited for the case twice, others too; another case has a referral and an invitation as well."""
    _another_invitation(world)
    for scope, for_item, sees, opens in OPENS:
        found = _before(world, world.case.pk, Kind.CASE, scope, for_item=for_item)
        whole = " of this child, with all that was sent"
        assert [words.removesuffix(whole) for words in found.opens] == opens
        assert (len(found.will_see), len(found.will_not_see)) == (sees, 10 - sees + 2)
        assert set(found.will_see).isdisjoint(found.will_not_see)
    coming = planned_meeting(world.cast, world.case, starts_at=HELD + dt.timedelta(days=3), at=PLANNED)
    invited(world.cast, item_of(world.cast, coming), "health")
    found = _before(world, world.case.pk, Kind.CASE, Scope.FULL, for_item=False)
    assert found.opens[1:] == ["2 agenda items that it was invited to, as invited"]


def test_what_sharing_a_person_would_open(world: World) -> None:
    found = _before(world, world.person.pk, Kind.PERSON, Scope.FULL, for_item=False)
    assert (found.opens, len(found.will_see), len(found.will_not_see)) == ([], 4, 1)


def _another_invitation(world: World) -> None:
    meeting = planned_meeting(
        world.cast, open_case(world.cast, child=another_child(1)), starts_at=HELD + dt.timedelta(days=2), at=PLANNED
    )
    invited(world.cast, item_of(world.cast, meeting), "police")


def _before(world: World, record: int, kind: Kind, scope: Scope, *, for_item: bool) -> BeforeSharing:
    with acting_as(world.cast["coordinator"]):
        return before_sharing(
            record_id=record,
            kind=kind,
            agency=world.cast.agencies["police"],
            scope=scope,
            ends_on=None,
            partnership_id=world.cast.partnership.pk,
            on=TODAY,
            item=world.next_item if for_item else None,
        )
