"""Reading 12-week reviews."""

from __future__ import annotations

from django.db.models import Q
from django.shortcuts import get_object_or_404

from mace.accounts.models import Role
from mace.core.seat import Seat
from referrals.enums import ReviewStatus
from referrals.models import Review

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
