"""What is known of a case when its 12-week review is answered or read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import Q

from panels.models import Action
from panels.selectors.actions import chased_actions
from referrals.enums import ReviewStatus
from referrals.models import Case, Review, ReviewStep
from referrals.selectors import CaseContent, case_by_reference, case_content
from referrals.selectors.pathways import Pathways, pathways_of

MOST_ACTIONS = 50


@dataclass(frozen=True, slots=True)
class KnownOfReview:
    """``since``: the day the last review before this one was held, or the case opened."""

    case: Case
    content: CaseContent
    since: dt.date
    actions: list[Action]
    pathways: Pathways
    """Missing episodes and critical moments since then."""
    answered_steps: list[ReviewStep] = field(default_factory=list)


def known_of(review: Review) -> KnownOfReview:
    """The case, what it says, and the actions that were open, given or closed since the last review."""
    case = case_by_reference(review.case.reference)
    held = Review.objects.filter(case=case, status=ReviewStatus.HELD, due_on__lt=review.due_on)
    since = held.order_by("-held_on").values_list("held_on", flat=True).first() or case.opened_on
    rows = Action.objects.filter(record_id=case.pk).filter(
        Q(closed_on__isnull=True) | Q(closed_on__gte=since) | Q(created_at__date__gte=since)
    )
    return KnownOfReview(
        case=case,
        content=case_content(case),
        since=since,
        pathways=pathways_of(case).since(since),
        actions=chased_actions(rows)[:MOST_ACTIONS],
        answered_steps=list(ReviewStep.objects.filter(review=review).order_by("pk")),
    )
