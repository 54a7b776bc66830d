"""Who can see a case, and why; sharing it with an agency; ending that."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability, can
from mace.agencies.models import Agency
from mace.casework.forms.sharing import ShareForm, StopSharingForm
from mace.casework.selectors.case import identity_bar
from mace.casework.selectors.sharing import agencies_shared_with, agencies_to_share_with, sharing_picture
from mace.casework.services.sharing import share_case as share
from mace.casework.services.sharing import stop_sharing_case
from mace.core import clock
from mace.core.errors import RuleBroken
from referrals.selectors import case_by_reference


@requires(Capability.EXPLAIN_ACCESS)
def case_sharing(request: SeatRequest, reference: str) -> HttpResponse:
    """Coordinator, chair and lead professional see the whole picture; others their own line."""
    case = case_by_reference(reference)
    picture = sharing_picture(case, request.seat, on=clock.today())
    shown(request, "case sharing", record_id=case.pk, reference=case.reference)
    return render(
        request,
        "casework/case_sharing.html",
        {
            "case": case,
            "identity": identity_bar(case, on=clock.today()),
            "picture": picture,
            "may_decide": can(request.seat, Capability.DISCLOSE),
        },
    )


@requires(Capability.DISCLOSE)
def case_share(request: SeatRequest, reference: str) -> HttpResponse:
    """Says who would see what, and asks why."""
    case = case_by_reference(reference)
    choices = agencies_to_share_with(request.seat)
    agencies = [agency for agency, _ in choices]
    form = ShareForm(request.POST or None, agencies=agencies)
    if request.method == "POST" and form.is_valid():
        agency = _chosen(agencies, form.cleaned_data["agency"])
        given = {name: value for name, value in form.cleaned_data.items() if name != "agency"}
        try:
            share(case=case, agency=agency, **given, by=request.seat, at=clock.now())
        except RuleBroken as broken:
            form.add_error(broken.field or None, broken.message)
        else:
            messages.success(request, f"{case.reference} is now shared with {agency.name}.")
            return redirect("casework:case_sharing", reference=case.reference)
    shown(request, "case sharing", record_id=case.pk, reference=case.reference)
    return render(
        request,
        "casework/case_share.html",
        {"case": case, "identity": identity_bar(case, on=clock.today()), "form": form, "choices": choices},
        status=422 if form.is_bound else 200,
    )


@requires(Capability.DISCLOSE)
def case_withdraw(request: SeatRequest, reference: str) -> HttpResponse:
    """Says what the agency will still see, and asks why."""
    case = case_by_reference(reference)
    agencies = agencies_shared_with(case)
    form = StopSharingForm(request.POST or None, agencies=agencies)
    if request.method == "POST" and form.is_valid():
        agency = _chosen(agencies, form.cleaned_data["agency"])
        try:
            stop_sharing_case(
                case=case, agency=agency, reason=form.cleaned_data["reason"], by=request.seat, at=clock.now()
            )
        except RuleBroken as broken:
            form.add_error(broken.field or None, broken.message)
        else:
            messages.success(request, f"{case.reference} is no longer shared with {agency.name}.")
            return redirect("casework:case_sharing", reference=case.reference)
    shown(request, "case sharing", record_id=case.pk, reference=case.reference)
    return render(
        request,
        "casework/case_withdraw.html",
        {"case": case, "identity": identity_bar(case, on=clock.today()), "form": form, "agencies": agencies},
        status=422 if form.is_bound else 200,
    )


def _chosen(agencies: list[Agency], key: str) -> Agency:
    return next(agency for agency in agencies if str(agency.pk) == key)
