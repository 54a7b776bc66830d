"""The 12-week review: made, answered, held."""

from __future__ import annotations

import datetime as dt
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
from referrals.models import Case, Review, ReviewDraft
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
        path=reverse("referrals:review", args=[made.reference]),
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


ANSWERS = ("progress", "voice", "rating", "rating_reason", "recommendation")


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
    typed = {name: str(data.get(name, "")).replace("\x00", "")[:MOST_TYPED] for name in ANSWERS}
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
) -> Review:
    """Record the lead professional's answers and tell the coordinators. Sending the same again changes nothing."""
    require(by, Capability.ANSWER_REVIEW)
    locked = locked_review(review)
    if not may_answer(locked.case, by):
        raise NotAllowed(Capability.ANSWER_REVIEW)
    answers = {
        "progress": progress.strip(),
        "voice": voice.strip(),
        "rating": rating,
        "rating_reason": rating_reason.strip(),
        "recommendation": recommendation,
    }
    if locked.status == ReviewStatus.ANSWERED and all(getattr(locked, name) == said for name, said in answers.items()):
        return locked
    check_review(locked.status, ReviewStatus.ANSWERED)
    for name, words in (
        ("progress", "Say what has changed"),
        ("voice", "Say what the child says, or what was observed"),
        ("rating_reason", "Say why you rate the risk so"),
    ):
        if not answers[name]:
            raise RuleBroken(words, field=name)
    if rating not in Rating.values:
        raise RuleBroken("Choose a rating", field="rating")
    if recommendation not in Recommendation.values:
        raise RuleBroken("Choose what you recommend", field="recommendation")
    for name, said in answers.items():
        setattr(locked, name, said)
    locked.status = ReviewStatus.ANSWERED
    locked.answered_on = london_date(at)
    locked.answered_by_id = by.membership_id
    locked.version += 1
    locked.save()
    tell_coordinators(
        subject=f"Review {locked.reference} was answered",
        text=f"The 12-week review of case {locked.case.reference} was answered and can go on an agenda.",
        path=reverse("referrals:review", args=[locked.reference]),
        about=locked.record_id,
        key=f"review-answered:{locked.reference}",
        by=by,
        at=at,
    )
    return locked


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
