"""The course of a case: what its page says of it, escalating it, closing it, the notes of a handover."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from mace.access.gate import SeatRequest, requires, shown
from mace.access.models import Scope
from mace.access.policy import Capability, can
from mace.accounts.models import Role
from mace.casework.forms.closing import CloseForm, DetailsForm
from mace.casework.selectors.case import CasePage, identity_bar
from mace.casework.selectors.closing import closing_rows, lead_rows, to_be_told
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import refuse
from mace.core.seat import Seat
from mace.core.templatetags.components import uk_date
from referrals.enums import Tier
from referrals.forms.criteria import EscalationForm
from referrals.models import Case
from referrals.selectors import case_by_reference
from referrals.selectors.course import closure_to_complete
from referrals.services import acknowledge_notes, close_tier, complete_closure, escalate_case


def course_context(page: CasePage, seat: Seat) -> dict[str, Any]:
    """What the page of a case says of its course, for a seat that has the whole of it; nothing for any other."""
    if not page.full:
        return {}
    case, course = page.case, page.course
    decides = can(seat, Capability.SCREEN)
    handed = course.lead_now if course.lead_now and course.lead_now.handed_by_id else None
    unread = handed if handed is not None and handed.read_at is None else None
    return {
        "may_complete": decides,
        "decisions": course.decisions,
        "closings": [closing_rows(closure, course.informed.get(closure.pk, [])) for closure in course.closures],
        "closing_words": "The case was closed in a meeting. Closing details are to be completed.",
        "leads": [lead_rows(period) for period in course.leads],
        "unread": unread if unread and (decides or seat.role == Role.MANAGER or _is_lead(case, seat)) else None,
        "own_notes": _is_lead(case, seat),
        "unread_words": f"{unread.lead.user.name} has not said yet that the handover notes of "
        f"{uk_date(unread.from_on)} are read."
        if unread
        else "",
    }


def _is_lead(case: Case, seat: Seat) -> bool:
    return case.lead_professional_id == seat.membership_id


def _in_full(reference: str) -> Case:
    """The case that the seat has the whole of. Raises ``Http404`` for any other, hidden or not."""
    case = case_by_reference(reference)
    if (case.seat_scope or 0) < Scope.FULL:  # type: ignore[attr-defined]  # brought by the selector
        raise Http404
    return case


@requires(Capability.SCREEN)
@require_http_methods(["GET", "HEAD", "POST"])
def case_escalate(request: SeatRequest, reference: str) -> HttpResponse:
    """The criteria with their evidence, the reason, and whether pre-MACE stays open."""
    case = _in_full(reference)
    at_pre_mace = any(period.tier == Tier.PRE_MACE for period in case.open_tiers)
    form = EscalationForm(request.POST if request.method == "POST" else None, at_pre_mace=at_pre_mace)
    if request.method == "POST" and form.is_valid():
        try:
            escalate_case(
                case=case,
                reason=form.cleaned_data["reason"],
                criteria=form.ticked(),
                keep_pre_mace=form.keeps_pre_mace,
                by=request.seat,
                at=clock.now(),
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, f"Case {case.reference} is open at MACE.")
            return redirect("casework:case", case.reference)
    shown(request, "case escalation", record_id=case.pk, reference=case.reference)
    context = {"case": case, "identity": identity_bar(case, on=clock.today()), "form": form}
    return render(request, "casework/case_escalate.html", context, status=422 if form.errors else 200)


@requires(Capability.SCREEN)
@require_http_methods(["GET", "HEAD", "POST"])
def case_close(request: SeatRequest, reference: str) -> HttpResponse:
    """Outcome and reason, what the child thinks of it, the plan afterwards, who is told."""
    case, today = _in_full(reference), clock.today()
    tiers = [period.tier for period in case.open_tiers]
    if not tiers:
        if request.method == "POST":
            messages.warning(request, "This case is closed already.")
        return redirect("casework:case", case.reference)
    proposed = to_be_told(case, on=today)
    form = CloseForm(request.POST if request.method == "POST" else None, tiers=tiers, proposed=proposed)
    if request.method == "POST" and form.is_valid():
        try:
            closed = close_tier(
                case=case,
                tier=form.cleaned_data["tier"],
                outcome=form.cleaned_data["outcome"],
                reason=form.cleaned_data["reason"],
                details=form.details(),
                by=request.seat,
                at=clock.now(),
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            words = "is closed" if closed.closed_on else f"is closed at {Tier(form.cleaned_data['tier']).label}"
            messages.success(request, f"Case {case.reference} {words}.")
            return redirect("casework:case", case.reference)
    shown(request, "case closing", record_id=case.pk, reference=case.reference)
    context = {
        "case": case,
        "identity": identity_bar(case, on=today),
        "form": form,
        "title": "Close the case" if len(tiers) == 1 else "Close the case at one tier",
        "last": len(tiers) == 1,
        "button": "Close",
    }
    return render(request, "casework/case_close.html", context, status=422 if form.errors else 200)


@requires(Capability.SCREEN)
@require_http_methods(["GET", "HEAD", "POST"])
def case_closing(request: SeatRequest, reference: str) -> HttpResponse:
    """What a closing decided in a meeting still lacks."""
    case, today = _in_full(reference), clock.today()
    closure = closure_to_complete(case)
    if closure is None:
        if request.method == "POST":
            messages.warning(request, "No closing of this case waits for its details.")
        return redirect("casework:case", case.reference)
    form = DetailsForm(request.POST if request.method == "POST" else None, proposed=to_be_told(case, on=today))
    if request.method == "POST" and form.is_valid():
        try:
            complete_closure(closure=closure, details=form.details(), by=request.seat, at=clock.now())
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, f"The closing details of {case.reference} are complete.")
            return redirect("casework:case", case.reference)
    shown(request, "case closing", record_id=case.pk, reference=case.reference)
    context = {
        "case": case,
        "identity": identity_bar(case, on=today),
        "form": form,
        "title": f"Closing details: {Tier(closure.period.tier).label}, {uk_date(closure.period.to_on)}",
        "decided": closure.period,
        "button": "Save the closing details",
    }
    return render(request, "casework/case_close.html", context, status=422 if form.errors else 200)


@requires(Capability.ANSWER_REVIEW)
@require_POST
def case_notes_read(request: SeatRequest, reference: str) -> HttpResponse:
    """The new lead professional has read the handover notes."""
    case = _in_full(reference)
    try:
        acknowledge_notes(case=case, by=request.seat, at=clock.now())
    except RuleBroken as broken:
        messages.warning(request, broken.message)
    else:
        messages.success(request, "Thank you. The coordinator can see that you have read the notes.")
    return redirect("casework:case", case.reference)
