"""What is hidden, or not at that point, is refused in the service's or the page's own words."""

from __future__ import annotations

import datetime as dt

import pytest

from mace.access.policy import Capability
from mace.core.errors import NotAllowed
from mace.core.seat import acting_as
from panels.models import AgendaItem
from panels.services.actions import assign_action, report_on_action
from panels.services.meetings import add_standing_item, save_minute
from panels.services.planning import lock_meeting
from tests.access.world import World
from tests.factories.panels import HELD, PLANNED, SAID, planned_meeting


def test_what_a_seat_does_not_see_it_does_not_change(world: World) -> None:
    stranger = world.cast["stranger_coordinator"]
    with acting_as(stranger):
        with pytest.raises(NotAllowed, match="this action is not the seat's to change"):
            report_on_action(action=world.action, text="x", by=stranger, at=HELD)
        with pytest.raises(NotAllowed, match="this meeting is not the seat's to change"):
            lock_meeting(world.meeting)
        with pytest.raises(NotAllowed) as refused:
            save_minute(item=world.item, version=0, operation="", by=stranger, at=HELD, **SAID)  # type: ignore[arg-type]
    assert refused.value.args == (Capability.DRAFT_MINUTES,)


def test_only_of_the_own_agency_s_actions_a_lead_says_whose_they_are(world: World) -> None:
    cast, lead = world.cast, world.cast["social_care_lead"]
    with acting_as(lead), pytest.raises(NotAllowed) as refused:
        assign_action(action=world.action, to=cast.memberships["police_lead"], by=lead, at=HELD)
    assert refused.value.args == (Capability.ASSIGN_ACTION,)
    with acting_as(cast["police_lead"]):
        given = assign_action(action=world.action, to=cast.memberships["police_lead"], by=cast["police_lead"], at=HELD)
    assert given.owner == cast.memberships["police_lead"]


def test_pages_of_what_is_over_or_not_begun_or_of_no_child_are_not_there(world: World) -> None:
    cast, seat, client = world.cast, world.cast["coordinator"], world.cast.client("coordinator")
    coming = planned_meeting(cast, at=PLANNED, starts_at=HELD + dt.timedelta(days=2))
    with acting_as(seat):
        add_standing_item(meeting=coming, title="Minutes", minutes_allowed=5, by=seat, at=PLANNED)
        standing = AgendaItem.objects.get(meeting=coming)
    for path, status in (
        (f"/meetings/{world.next_meeting.reference}/agenda/add/standing/", 200),
        (f"/meetings/{world.meeting.reference}/agenda/add/standing/", 404),
        (f"/items/{world.next_item.reference}/invite/", 200),
        (f"/items/{standing.reference}/invite/", 404),
    ):
        assert client.get(path).status_code == status, path
    for item in (world.next_item, world.item):
        assert client.post(f"/items/{item.reference}/action/", {"text": "x"}).status_code == 404
