"""A 12-week review gone through in full: every step of the plan, the voice anew, engagement, what changed meanwhile."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest

from mace.core.errors import RuleBroken
from mace.core.seat import acting_as
from panels.enums import Strand
from panels.services.actions import close_action, create_action
from referrals.models import Case, ChildVoice, PlanStep, Review, ReviewDraft, ReviewStep, SafetyPlan
from referrals.rules_cases import StepSaid
from referrals.selectors import case_content
from referrals.selectors.reviews import by_lateness, late_words, step_field
from referrals.services import answer_review, hold_review, make_review
from tests.factories.cast import Cast
from tests.factories.referrals import MONDAY, another_child, open_case, plan_gone_through, plan_posted

MADE = MONDAY + dt.timedelta(days=63)
DUE = dt.date(2026, 5, 25)
ANSWERS: dict[str, Any] = {
    "progress": "Back at school",
    "voice": "I feel safer.",
    "rating": "emerging",
    "rating_reason": "No contact since April",
    "recommendation": "close",
    "reached_by": "Her youth worker",
    "reached_how": "On the way home",
    "helped": "Time",
    "not_helped": "Letters",
    "asks": "A place at college",
}


def made(cast: Cast, case: Case, due_on: dt.date = DUE) -> Review:
    with acting_as(cast["system"]):
        review = make_review(case=case, due_on=due_on, by=cast["system"], at=MADE)
    assert review is not None
    return review


def answer(cast: Cast, review: Review, **changes: Any) -> Review:
    seat = cast["practitioner"]
    with acting_as(seat):
        steps = {"steps": plan_gone_through(review.case)}
        return answer_review(review=review, **(steps | ANSWERS | changes), by=seat, at=MADE)


def test_each_step_is_kept_with_its_words_and_what_was_said_of_it(cast: Cast) -> None:
    review = made(cast, open_case(cast))
    with acting_as(cast["practitioner"]):
        steps = plan_gone_through(review.case, "not_working", "The taxi never came")
    answer(cast, review, steps=steps)
    with acting_as(cast["coordinator"]):
        kept = ReviewStep.objects.values_list("text", "state", "note", "record_id")
        assert list(kept) == [("Taxi to and from school", "not_working", "The taxi never came", review.record_id)]
    with acting_as(cast["police_lead"]):
        assert not ReviewStep.objects.exists()


def test_a_review_that_leaves_a_step_out_is_not_answered(cast: Cast) -> None:
    review = made(cast, open_case(cast))
    with acting_as(cast["practitioner"]):
        (key,) = plan_gone_through(review.case)
    for steps, part in (({}, "state"), ({key: StepSaid("not_needed")}, "note"), ({key: StepSaid("x")}, "state")):
        with pytest.raises(RuleBroken) as refused:
            answer(cast, review, steps=steps)
        assert refused.value.field == step_field(key, part)
    with pytest.raises(RuleBroken, match="safety plan has changed"):
        answer(cast, review, steps={key: StepSaid("done"), key + 999: StepSaid("done")})
    with acting_as(cast["coordinator"]):
        assert Review.objects.get().status == "due"
        assert not ReviewStep.objects.exists()


def test_the_voice_is_written_down_anew_and_a_missing_one_says_why(cast: Cast) -> None:
    case = open_case(cast)
    answer(cast, made(cast, case), observed="She smiles", wants="A dog")
    with acting_as(cast["coordinator"]):
        voice = ChildVoice.objects.order_by("-pk")[0]
        assert (voice.words, voice.observed, voice.wants) == ("I feel safer.", "She smiles", "A dog")
        assert (voice.record_id, voice.child_id, voice.effective_on) == (case.pk, case.child_id, MADE.date())
        newest = case_content(case).voice
        assert newest is not None
        assert newest.pk == voice.pk
    other = open_case(cast, child=another_child(1))
    review = made(cast, other)
    with pytest.raises(RuleBroken) as refused:
        answer(cast, review, voice=" ")
    assert refused.value.field == "voice"
    with acting_as(cast["coordinator"]):
        before = ChildVoice.objects.count()
    assert answer(cast, review, voice="", voice_missing="She would not see anybody").voice_missing
    with acting_as(cast["coordinator"]):
        assert ChildVoice.objects.count() == before


def test_the_same_sent_twice_is_one_answer_and_one_voice(cast: Cast) -> None:
    review = made(cast, open_case(cast))
    answer(cast, review)
    with acting_as(cast["coordinator"]):
        voices = ChildVoice.objects.count()
    answer(cast, review)
    with acting_as(cast["coordinator"]):
        assert ChildVoice.objects.count() == voices
        assert ReviewStep.objects.count() == 1
    with pytest.raises(RuleBroken, match="answered"):
        answer(cast, review, helped="Something else")


def test_the_page_reads_back_all_that_was_said_and_knows_the_actions(cast: Cast) -> None:
    case = open_case(cast)
    review = made(cast, case)
    client, path = cast.client("practitioner"), f"/reviews/{review.reference}/"
    asks = html.unescape(client.get(path).content.decode())
    for words in ("Scores of the last assessment", "Two episodes in February", "Taxi to and from school"):
        assert words in asks, words
    with acting_as(cast["practitioner"]):
        steps = plan_posted(case, "not_working", "The taxi never came")
    assert client.post(path, ANSWERS | steps | {"version": "0", "operation": "a"}).status_code == 302
    page = html.unescape(client.get(path).content.decode())
    for words in (*(str(ANSWERS[name]) for name in ANSWERS if name not in ("rating", "recommendation")),):
        assert words in page, words
    assert "Not working" in page
    assert "The taxi never came" in page


def test_a_note_on_a_step_of_an_earlier_plan_is_shown_and_not_lost(cast: Cast) -> None:
    case = open_case(cast)
    review = made(cast, case)
    client, path, seat = cast.client("practitioner"), f"/reviews/{review.reference}/", cast["practitioner"]
    with acting_as(seat):
        typed = plan_posted(case, "under_way", "Half of the days")
    assert client.post(path, typed | {"version": "0", "later": "1"}).status_code == 302
    with acting_as(seat):
        old = SafetyPlan.objects.get()
        plan = SafetyPlan.objects.create(
            record_id=case.pk,
            child_id=case.child_id,
            written_by_id=seat.membership_id,
            written_by_principal=seat.principal,
            written_at=MADE,
            effective_on=MADE.date(),
            version=old.version + 1,
            made_with="Her aunt",
            summary="She lives with her aunt",
        )
        PlanStep.objects.create(record_id=case.pk, plan=plan, text="Her aunt drives her", who="Aunt")
    page = html.unescape(client.get(path).content.decode())
    assert "The safety plan has changed since you wrote these notes" in page
    assert "Taxi to and from school: Half of the days" in page
    assert re.search(r"<legend[^>]*>Her aunt drives her</legend>", page)
    with acting_as(seat):
        assert "Half of the days" in ReviewDraft.objects.get().data.values()


def test_reviews_are_told_apart_by_how_late_they_are(cast: Cast) -> None:
    late = made(cast, open_case(cast, child=another_child(1)))
    waits = made(cast, open_case(cast, child=another_child(2)), DUE + dt.timedelta(days=30))
    answered = made(cast, open_case(cast, child=another_child(3)))
    answered.status = "answered"
    on = DUE + dt.timedelta(days=12)
    parts = {key: rows for key, _, rows in by_lateness([late, waits, answered], on=on)}
    assert parts == {"overdue": [late], "unheld": [answered], "waiting": [waits]}
    assert late_words(late, on) == "overdue: 12 days"
    assert late_words(late, DUE + dt.timedelta(days=1)) == "overdue: 1 day"
    assert late_words(answered, on) == "answered, not held, overdue: 12 days"
    assert late_words(waits, DUE) == "due 24 Jun 2026"
    assert [key for key, _, rows in by_lateness([late], on=DUE) if rows] == ["waiting"]


def test_actions_since_the_last_review_stand_on_the_page(cast: Cast) -> None:
    case = open_case(cast)
    review, by = made(cast, case), cast["coordinator"]
    path, client = f"/reviews/{review.reference}/", cast.client("practitioner")
    assert "Actions since" not in client.get(path).content.decode()
    given: dict[str, Any] = {"record_id": case.pk, "item": None, "strand": Strand.VICTIM, "measure": "", "by": by}
    given |= {"owner_agency": cast.agencies["police"], "owner": None}
    with acting_as(by):
        create_action(text="Visit the flat", due_on=dt.date(2026, 4, 1), at=MONDAY, **given)
        done = create_action(text="Book the check", due_on=dt.date(2026, 4, 1), at=MONDAY, **given)
        close_action(action=done, status="done", note="Done", by=by, at=MONDAY + dt.timedelta(days=3))
    page = client.get(path).content.decode()
    assert "Actions since 2 March 2026" in page
    assert page.index("Visit the flat") < page.index("Book the check")
    with acting_as(by):
        hold_review(review=review, by=by, at=MADE)
    later = made(cast, case, MADE.date() + dt.timedelta(days=84))
    page = client.get(f"/reviews/{later.reference}/").content.decode()
    assert "Visit the flat" in page
    assert "Book the check" not in page
