"""The manager's word on a referral of the team, where the partnership wants it before the coordinators get it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.urls import reverse

from mace.access.policy import Capability, require
from mace.core.clock import london_date
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import Seat
from referrals.enums import ReferralStatus
from referrals.models import Referral
from referrals.services.drafting import may_write, to_coordinators
from referrals.services.locking import locked_referral
from referrals.services.telling import tell
from referrals.transitions import check_referral


def _of_the_team(referral: Referral, then: ReferralStatus, by: Seat) -> Referral:
    require(by, Capability.APPROVE_REFERRAL)
    locked = locked_referral(referral)
    if not may_write(locked, by):
        raise NotAllowed(Capability.APPROVE_REFERRAL)
    if locked.status != ReferralStatus.WITH_MANAGER:
        raise RuleBroken("This referral does not wait for a manager any more")
    check_referral(locked.status, then)
    return locked


@transaction.atomic
def approve_referral(*, referral: Referral, by: Seat, at: dt.datetime) -> Referral:
    """Send the referral on to the coordinators; the referrer is told. Raises ``RuleBroken`` if it does not wait."""
    locked = _of_the_team(referral, ReferralStatus.SUBMITTED, by)
    locked.approved_by_id, locked.approved_at = by.membership_id, at
    to_coordinators(locked, again=locked.submitted_on is not None, by=by, at=at)
    _tell_referrer(locked, "approved and sent", by=by, at=at)
    return locked


@transaction.atomic
def send_back_referral(*, referral: Referral, reason: str, by: Seat, at: dt.datetime) -> Referral:
    """Give the referral back to its writer with what is missing; the coordinators never had it."""
    locked = _of_the_team(referral, ReferralStatus.RETURNED, by)
    if not reason.strip():
        raise RuleBroken("Say what is missing", field="reason")
    locked.status = ReferralStatus.RETURNED
    locked.decision_reason = reason.strip()
    locked.decided_on = london_date(at)
    locked.decided_by_id = by.membership_id
    locked.version += 1
    locked.save()
    _tell_referrer(locked, "sent back by the manager", by=by, at=at)
    return locked


def _tell_referrer(referral: Referral, words: str, *, by: Seat, at: dt.datetime) -> None:
    tell(
        membership_id=referral.referrer_id,
        subject=f"Referral {referral.reference} was {words}",
        text=f"Referral {referral.reference} was {words}.",
        path=reverse("referrals:tasks", args=[referral.reference]),
        about=referral.record_id,
        key=f"referral-manager:{referral.reference}:{referral.version}",
        by=by,
        at=at,
    )
