"""What some tables ask besides a grant, each condition tried from both sides: another seat does see the row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mace.accounts.models import Role
from mace.core.seat import Seat, acting_as
from panels import tasks
from panels.services.meetings import request_document
from tests.access.locks import ALLOWED, NO_RIGHT, REFUSED, all_rows, attempt, copy_of, owner, owner_rows, rows, undone
from tests.access.test_locks_rows import another_record, bar, every_record, give
from tests.access.world import World
from tests.factories.panels import HELD

ROLES = list(Role.values)


def as_role(seat: Seat, role: str, *, agency: str = "") -> Seat:
    """The same membership with another role. Only within a block that is undone: there is one system seat."""
    if role == Role.SYSTEM:
        owner(
            "update accounts_membership set role = 'board' where role = 'system' and partnership_id = %s",
            seat.partnership_id,
        )
    owner(
        "update accounts_membership set role = %s, team_id = null, until_on = '2099-01-01', purpose = 'A test' "
        "where id = %s",
        *(role, seat.membership_id),
    )
    if agency:
        owner("update accounts_membership set agency_id = %s where id = %s", agency, seat.membership_id)
    return replace(seat, role=role)


def nobody(world: World) -> Seat:
    """A seat to which nothing was given and that has written nothing."""
    seat = world.cast["voluntary_member"]
    owner("delete from access_grant where principal = %s", seat.principal)
    return seat


def who_may(seat: Seat, statement: str, *parameters: Any, roles: list[str] = ROLES) -> set[str]:
    """The roles in which the seat reaches a row with the statement."""
    found = set()
    for role in roles:
        with undone():
            if attempt(as_role(seat, role), statement, *parameters)[0] == ALLOWED:
                found.add(role)
    return found


def copies(table: str, **changes: Any) -> tuple[str, list[Any]]:
    return copy_of(table, all_rows(table)[0] | changes)


# --- Grants ----------------------------------------------------------------------------------------------------------


def test_a_grant_is_seen_by_its_own_seat_while_it_lasts_and_unless_barred(world: World) -> None:
    seat, other = nobody(world), world.cast["stranger_police"]
    records = [another_record(seat) for _ in range(5)]
    give(seat, records[:4], 1)
    give(other, records, 3)
    owner(
        "update access_grant set until = now() + interval '1 hour' where principal = %s and record_id = %s",
        seat.principal,
        records[1],
    )
    owner(
        "update access_grant set until = now() - interval '1 second' where principal = %s and record_id = %s",
        seat.principal,
        records[2],
    )
    bar(seat, [records[3]])
    with acting_as(seat):
        assert sorted(rows("select record_id, principal from access_grant")) == sorted(
            (r, seat.principal) for r in records[:2]
        )
    for statement in (
        "insert into access_grant select record_id, 1, kind, scope, sort_at from access_grant",
        "update access_grant set scope = 3",
    ):
        assert attempt(seat, statement)[0] == NO_RIGHT
    for statement in (
        "update access_record set restricted = false",
        "insert into access_record (kind, partnership_id, restricted, sort_at) values ('case', 1, false, now())",
    ):
        assert attempt(seat, statement)[0] == NO_RIGHT


def test_a_bar_is_known_to_coordinators_and_chairs_who_hold_the_record(world: World) -> None:
    seat, barred = nobody(world), world.cast["police_member"]
    record = another_record(seat)
    bar(barred, [record])
    give(seat, [record], 3)
    add = copies("access_bar", user_id=world.cast["health_lead"].user_id)
    decide = {Role.COORDINATOR, Role.CHAIR, Role.SYSTEM}
    assert who_may(seat, "select 1 from access_bar") == decide
    assert who_may(seat, "update access_bar set lifted_at = now(), lifted_reason = 'x'") == decide
    assert who_may(seat, add[0], *add[1]) == decide
    give(barred, [record], 3)
    assert who_may(barred, "select 1 from access_bar") == set()


def test_who_is_named_on_a_record_is_known_to_who_holds_it_in_full_and_to_their_own_agency(world: World) -> None:
    seat = nobody(world)
    ((record, user, agency),) = owner_rows(
        "select n.content_object_id, n.user_id, m.agency_id from access_namedperson n "
        "join accounts_membership m on m.user_id = n.user_id"
    )
    add, parameters = copies("access_namedperson")
    statements = {
        "select 1 from access_namedperson": [],
        "delete from access_namedperson": [],
        "update access_namedperson set user_id = %s": [user],
        add: parameters,
    }

    def outcomes() -> set[str]:
        return {attempt(seat, statement, *values)[0] for statement, values in statements.items()}

    give(seat, [record], 1)
    assert outcomes() == {REFUSED}
    owner("update accounts_membership set agency_id = %s where id = %s", agency, seat.membership_id)
    assert outcomes() == {ALLOWED}
    other = "update access_namedperson set user_id = %s"  # nor is somebody else's person named so
    assert attempt(seat, other, world.cast["health_lead"].user_id)[0] == REFUSED
    owner("delete from access_grant where principal = %s", seat.principal)
    assert outcomes() == {REFUSED}
    assert user != seat.user_id


def test_what_a_seat_holds_for_a_time_is_told_to_nobody_else(world: World) -> None:
    seat, other = nobody(world), world.cast["health_lead"]
    owner("delete from accounts_holding")
    owner(
        "insert into accounts_holding (membership_id, principal, from_on, until_at) values "
        "(%s, 99998, current_date, null), (%s, 99999, current_date, now() + interval '1 hour')",
        *(seat.membership_id, seat.membership_id),
    )
    assert [attempt(by, "select 1 from accounts_holding")[1] for by in (seat, other)] == [2, 1]


# --- Emergency access ------------------------------------------------------------------------------------------------

REVIEWERS = {Role.COORDINATOR, Role.CHAIR, Role.INFORMATION_GOVERNANCE, Role.SYSTEM}
OUTSIDE = {Role.INFORMATION_GOVERNANCE, Role.SYSTEM}
"""Those who see that a restricted case was opened without being named on it."""


@pytest.fixture
def emergency(world: World) -> int:
    """Begun by the other practitioner, on a record that hangs on nothing."""
    by = world.cast["other_practitioner"]
    record = another_record(by)
    ((made,),) = owner_rows(
        "insert into access_emergencyaccess (reference, record_id, partnership_id, membership_id, scope, reason, "
        "begun_at, "
        "ends_at, review_due_on, outcome, review_note) values ('E-TEST-0001', %s, %s, %s, 1, 'Missing', now(), "
        "now() + interval '3 hours', current_date, '', '') returning id",
        *(record, by.partnership_id, by.membership_id),
    )
    return int(made)


def test_an_emergency_access_is_seen_by_its_person_and_by_who_reviews(world: World, emergency: int) -> None:
    see = "select 1 from access_emergencyaccess"
    seat, own = nobody(world), world.cast["other_practitioner"]
    assert who_may(seat, see) == REVIEWERS
    assert who_may(own, see) == set(ROLES)
    assert who_may(world.cast["stranger_practitioner"], see) == set()
    record = owner_rows("select record_id from access_emergencyaccess")[0][0]
    owner("update access_record set restricted = true where id = %s", record)
    assert who_may(seat, see) == who_may(seat, "update access_emergencyaccess set review_note = 'Read'") == OUTSIDE
    assert who_may(own, see) == set(ROLES)
    bar(seat, [record])
    bar(own, [record])
    assert who_may(seat, see) == who_may(own, see) == set()


def test_an_emergency_access_is_changed_by_who_reviews(world: World, emergency: int) -> None:
    review = "update access_emergencyaccess set review_note = 'Read'"
    seat, own = nobody(world), world.cast["other_practitioner"]
    assert who_may(seat, review) == who_may(own, review) == REVIEWERS
    assert who_may(world.cast["stranger_practitioner"], review) == set()
    add = copies("access_emergencyaccess", reference="E-TEST-0002")
    assert who_may(seat, *add[:1], *add[1]) == set()
    record, elsewhere = another_record(seat), world.cast["stranger_practitioner"].partnership_id
    bar(seat, [record])
    for column, value in (("record_id", record), ("partnership_id", elsewhere)):
        assert who_may(seat, f"update access_emergencyaccess set {column} = %s", value) == set()
    # nor is one of another partnership taken over, nor one that the person is barred from
    take = "update access_emergencyaccess set partnership_id = %s"
    assert who_may(world.cast["stranger_practitioner"], take, elsewhere) == set()
    bar(seat, [owner_rows("select record_id from access_emergencyaccess")[0][0]])
    other = another_record(seat)
    assert who_may(seat, "update access_emergencyaccess set record_id = %s", other) == set()


# --- Figures, messages -----------------------------------------------------------------------------------------------


def test_a_message_is_its_recipients_unless_the_record_is_shut_to_them(world: World) -> None:
    owner("delete from notifications_message")
    seat, system, other = nobody(world), world.cast["system"], world.cast["health_lead"]
    record = another_record(seat)
    owner(
        "insert into notifications_message (id, reference, partnership_principal, recipient_id, "
        "recipient_principal, about, "
        "subject, text, path, dedupe_key, created_at) select gen_random_uuid(), 'N-' || n, %s, %s, %s, about, '', "
        "'', '/', "
        "'key ' || n, now() from (values (1, null::bigint), (2, %s)) m (n, about)",
        *(system.partnership_principal, seat.membership_id, seat.principal, record),
    )
    see, mark = "select 1 from notifications_message", "update notifications_message set mailed_at = now()"

    def reached(by: Seat) -> tuple[int, int]:
        return attempt(by, see)[1], attempt(by, mark)[1]

    assert reached(seat) == (2, 2)
    assert reached(system) == (2, 2)
    assert reached(other) == reached(world.cast["stranger_system"]) == reached(world.cast["coordinator"]) == (0, 0)
    with undone():
        owner("update access_record set restricted = true where id = %s", record)
        assert reached(seat) == reached(system) == (1, 1)
        give(seat, [record], 1)
        assert reached(seat) == reached(system) == (2, 2)
    with undone():
        bar(seat, [record])
        assert reached(seat) == reached(system) == (1, 1)
    with undone():  # nobody takes over another's message, nor gives his own away
        assert (
            attempt(other, "update notifications_message set recipient_principal = %s", other.principal)[0] == REFUSED
        )
        assert attempt(seat, "update notifications_message set recipient_principal = %s", other.principal)[0] == REFUSED
        stranger = world.cast["stranger_system"]
        take = "update notifications_message set partnership_principal = %s"
        assert attempt(stranger, take, stranger.partnership_principal)[0] == REFUSED
        assert attempt(system, take, stranger.partnership_principal)[0] == REFUSED
    with undone():  # nor moves one about a record that is shut to one where it is not
        bar(seat, [record])
        owner("delete from notifications_message where about is null")
        assert attempt(seat, "update notifications_message set about = null")[0] == REFUSED
        assert attempt(system, "update notifications_message set about = null")[0] == REFUSED
    with undone():
        owner("delete from notifications_message where about is not null")
        bar(seat, [record])
        assert attempt(seat, "update notifications_message set about = %s", record)[0] == REFUSED
        assert attempt(system, "update notifications_message set about = %s", record)[0] == REFUSED
    add = copies("notifications_message", id="00000000-0000-4000-8000-000000000001", reference="N-9", dedupe_key="9")
    assert attempt(other, *add[:1], *add[1])[0] == ALLOWED
    ended = replace(seat)
    owner("update accounts_membership set until_on = '2020-01-01' where id = %s", seat.membership_id)
    assert attempt(ended, *add[:1], *add[1])[0] == REFUSED


# --- Meetings --------------------------------------------------------------------------------------------------------


def test_minutes_are_a_draft_for_those_who_write_them_until_they_are_approved(world: World) -> None:
    seat = nobody(world)
    give(seat, every_record(), 3)
    see, draft = "select 1 from panels_minute", {Role.COORDINATOR, Role.CHAIR, Role.MINUTE_TAKER, Role.SYSTEM}
    assert len(all_rows("panels_minute")) == 1
    for status in ("planned", "published", "in_progress", "held", "cancelled"):
        with undone():
            # the other meeting's minutes are out, the one in question is not
            owner(
                "update panels_meeting set status = 'approved', approved_at = now(), approved_by_id = %s",
                seat.membership_id,
            )
            owner("update panels_meeting set status = %s where record_id = %s", status, world.meeting.pk)
            assert who_may(seat, see) == draft, status
    for status in ("approved", "closed"):
        with undone():
            owner("update panels_meeting set status = 'planned'")
            owner(
                "update panels_meeting set status = %s, approved_at = now(), approved_by_id = %s where record_id = %s",
                *(status, seat.membership_id, world.meeting.pk),
            )
            assert who_may(seat, see) == set(ROLES), status


def test_a_document_is_its_seats_while_that_sees_as_much_as_stands_in_it(world: World) -> None:
    cast = world.cast
    with acting_as(cast["police_lead"]):
        document = request_document(meeting=world.meeting, by=cast["police_lead"], at=HELD)
    assert tasks.make_document(membership_id=cast["police_lead"].membership_id, document_id=str(document.pk))
    owner("delete from panels_minutesdocument where id <> %s", document.pk)
    ((read, scopes),) = owner_rows("select read_records, read_scopes from panels_minutesdocument")
    assert len(read) >= 1
    seat, other = nobody(world), cast["education_lead"]
    see, change = "select 1 from panels_minutesdocument", "update panels_minutesdocument set made_at = now()"
    owner(
        "update panels_minutesdocument set requested_principal = %s, requested_by_id = %s",
        seat.principal,
        seat.membership_id,
    )
    needed = sorted({world.meeting.pk, *read})

    def reached(by: Seat) -> tuple[str, str, str]:
        add = copies("panels_minutesdocument", reference="D-TEST-0001", id="00000000-0000-4000-8000-000000000002")
        return attempt(by, see)[0], attempt(by, change)[0], attempt(by, *add[:1], *add[1])[0]

    give(seat, needed, 3)
    give(other, needed, 3)
    assert reached(seat) == (ALLOWED,) * 3
    assert reached(other) == (REFUSED,) * 3
    for lost in needed:
        with undone():
            owner("delete from access_grant where principal = %s and record_id = %s", seat.principal, lost)
            assert reached(seat) == (REFUSED,) * 3, lost
    for record, scope in zip(read, scopes, strict=True):
        if scope > 1:
            with undone():
                give(seat, [record], scope - 1)
                assert reached(seat) == (REFUSED,) * 3, record
    for column, value in (("requested_principal", other.principal), ("record_id", another_record(seat))):
        assert attempt(seat, f"update panels_minutesdocument set {column} = %s", value)[0] == REFUSED, column
    wider = another_record(seat)
    add_to = "update panels_minutesdocument set read_records = array[%s]::bigint[], read_scopes = array[1]::smallint[]"
    assert attempt(seat, add_to, wider)[0] == REFUSED
    # nor does it come to a seat by being made less than it is, or another's
    assert attempt(other, "update panels_minutesdocument set requested_principal = %s", other.principal)[0] == REFUSED
    with undone():
        owner("delete from access_grant where principal = %s and record_id = any (%s)", seat.principal, read)
        emptied = "update panels_minutesdocument set read_records = '{}', read_scopes = '{}'"
        assert attempt(seat, emptied)[0] == REFUSED
    all_at = "update panels_minutesdocument set read_scopes = %s::smallint[]"
    for stands, becomes, holds in ((3, 1, 2), (1, 3, 2)):
        with undone():
            owner(all_at, [stands] * len(read))
            give(seat, read, holds)
            assert attempt(seat, all_at, [becomes] * len(read))[0] == REFUSED, stands
            assert attempt(seat, all_at, [min(stands, 2)] * len(read))[0] == (ALLOWED if stands < 3 else REFUSED)
    with undone():
        owner("delete from access_grant where principal = %s and record_id = %s", seat.principal, world.meeting.pk)
        owner("update panels_minutesdocument set read_records = '{}', read_scopes = '{}'")
        own = another_record(seat)
        give(seat, [own], 3)
        assert attempt(seat, "update panels_minutesdocument set record_id = %s", own)[0] == REFUSED


def test_a_chaser_is_seen_by_who_sees_its_action(world: World) -> None:
    for action in (world.action, world.withdrawn_action):
        owner(
            "insert into panels_chaser (record_id, action_id, step, due_on, chased_on, told) values (%s, %s, "
            "'on_the_day', "
            "'2026-04-01', '2026-04-01', '')",
            *(action.record_id, action.pk),
        )
    seat = nobody(world)
    see = "select 1 from panels_chaser"
    assert attempt(seat, see) == (REFUSED, 0)
    give(seat, [world.case.pk], 1)
    owner(
        "update panels_action set owner_principal = %s, owner_id = %s where id = %s",
        seat.principal,
        seat.membership_id,
        world.action.pk,
    )
    assert attempt(seat, see) == (ALLOWED, 1)


# --- Plans in an emergency -------------------------------------------------------------------------------------------


def test_the_last_safety_plan_comes_with_a_narrower_grant_that_says_so(world: World) -> None:
    seat = nobody(world)
    ((plan, record),) = owner_rows(
        "select id, record_id from referrals_safetyplan where record_id = %s", world.referral.pk
    )
    other = next(row for row in all_rows("referrals_safetyplan") if row["id"] != plan)
    statement, parameters = copy_of(
        "referrals_safetyplan",
        next(r for r in all_rows("referrals_safetyplan") if r["id"] == plan) | {"id": 10**6, "version": 0},
    )
    owner(statement, *parameters)
    older = next(row for row in all_rows("referrals_planstep") if row["plan_id"] == plan) | {"plan_id": 10**6}
    statement, parameters = copy_of("referrals_planstep", older | {"id": 10**6} if "id" in older else older)
    owner(statement, *parameters)
    see, steps = "select 1 from referrals_safetyplan", "select 1 from referrals_planstep"
    ((of_plan,),) = owner_rows("select count(*) from referrals_planstep where plan_id = %s", plan)
    assert (of_plan > 0, other["record_id"] != record) == (True, True)
    give(seat, [record], 2)
    assert attempt(seat, see) == attempt(seat, steps) == (REFUSED, 0)
    owner("update access_grant set with_plan = true where principal = %s", seat.principal)
    assert attempt(seat, see) == (ALLOWED, 1)
    assert attempt(seat, steps) == (ALLOWED, of_plan)
    give(seat, [record], 3)
    assert attempt(seat, see) == (ALLOWED, 2)


# --- Who confirms a lower rating -------------------------------------------------------------------------------------


def test_a_lower_rating_is_decided_by_the_teams_manager_or_without_a_team_by_a_coordinator(world: World) -> None:
    seat = nobody(world)
    give(seat, [world.case.pk], 3)
    ((team,),) = owner_rows("select team_id from referrals_case where record_id = %s", world.case.pk)
    assert team is not None
    statement = (
        "insert into referrals_ratingdecision (record_id, assessment_id, outcome, reason, decided_at, decided_by_id) "
        "select record_id, id, 'confirmed', '', now(), %s from referrals_riskassessment where record_id = %s"
    )

    def in_role(role: str, of: int | None) -> str:
        with undone():
            acting = as_role(seat, role)
            owner("update accounts_membership set team_id = %s where id = %s", of, seat.membership_id)
            return attempt(acting, statement, seat.membership_id, world.case.pk)[0]

    assert {role for role in ROLES if in_role(role, None) == ALLOWED} == set()
    assert in_role(Role.MANAGER, team) == ALLOWED
    assert in_role(Role.PRACTITIONER, team) == REFUSED
    ((another,),) = owner_rows("select max(id) from agencies_team where id <> %s", team)
    assert in_role(Role.MANAGER, another) == REFUSED
    owner("delete from access_grant where record_id = %s", world.case.pk)
    assert in_role(Role.MANAGER, team) == REFUSED
    give(seat, [world.case.pk], 2)
    assert in_role(Role.MANAGER, team) == REFUSED
    give(seat, [world.case.pk], 3)
    assert in_role(Role.MANAGER, team) == ALLOWED
    owner("update referrals_case set team_id = null where record_id = %s", world.case.pk)
    assert {role for role in ROLES if in_role(role, None) == ALLOWED} == {Role.COORDINATOR}
