"""A page says of one case, meeting or action what is of that one: the same when the reader gets another beside it.

Every page about something is fetched, everything there is made a second time with the very same readers, in other
states too, and every page is fetched again.
"""

from __future__ import annotations

import datetime as dt

import pytest

from mace.core import clock
from mace.core.clock import london_time
from mace.core.seat import acting_as
from mace.notifications.models import Message
from panels.services.actions import close_action
from panels.services.meetings import cancel_meeting
from tests.access.channels import HOUR, OWN_LOG, said
from tests.access.tables import address, methods, table, undone
from tests.access.world import World, make_world
from tests.factories.owner import as_owner
from tests.factories.panels import HELD, PLANNED, planned_meeting

NOW = london_time(dt.date(2026, 4, 2), 9)
SEATS = ("coordinator", "police_lead", "practitioner", "chair", "police_member", "manager")
OFFER_OTHERS = {"meetings/<str:reference>/agenda/", "meetings/<str:reference>/agenda/add/<str:what>/"}
"""What might be put on an agenda is everything else that waits for one."""


@pytest.fixture(autouse=True)
def between_the_meetings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def pages(world: World, name: str) -> dict[str, bytes]:
    """Every page about something of that world, with whatever answer the seat gets."""
    client, takes, references = world.cast.client(name), methods(), world.references()
    with undone():
        with as_owner():
            Message.objects.update(read_at=NOW)  # how many are unread stands on every page
        return {
            route: HOUR.sub(b"", body) if OWN_LOG.search(route) else body
            for route, (subject, _) in table()[1].items()
            if subject != "-" and "GET" in takes[route] and route not in OFFER_OTHERS
            for body in [said(client.get(address(route, subject, references)))]
        }


def another_of_everything(world: World) -> World:
    """As much again for the same people, an action done, meetings planned for elsewhere and cancelled."""
    cast = world.cast
    second = make_world(cast, another=1)
    with acting_as(cast["police_member"]):
        close_action(action=second.action, status="done", note="", by=cast["police_member"], at=HELD)
    early = NOW + dt.timedelta(days=1)
    planned_meeting(cast, second.case, panel="operational", starts_at=early, at=PLANNED)
    cancelled = planned_meeting(cast, starts_at=early, at=PLANNED)
    with acting_as(cast["coordinator"]):
        cancel_meeting(meeting=cancelled, by=cast["coordinator"], at=PLANNED)
    return second


@pytest.mark.parametrize("name", SEATS)
def test_a_page_about_one_thing_says_the_same_when_there_is_another(world: World, name: str) -> None:
    before = pages(world, name)
    assert any(body.startswith(b"200") for body in before.values())
    another_of_everything(world)
    after = pages(world, name)
    assert [route for route in before if before[route] != after[route]] == []
