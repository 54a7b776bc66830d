"""Assessments of a case: all of them, one, two side by side, a new one, and the manager's answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mace.access.gate import SeatRequest, keep, requires
from mace.access.policy import Capability
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import long_date, refuse
from mace.core.seat import Seat
from mace.core.templatetags.components import rating_tag, short_date, status_tag
from referrals.enums import Outcome, Rating
from referrals.forms.assessing import CompareForm, DecisionForm
from referrals.models import Case, RiskAssessment
from referrals.rules import Typed
from referrals.sections.case import ASSESSMENT, CaseRisk
from referrals.selectors.assessing import (
    assessment_by_key,
    assessments_of,
    full_case,
    in_force,
    key_of,
)
from referrals.selectors.two_assessments import compare as side_by_side
from referrals.selectors.written import decision_of
from referrals.services.assessing import (
    assess_case,
    case_risk,
    confirm_assessment,
    may_decide,
    send_back_assessment,
)
from referrals.services.case_drafts import may_assess, sent_before
from referrals.views.cards import assessment_pairs, rows
from referrals.views.case_pages import DraftPage, case_context

DECISIONS = {
    "": ("Counts", "green"),
    "waiting": ("Waiting for the manager", "yellow"),
    Outcome.CONFIRMED.value: ("Confirmed by the manager", "green"),
    Outcome.SENT_BACK.value: ("Sent back", "grey"),
}


def _address(name: str, case: Case, *more: str) -> str:
    return reverse(f"referrals:{name}", args=[case.reference, *more])


def _state(assessment: RiskAssessment) -> SafeString:
    return status_tag(*DECISIONS[decision_of(assessment)])


@requires(Capability.READ_CASES)
@require_safe
def listed(request: SeatRequest, reference: str) -> HttpResponse:
    """Every assessment of the case, the newest first, and the choice of two to compare."""
    case = full_case(reference)
    found = assessments_of(case)
    table = [
        [
            format_html(
                '<a class="govuk-link" href="{}">{}</a>',
                _address("assessment", case, key_of(row, case)),
                short_date(row.effective_on),
            ),
            rating_tag(row.rating),
            "not all scored" if row.total is None else str(row.total),
            row.tool_version,
            row.written_by.user.name,
            _state(row),
        ]
        for row in found
    ]
    context = case_context(
        request,
        case,
        "assessments",
        rows=table,
        head=["Day", "Rating", "Total", "Version of the tool", "By", "State"],
        form=_choice(case, found),
        comparable=len(found) > 1,
        may_assess=may_assess(case, request.seat),
        compare_url=_address("assessment_compare", case),
    )
    return render(request, "referrals/assessments.html", context)


def _choice(case: Case, found: list[RiskAssessment], data: Any = None) -> CompareForm:
    named = [
        (key_of(row, case), f"{long_date(row.effective_on)}: {Rating(row.rating).label}, {row.written_by.user.name}")
        for row in found
    ]
    usual = {"one": named[1][0], "other": named[0][0]} if len(named) > 1 else {}
    return CompareForm(data, listed=named, initial=usual)


@requires(Capability.READ_CASES)
@require_safe
def compare(request: SeatRequest, reference: str) -> HttpResponse:
    """Two assessments side by side, the earlier at the left, whichever way they were chosen."""
    case = full_case(reference)
    found = assessments_of(case)
    form = _choice(case, found, request.GET or None)
    context: dict[str, Any] = {"form": form, "comparable": len(found) > 1, "listed_url": _address("assessments", case)}
    if form.is_bound and form.is_valid():
        chosen = {form.cleaned_data["one"], form.cleaned_data["other"]}
        two = [row for row in reversed(found) if key_of(row, case) in chosen]
        if len(two) == 1:
            form.add_error("other", "Choose two different assessments")
        else:
            compared, apart = side_by_side(*two)
            head = ["Question", *(f"{long_date(row.effective_on)}, {row.written_by.user.name}" for row in two)]
            context |= {
                "rows": [[row.question, row.before, row.after, row.change or "The same"] for row in compared],
                "head": [*head, "What changed"],
                "changes": sum(1 for row in compared if row.change),
                "apart": apart,
            }
    context = case_context(request, case, "assessments compared", **context)
    return render(request, "referrals/assessment_compare.html", context, status=422 if form.errors else 200)


@requires(Capability.READ_CASES)
@require_safe
def one(request: SeatRequest, reference: str, key: str) -> HttpResponse:
    """One assessment, whole; with the manager's question where it waits for this seat."""
    case = full_case(reference)
    return _one(request, case, assessment_by_key(case, key))


def _decides(case: Case, assessment: RiskAssessment, seat: Seat) -> bool:
    waiting = decision_of(assessment) == "waiting"
    return waiting and may_decide(case, seat) and assessment.written_by_id != seat.membership_id


def _one(
    request: SeatRequest, case: Case, assessment: RiskAssessment, form: DecisionForm | None = None
) -> HttpResponse:
    levels = (
        ("Sexual exploitation", assessment.cse_level_words),
        ("Criminal exploitation", assessment.cce_level_words),
    )
    decision = getattr(assessment, "decision", None)
    context = case_context(
        request,
        case,
        "assessment",
        assessment=assessment,
        state=_state(assessment),
        rows=rows(*assessment_pairs(assessment, assessment.scores.all())),
        levels=rows(*levels),
        decision=rows(
            ("Answer", Outcome(decision.outcome).label),
            ("Why", decision.reason),
            ("By", f"{decision.decided_by.user.name}, {long_date(decision.decided_at)}"),
        )
        if decision
        else [],
        form=form or (DecisionForm() if _decides(case, assessment, request.seat) else None),
        decide_url=_address("assessment_decide", case, key_of(assessment, case)),
        listed_url=_address("assessments", case),
    )
    return render(request, "referrals/assessment.html", context, status=422 if form else 200)


@requires(Capability.CONFIRM_RATING)
@require_POST
def decide(request: SeatRequest, reference: str, key: str) -> HttpResponse:
    """The manager's answer to an assessment that lowers the rating."""
    case = full_case(reference)
    assessment = assessment_by_key(case, key)
    if not may_decide(case, request.seat) or assessment.written_by_id == request.seat.membership_id:
        raise PermissionDenied
    form = DecisionForm(request.POST)
    if form.is_valid():
        common: dict[str, Any] = {"assessment": assessment, "case": case, "by": request.seat, "at": clock.now()}
        try:
            if form.cleaned_data["outcome"] == Outcome.CONFIRMED:
                confirm_assessment(**common)
                said = "The rating is confirmed."
            else:
                send_back_assessment(reason=form.cleaned_data["reason"], **common)
                said = "The assessment is sent back. The rating of the case stays."
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, said)
            return redirect("referrals:assessment", reference, key)
    keep(request)
    return _one(request, case, assessment, form)


def _form(case: Case, typed: Typed, at: dt.datetime, *, check: bool) -> CaseRisk:
    return case_risk(case, typed, at, check=check)


def _send(**asked: Any) -> str:
    made = assess_case(**asked)
    if made.needs_manager:
        return "The assessment is sent. It lowers the rating, so it waits for the manager; until then the rating stays."
    return f"The assessment is on record. The case is rated {Rating(made.rating).label.lower()}."


def _known(case: Case) -> tuple[dict[str, Any], dict[str, Any]]:
    last = in_force(assessments_of(case))
    if last is None:
        return {}, {}
    return CaseRisk.filled(last, list(last.scores.all())), {"last": last, "last_rating": Rating(last.rating).label}


NEW = DraftPage(
    ASSESSMENT,
    template="referrals/assessment_new.html",
    listed="referrals:assessments",
    page="referrals:assessment_new",
    new_form=_form,
    send=_send,
    sent=lambda case, token: sent_before(RiskAssessment, case=case, operation=token) is not None,
    known=_known,
)


@requires(Capability.ASSESS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SeatRequest, reference: str) -> HttpResponse:
    return NEW.answer(request, reference)


@requires(Capability.ASSESS)
@require_POST
def save(request: SeatRequest, reference: str) -> HttpResponseBase:
    return NEW.save(request, reference)
