"""12-week reviews: made once, answered by the right person, held, and the page that does it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse

from mace.core.errors import Conflict, NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.notifications.models import Message
from referrals.models import Case, Review, ReviewDraft
from referrals.selectors import case_by_reference, next_review_due, open_reviews_for
from referrals.services import answer_review, close_tier, hold_review, make_review, save_review
from referrals.services.reviews import ANSWERS as KEPT
from tests.factories.cast import Cast
from tests.factories.referrals import MONDAY, another_child, open_case, plan_gone_through, plan_posted

DUE = dt.date(2026, 5, 25)
MADE = MONDAY + dt.timedelta(days=63)
ANSWERS = {
    "progress": "Back at school, two episodes fewer.",
    "voice": "I feel safer.",
    "rating": "emerging",
    "rating_reason": "No contact since April.",
    "recommendation": "close",
    "reached_by": "Her youth worker",
}


def made_review(cast: Cast, case: Case) -> Review:
    with acting_as(cast["system"]):
        made = make_review(case=case, due_on=DUE, by=cast["system"], at=MADE)
    assert made is not None
    return made


def answer(cast: Cast, review: Review, by: str = "practitioner", **changes: Any) -> Review:
    with acting_as(cast[by]):
        return answer_review(
            review=review, **({"steps": plan_gone_through(review.case)} | ANSWERS | changes), by=cast[by], at=MADE
        )


def test_review_is_due_twelve_weeks_after_opening_then_after_the_last_one_held(cast: Cast) -> None:
    case = open_case(cast)
    review = made_review(cast, case)
    with acting_as(cast["coordinator"]):
        assert next_review_due(case_by_reference(case.reference)) == DUE
        hold_review(review=review, by=cast["coordinator"], at=MADE)
        assert next_review_due(case) == MADE.date() + dt.timedelta(days=84)


def test_one_review_per_due_date_and_its_lead_is_told_once(cast: Cast) -> None:
    case = open_case(cast)
    review = made_review(cast, case)
    with acting_as(cast["system"]):
        assert make_review(case=case, due_on=DUE, by=cast["system"], at=MADE) is None
        assert Review.objects.count() == 1
    with acting_as(cast["practitioner"]):
        subjects = list(Message.objects.values_list("subject", flat=True))
    assert f"Review {review.reference} is due on 25 May 2026" in subjects
    assert sum("is due" in subject for subject in subjects) == 1


def test_nothing_is_made_for_a_closed_case_and_open_reviews_are_cancelled(cast: Cast) -> None:
    case = open_case(cast)
    review = made_review(cast, case)
    seat = cast["coordinator"]
    with acting_as(seat):
        close_tier(case=case, tier="pre_mace", outcome="closed", reason="Safer", by=seat, at=MADE)
        assert Review.objects.get().status == "cancelled"
        assert make_review(case=case, due_on=DUE + dt.timedelta(days=1), by=seat, at=MADE) is None
        with pytest.raises(RuleBroken, match="cancelled"):
            hold_review(review=review, by=seat, at=MADE)


@pytest.mark.parametrize("by", ["practitioner", "manager", "coordinator"])
def test_review_is_answered_and_coordinators_are_told(cast: Cast, by: str) -> None:
    case = open_case(cast)
    review = answer(cast, made_review(cast, case), by)
    assert (review.status, review.answered_on, review.rating) == ("answered", MADE.date(), "emerging")
    assert answer(cast, review, by).version == review.version
    with pytest.raises(RuleBroken, match="the review is answered"):
        answer(cast, review, by, progress="Other")
    if by != "coordinator":
        with acting_as(cast["coordinator"]):
            assert Message.objects.filter(subject=f"Review {review.reference} was answered").count() == 1


@pytest.mark.parametrize("by", ["other_practitioner", "police_lead", "chair", "stranger_coordinator", "board"])
def test_others_may_not_answer(cast: Cast, by: str) -> None:
    review = made_review(cast, open_case(cast))
    with pytest.raises(NotAllowed):
        answer(cast, review, by)


def test_referrer_who_does_not_lead_may_not_answer(cast: Cast) -> None:
    review = made_review(cast, open_case(cast, lead="other_practitioner"))
    with acting_as(cast["practitioner"]):
        assert Review.objects.count() == 1
    with pytest.raises(NotAllowed):
        answer(cast, review, "practitioner")
    assert answer(cast, review, "other_practitioner").status == "answered"


@pytest.mark.parametrize("field", ["progress", "voice", "reached_by", "rating", "rating_reason", "recommendation"])
def test_every_answer_is_needed(cast: Cast, field: str) -> None:
    review = made_review(cast, open_case(cast))
    with pytest.raises(RuleBroken) as caught:
        answer(cast, review, **{field: " "})
    assert caught.value.field == field


def test_answers_are_kept_while_they_are_typed(cast: Cast) -> None:
    review = made_review(cast, open_case(cast))
    seat = cast["practitioner"]
    with acting_as(seat):

        def save(text: str, version: int, operation: str) -> ReviewDraft:
            return save_review(
                review=review, data={"progress": text, "x": "y"}, version=version, operation=operation, by=seat, at=MADE
            )

        assert save("One", 0, "a").version == 1
        assert save("One", 0, "a").version == 1
        with pytest.raises(Conflict):
            save("Two", 0, "b")
        assert ReviewDraft.objects.get().data["progress"] == "One"
        assert set(ReviewDraft.objects.get().data) == set(KEPT)


def test_open_reviews_are_one_s_own_the_team_s_or_all(cast: Cast) -> None:
    mine = made_review(cast, open_case(cast, child=another_child(1)))
    other = made_review(cast, open_case(cast, child=another_child(2), lead="other_practitioner"))
    expected = {
        "practitioner": [mine.pk],
        "other_practitioner": [other.pk],
        "manager": [mine.pk],
        "coordinator": [mine.pk, other.pk],
        "police_lead": [],
        "stranger_coordinator": [],
    }
    for name, seen in expected.items():
        with acting_as(cast[name]):
            assert [row.pk for row in open_reviews_for(cast[name])] == seen, name


# --- Pages -----------------------------------------------------------------------------------------------------------


def test_review_page_is_filled_with_what_is_known_and_takes_the_answers(cast: Cast) -> None:
    review = made_review(cast, open_case(cast))
    client = cast.client("practitioner")
    listed = client.get(reverse("panels:reviews")).content.decode()
    assert review.reference in listed
    url = reverse("panels:review", args=[review.reference])
    page = client.get(url).content.decode()
    for words in ("Taxi to and from school", "Tamika Brightwater", "Moderate", "I just want it to stop."):
        assert words in page, words
    refused = client.post(url, ANSWERS | {"voice": "", "version": "0", "operation": "a"})
    assert refused.status_code == 422
    assert "Back at school" in refused.content.decode()
    with acting_as(cast["practitioner"]):
        assert ReviewDraft.objects.get().data["progress"] == ANSWERS["progress"]
    assert "Back at school" in client.get(url).content.decode()
    version = re.search(r'name="version" value="(\d+)"', client.get(url).content.decode())
    assert version is not None
    with acting_as(cast["practitioner"]):
        steps = plan_posted(review.case)
    unfinished = client.post(url, ANSWERS | {"version": version[1], "operation": "b"})
    assert "Say how this step stands" in unfinished.content.decode()
    version = re.search(r'name="version" value="(\d+)"', unfinished.content.decode())
    assert version is not None
    assert client.post(url, ANSWERS | steps | {"version": version[1], "operation": "c"})["Location"] == url
    read = client.get(url).content.decode()
    assert "I feel safer." in read
    assert "<textarea" not in read
    assert client.post(url, ANSWERS | {"version": version[1]})["Location"] == url
    listed = client.get(reverse("panels:reviews")).content.decode()
    assert "answered, not held" in listed
    assert "Answered, not held yet (1)" in listed
    assert "Overdue and not answered" not in listed


def test_review_can_be_left_and_autosaved(cast: Cast) -> None:
    review = made_review(cast, open_case(cast))
    client = cast.client("practitioner")
    url = reverse("panels:review", args=[review.reference])
    save = reverse("panels:save_review", args=[review.reference])
    assert client.post(url, {"progress": "Half", "version": "0", "later": "1"})["Location"] == reverse("panels:reviews")
    assert client.post(save, {"progress": "More", "version": "1", "op": "x"}).json()["version"] == 2
    answer = client.post(save, {"progress": "Else", "version": "1", "op": "y"})
    assert (answer.status_code, answer.json()) == (409, {"theirs": {"progress": "More"}, "version": 2})
    page = client.post(url, {"progress": "Else", "version": "1", "operation": "z"})
    assert page.status_code == 409
    assert "<dd>More</dd>" in page.content.decode()


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("practitioner", 200),
        ("manager", 200),
        ("coordinator", 200),
        ("other_practitioner", 404),
        ("police_lead", 403),
        ("chair", 404),
        ("stranger_coordinator", 404),
        ("board", 403),
        ("admin", 403),
    ],
)
def test_who_opens_a_review(cast: Cast, name: str, status: int) -> None:
    review = made_review(cast, open_case(cast))
    client = cast.client(name)
    url = reverse("panels:review", args=[review.reference])
    assert client.get(url).status_code == status
    if status != 200:
        assert client.post(url, ANSWERS).status_code == status
        saved = client.post(reverse("panels:save_review", args=[review.reference]), ANSWERS)
        assert saved.status_code == (403 if name == "chair" else status)


def test_referrer_who_does_not_lead_reads_the_review_and_may_not_answer(cast: Cast) -> None:
    review = made_review(cast, open_case(cast, lead="other_practitioner"))
    client = cast.client("practitioner")
    url = reverse("panels:review", args=[review.reference])
    assert "Not answered yet" in client.get(url).content.decode()
    assert client.post(url, ANSWERS).status_code == 403
