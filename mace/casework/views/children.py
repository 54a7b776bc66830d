"""Handing a case to another lead professional."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability
from mace.casework.forms.children import HandOverForm
from mace.casework.selectors.case import identity_bar
from mace.casework.selectors.handing_over import outstanding_words
from mace.casework.services.handing_over import hand_over
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import refuse
from referrals.selectors import case_by_reference, possible_leads


@requires(Capability.DISCLOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def case_hand_over(request: SeatRequest, reference: str) -> HttpResponse:
    """Says who sees the case no more and who will, and asks why."""
    case, today = case_by_reference(reference), clock.today()
    leads = possible_leads(request.seat.partnership_id, on=today).exclude(pk=case.lead_professional_id)
    form = HandOverForm(
        request.POST if request.method == "POST" else None,
        leads=leads,
        initial={"outstanding": outstanding_words(case, on=today)} if request.method != "POST" else None,
    )
    if request.method == "POST" and form.is_valid():
        to = form.leads[form.cleaned_data["to"]]
        try:
            hand_over(
                case=case,
                to=to,
                reason=form.cleaned_data["reason"],
                note=form.cleaned_data["note"],
                outstanding=form.cleaned_data["outstanding"],
                by=request.seat,
                at=clock.now(),
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, f"{to.user.name} is the lead professional of {case.reference} now.")
            return redirect("casework:case", reference=case.reference)
    shown(request, "case hand-over", record_id=case.pk, reference=case.reference)
    return render(
        request,
        "casework/case_hand_over.html",
        {"case": case, "identity": identity_bar(case, on=today), "form": form},
        status=422 if form.is_bound else 200,
    )
