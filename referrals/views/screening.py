"""Screening: everything the referral says, and the decision on it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import refuse
from referrals.enums import About, ReferralStatus
from referrals.forms import ScreeningForm
from referrals.forms.screening import ACCEPT, DECLINE, REDIRECT, RETURN
from referrals.models import Referral
from referrals.selectors import possible_leads, referral_by_reference
from referrals.selectors.cases import earlier_cases, repeat_of
from referrals.selectors.comparing import likely_children
from referrals.selectors.elsewhere import known_elsewhere
from referrals.services import accept_referral, decline_referral, redirect_referral, return_referral
from referrals.views.lists import waiting_words
from referrals.views.reading import read_cards

DONE = {RETURN: "returned to the referrer", REDIRECT: "redirected", DECLINE: "declined"}


@requires(Capability.SCREEN)
@require_http_methods(["GET", "HEAD", "POST"])
def screen(request: SeatRequest, reference: str) -> HttpResponse:
    """Everything a child's referral says; one that is about no child is screened where VOLT records are made."""
    referral = referral_by_reference(reference)
    if referral.about != About.CHILD:
        return redirect("volt:screen", reference)
    if referral.status != ReferralStatus.SUBMITTED or referral.child is None or referral.submitted_on is None:
        return redirect("referrals:tasks", reference)
    today = clock.today()
    cases = earlier_cases(referral)
    open_here = next((case for case in cases if case.closed_on is None), None)
    leads = list(possible_leads(request.seat.partnership_id, on=today))
    form = ScreeningForm(
        request.POST if request.method == "POST" else None,
        leads=leads,
        joins=open_here is not None,
        initial={"lead_professional": str(referral.referrer_id)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            words = _decide(request, referral, form)
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, words)
            return redirect("referrals:screening")
    likely = likely_children(referral.child)
    records = [*(case.pk for case in cases), *(match.child_id for match, _ in likely)]
    shown(request, "screening page", record_id=referral.record_id, reference=reference, records=records)
    context = {
        "referral": referral,
        "form": form,
        "cards": read_cards(referral),
        "repeat_of": repeat_of(today, cases) if open_here is None else None,
        "waiting": waiting_words(referral.submitted_on, today),
        "open_here": open_here,
        "likely": likely,
        "elsewhere": bool(known_elsewhere(referral.child)),
        "earlier": [case for case in cases if case.closed_on is not None],
    }
    return render(request, "referrals/screen.html", context, status=422 if request.method == "POST" else 200)


def _decide(request: SeatRequest, referral: Referral, form: ScreeningForm) -> str:
    """Carry the decision out; answers what to say."""
    said = form.cleaned_data
    common: dict[str, Any] = {"referral": referral, "reason": said["reason"], "by": request.seat, "at": clock.now()}
    common["criteria"] = form.ticked()
    if said["decision"] == ACCEPT:
        case = accept_referral(lead_professional=form.lead, **common)
        return f"Referral {referral.reference} is accepted. It belongs to case {case.reference}."
    return not_accepted(form, **common)


def not_accepted(form: ScreeningForm, *, referral: Referral, **common: Any) -> str:
    """Return, redirect or decline as the form says, whatever the referral is about; answers what to say."""
    said = form.cleaned_data
    common["referral"] = referral
    if said["decision"] == RETURN:
        return_referral(**common)
    elif said["decision"] == REDIRECT:
        redirect_referral(to=said["redirected_to"], **common)
    else:
        decline_referral(**common)
    return f"Referral {referral.reference} is {DONE[said['decision']]}."
