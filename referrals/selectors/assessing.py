"""What was assessed, planned and said on a case, every version; for seats that see the case in full."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from django.db.models import Max, Prefetch, QuerySet
from django.http import Http404

from mace.access.models import Scope
from mace.core.pages import page_key, page_numbers
from referrals.models import (
    Case,
    CaseDraft,
    ChildVoice,
    DifficultiesScore,
    DomainScore,
    PlanStep,
    RiskAssessment,
    SafetyPlan,
)
from referrals.models.assessment import Written
from referrals.selectors.cases import case_by_reference
from referrals.selectors.written import COUNTS, decision_of, of_case

W = TypeVar("W", RiskAssessment, SafetyPlan, ChildVoice, DifficultiesScore)


def newest_first(rows: QuerySet[W]) -> QuerySet[W]:
    return rows.select_related("written_by__user").order_by("-effective_on", "-pk")


def full_case(reference: str) -> Case:
    """The case, for a seat that sees all of it. Raises ``Http404`` for any other, as if there were none."""
    case = case_by_reference(reference)
    if (case.seat_scope or 0) < Scope.FULL:  # type: ignore[attr-defined]
        raise Http404
    return case


def key_of(row: Written, case: Case) -> str:
    """What stands for one assessment or plan of a case in an address."""
    return page_key(case.pk, row.pk)


def assessments_of(case: Case) -> list[RiskAssessment]:
    """All, the newest first, with their scores, who wrote them, and what the manager said."""
    scores = Prefetch("scores", queryset=DomainScore.objects.order_by("pk"))
    rows = RiskAssessment.objects.filter(of_case(case.pk)).select_related("decision__decided_by__user")
    return list(newest_first(rows).prefetch_related(scores))


def assessment_by_key(case: Case, key: str) -> RiskAssessment:
    """One assessment of the case. Raises ``Http404`` for a key that is none of this case's."""
    return _by_key(assessments_of(case), case, key)


def _by_key(rows: Sequence[W], case: Case, key: str) -> W:
    try:
        record, wanted = page_numbers(key, count=2)
    except ValueError as fault:
        raise Http404 from fault
    for row in rows:
        if record == case.pk and row.pk == wanted:
            return row
    raise Http404


def in_force(assessments: Sequence[RiskAssessment]) -> RiskAssessment | None:
    """The newest of those that count."""
    return next((row for row in assessments if decision_of(row) in COUNTS), None)


def plans_of(case: Case) -> list[SafetyPlan]:
    """All versions, the newest first, with their steps."""
    steps = Prefetch("steps", queryset=PlanStep.objects.order_by("pk"))
    rows = SafetyPlan.objects.filter(of_case(case.pk))
    return list(newest_first(rows).prefetch_related(steps))


def plan_by_key(case: Case, key: str) -> SafetyPlan:
    """One version of the plan. Raises ``Http404`` for a key that is none of this case's."""
    return _by_key(plans_of(case), case, key)


class PlanInForce(NamedTuple):
    """A plan, and the day on which another took its place; ``None`` while none did."""

    plan: SafetyPlan
    until: dt.date | None


def plan_in_force(case: Case, on: dt.date, plans: Sequence[SafetyPlan] | None = None) -> PlanInForce | None:
    """The plan that held at the end of that day; ``plans`` are all of the case's, the newest first, if known."""
    until = None
    for plan in plans_of(case) if plans is None else plans:
        if plan.effective_on <= on:
            return PlanInForce(plan, until)
        until = plan.effective_on
    return None


def last_plan_version(case: Case) -> int:
    """The highest version of a plan of the case or its referrals; 0 when there is none."""
    return SafetyPlan.objects.filter(of_case(case.pk)).aggregate(last=Max("version"))["last"] or 0


def voices_of(case: Case) -> list[ChildVoice]:
    """All that was recorded of what the child says, the newest first."""
    return list(newest_first(ChildVoice.objects.filter(of_case(case.pk))))


def draft_of(case: Case, kind: str) -> CaseDraft | None:
    """What was typed and not yet sent; ``None`` where nothing was."""
    return CaseDraft.objects.filter(record_id=case.pk, kind=kind).first()
