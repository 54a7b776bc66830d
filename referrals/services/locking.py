"""Rows locked for a change. A hidden row and an absent one are the same: the seat may not."""

from __future__ import annotations

from mace.core.errors import NotAllowed
from referrals.models import Case, Referral, Review


def locked_referral(referral: Referral) -> Referral:
    """The referral as it stands now, held until the transaction ends."""
    found = Referral.objects.select_for_update(of=("self",)).filter(pk=referral.pk).first()
    if found is None:
        raise NotAllowed("no such referral")
    return found


def locked_case(case: Case) -> Case:
    """The case as it stands now, held until the transaction ends."""
    found = (
        Case.objects.select_for_update(of=("self",))
        .select_related("lead_professional__user", "lead_professional__partnership")
        .filter(pk=case.pk)
        .first()
    )
    if found is None:
        raise NotAllowed("no such case")
    return found


def locked_review(review: Review) -> Review:
    """The review as it stands now with its case, held until the transaction ends."""
    found = Review.objects.select_for_update(of=("self",)).select_related("case").filter(pk=review.pk).first()
    if found is None:
        raise NotAllowed("no such review")
    return found
