"""A manager approves a referral before the coordinators get it; one for a brother, sister or friend is begun."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import refuse
from referrals.enums import ReferralStatus
from referrals.forms.sending import APPROVE, ApprovalForm, CopyForm
from referrals.selectors import name_of, referral_by_reference
from referrals.services.approving import approve_referral, send_back_referral
from referrals.services.copying import COPIED, copy_referral
from referrals.services.drafting import may_write
from referrals.views.drafts import operation
from referrals.views.reading import read_cards


@requires(Capability.APPROVE_REFERRAL)
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: SeatRequest, reference: str) -> HttpResponse:
    """Everything the referral says, and the manager's decision on it."""
    referral = referral_by_reference(reference)
    if not may_write(referral, request.seat):
        raise PermissionDenied
    if referral.status != ReferralStatus.WITH_MANAGER:
        return redirect("referrals:tasks", reference)
    form = ApprovalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said, at = form.cleaned_data, clock.now()
        try:
            if said["decision"] == APPROVE:
                approve_referral(referral=referral, by=request.seat, at=at)
            else:
                send_back_referral(referral=referral, reason=said["reason"], by=request.seat, at=at)
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            done = "sent to the coordinators" if said["decision"] == APPROVE else "sent back to the referrer"
            messages.success(request, f"Referral {reference} is {done}.")
            return redirect("referrals:list")
    shown(request, "referral to approve", record_id=referral.record_id, reference=reference)
    context = {"referral": referral, "name": name_of(referral), "form": form, "cards": read_cards(referral)}
    return render(request, "referrals/approve.html", context, status=422 if form.errors else 200)


@requires(Capability.FILE_REFERRAL)
@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: SeatRequest, reference: str) -> HttpResponse:
    """Begin a referral for another child with parts of this one."""
    referral = referral_by_reference(reference)
    if not may_write(referral, request.seat):
        raise PermissionDenied
    there = set(referral.sections.values_list("section", flat=True))
    parts = [(str(part), words) for part, words in COPIED.items() if part in there]
    if not parts:
        raise Http404
    form = CopyForm(request.POST if request.method == "POST" else None, parts=parts)
    if request.method == "POST" and form.is_valid():
        try:
            made = copy_referral(
                source=referral,
                parts=form.cleaned_data["parts"],
                by=request.seat,
                at=clock.now(),
                operation=request.POST.get("operation", "")[:40],
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, "The parts are copied. Look at each page and save it.")
            return redirect("referrals:tasks", made.reference)
    context = {"referral": referral, "form": form, "operation": operation()}
    return render(request, "referrals/copy.html", context, status=422 if form.errors else 200)
