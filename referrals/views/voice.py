"""What a child says, added to a case; what children say, across cases, without names; difficulties scores."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from mace.access.gate import SeatRequest, keep, requires, shown
from mace.access.policy import Capability
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import refuse
from referrals.forms.assessing import DifficultiesForm, VoiceFilterForm, VoiceForm
from referrals.selectors.assessing import full_case
from referrals.selectors.voices import NO_THEME, cases_not_heard, theme_counts, voices
from referrals.services.case_drafts import may_assess
from referrals.services.voicing import record_difficulties, record_voice
from referrals.views.case_pages import case_context
from referrals.views.drafts import operation


@requires(Capability.WRITE_VOICE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SeatRequest, reference: str) -> HttpResponse:
    """What the child says, at any time, by whoever sees the case in full."""
    case = full_case(reference)
    form = VoiceForm(request.POST or None, initial={"said_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            record_voice(
                case=case,
                words=said["words_said"],
                **{name: said[name] for name in ("observed", "wants", "said_on", "way", "with_whom", "themes")},
                operation=request.POST.get("operation", "")[:40],
                by=request.seat,
                at=clock.now(),
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, "What the child says is on record.")
            return redirect("casework:case", case.reference)
    if form.errors:
        keep(request)
    context = case_context(request, case, "what a child says", form=form, operation=_token(request))
    return render(request, "referrals/voice_new.html", context, status=422 if form.errors else 200)


def _token(request: SeatRequest) -> str:
    """The page's own token once more where it came back, so that sending it twice is still once."""
    return request.POST.get("operation", "")[:40] or operation()


@requires(Capability.ASSESS)
@require_http_methods(["GET", "HEAD", "POST"])
def difficulties(request: SeatRequest, reference: str) -> HttpResponse:
    """Totals of a strengths and difficulties questionnaire."""
    case = full_case(reference)
    if not may_assess(case, request.seat):
        raise PermissionDenied
    form = DifficultiesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = record_difficulties(
                case=case,
                **{name: said[name] for name in ("informant", "done_on", "total", "band")},
                parts=form.parts(),
                operation=request.POST.get("operation", "")[:40],
                by=request.seat,
                at=clock.now(),
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            band = f": {made.band_words.lower()}" if made.band_words else ""
            messages.success(request, f"The score of {made.total} is on record{band}.")
            return redirect("casework:case", case.reference)
    if form.errors:
        keep(request)
    context = case_context(request, case, "difficulties score", form=form, operation=_token(request))
    return render(request, "referrals/difficulties_new.html", context, status=422 if form.errors else 200)


@requires(Capability.READ_VOICE)
@require_safe
def across(request: SeatRequest) -> HttpResponse:
    """What children say, by theme and period, 25 a page. It names nobody, and yet the read log says whose it was."""
    after = request.GET.get("after", "")
    sent = {name: value for name, value in request.GET.dict().items() if name != "after" and value}
    form = VoiceFilterForm(sent or None, none=NO_THEME)
    right = not form.is_bound or form.is_valid()
    said: dict[str, Any] = form.cleaned_data if form.is_bound and right else {}
    period: dict[str, Any] = {"since": said.get("since"), "until": said.get("until")}
    try:
        page = voices(theme=said.get("theme", ""), **period, after=after)
    except ValueError:  # an address that was tampered with
        return redirect("referrals:voices")
    if page.lines:
        shown(request, "what children say", rows=len(page.lines), records=[line.record for line in page.lines])
    address = reverse("referrals:voices")
    context = {
        "form": form,
        "lines": page.lines,
        "counts": theme_counts(**period),
        "not_heard": cases_not_heard(clock.today()),
        "not_heard_url": f"{reverse('casework:cases')}?{urlencode({'state': 'open', 'voice': 'missing'})}",
        "first_url": _with(address, sent) if after else "",
        "next_url": _with(address, sent | {"after": page.following}) if page.following else "",
        "narrowed": bool(said.get("theme") or any(period.values())),
    }
    return render(request, "referrals/voices.html", context, status=200 if right else 422)


def _with(address: str, kept: dict[str, str]) -> str:
    return f"{address}?{urlencode(kept)}" if kept else address
