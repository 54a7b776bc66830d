"""Naming a person on a record, and taking their name off again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from mace.access.gate import SeatRequest, requires
from mace.access.policy import Capability
from mace.casework.forms.naming import NameForm
from mace.casework.forms.restricting import ReasonForm
from mace.casework.selectors.naming import Named, people_named, people_who_could_be_named
from mace.casework.selectors.sharing_subject import Subject, case_subject, volt_subject
from mace.casework.services.naming import name_on_record, take_name_off
from mace.casework.views.sharing import about, seen
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import refuse

OFF = "off"


@requires(Capability.DISCLOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def case_name(request: SeatRequest, reference: str) -> HttpResponse:
    """Who is named on the case; name somebody, take a name off."""
    return _name(request, case_subject(reference))


@requires(Capability.DISCLOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def volt_name(request: SeatRequest, reference: str) -> HttpResponse:
    """The same of a person of concern, a place or a theme."""
    return _name(request, volt_subject(reference))


def _name(request: SeatRequest, subject: Subject) -> HttpResponse:
    named = people_named(subject)
    seats = people_who_could_be_named(subject, on=clock.today())
    going = _to_take_off(request, named)
    data = request.POST if request.method == "POST" and going is None else None
    form = NameForm(data, seats=seats, names=subject.scope_names, words=subject.scope_words)
    off = ReasonForm(request.POST if going else None, label="Why?", prefix="off")
    seen(request, subject)
    try:
        if data is not None and form.is_valid():
            person = form.chosen()
            name_on_record(
                record_id=subject.record_id,
                kind=subject.kind,
                membership=person,
                scope=form.cleaned_data["scope"],
                reason=form.cleaned_data["reason"],
                ends_on=form.cleaned_data["ends_on"],
                by=request.seat,
                at=clock.now(),
            )
            messages.success(request, f"{person.user.name} is named on {subject.reference}.")
            return redirect(subject.page("name"))
        if going is not None and off.is_valid():
            reason = off.cleaned_data["reason"]
            take_name_off(
                record_id=subject.record_id, kind=subject.kind, membership=going.seat, reason=reason, by=request.seat
            )
            messages.success(request, f"{going.seat.user.name} is named on {subject.reference} no more.")
            return redirect(subject.page("name"))
    except RuleBroken as broken:
        refuse(off if going else form, broken)
    context = about(subject) | {
        "form": off if going else form,
        "name_form": form,
        "off_form": off,
        "going": going,
        "named": named,
    }
    return render(request, "casework/case_name.html", context, status=422 if form.errors or off.errors else 200)


def _to_take_off(request: SeatRequest, named: list[Named]) -> Named | None:
    """The person named whose name is to be taken off."""
    wanted = request.POST.get(OFF, "")
    return next((row for row in named if wanted and row.seat.reference == wanted), None)
