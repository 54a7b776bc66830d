"""Leaving a case to named people; keeping one person from a record."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from mace.access.gate import SeatRequest, requires
from mace.access.models import Bar
from mace.access.policy import Capability
from mace.access.services import bar_person, lift_bar, lift_restriction, restrict
from mace.casework.forms.restricting import BarForm, ReasonForm, RestrictForm
from mace.casework.selectors.restricting import (
    also_of_concern,
    bars_on,
    named_now,
    people_to_bar,
    people_to_name,
    who_would_lose,
)
from mace.casework.selectors.sharing_subject import Subject, case_subject, volt_subject
from mace.casework.services.sharing import lock_record
from mace.casework.views.sharing import about, seen
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import CHANGE, CONFIRMED, refuse, sent_again

LIFT = "lift"


@requires(Capability.RESTRICT)
@require_http_methods(["GET", "HEAD", "POST"])
def case_restrict(request: SeatRequest, reference: str) -> HttpResponse:
    """Choose the people, see who loses the case, confirm; the same page changes the list and lifts the restriction."""
    subject = case_subject(reference)
    seats = people_to_name(subject.partnership_id, on=clock.today())
    now = named_now(subject)
    lifting = request.method == "POST" and LIFT in request.POST and subject.restricted
    data = request.POST if request.method == "POST" and not lifting else None
    form = RestrictForm(data, seats=seats, now=now)
    lift = ReasonForm(request.POST if lifting else None, label="Why does the restriction end?", prefix="lift")
    seen(request, subject)
    if data is not None and form.is_valid():
        people = form.people()
        if not {CONFIRMED, CHANGE} & set(data):
            context = about(subject) | {
                "people": [
                    (f"{seat.user.name}, {seat.agency.name}", subject.scope_names[s]) for seat, s in people.items()
                ],
                "losing": who_would_lose(subject, {seat.pk: scope for seat, scope in people.items()}),
                "concerns": also_of_concern(subject),
                "reason": form.cleaned_data["reason"],
                "sent": sent_again(form),
            }
            return render(request, "casework/case_restrict_check.html", context)
        if CONFIRMED in data:
            try:
                restrict(
                    record_id=subject.record_id, people=people, reason=form.cleaned_data["reason"], by=request.seat
                )
            except RuleBroken as broken:
                refuse(form, broken)
            else:
                messages.success(request, f"{subject.reference} is restricted to the people named on it.")
                return redirect(_after(request, subject))
    if lifting and lift.is_valid():
        lift_restriction(record_id=subject.record_id, reason=lift.cleaned_data["reason"], by=request.seat)
        messages.success(request, f"{subject.reference} is no longer restricted.")
        return redirect(subject.page("sharing"))
    return render(
        request,
        "casework/case_restrict.html",
        about(subject) | {"form": lift if lifting else form, "restrict_form": form, "lift_form": lift},
        status=422 if form.errors or lift.errors else 200,
    )


def _after(request: SeatRequest, subject: Subject) -> str:
    """Who left themselves off the list has nothing more to see there."""
    still = request.seat.membership_id in named_now(subject)
    return subject.page("sharing") if still else "casework:cases"


@requires(Capability.RESTRICT)
@require_http_methods(["GET", "HEAD", "POST"])
def case_bars(request: SeatRequest, reference: str) -> HttpResponse:
    """Who is kept from the case, and why; bar a person, lift a bar."""
    return _bars(request, case_subject(reference))


@requires(Capability.RESTRICT)
@require_http_methods(["GET", "HEAD", "POST"])
def volt_bars(request: SeatRequest, reference: str) -> HttpResponse:
    """The same of a person of concern, a place or a theme."""
    return _bars(request, volt_subject(reference))


def _bars(request: SeatRequest, subject: Subject) -> HttpResponse:
    bars = bars_on(subject)
    people = people_to_bar(subject.partnership_id, on=clock.today(), but=request.seat.user_id)
    lifting = _to_lift(request, bars)
    data = request.POST if request.method == "POST" and lifting is None else None
    form = BarForm(data, people=people)
    lift = ReasonForm(request.POST if lifting else None, label="Why does the bar end?", prefix="lift")
    seen(request, subject)
    try:
        if data is not None and form.is_valid():
            lock_record(subject.record_id, subject.kind)
            user = form.chosen()
            bar_person(
                record_id=subject.record_id,
                user=user,
                reason=form.cleaned_data["reason"],
                by=request.seat,
                at=clock.now(),
            )
            messages.success(request, f"{user.name} cannot see {subject.reference} any more, in any role.")
            return redirect(subject.page("bars"))
        if lifting is not None and lift.is_valid():
            lift_bar(bar=lifting, reason=lift.cleaned_data["reason"], by=request.seat, at=clock.now())
            messages.success(request, f"{lifting.user.name} sees again what their roles give them.")
            return redirect(subject.page("bars"))
    except RuleBroken as broken:
        refuse(form, broken)
    context = about(subject) | {
        "form": lift if lifting else form,
        "bar_form": form,
        "lift_form": lift,
        "lifting": lifting,
        "bars": [bar for bar in bars if bar.lifted_at is None],
        "lifted": [bar for bar in bars if bar.lifted_at is not None],
        "concerns": also_of_concern(subject),
    }
    return render(request, "casework/case_bars.html", context, status=422 if form.errors or lift.errors else 200)


def _to_lift(request: SeatRequest, bars: list[Bar]) -> Bar | None:
    """The bar in force whose lifting was asked for."""
    wanted = request.POST.get(LIFT, "")
    return next((bar for bar in bars if bar.lifted_at is None and wanted and bar.user.reference == wanted), None)
