"""Which actions are whose, and what stands beside one: of that one, whatever else the seat sees."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from mace.accounts.models import Membership
from mace.accounts.selectors import SEAT_JOINS
from mace.core.seat import Seat, acting_as
from mace.core.together import Together
from panels.models import Action
from panels.selectors.actions import (
    ACTION_PARTS,
    action_parts,
    actions_for,
    case_beside,
    cases_of,
    closed_actions_for,
    colleagues_for,
    holders_of,
    newest_actions,
    next_meeting_on,
    open_actions_for,
    panel_of,
    with_history,
    written_by_agency,
)
from panels.services.actions import report_on_action
from panels.services.meetings import cancel_meeting
from referrals.models import Case
from tests.access.locks import owner, rows
from tests.access.world import World
from tests.factories.panels import HELD, PLANNED, item_of, planned_meeting
from tests.factories.referrals import another_child, open_case
from tests.panels.given import an_action

TODAY = dt.date(2026, 3, 16)


def seat_of(world: World, name: str) -> Seat:
    """A ``leaderless`` manager has no team."""
    return replace(world.cast["manager"], team_id=None) if name == "leaderless" else world.cast[name]


def sitting(world: World, name: str) -> Seat:
    return world.cast["manager" if name == "leaderless" else name]


WHOSE = [
    ("practitioner", "practitioner", True),
    ("practitioner", "manager", False),
    ("manager", "manager", True),
    ("manager", "practitioner", True),
    ("manager", "other_practitioner", False),
    ("leaderless", "police_member", False),
    ("coordinator", "police_member", True),
    ("police_lead", "health_lead", True),
]


def test_the_actions_of_a_seat_s_work(world: World) -> None:
    """Of the police as an agency, and held by somebody."""
    for name, holder, listed in WHOSE:
        given = world.cast.memberships[holder]
        owner(
            "update panels_action set owner_id = %s, owner_principal = %s where id = %s",
            given.pk,
            given.principal,
            world.action.pk,
        )
        with acting_as(sitting(world, name)):
            assert Action.objects.filter(pk=world.action.pk).exists()
            assert (world.action in actions_for(seat_of(world, name))) is listed


def test_a_coordinator_s_work_is_of_the_own_partnership(world: World) -> None:
    cast = world.cast
    with acting_as(cast["coordinator"]):
        assert set(actions_for(cast["coordinator"])) == {world.action, world.withdrawn_action}
    owner(
        "update panels_action set partnership_id = %s where id = %s",
        cast.other_partnership.pk,
        world.withdrawn_action.pk,
    )
    with acting_as(cast["coordinator"]):
        assert set(Action.objects.all()) == {world.action, world.withdrawn_action}
        assert set(actions_for(cast["coordinator"])) == {world.action}


def test_open_actions_are_listed_apart_from_those_that_ended(world: World) -> None:
    owner("update panels_action set status = 'done', closed_on = %s where id = %s", TODAY, world.withdrawn_action.pk)
    seat = world.cast["coordinator"]
    with acting_as(seat):
        assert open_actions_for(seat, TODAY) == [world.action]
        assert closed_actions_for(seat) == [world.withdrawn_action]


def test_an_action_stands_beside_its_own_case_reports_and_steps(world: World) -> None:
    cast, seat = world.cast, world.cast["coordinator"]
    second = open_case(cast, child=another_child(1))
    other = an_action(cast, second)
    with acting_as(seat):
        report_on_action(action=other, text="Seen", by=seat, at=HELD)
        report_on_action(action=world.action, text="Visited", by=seat, at=HELD)
        system = cast["system"]
    with acting_as(system):
        for action in (other, world.action):
            action.chasers.create(
                record_id=action.record_id, step="on_the_day", due_on=TODAY, chased_on=TODAY, told="the owner"
            )
    with acting_as(seat):
        for action, case, reports in ((other, second, ["Seen"]), (world.action, world.case, ["Visited"])):
            found = Together(action_parts).read(*ACTION_PARTS, record=action.record_id)
            assert [chaser.action_id for chaser in found["chasers"]] == [action.pk]
            listed, updates = with_history(found)
            assert {one.record_id for one in listed} == {action.record_id}
            assert [row.text for row in updates.pop(action.pk)] == reports
            assert set(updates) <= {world.withdrawn_action.pk} & {one.pk for one in listed}
            assert case_beside(action) == Case.objects.get(pk=case.pk)
            assert cases_of([action]) == {case.pk: case}


def test_what_a_seat_wrote_itself_and_a_lead_s_agency(world: World) -> None:
    cast = world.cast
    with acting_as(cast["coordinator"]):
        report_on_action(action=world.action, text="Asked again", by=cast["coordinator"], at=HELD)
    own = an_action(cast, world.case, agency="social_care", owner="practitioner")
    with acting_as(cast["practitioner"]):
        report_on_action(action=own, text="Written to school", by=cast["practitioner"], at=HELD)
    for name, texts in (
        ("coordinator", ["Asked again"]),
        ("practitioner", ["Written to school"]),
        ("manager", []),
        ("social_care_lead", ["Written to school"]),
        ("health_lead", ["The nurse has written"]),
    ):
        with acting_as(cast[name]):
            assert [row.text for row in written_by_agency(cast[name])] == texts, name


def test_the_newest_actions_are_those_that_the_seat_sees_however_they_are_sought(world: World) -> None:
    for name in ("coordinator", "chair", "practitioner", "police_lead", "health_lead"):
        seat = world.cast[name]
        with acting_as(seat):
            statement, parameters = newest_actions(seat, size=10)
            found = {row[1] for row in rows(statement, *parameters)}
            assert found == set(Action.objects.values_list("pk", flat=True)), name


def test_to_whom_an_action_may_be_given(world: World) -> None:
    cast = world.cast
    action = an_action(cast, world.case, agency="social_care", owner="practitioner")
    team = {"practitioner", "manager"}
    for name, expected in (
        ("manager", team),
        ("leaderless", set()),
        ("coordinator", {*team, "other_practitioner", "coordinator", "social_care_lead", "chair"}),
    ):
        with acting_as(sitting(world, name)):
            found = colleagues_for(action, seat_of(world, name), on=TODAY)
        names = {known for known, membership in cast.memberships.items() if membership in found}
        assert names == {known for known in expected if cast[known].agency_id == cast["coordinator"].agency_id}
        assert len(found) == len(names)


DATES = [
    ("2026-03-16", None, True),
    ("2026-03-16", "2026-03-16", True),
    ("2020-01-01", "2026-03-15", False),
    ("2026-03-17", None, False),
    ("2026-03-17", "2026-04-01", False),
]


@pytest.mark.parametrize("column", ["accounts_holding.membership_id", "accounts_membership.id"])
def test_who_holds_a_panel_on_a_day(world: World, column: str) -> None:
    cast, chair = world.cast, world.cast["chair"].membership_id
    table = column.split(".", maxsplit=1)[0]
    for begins, ends, holds in DATES:
        owner(f"update {table} set from_on = %s, until_on = %s where {column} = %s", begins, ends, chair)
        with acting_as(cast["coordinator"]):
            held = cast.panels["pre_mace"].principal
            found = holders_of(held, partnership_id=cast.partnership.pk, on=TODAY)
            assert [one.pk for one in found] == ([chair] if holds else []), (begins, ends)


def test_who_holds_a_panel_is_of_that_panel_and_partnership(world: World) -> None:
    cast = world.cast
    with acting_as(cast["coordinator"]):
        assert Membership.objects.select_related(*SEAT_JOINS).filter(pk=cast["chair"].membership_id).exists()
        for panel, partnership, held in (
            ("pre_mace", cast.partnership, 1),
            ("pre_mace", cast.other_partnership, 0),
            ("other_pre_mace", cast.partnership, 0),
        ):
            found = holders_of(cast.panels[panel].principal, partnership_id=partnership.pk, on=TODAY)
            assert len(found) == held, (panel, partnership)


def test_the_next_meeting_is_the_panel_s_own_and_no_cancelled_one(world: World) -> None:
    cast, seat = world.cast, world.cast["coordinator"]
    day = dt.timedelta(days=1)
    planned_meeting(cast, panel="operational", starts_at=HELD + day, at=PLANNED)
    with acting_as(seat):
        cancel_meeting(meeting=planned_meeting(cast, starts_at=HELD + 2 * day, at=PLANNED), by=seat, at=PLANNED)
        panels = cast.panels
        assert next_meeting_on(panels["pre_mace"], after=TODAY) == world.next_meeting.held_on
        assert next_meeting_on(panels["operational"], after=TODAY) == (HELD + day).date()
        assert next_meeting_on(panels["strategic"], after=TODAY) is None


def test_the_panel_that_gave_an_action(world: World) -> None:
    cast = world.cast
    meeting = planned_meeting(cast, world.case, panel="operational", starts_at=HELD + dt.timedelta(days=2), at=PLANNED)
    item = item_of(cast, meeting)
    owner("update panels_panel set kind = 'was' where partnership_id = %s and kind = 'pre_mace'", cast.partnership.pk)
    owner(
        "update panels_panel set kind = 'pre_mace' where partnership_id = %s and kind = 'strategic'",
        cast.partnership.pk,
    )
    with acting_as(cast["coordinator"]):
        for of, partnership, panel in (
            (item, cast.partnership, "operational"),
            (world.next_item, cast.partnership, "pre_mace"),
            (None, cast.partnership, "strategic"),  # which is the pre-MACE panel now
            (None, cast.other_partnership, "other_pre_mace"),
        ):
            assert panel_of(Action(item=of, partnership=partnership)) == cast.panels[panel]
