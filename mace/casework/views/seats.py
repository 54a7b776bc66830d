"""Choosing the seat to act in. On screen a seat is called *role*."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from mace.access.gate import SeatRequest, public, requires
from mace.access.middleware import SEAT_KEY
from mace.access.policy import Capability
from mace.accounts.models import User
from mace.accounts.selectors import memberships_of
from mace.casework.forms.seat import SeatForm
from mace.core import clock


@requires(Capability.WORK)
def seats(request: SeatRequest) -> HttpResponse:
    """The person's current seats; posting one acts in it from then on."""
    held = list(memberships_of(cast("User", request.user).pk, on=clock.today()))
    form = SeatForm(request.POST or None, held=held, initial={"role": request.seat.membership_id})
    if request.method == "POST" and form.is_valid():
        chosen = next(m for m in held if m.pk == int(form.cleaned_data["role"]))
        request.session[SEAT_KEY] = chosen.pk
        messages.success(request, f"You are now acting as {chosen.get_role_display()}, {chosen.agency.name}.")
        return redirect("casework:home")
    status = 422 if form.is_bound else 200
    return render(request, "casework/seats.html", {"form": form, "held": held}, status=status)


@public("shown to people who are signed in but hold no role, so there is no seat to ask")
def no_seat(request: HttpRequest) -> HttpResponse:
    """What to do when nobody has given one a role, or it has ended."""
    if getattr(request, "seat", None) is not None or not request.user.is_authenticated:
        return redirect("casework:home")
    return render(request, "casework/no_seat.html", status=403)
