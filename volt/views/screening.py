"""Screening a referral about no child: all that it says, records of a name like its own, and the decision on it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import refuse
from referrals.enums import About, ReferralStatus
from referrals.forms.screening import ACCEPT
from referrals.models import Referral
from referrals.selectors import name_of, referral_by_reference
from referrals.views.lists import urgent_tag, waiting_words
from referrals.views.reading import read_cards
from referrals.views.screening import not_accepted
from volt.forms import MatterScreeningForm
from volt.rules import KIND_OF_MATTER
from volt.selectors import volt_like
from volt.services import accept_as_record


@requires(Capability.SCREEN)
@require_http_methods(["GET", "HEAD", "POST"])
def screen(request: SeatRequest, reference: str) -> HttpResponse:
    referral = referral_by_reference(reference)
    if referral.about == About.CHILD:
        raise Http404
    if referral.status != ReferralStatus.SUBMITTED or referral.submitted_on is None:
        return redirect("referrals:tasks", reference)
    noun = About(referral.about).label.split(" ", 1)[1]
    like = volt_like(KIND_OF_MATTER[referral.about], name_of(referral))
    form = MatterScreeningForm(request.POST if request.method == "POST" else None, like=like, noun=noun)
    if request.method == "POST" and form.is_valid():
        try:
            words = _decide(request, referral, form)
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, words)
            return redirect("referrals:screening")
    records = [entry.row.pk for entry in like]
    shown(request, "screening page", record_id=referral.record_id, reference=reference, records=records)
    context = {
        "referral": referral,
        "name": name_of(referral),
        "urgent": urgent_tag(referral),
        "waiting": waiting_words(referral.submitted_on, clock.today()),
        "cards": read_cards(referral),
        "form": form,
    }
    return render(request, "volt/screen.html", context, status=422 if request.method == "POST" else 200)


def _decide(request: SeatRequest, referral: Referral, form: MatterScreeningForm) -> str:
    """Carry the decision out; answers what to say."""
    said, seat, at = form.cleaned_data, request.seat, clock.now()
    if said["decision"] != ACCEPT:
        return not_accepted(form, referral=referral, reason=said["reason"], criteria=form.ticked(), by=seat, at=at)
    row = accept_as_record(
        referral=referral, existing=form.existing, reason=said["reason"], criteria=form.ticked(), by=seat, at=at
    )
    return f"Referral {referral.reference} is accepted. It is what {row.reference} rests on."
