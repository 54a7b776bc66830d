"""The 12-week review is made in time, once, goes on its meeting, and is chased."""

from __future__ import annotations

import datetime as dt

import pytest

from mace.core.clock import london_time
from mace.core.errors import NotAllowed
from mace.core.seat import acting_as
from mace.notifications.models import Message
from panels.enums import ItemKind
from panels.models import AgendaItem, Meeting
from panels.services.planning import cancel_meeting, plan_meeting
from panels.services.reviews import chase_reviews, make_due_reviews
from referrals.models import Case, Review
from referrals.services import answer_review, close_tier, escalate_case, hold_review
from tests.factories.cast import Cast
from tests.factories.referrals import STUCK, plan_gone_through
from tests.panels.given import CHILD, NOW, a_case

OPENED = dt.date(2026, 3, 2)
DUE = dt.date(2026, 5, 25)  # 84 days on


def make(cast: Cast, on: dt.date) -> int:
    with acting_as(cast["system"]):
        return make_due_reviews(by=cast["system"], at=london_time(on, 7))


def chase(cast: Cast, on: dt.date) -> int:
    with acting_as(cast["system"]):
        return chase_reviews(by=cast["system"], at=london_time(on, 7))


def plan(cast: Cast, on: dt.date, panel: str = "pre_mace") -> Meeting:
    with acting_as(cast["coordinator"]):
        return plan_meeting(
            panel=cast.panels[panel], starts_at=london_time(on, 14), place="Town hall", by=cast["coordinator"], at=NOW
        )


def reviews(cast: Cast) -> list[tuple[dt.date, dt.date, str]]:
    with acting_as(cast["coordinator"]):
        return list(Review.objects.order_by("due_on").values_list("due_on", "made_on", "status"))


def chased(cast: Cast) -> list[tuple[str, str]]:
    with acting_as(cast["system"]):
        rows = Message.objects.filter(dedupe_key__startswith="review-chase:").select_related("recipient__user")
        return [(row.recipient.user.name, row.subject) for row in rows.order_by("created_at", "recipient__user__name")]


def test_without_a_meeting_it_is_made_21_days_before_it_is_due(cast: Cast) -> None:
    a_case(cast)
    assert make(cast, dt.date(2026, 5, 3)) == 0
    assert make(cast, dt.date(2026, 5, 4)) == 1
    assert make(cast, dt.date(2026, 5, 4)) == 0
    assert make(cast, dt.date(2026, 5, 20)) == 0
    assert reviews(cast) == [(DUE, dt.date(2026, 5, 4), "due")]
    with acting_as(cast["practitioner"]):
        review = Review.objects.get()
        assert Message.objects.filter(subject=f"Review {review.reference} is due on 25 May 2026").count() == 1


def test_it_is_made_21_days_before_its_meeting_and_put_on_it(cast: Cast) -> None:
    case = a_case(cast)
    plan(cast, dt.date(2026, 3, 11))
    meeting = plan(cast, dt.date(2026, 5, 13))
    plan(cast, dt.date(2026, 5, 27))  # after it is due
    plan(cast, dt.date(2026, 5, 20), "operational")  # another panel
    assert make(cast, dt.date(2026, 4, 21)) == 0
    assert make(cast, dt.date(2026, 4, 22)) == 1
    assert make(cast, dt.date(2026, 5, 4)) == 0
    with acting_as(cast["coordinator"]):
        item = AgendaItem.objects.get()
        assert (item.meeting, item.subject_id, item.kind, item.review.due_on if item.review else None) == (
            meeting,
            case.pk,
            ItemKind.REVIEW,
            DUE,
        )


def test_late_worker_makes_one_and_leaves_past_meetings_alone(cast: Cast) -> None:
    a_case(cast)
    plan(cast, dt.date(2026, 5, 13))
    assert make(cast, dt.date(2026, 9, 1)) == 1
    assert reviews(cast) == [(DUE, dt.date(2026, 9, 1), "due")]
    with acting_as(cast["coordinator"]):
        assert not AgendaItem.objects.exists()


def test_cancelled_meeting_does_not_count(cast: Cast) -> None:
    a_case(cast)
    meeting = plan(cast, dt.date(2026, 5, 13))
    with acting_as(cast["coordinator"]):
        cancel_meeting(meeting=meeting, by=cast["coordinator"], at=NOW)
    assert make(cast, dt.date(2026, 5, 3)) == 0
    assert make(cast, dt.date(2026, 5, 4)) == 1


def test_escalated_case_is_reviewed_by_the_operational_panel(cast: Cast) -> None:
    case = a_case(cast)
    with acting_as(cast["coordinator"]):
        escalate_case(case=case, reason="Stuck", criteria=STUCK, by=cast["coordinator"], at=NOW)
    plan(cast, dt.date(2026, 5, 20))
    meeting = plan(cast, dt.date(2026, 5, 13), "operational")
    assert make(cast, dt.date(2026, 4, 22)) == 1
    with acting_as(cast["coordinator"]):
        assert AgendaItem.objects.get().meeting == meeting


def test_held_review_sets_the_next(cast: Cast) -> None:
    a_case(cast)
    make(cast, dt.date(2026, 5, 4))
    held_on = dt.date(2026, 5, 20)
    with acting_as(cast["coordinator"]):
        hold_review(review=Review.objects.get(), by=cast["coordinator"], at=london_time(held_on, 15))
    following = held_on + dt.timedelta(days=84)
    assert make(cast, following - dt.timedelta(days=22)) == 0
    assert make(cast, following - dt.timedelta(days=21)) == 1
    assert [(due, status) for due, _, status in reviews(cast)] == [(DUE, "held"), (following, "due")]


def test_closed_case_has_no_more_reviews(cast: Cast) -> None:
    case = a_case(cast)
    with acting_as(cast["coordinator"]):
        close_tier(case=case, tier="pre_mace", outcome="closed", reason="Safe", by=cast["coordinator"], at=NOW)
    assert make(cast, DUE) == 0


def test_only_coordinator_chair_or_the_clock_make_them(cast: Cast) -> None:
    a_case(cast)
    with acting_as(cast["practitioner"]), pytest.raises(NotAllowed):
        make_due_reviews(by=cast["practitioner"], at=NOW)
    with acting_as(cast["stranger_system"]):
        assert make_due_reviews(by=cast["stranger_system"], at=london_time(DUE)) == 0


def test_unanswered_review_is_chased_before_on_and_after_its_day(cast: Cast) -> None:
    a_case(cast)
    make(cast, dt.date(2026, 5, 4))
    day = dt.date(2026, 5, 4)
    while day < dt.date(2026, 7, 1):
        chase(cast, day)
        chase(cast, day)
        day += dt.timedelta(days=1)
    with acting_as(cast["practitioner"]):
        reference = Review.objects.get().reference
    assert chased(cast) == [
        ("Practitioner", f"Review {reference} is due in 7 days"),
        ("Practitioner", f"Review {reference} is 1 day overdue"),  # 25 May is a bank holiday
        ("Manager", f"Review {reference} is 7 days overdue"),
        ("Practitioner", f"Review {reference} is 7 days overdue"),
    ]
    with acting_as(cast["system"]):
        said = "\n".join(f"{row.subject} {row.text} {row.path}" for row in Message.objects.all())
    assert not any(word in said for word in CHILD.split())


def test_answer_stops_the_chase(cast: Cast) -> None:
    a_case(cast)
    make(cast, dt.date(2026, 5, 4))
    with acting_as(cast["practitioner"]):
        answer_review(
            review=Review.objects.get(),
            progress="Better",
            voice="She says so",
            rating="emerging",
            rating_reason="Home",
            recommendation="close",
            reached_by="Her youth worker",
            steps=plan_gone_through(Review.objects.get().case),
            by=cast["practitioner"],
            at=london_time(dt.date(2026, 5, 5)),
        )
    assert chase(cast, DUE) == 0
    assert chased(cast) == []


def test_many_cases_cost_the_same_look(cast: Cast, django_assert_num_queries: object) -> None:
    a_case(cast)
    for number in range(3):
        with acting_as(cast["system"]), django_assert_num_queries(6):  # type: ignore[operator]
            make_due_reviews(by=cast["system"], at=london_time(dt.date(2026, 3, 10)))
        a_case(cast, number=number)
    with acting_as(cast["coordinator"]):
        assert Case.objects.count() == 4
