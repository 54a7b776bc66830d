"""What becomes of a case: tiers opened and closed, ratings agreed."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from mace.access.policy import Capability, require
from mace.core.clock import london_date
from mace.core.errors import RuleBroken
from mace.core.seat import Seat
from referrals.enums import Rating, ReviewStatus, Tier, TierOutcome
from referrals.models import Case, CaseSummary, RatingAgreed, Review, TierPeriod
from referrals.services.locking import locked_case


def _require_open(case: Case) -> None:
    if case.closed_on is not None:
        raise RuleBroken("This case is closed. A new referral opens a new one.")


@transaction.atomic
def escalate_case(*, case: Case, reason: str, by: Seat, at: dt.datetime, keep_pre_mace: bool = True) -> TierPeriod:
    """Open the case at MACE, beside pre-MACE, which stays open unless ``keep_pre_mace`` is false.

    A case may be open at two tiers at once (Lewisham counts 10 open at pre-MACE and 2 open to MACE of 15).
    """
    require(by, Capability.SCREEN)
    locked = locked_case(case)
    _require_open(locked)
    if not reason.strip():
        raise RuleBroken("Say why the case is escalated", field="reason")
    if TierPeriod.objects.filter(case=locked, tier=Tier.MACE, to_on__isnull=True).exists():
        raise RuleBroken("This case is open at MACE already")
    day = london_date(at)
    opened = TierPeriod.objects.create(
        record_id=locked.record_id, case=locked, tier=Tier.MACE, from_on=day, why=reason.strip()
    )
    if not keep_pre_mace:
        TierPeriod.objects.filter(case=locked, tier=Tier.PRE_MACE, to_on__isnull=True).update(
            to_on=day, outcome=TierOutcome.ESCALATED, outcome_reason=reason.strip()
        )
    locked.version += 1
    locked.save(update_fields=["version"])
    return opened


@transaction.atomic
def close_tier(*, case: Case, tier: str, outcome: str, reason: str, by: Seat, at: dt.datetime) -> Case:
    """Close the case at a tier. When it was the last one open, close the case and cancel its open reviews.

    ``case`` is kept equal to what now stands (``closed_on``).
    """
    require(by, Capability.SCREEN)
    locked = locked_case(case)
    if outcome not in TierOutcome.values:
        raise RuleBroken("Choose an outcome", field="outcome")
    if not reason.strip():
        raise RuleBroken("Say why the case is closed at this tier", field="reason")
    period = TierPeriod.objects.filter(case=locked, tier=tier, to_on__isnull=True).first()
    if period is None:
        raise RuleBroken(f"This case is not open at {Tier(tier).label}")
    day = london_date(at)
    if day < period.from_on:
        raise RuleBroken("A case cannot be closed before the day it was opened")
    period.to_on, period.outcome, period.outcome_reason = day, outcome, reason.strip()
    period.save(update_fields=["to_on", "outcome", "outcome_reason"])
    if not TierPeriod.objects.filter(case=locked, to_on__isnull=True).exists():
        locked.closed_on = day
        Review.objects.filter(case=locked, status__in=[ReviewStatus.DUE, ReviewStatus.ANSWERED]).update(
            status=ReviewStatus.CANCELLED
        )
    locked.version += 1
    locked.save(update_fields=["closed_on", "version"])
    case.closed_on, case.version = locked.closed_on, locked.version
    return locked


@transaction.atomic
def agree_rating(*, case: Case, rating: str, source: str, by: Seat, at: dt.datetime) -> RatingAgreed:
    """Record the rating that a panel agreed, and make it the case's. Practitioners' assessments stay as they are."""
    require(by, Capability.MINUTE)
    locked = locked_case(case)
    if rating not in Rating.values:
        raise RuleBroken("Choose a rating", field="rating")
    day = london_date(at)
    agreed = RatingAgreed.objects.create(
        record_id=locked.record_id, case=locked, rating=rating, agreed_on=day, source=source
    )
    CaseSummary.objects.filter(case=locked).update(rating=rating, rated_on=day)
    return agreed
