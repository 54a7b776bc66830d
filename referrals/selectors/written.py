"""Where what is written about a child stands, and which assessments count."""

from __future__ import annotations

from django.db.models import Q
from django.db.models.expressions import RawSQL

from referrals.enums import Outcome
from referrals.models import Referral, RiskAssessment

IN_FORCE = Q(needs_manager=False) | Q(decision__outcome=Outcome.CONFIRMED)
"""Assessments that count: the others wait for the manager, or were sent back."""


def of_case(record: int | RawSQL) -> Q:
    """What is written below a case or below any of its referrals, which keep records of their own."""
    referrals = Referral.objects.filter(case_id=record).order_by().values("record_id")  # type: ignore[misc]
    return Q(record_id=record) | Q(record_id__in=referrals)


COUNTS = ("", Outcome.CONFIRMED.value)
"""What ``decision_of`` says of an assessment that counts."""


def decision_of(assessment: RiskAssessment) -> str:
    """``waiting``, ``confirmed`` or ``sent_back``; empty where no manager is asked."""
    if not assessment.needs_manager:
        return ""
    decision = getattr(assessment, "decision", None)
    return decision.outcome if decision else "waiting"
