"""Consent to support on a case: what was said, adding to it, and the decision that a withdrawal asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from mace.access.gate import SeatRequest, keep, requires
from mace.access.policy import Capability, can
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import GovukForm, refuse
from mace.core.pages import page_key
from mace.core.seat import Seat
from mace.core.templatetags.components import uk_date
from referrals.forms.consent import ConsentDecisionForm, ConsentForm
from referrals.models import Case, ConsentSaid, ToldConsent
from referrals.rules import is_child
from referrals.sections.circumstances import told_pairs
from referrals.selectors.assessing import full_case
from referrals.selectors.consent import (
    asked_anew_since,
    consent_pairs,
    consent_title,
    consents_of,
    referral_statements,
)
from referrals.services.case_drafts import may_assess
from referrals.services.consent import decide_on_consent, say_consent
from referrals.views.cards import rows
from referrals.views.case_pages import case_context
from referrals.views.drafts import operation

SAID, DECISION = "said", "decision"


@requires(Capability.READ_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: SeatRequest, reference: str) -> HttpResponse:
    """All that was said, what the referrals say first; whoever works on the case adds to it and decides."""
    case = full_case(reference)
    said = consents_of(case)
    forms = _forms(request, case, said)
    form = None
    if request.method == "POST":
        what = request.POST.get("what", "")
        if not can(request.seat, Capability.ASSESS):
            raise PermissionDenied
        if what not in forms:
            raise Http404
        form = forms[what]
        if _written(request, case, said, what, form):
            return redirect("referrals:consent", case.reference)
        keep(request)
    context = {
        "statements": [{"title": _of(told), "rows": rows(*told_pairs(told))} for told in referral_statements(case)],
        "said": [{"title": consent_title(row), "rows": rows(*consent_pairs(row))} for row in reversed(said)],
        "waiting": [
            {"words": f"{consent_title(row)}, {uk_date(row.said_on)}", "form": forms.get(_key(row)), "key": _key(row)}
            for row in said
            if row.waits
        ],
        "since_18": asked_anew_since(case, said, on=clock.today()),
        "add": forms.get(SAID),
        "form": form,
        "open": case.closed_on is None,
        "operation": request.POST.get("operation", "")[:40] or operation(),
    }
    page = case_context(request, case, "consent to support", **context)
    return render(request, "referrals/consent.html", page, status=422 if form is not None else 200)


def _of(told: ToldConsent) -> str:
    return f"Referral {told.referral.reference}, {uk_date(told.referral.submitted_on)}"


def _key(row: ConsentSaid) -> str:
    """What the form of a decision is called."""
    return f"{DECISION}_{page_key(row.record_id, row.pk)}"


def _forms(request: SeatRequest, case: Case, said: list[ConsentSaid]) -> dict[str, GovukForm]:
    """The forms that the seat may send, by what they are called; a new one, and one for each withdrawal that waits."""
    seat: Seat = request.seat
    if case.closed_on is not None or not can(seat, Capability.ASSESS):
        return {}
    sent = request.POST.get("what", "") if request.method == "POST" else ""
    adult = not is_child(case.child.identity.date_of_birth, clock.today())
    posted: Callable[[str], Any] = lambda name: request.POST if sent == name else None  # noqa: E731
    found: dict[str, GovukForm] = {
        SAID: ConsentForm(posted(SAID), adult=adult, initial={"said_on": clock.today()}, auto_id="id_said_%s")
    }
    if may_assess(case, seat):
        for row in said:
            if row.waits or sent == _key(row):
                found[_key(row)] = ConsentDecisionForm(posted(_key(row)), auto_id=f"id_{_key(row)}_%s")
    return found


def _written(request: SeatRequest, case: Case, said: list[ConsentSaid], what: str, form: GovukForm) -> bool:
    """Whether what the form says is on record now; what a rule refuses stands on the form."""
    if not form.is_valid():
        return False
    try:
        if isinstance(form, ConsentForm):
            token = request.POST.get("operation", "")[:40]
            say_consent(case=case, **form.said(), operation=token, by=request.seat, at=clock.now())
            messages.success(request, "What was said of consent is on record. Nothing else was changed.")
        else:
            row = next((row for row in said if _key(row) == what), None)
            if row is None:
                raise Http404
            decide_on_consent(said=row, decision=form.cleaned_data["decision"], by=request.seat, at=clock.now())
            messages.success(request, "The decision is on record. Nothing else was changed.")
    except RuleBroken as broken:
        refuse(form, broken)
        return False
    return True
