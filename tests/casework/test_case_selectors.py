"""A case's page, a line of a list and the inbox say what is of that case, that line and that seat."""

from __future__ import annotations

import datetime as dt

import pytest

from mace.casework.api.selectors import case_page as api_page
from mace.casework.selectors.case import CasePage, case_page
from mace.casework.selectors.case_list import case_lines
from mace.casework.selectors.inbox import PAGE, inbox_page
from mace.core.seat import acting_as
from mace.notifications.models import Message
from mace.notifications.selectors import inbox
from panels.models import AgendaItem, Minute
from referrals.models import Case
from referrals.selectors import case_by_reference
from referrals.services import make_review
from tests.casework.test_naming import escalated
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.panels import HELD, approved_meeting, drafted_meeting, published_meeting
from tests.factories.referrals import MONDAY, another_child, open_case


@pytest.fixture
def pair(cast: Cast) -> tuple[Case, Case]:
    return open_case(cast), open_case(cast, child=another_child(1))


def shown(cast: Cast, case: Case) -> CasePage:
    with acting_as(cast["coordinator"]):
        return case_page(case_by_reference(case.reference))


def test_a_page_has_its_own_minutes_once_they_are_approved_and_its_own_reviews(
    cast: Cast, pair: tuple[Case, Case]
) -> None:
    expected = []
    with acting_as(cast["coordinator"]):
        reviews = [
            make_review(case=case, due_on=dt.date(2026, 5, 25), by=cast["coordinator"], at=HELD) for case in pair
        ]
    for day, case in enumerate(pair):
        meeting = approved_meeting(cast, case, starts_at=HELD + dt.timedelta(days=day))
        with as_owner():
            expected.append(Minute.objects.get(item=AgendaItem.objects.get(meeting=meeting, subject_id=case.pk)))
    drafted_meeting(cast, published_meeting(cast, pair[0], starts_at=HELD + dt.timedelta(days=2)))
    for case, minute, review in zip(pair, expected, reviews, strict=True):
        page = shown(cast, case)
        assert (page.minutes, page.reviews) == ([minute], [review])


def test_a_line_says_where_that_case_is_open(cast: Cast) -> None:
    first = open_case(cast, child=another_child(1))
    both = escalated(cast)
    expected = {first.reference: ["pre_mace"], both.reference: ["pre_mace", "mace"]}
    with acting_as(cast["coordinator"]):
        lines, _ = case_lines()
        rows, _ = api_page("")
    assert {line.reference: list(line.open_at) for line in lines} == expected
    bodies = [row.body() for row in rows]
    assert {body["reference"]: [tier["tier"] for tier in body["tiers"]] for body in bodies} == expected


def told(cast: Cast, name: str, number: int, at: dt.datetime) -> Message:
    seat = cast[name]
    return Message(
        reference=f"N-TEST-{number:04}",
        partnership_principal=seat.partnership_principal,
        recipient_id=seat.membership_id,
        recipient_principal=seat.principal,
        subject=f"Message {number}",
        text="",
        path="/",
        dedupe_key=f"{name}-{number}",
        created_at=at,
    )


def test_the_inbox_is_the_seats_own_page_by_page_and_loses_nothing(cast: Cast) -> None:
    later = MONDAY + dt.timedelta(hours=1)
    with as_owner():
        Message.objects.all().delete()
        Message.objects.bulk_create(told(cast, "health_lead", number, later) for number in range(100, 102))
        Message.objects.bulk_create(
            told(cast, "police_lead", number, later if number > 39 else MONDAY) for number in range(60)
        )
        seat, pages, after = cast["police_lead"], [], ""
        for _ in range(3):
            rows, after = inbox_page(seat, after=after)
            pages.append([row.reference for row in rows])
        assert after == ""
        unknown, _ = inbox_page(seat, after="N-TEST-9999")
        foreign, _ = inbox_page(seat, after="N-TEST-0100")
        assert {row.recipient_id for row in inbox(seat)} == {seat.membership_id}
    expected = [f"N-TEST-{number:04}" for number in reversed(range(60))]
    assert pages == [expected[:PAGE], expected[PAGE : 2 * PAGE], expected[2 * PAGE :]]
    assert [row.reference for row in unknown] == [row.reference for row in foreign] == expected[:PAGE]
