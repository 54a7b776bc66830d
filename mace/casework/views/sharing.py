"""Who can see a record, and why; sharing it with an agency, with a look before it happens; ending that."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability, can
from mace.agencies.models import Agency
from mace.casework.forms.sharing import LookAgainForm, ShareForm, StopSharingForm
from mace.casework.selectors.eighteen import eighteen_of
from mace.casework.selectors.sharing import (
    agencies_shared_with,
    agencies_to_share_with,
    sharing_picture,
)
from mace.casework.selectors.sharing_subject import Subject, case_subject, volt_subject
from mace.casework.services.sharing import look_again, share_record, stop_sharing
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import CHANGE, CONFIRMED, refuse, sent_again
from panels.selectors.before_sharing import before_sharing
from referrals.views.drafts import operation


@requires(Capability.EXPLAIN_ACCESS)
@require_safe
def case_sharing(request: SeatRequest, reference: str) -> HttpResponse:
    """Coordinator, chair and lead professional see the whole picture; others their own line."""
    return _sharing(request, case_subject(reference))


@requires(Capability.READ_VOLT)
@require_safe
def volt_sharing(request: SeatRequest, reference: str) -> HttpResponse:
    """The same of a person of concern, a place or a theme."""
    return _sharing(request, volt_subject(reference))


@requires(Capability.DISCLOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def case_share(request: SeatRequest, reference: str) -> HttpResponse:
    """Asks why, says who would see what, and shares when that is confirmed."""
    return _share(request, case_subject(reference))


@requires(Capability.DISCLOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def volt_share(request: SeatRequest, reference: str) -> HttpResponse:
    """The same of a person of concern, a place or a theme."""
    return _share(request, volt_subject(reference))


@requires(Capability.DISCLOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def case_withdraw(request: SeatRequest, reference: str) -> HttpResponse:
    """Says what the agency will still see, and asks why."""
    return _withdraw(request, case_subject(reference))


@requires(Capability.DISCLOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def volt_withdraw(request: SeatRequest, reference: str) -> HttpResponse:
    """The same of a person of concern, a place or a theme."""
    return _withdraw(request, volt_subject(reference))


@requires(Capability.DISCLOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def case_look_again(request: SeatRequest, reference: str) -> HttpResponse:
    """The sharing decisions of somebody who is 18 by now, each to be looked at, and that this was done."""
    subject, today = case_subject(reference), clock.today()
    form = LookAgainForm(request.POST if request.method == "POST" else None)
    token = request.POST.get("operation", "")[:40]
    if request.method == "POST" and form.is_valid():
        try:
            look_again(
                subject=subject,
                words=form.cleaned_data["words"],
                operation=token,
                by=request.seat,
                at=clock.now(),
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, "It is on record that the sharing was looked at again. No sharing was changed.")
            return redirect(subject.page("sharing"))
    seen(request, subject)
    context = about(subject) | {
        "form": form,
        "eighteen": eighteen_of(subject, on=today),
        "picture": sharing_picture(subject, request.seat, on=today),
        "operation": token or operation(),
    }
    return render(request, "casework/case_look_again.html", context, status=422 if form.errors else 200)


def about(subject: Subject) -> dict[str, Any]:
    """What every page about who sees a record shows."""
    return {"subject": subject, "pages": subject.pages, "identity": subject.identity()}


def seen(request: SeatRequest, subject: Subject) -> None:
    """Put on record that the page showed who sees the record."""
    shown(request, f"{subject.noun} sharing", record_id=subject.record_id, reference=subject.reference)


def _sharing(request: SeatRequest, subject: Subject) -> HttpResponse:
    picture = sharing_picture(subject, request.seat, on=clock.today())
    seen(request, subject)
    context = about(subject) | {
        "picture": picture,
        "eighteen": eighteen_of(subject, on=clock.today()) if picture.whole else None,
        "may_decide": can(request.seat, Capability.DISCLOSE),
        "may_restrict": can(request.seat, Capability.RESTRICT),
    }
    return render(request, "casework/case_sharing.html", context)


def _share(request: SeatRequest, subject: Subject) -> HttpResponse:
    today = clock.today()
    choices = agencies_to_share_with(request.seat, on=today)
    agencies = [agency for agency, _ in choices]
    form = ShareForm(
        request.POST if request.method == "POST" else None,
        agencies=agencies,
        names=subject.scope_names,
        words=subject.scope_words,
        of_child=subject.case is not None,
    )
    seen(request, subject)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        agency = _chosen(agencies, given.pop("agency"))
        if not {CONFIRMED, CHANGE} & set(request.POST):
            return _check(request, subject, form, agency)
        if CHANGE in request.POST:
            return _form(request, subject, form, choices)
        try:
            share_record(
                record_id=subject.record_id,
                kind=subject.kind,
                agency=agency,
                **given,
                by=request.seat,
                at=clock.now(),
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, f"{subject.reference} is now shared with {agency.name}.")
            return redirect(subject.page("sharing"))
    return _form(request, subject, form, choices)


def _form(request: SeatRequest, subject: Subject, form: ShareForm, choices: list[tuple[Agency, str]]) -> HttpResponse:
    context = about(subject) | {"form": form, "choices": choices}
    return render(request, "casework/case_share.html", context, status=422 if form.errors else 200)


def _check(request: SeatRequest, subject: Subject, form: ShareForm, agency: Agency) -> HttpResponse:
    """What would happen; nothing has yet. What was answered is sent once more with the confirmation."""
    given = form.cleaned_data
    before = before_sharing(
        record_id=subject.record_id,
        kind=subject.kind,
        agency=agency,
        scope=given["scope"],
        ends_on=given["ends_on"],
        partnership_id=subject.partnership_id,
        on=clock.today(),
    )
    context = about(subject) | {
        "agency": agency,
        "before": before,
        "has_now": subject.scope_names[before.has_now] if before.has_now else "",
        "sees": subject.scope_names[given["scope"]],
        "reasons": form.reasons(),
        "sent": sent_again(form),
        "back": subject.page("share"),
    }
    return render(request, "casework/case_share_check.html", context)


def _withdraw(request: SeatRequest, subject: Subject) -> HttpResponse:
    agencies = agencies_shared_with(subject)
    form = StopSharingForm(request.POST if request.method == "POST" else None, agencies=agencies)
    if request.method == "POST" and form.is_valid():
        agency = _chosen(agencies, form.cleaned_data["agency"])
        try:
            stop_sharing(
                record_id=subject.record_id,
                kind=subject.kind,
                agency=agency,
                reason=form.cleaned_data["reason"],
                by=request.seat,
                at=clock.now(),
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, f"{subject.reference} is no longer shared with {agency.name}.")
            return redirect(subject.page("sharing"))
    seen(request, subject)
    return render(
        request,
        "casework/case_withdraw.html",
        about(subject) | {"form": form, "agencies": agencies},
        status=422 if form.errors else 200,
    )


def _chosen(agencies: list[Agency], key: str) -> Agency:
    return next(agency for agency in agencies if str(agency.pk) == key)
