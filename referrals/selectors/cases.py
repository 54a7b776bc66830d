"""Reading cases: pages of them, one by its reference, and what it says as far as the seat's scope goes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Max, Model, OuterRef, Prefetch, QuerySet
from django.db.models.functions import JSONObject
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

M = TypeVar("M", bound=Model)
W = TypeVar("W", RiskAssessment, SafetyPlan, ChildVoice)

TOLD = ("child_told", "child_not_told_reason", "parents_told", "parents_not_told_reason", "views", "consent")
PREREQUISITE = ("kind", "met", "met_on", "detail", "reason")
SCORE = ("domain", "score", "evidence")
STEP = ("text", "who", "by_when")

JOINS = ("child__identity", "summary", "lead_professional__user", "coordinator__user", "team", "lead_agency")


def cases() -> QuerySet[Case]:
    """Cases with their people and open tiers, as lists and pages show them.

    ``summary`` is absent (``hasattr``) and ``open_tiers`` empty where the seat sees no more than the identity.
    """
    still_open = TierPeriod.objects.filter(to_on__isnull=True).order_by("from_on", "pk")
    return Case.objects.select_related(*JOINS).prefetch_related(
        Prefetch("tiers", queryset=still_open, to_attr="open_tiers")  # type: ignore[no-redef]  # declared there
    )


def case_by_reference(reference: str) -> Case:
    """The case. Raises ``Http404`` when the seat does not see it."""
    return get_object_or_404(cases(), reference=reference)


def cases_page(*, after: str = "", size: int = PAGE) -> tuple[list[Case], str]:
    """One page of the cases that the seat sees, the last referred first, and the key of the next page or nothing."""
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


def _parts(model: type[Model], link: str, outer: str, *names: str) -> ArraySubquery:
    """The rows of a table below another one, in its own statement: as many round trips fewer."""
    rows: QuerySet[Any] = QuerySet(model).filter(**{link: OuterRef(outer)}).order_by("pk")
    return ArraySubquery(rows.values(row=JSONObject(pk="pk", **{name: name for name in names})))


def _made(model: type[M], rows: list[dict[str, Any]]) -> list[M]:
    """Model instances from what ``_parts`` brought: only the fields named there are filled."""
    fields = {name: model._meta.get_field(name) for row in rows[:1] for name in row if name != "pk"}
    return [
        model(pk=row["pk"], **{name: field.to_python(row[name]) for name, field in fields.items()})  # type: ignore[union-attr]
        for row in rows
    ]


def concerns_with_parts() -> QuerySet[Concern]:
    """Concerns with their referral and its child, carrying what was told and the prerequisites as rows."""
    told = _parts(ToldConsent, "referral", "referral_id", *TOLD)
    prerequisites = _parts(Prerequisite, "referral", "referral_id", *PREREQUISITE)
    return (
        Concern.objects.select_related(
            "referral__child__profile", "referral__referrer__user", "referral__agency", "referral__team"
        )
        .annotate(told_rows=told, prerequisite_rows=prerequisites)
        .order_by("-referral__submitted_at", "-pk")
    )


def case_content(case: Case) -> CaseContent:
    """The newest of each part, from the case's latest referral; ratings and tiers from the first on."""
    return content_of(
        list(concerns_with_parts().filter(referral__case=case)),
        ratings=list(RatingAgreed.objects.filter(case=case).order_by("agreed_on", "pk")),
        tiers=list(TierPeriod.objects.filter(case=case).order_by("from_on", "pk")),
    )


def referral_content(referral: Referral) -> CaseContent:
    """What one referral says."""
    return content_of(list(concerns_with_parts().filter(referral=referral)), ratings=[], tiers=[])


def content_of(concerns: list[Concern], *, ratings: list[RatingAgreed], tiers: list[TierPeriod]) -> CaseContent:
    """Put together from the concerns of one referral or of all referrals of a case, the latest first."""
    if not concerns:
        return CaseContent(ratings=ratings, tiers=tiers)
    latest = concerns[0]
    records = [concern.record_id for concern in concerns]
    assessment = _newest(RiskAssessment.objects.annotate(rows=_parts(DomainScore, "assessment", "pk", *SCORE)), records)
    plan = _newest(SafetyPlan.objects.annotate(rows=_parts(PlanStep, "plan", "pk", *STEP)), records)
    child = latest.referral.child
    return CaseContent(
        profile=child.profile if child is not None and hasattr(child, "profile") else None,
        concern=latest,
        told=next(iter(_made(ToldConsent, latest.told_rows)), None),  # type: ignore[attr-defined]
        voice=_newest(ChildVoice.objects.all(), records),
        assessment=assessment,
        plan=plan,
        prerequisites=_made(Prerequisite, latest.prerequisite_rows),  # type: ignore[attr-defined]
        scores=_made(DomainScore, assessment.rows) if assessment else [],  # type: ignore[attr-defined]
        steps=_made(PlanStep, plan.rows) if plan else [],  # type: ignore[attr-defined]
        ratings=ratings,
        tiers=tiers,
        referrals=[concern.referral for concern in concerns],
    )


def _newest(rows: QuerySet[W], records: list[int]) -> W | None:
    return (
        rows.filter(record_id__in=records).select_related("written_by__user").order_by("-effective_on", "-pk").first()
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
