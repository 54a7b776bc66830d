"""The risk of a case assessed anew; a rating that is lowered waits for the manager."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.urls import reverse

from mace.access.policy import Capability, require
from mace.accounts.models import Role
from mace.accounts.selectors import seats_in
from mace.core.clock import london_date
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import Seat
from referrals.enums import Outcome
from referrals.models import Case, CaseSummary, RatingAgreed, RatingDecision, RiskAssessment, SafetyPlan
from referrals.rules import Typed
from referrals.sections.base import Asked
from referrals.sections.case import ASSESSMENT, PLAN, CasePlan, CaseRisk
from referrals.selectors.assessing import last_plan_version
from referrals.selectors.written import IN_FORCE, of_case
from referrals.services.case_drafts import case_to_assess, empty_draft, sent_before
from referrals.services.locking import locked_case
from referrals.services.telling import tell
from referrals.services.writing import record_assessment, record_plan


def below_case(case: Case, *, operation: str, by: Seat, at: dt.datetime) -> dict[str, Any]:
    """Whose it is, by whom and when, of whatever is written below a case."""
    return {
        "record_id": case.pk,
        "child_id": case.child_id,
        "written_by_id": by.membership_id,
        "written_by_principal": by.principal,
        "written_at": at,
        "effective_on": london_date(at),
        "operation": operation,
    }


def may_decide(case: Case, by: Seat) -> bool:
    """The manager of the case's team; where it has no team, a coordinator."""
    if case.team_id is None:
        return by.role == Role.COORDINATOR
    return by.role == Role.MANAGER and by.team_id == case.team_id


def case_risk(case: Case, typed: Typed, at: dt.datetime, *, check: bool = True) -> CaseRisk:
    """The page of a new assessment with what was typed, knowing the case's rating and whether there is a last one."""
    form = CaseRisk(typed, asked=Asked(on=london_date(at)), check=check)
    if check:
        form.has_last = RiskAssessment.objects.filter(of_case(case.pk)).exists()
        form.last_rating = CaseSummary.objects.filter(case=case).values_list("rating", flat=True).first() or ""
    return form


@transaction.atomic
def assess_case(*, case: Case, typed: Typed, operation: str, by: Seat, at: dt.datetime) -> RiskAssessment:
    """Write a new assessment of an open case and empty its draft. The same ``operation`` again changes nothing.

    Its rating becomes the case's, unless it is lower than the scores suggest or than the case's last rating: then it
    waits for the manager, who is told, and the case's rating stays. A manager's own does not wait. Raises
    ``RuleBroken`` when the page is not complete.
    """
    locked = case_to_assess(case, by)
    if done := sent_before(RiskAssessment, case=locked, operation=operation):
        return done
    form = case_risk(locked, typed, at)
    if not form.is_valid():
        raise RuleBroken("The assessment is not complete. Nothing was sent.")
    waits = bool(form.lowers()) and not may_decide(locked, by)
    made = record_assessment(
        form,
        changes=form.cleaned_data["changes"],
        needs_manager=waits,
        **form.levels(),
        **below_case(locked, operation=operation, by=by, at=at),
    )
    empty_draft(locked, ASSESSMENT)
    if waits:
        _tell_managers(locked, made, by=by, at=at)
    else:
        CaseSummary.objects.filter(case=locked).update(rating=made.rating, rated_on=made.effective_on)
    return made


def _tell_managers(case: Case, made: RiskAssessment, *, by: Seat, at: dt.datetime) -> None:
    role = Role.MANAGER if case.team_id is not None else Role.COORDINATOR
    seats = seats_in(case.partnership_id, on=london_date(at), roles=[role])
    for to in seats if case.team_id is None else seats.filter(team_id=case.team_id):
        tell(
            membership_id=to.pk,
            subject=f"An assessment of case {case.reference} waits for you",
            text=f"An assessment of case {case.reference} lowers the rating. Please confirm it or send it back.",
            path=reverse("referrals:assessments", args=[case.reference]),
            about=case.pk,
            key=f"assessment-waits:{case.reference}:{made.pk}",
            by=by,
            at=at,
        )


@transaction.atomic
def confirm_assessment(*, assessment: RiskAssessment, case: Case, by: Seat, at: dt.datetime) -> RatingDecision:
    """Let the lowered rating count from today, unless a later assessment or a panel has rated the case meanwhile.

    Its writer is told.
    """
    locked, made = _decide(assessment, case, Outcome.CONFIRMED, reason="", by=by, at=at)
    later = RiskAssessment.objects.filter(of_case(locked.pk), IN_FORCE, pk__gt=assessment.pk)
    agreed = RatingAgreed.objects.filter(case=locked, agreed_on__gt=assessment.effective_on)
    if not later.exists() and not agreed.exists():
        CaseSummary.objects.filter(case=locked).update(rating=assessment.rating, rated_on=london_date(at))
    return made


@transaction.atomic
def send_back_assessment(
    *, assessment: RiskAssessment, case: Case, reason: str, by: Seat, at: dt.datetime
) -> RatingDecision:
    """Leave the case's rating as it is, with the reason; the assessment stays on record. Its writer is told."""
    require(by, Capability.CONFIRM_RATING)
    if not reason.strip():
        raise RuleBroken("Say why you send it back", field="reason")
    return _decide(assessment, case, Outcome.SENT_BACK, reason=reason.strip(), by=by, at=at)[1]


def _decide(
    assessment: RiskAssessment, case: Case, outcome: Outcome, *, reason: str, by: Seat, at: dt.datetime
) -> tuple[Case, RatingDecision]:
    require(by, Capability.CONFIRM_RATING)
    locked = locked_case(case)
    if not may_decide(locked, by) or assessment.written_by_id == by.membership_id:
        raise NotAllowed(Capability.CONFIRM_RATING)
    waiting = RiskAssessment.objects.filter(of_case(locked.pk), pk=assessment.pk, needs_manager=True)
    if not waiting.exists():
        raise RuleBroken("This assessment does not wait for a manager")
    if RatingDecision.objects.filter(assessment=assessment).exists():
        raise RuleBroken("This assessment was confirmed or sent back already")
    made = RatingDecision.objects.create(
        record_id=assessment.record_id,
        assessment=assessment,
        outcome=outcome,
        reason=reason,
        decided_by_id=by.membership_id,
        decided_at=at,
    )
    tell(
        membership_id=assessment.written_by_id,
        subject=f"Your assessment of case {locked.reference} was {Outcome(outcome).label.lower()}",
        text=f"The manager has answered. The assessment of case {locked.reference} says how and why.",
        path=reverse("referrals:assessments", args=[locked.reference]),
        about=locked.pk,
        key=f"assessment-{outcome}:{locked.reference}:{assessment.pk}",
        by=by,
        at=at,
    )
    return locked, made


@transaction.atomic
def plan_case(*, case: Case, typed: Typed, operation: str, by: Seat, at: dt.datetime) -> SafetyPlan:
    """Write the next version of an open case's safety plan and empty its draft. In force from today.

    The same ``operation`` again changes nothing. Raises ``RuleBroken`` when the page is not complete.
    """
    locked = case_to_assess(case, by)
    if done := sent_before(SafetyPlan, case=locked, operation=operation):
        return done
    form = CasePlan(typed, asked=Asked(on=london_date(at)))
    if not form.is_valid():
        raise RuleBroken("The plan is not complete. Nothing was sent.")
    made = record_plan(
        form, version=last_plan_version(locked) + 1, **below_case(locked, operation=operation, by=by, at=at)
    )
    empty_draft(locked, PLAN)
    return made
