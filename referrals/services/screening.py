"""The coordinator's decision on a referral: accept, return, redirect, decline, each with its reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import connection, transaction
from django.urls import reverse

from mace.access.models import LawfulBasis, Scope
from mace.access.policy import ALLOWED, Capability, require
from mace.access.services import disclose, share
from mace.accounts.models import Membership
from mace.accounts.selectors import SEAT_JOINS
from mace.core.clock import london_date
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import Seat
from referrals.enums import About, Occasion, ReferralStatus, Tier
from referrals.models import Case, CaseSummary, Concern, Referral, RiskAssessment, TierPeriod, ToldConsent
from referrals.rules_cases import Ticked
from referrals.services.carrying import carry_over
from referrals.services.cases import LEAD_AGENCY
from referrals.services.criteria import record_criteria
from referrals.services.leads import begin_lead
from referrals.services.locking import locked_referral
from referrals.services.telling import tell
from referrals.transitions import check_referral

LEAD_ROLES = ALLOWED[Capability.ANSWER_REVIEW]
"""Roles that a lead professional may have: they answer the 12-week review."""


def occasion_of(referral: Referral) -> Occasion:
    """Whose criteria are answered when the referral is screened."""
    return Occasion.SCREENING if referral.about == About.CHILD else Occasion.MATTER


def _decide(
    referral: Referral,
    status: ReferralStatus,
    *,
    reason: str,
    by: Seat,
    at: dt.datetime,
    criteria: Sequence[Ticked],
) -> Referral:
    """Lock, check and set the decision, and keep how the criteria were answered; saved by the caller."""
    require(by, Capability.SCREEN)
    locked = locked_referral(referral)
    if locked.partnership_id != by.partnership_id:
        raise NotAllowed(Capability.SCREEN)
    check_referral(locked.status, status)
    if not reason.strip():
        raise RuleBroken("Give the reason for the decision", field="reason")
    locked.status = status
    locked.decision_reason = reason.strip()
    locked.decided_on = london_date(at)
    locked.decided_by_id = by.membership_id
    locked.version += 1
    record_criteria(occasion=occasion_of(locked), ticked=criteria, referral=locked, by=by, at=at)
    return locked


def _tell_referrer(referral: Referral, words: str, *, by: Seat, at: dt.datetime) -> None:
    tell(
        membership_id=referral.referrer_id,
        subject=f"Referral {referral.reference} was {words}",
        text=f"Referral {referral.reference} was {words}. The reason is on its page.",
        path=reverse("referrals:tasks", args=[referral.reference]),
        about=referral.record_id,
        key=f"referral-{referral.status}:{referral.reference}:{referral.version}",
        by=by,
        at=at,
    )


@transaction.atomic
def return_referral(
    *, referral: Referral, reason: str, by: Seat, at: dt.datetime, criteria: Sequence[Ticked] = ()
) -> Referral:
    """Send the referral back with what is missing; the referrer is told, mends it and sends it again."""
    locked = _decide(referral, ReferralStatus.RETURNED, reason=reason, by=by, at=at, criteria=criteria)
    locked.save()
    _tell_referrer(locked, "returned for information", by=by, at=at)
    return locked


@transaction.atomic
def redirect_referral(
    *, referral: Referral, to: str, reason: str, by: Seat, at: dt.datetime, criteria: Sequence[Ticked] = ()
) -> Referral:
    """Say that another service is the right one, and which; the referrer is told."""
    locked = _decide(referral, ReferralStatus.REDIRECTED, reason=reason, by=by, at=at, criteria=criteria)
    if not to.strip():
        raise RuleBroken("Say which service the referral is redirected to", field="redirected_to")
    locked.redirected_to = to.strip()
    locked.save()
    _tell_referrer(locked, "redirected", by=by, at=at)
    return locked


@transaction.atomic
def decline_referral(
    *, referral: Referral, reason: str, by: Seat, at: dt.datetime, criteria: Sequence[Ticked] = ()
) -> Referral:
    """Decide that the criteria are not met; the referrer is told."""
    locked = _decide(referral, ReferralStatus.DECLINED, reason=reason, by=by, at=at, criteria=criteria)
    locked.save()
    _tell_referrer(locked, "declined", by=by, at=at)
    return locked


@transaction.atomic
def accept_matter(
    *, referral: Referral, reason: str, by: Seat, at: dt.datetime, criteria: Sequence[Ticked] = ()
) -> Referral:
    """Decide that a referral about no child is taken up; the referrer is told. The VOLT record is the caller's to make.

    Raises ``RuleBroken`` for a child's referral, which opens a case instead, and where it was decided before.
    """
    locked = _decide(referral, ReferralStatus.ACCEPTED, reason=reason, by=by, at=at, criteria=criteria)
    if locked.about == About.CHILD:
        raise RuleBroken("A child’s referral is accepted with a case")
    locked.save()
    _tell_referrer(locked, "accepted", by=by, at=at)
    return locked


@transaction.atomic
def keep_became(*, referral: Referral, reference: str, by: Seat) -> None:
    """Write on an accepted referral the VOLT record it became; whoever reads the referral reads that."""
    require(by, Capability.SCREEN)
    locked = locked_referral(referral)
    locked.became = reference
    locked.version += 1
    locked.save(update_fields=["became", "version"])


@transaction.atomic
def accept_referral(
    *,
    referral: Referral,
    reason: str,
    lead_professional: Membership | None,
    by: Seat,
    at: dt.datetime,
    criteria: Sequence[Ticked] = (),
) -> Case:
    """Open the child's case at pre-MACE, or let the referral join the one that is open here.

    The case takes over the referral's record. It is shared in full with the lead professional (the referrer when none
    is named), their team's manager and the coordinators, and disclosed in full to the lead agency. The referral's
    category, rating and short account become the case's summary. Referrer and lead professional are told. A referral
    that joins is seen by whoever sees that case in full. What it says of moments with a date and of who placed the
    child here becomes the case's and the child's own (``carry_over``).
    """
    locked = _decide(referral, ReferralStatus.ACCEPTED, reason=reason, by=by, at=at, criteria=criteria)
    if locked.child_id is None:
        raise RuleBroken("This referral is about no child, so it opens no case")
    case = Case.objects.filter(
        child_id=locked.child_id, partnership_id=locked.partnership_id, closed_on__isnull=True
    ).first()
    if case is None:
        case = _open_case(locked, reason=reason, lead=lead_professional, by=by, at=at)
    else:
        with connection.cursor() as cursor:
            cursor.execute("select referrals_join_case(%s, %s)", [locked.record_id, case.record_id])
    locked.case = case
    locked.save()
    carry_over(referral=locked, case=case, by=by, at=at)
    _tell_referrer(locked, "accepted", by=by, at=at)
    if case.lead_professional_id != locked.referrer_id:
        tell(
            membership_id=case.lead_professional_id,
            subject=f"You are lead professional for case {case.reference}",
            text=f"Referral {locked.reference} was accepted. It belongs to case {case.reference}, which you lead.",
            path=reverse("referrals:tasks", args=[locked.reference]),
            about=case.record_id,
            key=f"case-lead:{case.reference}:{locked.reference}",
            by=by,
            at=at,
        )
    return case


def _open_case(locked: Referral, *, reason: str, lead: Membership | None, by: Seat, at: dt.datetime) -> Case:
    lead_id = lead.pk if lead else locked.referrer_id
    lead = Membership.objects.select_related(*SEAT_JOINS).get(pk=lead_id)
    if lead.role not in LEAD_ROLES or lead.partnership_id != locked.partnership_id:
        raise RuleBroken(
            "Choose as lead professional a practitioner, manager or coordinator of this partnership to answer reviews",
            field="lead_professional",
        )
    day = london_date(at)
    concern = Concern.objects.get(referral=locked)
    assessment = RiskAssessment.objects.filter(record_id=locked.record_id).order_by("-effective_on", "-pk")[0]
    case = Case.objects.create(
        record_id=locked.record_id,
        partnership_id=locked.partnership_id,
        child_id=locked.child_id,
        opened_on=day,
        lead_agency=lead.agency,
        team=lead.team,
        lead_professional=lead,
        coordinator_id=by.membership_id,
    )
    CaseSummary.objects.create(
        record_id=case.record_id,
        case=case,
        primary_category=concern.primary_category,
        rating=assessment.rating,
        rated_on=assessment.effective_on,
        account=concern.short_account,
    )
    TierPeriod.objects.create(record_id=case.record_id, case=case, tier=Tier.PRE_MACE, from_on=day, why=reason.strip())
    begin_lead(case=case, lead=lead, by=by, at=at)
    share(record_id=case.record_id, principal=lead.principal, scope=Scope.FULL)
    if lead.team is not None:
        share(record_id=case.record_id, principal=lead.team.principal, scope=Scope.FULL)
    share(record_id=case.record_id, principal=by.partnership_principal, scope=Scope.FULL)
    told = ToldConsent.objects.get(referral=locked)
    disclose(
        record_id=case.record_id,
        agency=lead.agency,
        scope=Scope.FULL,
        purpose=LEAD_AGENCY,
        lawful_basis=LawfulBasis.PUBLIC_TASK,
        necessity="The lead professional works for this agency and is responsible for the child’s plan",
        told=bool(told.child_told or told.parents_told),
        told_reason=told.child_not_told_reason or told.parents_not_told_reason,
        by=by,
        at=at,
    )
    return case
