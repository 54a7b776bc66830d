"""Closing a case at a tier: the outcome at once, what the child thinks of it, and who is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.urls import reverse

from mace.access.policy import Capability, require
from mace.accounts.models import Membership, Role
from mace.accounts.selectors import SEAT_JOINS, seats_in
from mace.agencies.models import Agency
from mace.core.clock import london_date
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import Seat
from mace.notifications.services import notify
from referrals.enums import ReviewStatus, Tier, TierOutcome
from referrals.models import Case, CaseClosure, ClosureTold, Review, TierPeriod
from referrals.services.leads import end_lead
from referrals.services.locking import locked_case


@dataclass(frozen=True, slots=True)
class Informed:
    """An agency or a person that sees the case: told of the closing, or left out with the ``reason``."""

    told: bool
    reason: str = ""
    agency_id: int | None = None
    membership_id: int | None = None


@dataclass(frozen=True, slots=True)
class ClosingDetails:
    """What a closing says besides outcome and reason: the view of it, or why that is not known; the plan afterwards."""

    plan_after: str
    view: str = ""
    no_view_because: str = ""
    informed: Sequence[Informed] = field(default_factory=tuple)


@transaction.atomic
def close_tier(
    *,
    case: Case,
    tier: str,
    outcome: str,
    reason: str,
    by: Seat,
    at: dt.datetime,
    details: ClosingDetails | None = None,
) -> Case:
    """Close the case at a tier. When it was the last one open, close the case and cancel its open reviews.

    Without ``details`` (a decision in a meeting) the closing waits for a coordinator to complete it. Side effects of
    the last tier: the lead period ends. ``case`` is kept equal to what now stands (``closed_on``).
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
        end_lead(case=locked, on=day)
    locked.version += 1
    locked.save(update_fields=["closed_on", "version"])
    case.closed_on, case.version = locked.closed_on, locked.version
    closure = CaseClosure.objects.create(record_id=locked.record_id, case=locked, period=period)
    if details is not None:
        _complete(closure, details, by=by, at=at)
    return locked


@transaction.atomic
def complete_closure(*, closure: CaseClosure, details: ClosingDetails, by: Seat, at: dt.datetime) -> CaseClosure:
    """Give what a closing decided in a meeting still lacks, and tell who is to be told. Once."""
    require(by, Capability.SCREEN)
    locked_case(closure.case)
    held = CaseClosure.objects.select_for_update(of=("self",)).filter(pk=closure.pk).first()
    if held is None:
        raise NotAllowed("no such closing")
    if held.completed_at is not None:
        raise RuleBroken("The details of this closing were given already. Nothing was changed.")
    _complete(held, details, by=by, at=at)
    return held


def _complete(closure: CaseClosure, details: ClosingDetails, *, by: Seat, at: dt.datetime) -> None:
    view, why_none = details.view.strip(), details.no_view_because.strip()
    if not view and not why_none:
        raise RuleBroken("Say what they think of closing, or why they were not asked", field="view")
    if not details.plan_after.strip():
        raise RuleBroken("Say what the plan is afterwards", field="plan_after")
    closure.view, closure.no_view_because = view, "" if view else why_none
    closure.plan_after, closure.completed_at = details.plan_after.strip(), at
    closure.completed_by_id = by.membership_id
    closure.save()
    for line in details.informed:
        if not line.told and not line.reason.strip():
            raise RuleBroken("Say why they are not told")
        ClosureTold.objects.create(
            record_id=closure.record_id,
            closure=closure,
            agency_id=line.agency_id,
            person_id=line.membership_id,
            told=line.told,
            reason="" if line.told else line.reason.strip(),
        )
        if line.told:
            _tell(closure, line, by=by, at=at)


def _tell(closure: CaseClosure, line: Informed, *, by: Seat, at: dt.datetime) -> None:
    """One message by reference; an agency's goes to those who lead it here. Refused where nobody would get it."""
    if line.membership_id is not None:
        seats = list(Membership.objects.select_related(*SEAT_JOINS).filter(pk=line.membership_id))
    else:
        here = closure.case.partnership_id
        roles = [Role.AGENCY_LEAD]
        seats = list(seats_in(here, on=london_date(at), roles=roles, agency_id=line.agency_id))
        if not seats:
            name = Agency.objects.values_list("name", flat=True).get(pk=line.agency_id or 0)
            raise RuleBroken(f"Nobody leads {name} here, so no message would reach it. Leave it out and say why.")
    period, reference = closure.period, closure.case.reference
    ended = "is closed" if closure.case.closed_on else f"is no longer open at {Tier(period.tier).label}"
    for seat in seats:
        notify(
            to=seat,
            subject=f"Case {reference} {ended}",
            text=f"Case {reference} {ended}. Outcome: {TierOutcome(period.outcome).label}.",
            path=reverse("casework:case", args=[reference]),
            about=closure.record_id,
            dedupe_key=f"closed:{reference}:{closure.pk}:{seat.pk}",
            by=by,
            at=at,
        )
