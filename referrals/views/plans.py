"""Safety plans of a case: every version, one, the one in force on a day, a new one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mace.access.gate import SeatRequest, requires
from mace.access.policy import Capability
from mace.core import clock
from mace.core.clock import london_date
from mace.core.forms import DAY_MONTH_YEAR, long_date
from mace.core.forms.words import iso_date
from mace.core.templatetags.components import short_date
from referrals.enums import StepState
from referrals.forms.plans import OnForm
from referrals.models import Case, SafetyPlan
from referrals.rules import Typed
from referrals.sections.base import Asked
from referrals.sections.case import PLAN, CasePlan
from referrals.selectors.assessing import full_case, key_of, plan_by_key, plan_in_force, plans_of
from referrals.services.assessing import plan_case
from referrals.services.case_drafts import may_assess, sent_before
from referrals.views.cards import rows
from referrals.views.case_pages import DraftPage, case_context

HEAD = ["Version", "From", "Made with", "In short", "By"]
STEP_HEAD = ["Step", "Who", "By when", "How it stands"]


def _asked(request: SeatRequest) -> tuple[OnForm, dt.date | None]:
    """The form with the day that the address asks for, ``?on=2026-03-01`` or in three boxes; no day, no answer."""
    sent = request.GET.dict()
    if (day := iso_date(sent.get("on", ""))) is not None:
        sent = {f"on_{part}": str(getattr(day, part)) for part in DAY_MONTH_YEAR}
    if not any(name.startswith("on") for name in sent):
        return OnForm(), None
    form = OnForm(sent)
    return form, form.cleaned_data["on"] if form.is_valid() else None


@requires(Capability.READ_CASES)
@require_safe
def listed(request: SeatRequest, reference: str) -> HttpResponse:
    """Every version, the newest first; for ``?on=2026-03-01`` the one that was in force that day, and until when."""
    case = full_case(reference)
    found = plans_of(case)
    form, on = _asked(request)
    held = plan_in_force(case, on, found) if on else None
    context = case_context(
        request,
        case,
        "safety plans",
        head=HEAD,
        rows=[
            [
                format_html('<a class="govuk-link" href="{}">Version {}</a>', _address(case, row), row.version),
                short_date(row.effective_on),
                row.with_whom,
                row.summary,
                row.written_by.user.name,
            ]
            for row in found
        ],
        form=form,
        on=on,
        held=held,
        held_rows=_rows(held.plan) if held else [],
        held_steps=_steps(held.plan) if held else [],
        step_head=STEP_HEAD,
        may_assess=may_assess(case, request.seat),
    )
    return render(request, "referrals/plans.html", context, status=422 if form.errors else 200)


def _address(case: Case, plan: SafetyPlan) -> str:
    return reverse("referrals:plan", args=[case.reference, key_of(plan, case)])


def _rows(plan: SafetyPlan) -> list[dict[str, Any]]:
    return rows(
        ("Made with", plan.with_whom),
        ("In short", plan.summary),
        ("In the way", plan.blocked),
        ("Written by", f"{plan.written_by.user.name}, {long_date(plan.effective_on)}"),
    )


def _steps(plan: SafetyPlan) -> list[list[str]]:
    return [
        [
            step.text,
            step.who,
            short_date(step.by_when) if step.by_when else "no date",
            StepState(step.state).label + (f": {step.note}" if step.note else ""),
        ]
        for step in plan.steps.all()
    ]


@requires(Capability.READ_CASES)
@require_safe
def one(request: SeatRequest, reference: str, key: str) -> HttpResponse:
    """One version of the plan, and until when it held."""
    case = full_case(reference)
    plan = plan_by_key(case, key)
    later = [row.effective_on for row in plans_of(case) if (row.effective_on, row.pk) > (plan.effective_on, plan.pk)]
    context = case_context(
        request,
        case,
        "safety plan",
        plan=plan,
        rows=_rows(plan),
        steps=_steps(plan),
        step_head=STEP_HEAD,
        until=min(later, default=None),
        listed_url=reverse("referrals:plans", args=[case.reference]),
    )
    return render(request, "referrals/plan.html", context)


def _form(_case: Case, typed: Typed, at: dt.datetime, *, check: bool) -> CasePlan:
    return CasePlan(typed, asked=Asked(on=london_date(at)), check=check)


def _known(case: Case) -> tuple[dict[str, Any], dict[str, Any]]:
    last = plan_in_force(case, clock.today())
    return (CasePlan.filled(last.plan, list(last.plan.steps.all())) if last else {}), {}


def _send(**asked: Any) -> str:
    return f"Version {plan_case(**asked).version} of the safety plan is in force."


NEW = DraftPage(
    PLAN,
    template="referrals/plan_new.html",
    listed="referrals:plans",
    page="referrals:plan_new",
    new_form=_form,
    send=_send,
    sent=lambda case, token: sent_before(SafetyPlan, case=case, operation=token) is not None,
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
