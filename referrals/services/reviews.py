"""The 12-week review: made, answered, held."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from django.db import transaction
from django.urls import reverse

from mace.access.policy import Capability, require
from mace.accounts.models import Role
from mace.core.clock import london_date
from mace.core.errors import Conflict, NotAllowed, RuleBroken
from mace.core.forms import long_date
from mace.core.seat import Seat
from referrals.enums import Rating, Recommendation, ReviewStatus
from referrals.models import Case, ChildVoice, Review, ReviewDraft, ReviewStep
from referrals.rules_cases import StepSaid, step_fault
from referrals.selectors.cases import case_content
from referrals.selectors.reviews import step_field
from referrals.services.locking import locked_case, locked_review
from referrals.services.telling import tell, tell_coordinators
from referrals.transitions import check_review

MOST_TYPED = 20_000


@transaction.atomic
def make_review(*, case: Case, due_on: dt.date, by: Seat, at: dt.datetime) -> Review | None:
    """Make the review that is due on a day and give it to the lead professional; ``None`` when it exists already.

    Nothing is made for a closed case. One per due date, however often and by whomever this is called.
    """
    require(by, Capability.SCREEN)
    locked = locked_case(case)
    if locked.closed_on is not None or Review.objects.filter(case=locked, due_on=due_on).exists():
        return None
    made = Review.objects.create(record_id=locked.record_id, case=locked, due_on=due_on, made_on=london_date(at))
    tell(
        membership_id=locked.lead_professional_id,
        subject=f"Review {made.reference} is due on {long_date(due_on)}",
        text=f"The 12-week review of case {locked.reference} is due on {long_date(due_on)}. Please answer it in time.",
        path=reverse("panels:review", args=[made.reference]),
        about=locked.record_id,
        key=f"review-made:{made.reference}",
        by=by,
        at=at,
    )
    return made


def may_answer(case: Case, by: Seat) -> bool:
    """The lead professional, the manager of the case's team, a coordinator."""
    if by.role == Role.MANAGER and by.team_id is not None and by.team_id == case.team_id:
        return True
    return case.lead_professional_id == by.membership_id or by.role == Role.COORDINATOR


ANSWERS = (
    "progress",
    "voice",
    "observed",
    "wants",
    "voice_missing",
    "reached_by",
    "reached_how",
    "helped",
    "not_helped",
    "asks",
    "rating",
    "rating_reason",
    "recommendation",
)
ABOUT_A_STEP = re.compile(r"step_[0-9A-Za-z_-]{8,60}_(state|note)")
STEPS_MOST = 100
MUST_SAY = (
    ("progress", "Say what has changed"),
    ("reached_by", "Say who could reach them, or that nobody could"),
    ("rating_reason", "Say why you rate the risk so"),
)


def _typed(data: Mapping[str, str]) -> dict[str, str]:
    """What a draft keeps of what was sent: the answers, and what was said of steps."""
    steps = [name for name in data if ABOUT_A_STEP.fullmatch(name)][: 2 * STEPS_MOST]
    return {name: str(data.get(name, "")).replace("\x00", "")[:MOST_TYPED] for name in (*ANSWERS, *steps)}


@transaction.atomic
def save_review(
    *, review: Review, data: Mapping[str, str], version: int | None, operation: str, by: Seat, at: dt.datetime
) -> ReviewDraft:
    """Keep the answers as typed, until the review is answered. Versions and retries as for a referral's pages."""
    require(by, Capability.ANSWER_REVIEW)
    locked = locked_review(review)
    if not may_answer(locked.case, by):
        raise NotAllowed(Capability.ANSWER_REVIEW)
    check_review(locked.status, ReviewStatus.ANSWERED)
    typed = _typed(data)
    stored = ReviewDraft.objects.select_for_update().filter(review=locked).first()
    standing = stored.version if stored else 0
    if stored is not None:
        mine = bool(operation) and stored.operation == operation
        if mine and stored.data == typed:
            return stored
        if not mine and version is not None and version != standing and stored.data != typed:
            raise Conflict(version=standing, theirs=stored.data)
    row = stored or ReviewDraft(record_id=locked.record_id, review=locked)
    row.data, row.version, row.operation, row.saved_at = typed, standing + 1, operation, at
    row.saved_by_id = by.membership_id
    row.save()
    return row


@transaction.atomic
def answer_review(
    *,
    review: Review,
    progress: str,
    voice: str,
    rating: str,
    rating_reason: str,
    recommendation: str,
    by: Seat,
    at: dt.datetime,
    observed: str = "",
    wants: str = "",
    voice_missing: str = "",
    reached_by: str = "",
    reached_how: str = "",
    helped: str = "",
    not_helped: str = "",
    asks: str = "",
    steps: Mapping[int, StepSaid] | None = None,
) -> Review:
    """Record the lead professional's answers and tell the coordinators. Sending the same again changes nothing.

    ``steps``: the key of each step of the plan in force to what is said of it. What the child says, or was observed, is
    written down as their voice too; without either, ``voice_missing`` says why. Raises ``RuleBroken``.
    """
    require(by, Capability.ANSWER_REVIEW)
    locked = locked_review(review)
    if not may_answer(locked.case, by):
        raise NotAllowed(Capability.ANSWER_REVIEW)
    heard = bool(voice.strip() or observed.strip())
    answers = {
        "progress": progress.strip(),
        "voice": voice.strip(),
        "observed": observed.strip(),
        "wants": wants.strip(),
        "voice_missing": "" if heard else voice_missing.strip(),
        "reached_by": reached_by.strip(),
        "reached_how": reached_how.strip(),
        "helped": helped.strip(),
        "not_helped": not_helped.strip(),
        "asks": asks.strip(),
        "rating": rating,
        "rating_reason": rating_reason.strip(),
        "recommendation": recommendation,
    }
    said = {key: StepSaid(one.state, one.note.strip()) for key, one in (steps or {}).items()}
    if locked.status == ReviewStatus.ANSWERED and _answered_so(locked, answers, said):
        return locked
    check_review(locked.status, ReviewStatus.ANSWERED)
    for name, words in MUST_SAY:
        if not answers[name]:
            raise RuleBroken(words, field=name)
    if not heard and not answers["voice_missing"]:
        raise RuleBroken("Say what the child says, what was observed, or why neither is known", field="voice")
    if rating not in Rating.values:
        raise RuleBroken("Choose a rating", field="rating")
    if recommendation not in Recommendation.values:
        raise RuleBroken("Choose what you recommend", field="recommendation")
    _write_steps(locked, said)
    for name, text in answers.items():
        setattr(locked, name, text)
    locked.status = ReviewStatus.ANSWERED
    locked.answered_on = london_date(at)
    locked.answered_by_id = by.membership_id
    locked.version += 1
    locked.save()
    if heard:
        _write_voice(locked, by=by, at=at)
    tell_coordinators(
        subject=f"Review {locked.reference} was answered",
        text=f"The 12-week review of case {locked.case.reference} was answered and can go on an agenda.",
        path=reverse("panels:review", args=[locked.reference]),
        about=locked.record_id,
        key=f"review-answered:{locked.reference}",
        by=by,
        at=at,
    )
    return locked


def _answered_so(review: Review, answers: Mapping[str, str], said: Mapping[int, StepSaid]) -> bool:
    kept = {row.step_id: StepSaid(row.state, row.note) for row in ReviewStep.objects.filter(review=review)}
    return kept == said and all(getattr(review, name) == text for name, text in answers.items())


def _write_steps(review: Review, said: Mapping[int, StepSaid]) -> None:
    """Every step of the plan in force, each with its answer; what was said of an earlier plan's steps is refused."""
    steps = case_content(review.case).steps
    if set(said) - {step.pk for step in steps}:
        raise RuleBroken("The safety plan has changed since this page was opened. Go through its steps again.")
    for step in steps:
        words, part = step_fault(said.get(step.pk))
        if words:
            raise RuleBroken(words, field=step_field(step.pk, part))
    ReviewStep.objects.bulk_create(
        ReviewStep(
            record_id=review.record_id,
            review=review,
            step_id=step.pk,
            text=step.text,
            state=said[step.pk].state,
            note=said[step.pk].note,
        )
        for step in steps
    )


def _write_voice(review: Review, *, by: Seat, at: dt.datetime) -> None:
    ChildVoice.objects.create(
        record_id=review.record_id,
        child_id=review.case.child_id,
        written_by_id=by.membership_id,
        written_by_principal=by.principal,
        written_at=at,
        effective_on=london_date(at),
        words=review.voice,
        observed=review.observed,
        wants=review.wants,
    )


@transaction.atomic
def hold_review(*, review: Review, by: Seat, at: dt.datetime) -> Review:
    """Note that the panel held the review, answered or not. The next one is due 84 days after this day."""
    require(by, Capability.SCREEN)
    locked = locked_review(review)
    check_review(locked.status, ReviewStatus.HELD)
    locked.status = ReviewStatus.HELD
    locked.held_on = london_date(at)
    locked.version += 1
    locked.save()
    return locked
