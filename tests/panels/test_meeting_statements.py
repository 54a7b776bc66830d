"""How many statements the pages of meetings take: the same for one row as for 25."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django import DjangoAssertNumQueries

from mace.core.seat import acting_as
from panels.models import Meeting, Minute
from panels.services.meetings import add_standing_item
from tests.factories.cast import Cast
from tests.factories.panels import HELD, PLANNED, drafted_meeting, planned_meeting
from tests.factories.referrals import open_case
from tests.panels.test_meeting_pages import post, said, url
from tests.panels.test_minutes import two_cases


def fill_agenda(cast: Cast, meeting: Meeting, count: int) -> None:
    with acting_as(cast["coordinator"]):
        for number in range(count):
            add_standing_item(
                meeting=meeting, title=f"Item {number}", minutes_allowed=1, by=cast["coordinator"], at=PLANNED
            )


COUNTS: dict[str, tuple[str, int]] = {"meeting": ("coordinator", 9), "agenda": ("coordinator", 12)}


@pytest.mark.parametrize("page", list(COUNTS))
def test_statements_of_a_meetings_page_do_not_grow_with_its_items(
    cast: Cast, page: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    name, expected = COUNTS[page]
    meeting = planned_meeting(cast, open_case(cast))
    client = cast.client(name)
    said(client, url(page, meeting.reference))
    for extra in (0, 24):
        fill_agenda(cast, meeting, extra)
        with django_assert_num_queries(expected):
            said(client, url(page, meeting.reference))


def test_statements_of_the_list_do_not_grow_with_meetings(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    planned_meeting(cast)
    client = cast.client("coordinator")
    said(client, url("meetings"))
    for number in (0, 24):
        for week in range(number):
            planned_meeting(cast, starts_at=HELD + dt.timedelta(weeks=week + 1))
        with django_assert_num_queries(6):
            said(client, url("meetings"))


def test_statements_of_minutes_do_not_grow_with_their_items(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _, _, meeting = two_cases(cast)
    drafted_meeting(cast, meeting)
    chair = cast.client("chair")
    post(chair, url("approve", meeting.reference))
    said(chair, url("minutes", meeting.reference))
    with django_assert_num_queries(15):
        said(chair, url("minutes", meeting.reference))
    with acting_as(cast["chair"]):
        assert Minute.objects.count() == 2
