"""Reading 12-week reviews."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Mapping

from django.db.models import Q
from django.shortcuts import get_object_or_404

from mace.accounts.models import Role
from mace.core.pages import page_key, page_numbers
from mace.core.seat import Seat
from mace.core.templatetags.components import due_words
from referrals.enums import ReviewStatus
from referrals.models import PlanStep, Review

JOINS = ("case__child__identity", "case__summary", "case__lead_professional__user", "case__team", "answered_by__user")
MOST_LISTED = 200


def open_reviews_for(seat: Seat, *, most: int = MOST_LISTED) -> list[Review]:
    """Reviews not held yet, the next due first: a lead professional's own, a manager's team's, a coordinator's all."""
    rows = Review.objects.filter(status__in=[ReviewStatus.DUE, ReviewStatus.ANSWERED]).select_related(*JOINS)
    if seat.role not in (Role.COORDINATOR, Role.CHAIR):
        mine = Q(case__lead_professional_id=seat.membership_id)
        if seat.role == Role.MANAGER and seat.team_id is not None:
            mine |= Q(case__team_id=seat.team_id)
        rows = rows.filter(mine)
    return list(rows.order_by("due_on", "pk")[:most])


def review_by_reference(reference: str) -> Review:
    """The review with its case. Raises ``Http404`` when the seat does not see it."""
    return get_object_or_404(Review.objects.select_related(*JOINS, "case__coordinator__user"), reference=reference)


def late_words(review: Review, on: dt.date) -> str:
    """``overdue: 12 days``, ``due in 5 days``; once answered, whether it still has to be held."""
    days = (on - review.due_on).days
    late = f"overdue: {days} day{'' if days == 1 else 's'}" if days > 0 else due_words(review.due_on, on)
    return f"answered, not held, {late}" if review.status == ReviewStatus.ANSWERED else late


def by_lateness(found: Iterable[Review], *, on: dt.date) -> list[tuple[str, str, list[Review]]]:
    """Open reviews in three parts, each with its key and its heading, in their order."""
    parts: list[tuple[str, str, list[Review]]] = [
        ("overdue", "Overdue and not answered", []),
        ("unheld", "Answered, not held yet", []),
        ("waiting", "Waiting for the lead professional", []),
    ]
    for review in found:
        place = 1 if review.status == ReviewStatus.ANSWERED else 0 if review.due_on < on else 2
        parts[place][2].append(review)
    return parts


def step_field(step_id: int, part: str) -> str:
    """What stands for one question about a step in a form; no number of a row."""
    return f"step_{page_key(step_id)}_{part}"


def _step_of(name: str, part: str) -> int | None:
    """The step that a field of ``step_field`` is about; none for any other field."""
    if not (name.startswith("step_") and name.endswith(f"_{part}")):
        return None
    try:
        return page_numbers(name.removeprefix("step_").removesuffix(f"_{part}"), count=1)[0]
    except ValueError:
        return None


def earlier_steps(review: Review, typed: Mapping[str, str], asked: Container[str]) -> list[PlanStep]:
    """Steps of a former plan on which a note was typed that the page no longer asks for, so that it is not lost."""
    keys = [
        key
        for name, text in typed.items()
        if text and name not in asked and (key := _step_of(name, "note")) is not None
    ]
    if not keys:
        return []
    return list(PlanStep.objects.filter(pk__in=keys, plan__child_id=review.case.child_id).order_by("pk"))
