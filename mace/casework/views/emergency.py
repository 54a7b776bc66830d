"""Emergency access: opening a case that is not shared, and reviewing each use of it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mace.access.gate import SeatRequest, keep, requires, shown
from mace.access.policy import Capability, can
from mace.accounts.models import Role
from mace.audit.models import ReadKind
from mace.casework.forms.emergency import EmergencyForm, EmergencyReviewForm
from mace.casework.rules import EMERGENCY_HOURS, EMERGENCY_SEARCH
from mace.casework.selectors.case import assessment_rows, case_page, concern_rows, summary_rows, who_rows
from mace.casework.selectors.emergency import (
    HEAD,
    emergencies,
    emergency_by_reference,
    emergency_rows,
    last_plan,
    list_rows,
    review_rows,
    what_was_opened,
)
from mace.casework.services.emergency import (
    SearchedTooOften,
    begin_emergency_access,
    may_review,
    open_for_review,
    review_emergency,
)
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.templatetags.components import uk_time
from referrals.selectors import case_by_reference


def _concerned(request: SeatRequest) -> None:
    """Those who may use emergency access see their own uses, those who review it all of them; the rest neither."""
    if not any(can(request.seat, what) for what in (Capability.EMERGENCY_ACCESS, Capability.REVIEW_EMERGENCY)):
        raise PermissionDenied


@requires(Capability.WORK)
@require_safe
def emergency_list(request: SeatRequest) -> HttpResponse:
    """Uses of emergency access: those not reviewed first."""
    _concerned(request)
    found = emergencies()
    if found:
        shown(request, "emergency list", rows=len(found), records=[access.record_id for access in found])
    return render(
        request,
        "casework/emergencies.html",
        {
            "head": HEAD,
            "rows": list_rows(found, on=clock.today()),
            "may_use": can(request.seat, Capability.EMERGENCY_ACCESS),
            "reviews": can(request.seat, Capability.REVIEW_EMERGENCY),
        },
    )


@requires(Capability.EMERGENCY_ACCESS, fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def emergency_new(request: SeatRequest) -> HttpResponse:
    """Says what follows, asks for exactly who is meant and why; a match opens the case at once."""
    form = EmergencyForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "hours": EMERGENCY_HOURS}
    if request.method != "POST" or not form.is_valid():
        return render(request, "casework/emergency_new.html", context, status=422 if form.is_bound else 200)
    try:
        opened = begin_emergency_access(**form.cleaned_data, by=request.seat, at=clock.now())
    except SearchedTooOften:
        shown(request, EMERGENCY_SEARCH, rows=0, kind=ReadKind.SEARCH)
        keep(request)
        return render(request, "casework/emergency_new.html", context | {"too_often": True}, status=429)
    except RuleBroken as broken:
        form.add_error(broken.field or None, broken.message)
        return render(request, "casework/emergency_new.html", context, status=422)
    if opened is None:
        return render(request, "casework/emergency_new.html", context | {"nothing_matched": True})
    if opened.access is None:
        messages.info(request, "You can see this case already. Nobody was told, and nothing needs a review.")
    else:
        until = uk_time(opened.access.ends_at)
        messages.warning(
            request, f"You see this case until {until}. The coordinators were told: {opened.access.reference}."
        )
    return redirect("casework:case", opened.case_reference)


@requires(Capability.WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def emergency(request: SeatRequest, reference: str) -> HttpResponse:
    """One use. Whoever reviews it sees what was opened, and signs it off; whoever used it sees how that went."""
    _concerned(request)
    access = emergency_by_reference(reference)
    reviews = can(request.seat, Capability.REVIEW_EMERGENCY)
    others = reviews and may_review(access, request.seat)
    form = EmergencyReviewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not others:
            raise PermissionDenied
        if form.is_valid():
            try:
                review_emergency(access=access, **form.cleaned_data, by=request.seat, at=clock.now())
            except RuleBroken as broken:
                form.add_error(broken.field or None, broken.message)
            else:
                messages.success(request, f"{access.reference} is signed off.")
                return redirect("casework:emergencies")
    shown(request, "emergency access", record_id=access.record_id, reference=access.reference)
    return render(
        request,
        "casework/emergency.html",
        {
            "access": access,
            "rows": emergency_rows(access, on=clock.today()),
            "review_rows": review_rows(access) if reviews else [],
            "reads": what_was_opened(access) if others else [],
            "others": others,
            "reviews": reviews,
            "is_officer": request.seat.role == Role.INFORMATION_GOVERNANCE,
            "form": form,
        },
        status=422 if form.is_bound else 200,
    )


@requires(Capability.REVIEW_EMERGENCY, fresh=True)
@require_POST
def emergency_read(request: SeatRequest, reference: str) -> HttpResponse:
    """Open the case to the officer who reviews this use, to read, for three hours."""
    access = emergency_by_reference(reference)
    try:
        open_for_review(access=access, by=request.seat)
    except RuleBroken as broken:
        messages.warning(request, broken.message)
        return redirect("casework:emergency", access.reference)
    return redirect("casework:emergency_case", access.reference)


@requires(Capability.REVIEW_EMERGENCY)
@require_safe
def emergency_case(request: SeatRequest, reference: str) -> HttpResponse:
    """What the emergency access opened, for the officer who reviews it, to read; no links lead on from here."""
    access = emergency_by_reference(reference)
    case_reference: str = access.case_reference or ""  # type: ignore[attr-defined]
    if request.seat.role != Role.INFORMATION_GOVERNANCE:
        return (
            redirect("casework:case", case_reference)
            if case_reference
            else redirect("casework:emergency", access.reference)
        )
    try:
        case = case_by_reference(case_reference)
    except Http404:
        messages.info(request, "The case is not open to you. You can open it from here.")
        return redirect("casework:emergency", access.reference)
    page, today = case_page(case), clock.today()
    shown(request, "emergency review", record_id=case.pk, reference=case.reference)
    return render(
        request,
        "casework/emergency_case.html",
        {
            "access": access,
            "who_rows": who_rows(page, on=today),
            "summary_rows": summary_rows(page),
            "concern_rows": concern_rows(page.content),
            "assessment_rows": assessment_rows(page.content),
            "last_plan": last_plan(case),
        },
    )
