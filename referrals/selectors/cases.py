"""Reading cases: pages of them, one by its reference, and what it says as far as the seat's scope goes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import Max, Prefetch, QuerySet
from django.shortcuts import get_object_or_404

from mace.access.models import Kind
from mace.access.policy import ALLOWED, Capability
from mace.access.selectors import PAGE, by_ids, visible_page
from mace.accounts.models import Membership
from mace.accounts.selectors import seats_in
from referrals.enums import ReviewStatus
from referrals.models import (
    Case,
    ChildProfile,
    ChildVoice,
    Concern,
    DomainScore,
    PlanStep,
    Prerequisite,
    RatingAgreed,
    Referral,
    Review,
    RiskAssessment,
    SafetyPlan,
    TierPeriod,
    ToldConsent,
)
from referrals.rules import review_due

JOINS = ("child__identity", "summary", "lead_professional__user", "coordinator__user", "team", "lead_agency")

def cases() -> QuerySet[Case]:
    """Cases with their people and open tiers, as lists and pages show them.

    ``summary`` is absent (``hasattr``) and ``open_tiers`` empty where the seat sees no more than the identity.
    """
    still_open = TierPeriod.objects.filter(to_on__isnull=True).order_by("from_on", "pk")
    return Case.objects.select_related(*JOINS).prefetch_related(
        Prefetch("tiers", queryset=still_open, to_attr="open_tiers")
    )


def case_by_reference(reference: str) -> Case:
    """The case. Raises ``Http404`` when the seat does not see it."""
    return get_object_or_404(cases(), reference=reference)


def cases_page(*, after: str = "", size: int = PAGE) -> tuple[list[Case], str]:
    """One page of the cases that the seat sees, the last referred first, and the key of the next page if there is one."""
    page = visible_page(Kind.CASE, after=after, size=size)
    return by_ids(cases(), page.ids), page.next_after


@dataclass(frozen=True, slots=True)
class CaseContent:
    """What a case says. Everything is ``None`` or empty where the seat's scope does not reach."""

    profile: ChildProfile | None = None
    concern: Concern | None = None
    told: ToldConsent | None = None
    voice: ChildVoice | None = None
    assessment: RiskAssessment | None = None
    plan: SafetyPlan | None = None
    prerequisites: list[Prerequisite] = field(default_factory=list)
    scores: list[DomainScore] = field(default_factory=list)
    steps: list[PlanStep] = field(default_factory=list)
    ratings: list[RatingAgreed] = field(default_factory=list)
    tiers: list[TierPeriod] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)


def case_content(case: Case) -> CaseContent:
    """The newest of each part, from the case's latest referral; ratings and tiers from the first on."""
    ratings = list(RatingAgreed.objects.filter(case=case).order_by("agreed_on", "pk"))
    tiers = list(TierPeriod.objects.filter(case=case).order_by("from_on", "pk"))
    concerns = list(
        Concern.objects.filter(referral__case=case)
        .select_related("referral__referrer__user", "referral__agency", "referral__team")
        .order_by("-referral__submitted_at", "-pk")
    )
    if not concerns:
        return CaseContent(ratings=ratings, tiers=tiers)
    return referral_content(concerns[0].referral, concerns, ratings=ratings, tiers=tiers)


def referral_content(
    referral: Referral,
    concerns: list[Concern],
    *,
    ratings: list[RatingAgreed] | None = None,
    tiers: list[TierPeriod] | None = None,
) -> CaseContent:
    """What one referral says; ``concerns`` are those of all referrals of its case, the latest first."""
    records = [concern.record_id for concern in concerns] or [referral.record_id]
    assessment = (
        RiskAssessment.objects.filter(record_id__in=records)
        .select_related("written_by__user")
        .prefetch_related("scores")
        .order_by("-effective_on", "-pk")
        .first()
    )
    plan = (
        SafetyPlan.objects.filter(record_id__in=records)
        .select_related("written_by__user")
        .prefetch_related(Prefetch("steps", queryset=PlanStep.objects.order_by("pk")))
        .order_by("-effective_on", "-pk")
        .first()
    )
    return CaseContent(
        profile=ChildProfile.objects.filter(child_id=referral.child_id).first(),
        concern=concerns[0] if concerns else None,
        told=ToldConsent.objects.filter(referral=referral).first(),
        voice=ChildVoice.objects.filter(record_id__in=records)
        .select_related("written_by__user")
        .order_by("-effective_on", "-pk")
        .first(),
        assessment=assessment,
        plan=plan,
        prerequisites=list(Prerequisite.objects.filter(referral=referral).order_by("pk")),
        scores=list(assessment.scores.all()) if assessment else [],
        steps=list(plan.steps.all()) if plan else [],
        ratings=ratings or [],
        tiers=tiers or [],
        referrals=[concern.referral for concern in concerns],
    )


def earlier_cases(referral: Referral) -> list[Case]:
    """The other cases of a referral's child in its partnership, the newest first; a repeat counts within 12 months."""
    return list(
        cases()
        .filter(child_id=referral.child_id, partnership_id=referral.partnership_id)
        .exclude(pk=referral.record_id)
        .order_by("-opened_on", "-pk")
    )


def next_review_due(case: Case) -> dt.date:
    """Eighty-four days after the case opened or its last review was held."""
    held = Review.objects.filter(case=case, status=ReviewStatus.HELD).aggregate(last=Max("held_on"))["last"]
    return review_due(case.opened_on, held)


def possible_leads(partnership_id: int, *, on: dt.date) -> QuerySet[Membership]:
    """Seats that may be a case's lead professional: those who can answer its reviews."""
    return seats_in(partnership_id, on=on, roles=[str(role) for role in ALLOWED[Capability.ANSWER_REVIEW]])
