"""Choosing the seat to act in, and staying signed in. On screen a seat is called *role*."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from mace.access import sessions
from mace.access.gate import passive, public
from mace.access.middleware import SEAT_KEY
from mace.casework.forms.seat import SeatForm
from mace.core.seat import Seat


@public("choosing a role comes before there is one; shows the person's own and no record")
@require_http_methods(["GET", "HEAD", "POST"])
def seats(request: HttpRequest) -> HttpResponse:
    """The person's current seats; posting one acts in it from then on. ``next`` leads on to what was asked for."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    held: tuple[Seat, ...] = getattr(request, "seats", ())
    if not held:
        return redirect("no_seat")
    active: Seat | None = getattr(request, "seat", None)
    following = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(following, allowed_hosts=None):
        following = ""
    initial = {"role": active.membership_id} if active else {}
    form = SeatForm(request.POST or None, held=held, initial=initial)
    if request.method == "POST" and form.is_valid():
        chosen = next(seat for seat in held if seat.membership_id == int(form.cleaned_data["role"]))
        request.session[SEAT_KEY] = chosen.membership_id
        messages.success(request, f"You are now acting as {chosen.words}.")
        return redirect(following or "casework:home")
    status = 422 if form.is_bound else 200
    return render(request, "casework/seats.html", {"form": form, "following": following}, status=status)


@public("shown to people who are signed in but hold no role, so there is no seat to ask")
@require_safe
def no_seat(request: HttpRequest) -> HttpResponse:
    """What to do when nobody has given one a role, or it has ended."""
    if getattr(request, "seats", ()) or not request.user.is_authenticated:
        return redirect("casework:home")
    return render(request, "casework/no_seat.html", status=403)


@public("how long one's own session still lasts; shows nothing else")
@passive
@require_http_methods(["GET", "HEAD", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """How many seconds are left, for the page's script: being asked does not keep the session alive.

    Posting does, once: it is what the button “Stay signed in” sends.
    """
    if sessions.USED not in request.session:
        return redirect_to_login("/")
    if request.method == "POST":
        sessions.touch(request.session)
    return JsonResponse({"seconds": sessions.seconds_left(request.session)})
