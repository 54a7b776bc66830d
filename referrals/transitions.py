"""Which status may follow which. Services ask here; a status is changed nowhere else."""

from __future__ import annotations

from mace.core.errors import RuleBroken
from referrals.enums import ReferralStatus, ReviewStatus

R, W = ReferralStatus, ReviewStatus

REFERRAL: dict[str, frozenset[str]] = {
    R.DRAFT: frozenset({R.WITH_MANAGER, R.SUBMITTED, R.WITHDRAWN}),
    R.WITH_MANAGER: frozenset({R.SUBMITTED, R.RETURNED, R.WITHDRAWN}),
    R.SUBMITTED: frozenset({R.ACCEPTED, R.RETURNED, R.REDIRECTED, R.DECLINED, R.WITHDRAWN}),
    R.RETURNED: frozenset({R.WITH_MANAGER, R.SUBMITTED}),
    R.ACCEPTED: frozenset(),
    R.REDIRECTED: frozenset(),
    R.DECLINED: frozenset(),
    R.WITHDRAWN: frozenset(),
}
REVIEW: dict[str, frozenset[str]] = {
    W.DUE: frozenset({W.ANSWERED, W.HELD, W.CANCELLED}),
    W.ANSWERED: frozenset({W.HELD, W.CANCELLED}),
    W.HELD: frozenset(),
    W.CANCELLED: frozenset(),
}
EDITABLE = frozenset({R.DRAFT.value, R.RETURNED.value})
DECIDED = {
    R.ACCEPTED: "accepted",
    R.RETURNED: "returned for information",
    R.REDIRECTED: "redirected",
    R.DECLINED: "declined",
    R.WITHDRAWN: "withdrawn",
    R.WITH_MANAGER: "with the manager",
    R.SUBMITTED: "submitted",
    R.DRAFT: "not submitted yet",
}


def check_referral(now: str, then: str) -> None:
    """Raise ``RuleBroken`` unless a referral may go from one status to the other."""
    if then not in REFERRAL[now]:
        raise RuleBroken(f"This cannot be done: the referral is {DECIDED[R(now)]}")


def check_review(now: str, then: str) -> None:
    """Raise ``RuleBroken`` unless a review may go from one status to the other."""
    if then not in REVIEW[now]:
        words = {W.DUE: "still to be answered", W.ANSWERED: "answered", W.HELD: "held", W.CANCELLED: "cancelled"}
        raise RuleBroken(f"This cannot be done: the review is {words[W(now)]}")
