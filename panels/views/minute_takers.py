"""Who takes the minutes of a meeting."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability
from mace.accounts.models import Role
from mace.accounts.selectors import seats_in
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import refuse
from panels.forms.meetings import MinuteTakerForm
from panels.selectors.meetings import meeting_by_reference
from panels.selectors.minute_takers import minute_takers_of
from panels.services.minute_taking import give_meeting, take_meeting_back
from panels.views.parts import within


@requires(Capability.BUILD_AGENDA)
@require_http_methods(["GET", "HEAD", "POST"])
def minute_takers(request: SeatRequest, reference: str) -> HttpResponse:
    """Give the meeting to a minute-taker, or take it back."""
    found = meeting_by_reference(reference)
    here = minute_takers_of(found)
    seats = list(seats_in(request.seat.partnership_id, on=clock.today(), roles=[Role.MINUTE_TAKER]))
    going = next((seat for seat in here if seat.reference == request.POST.get("back", "")), None)
    data = request.POST if request.method == "POST" and going is None else None
    form = MinuteTakerForm(data, seats=seats)
    shown(request, "minute-takers", record_id=found.pk, reference=reference)
    try:
        if going is not None:
            take_meeting_back(meeting=found, seat=going, by=request.seat)
            return _done(request, reference, f"{going.user.name} no longer sees this meeting.")
        if data is not None and form.is_valid():
            seat = form.chosen
            give_meeting(meeting=found, to=seat, by=request.seat, at=clock.now())
            return _done(request, reference, f"{seat.user.name} can take the minutes of this meeting.")
    except RuleBroken as refusal:
        if going is None:
            refuse(form, refusal)
        else:
            messages.error(request, refusal.message)
    context: dict[str, Any] = {"meeting": found, "form": form, "here": here, "crumbs": within(found)}
    return render(request, "panels/minute_takers.html", context, status=422 if form.errors else 200)


def _done(request: SeatRequest, reference: str, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("panels:minute_takers", reference)
