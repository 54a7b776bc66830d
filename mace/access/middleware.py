"""The request's seat and its transaction. Innermost, so that pages are rendered inside (no ``ATOMIC_REQUESTS``)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.db import DataError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare
from django.views.defaults import bad_request, page_not_found, permission_denied
from psycopg.errors import InsufficientPrivilege

from mace.access import sessions
from mace.access.gate import DEMO_KEY, refused_reference, shown_after_all
from mace.accounts.models import User
from mace.accounts.selectors import SignedIn, signed_in
from mace.audit.services import record_refusal
from mace.core import clock
from mace.core.errors import NotAllowed
from mace.core.seat import Seat, acting_as

LOG = logging.getLogger(__name__)
SEAT_KEY = "seat"
WITHOUT_SECOND_FACTOR = ("/accounts/", "/static/")


def view_name(request: HttpRequest) -> str:
    """Which page was asked for, without what it is about."""
    match = request.resolver_match
    return (match.view_name if match else "") or "unknown page"


class SeatMiddleware:
    """Find the seat, open the transaction, tell the database, roll back on errors, put refusals on record.

    Gives the request ``seat`` (the active one, or ``None``), ``seats`` (all that the person holds today) and
    ``seat_ended`` (the one that was active is no longer theirs). Who is signed in, all their seats and whether they
    have a second factor is one statement.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = _signed_in(request)
        seat = _active_seat(request, person) if person else None
        request.seat = seat  # type: ignore[attr-defined]
        if person is not None and person.seats and _lacks_second_factor(request, person):
            return redirect("mfa_activate_totp")
        with acting_as(seat):
            with transaction.atomic():
                response = self.get_response(request)
                failed = getattr(request, "failed", False) or response.status_code >= 400
                given_up = failed and not getattr(request, "keep_writes", False)
                if given_up:
                    transaction.set_rollback(True)
            if seat is not None and response.status_code in (403, 404):
                match = request.resolver_match
                with transaction.atomic():
                    record_refusal(
                        by=seat,
                        action=view_name(request),
                        reference=refused_reference(match.kwargs) if match else "",
                    )
            elif given_up and response.status_code < 500 and hasattr(request, "reads"):
                with transaction.atomic():
                    shown_after_all(request)
        if SESSION_KEY in request.session and sessions.BEGAN not in request.session:
            sessions.begin(request.session)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], _args: tuple[Any, ...], _kwargs: dict[str, Any]
    ) -> None:
        """What the person asks for keeps their session alive; what a script asks on its own does not."""
        if sessions.USED in request.session and not getattr(view, "passive", False):
            sessions.touch(request.session)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """What a service or the second lock refused is answered like any other refusal; the rest is a fault."""
        request.failed = True  # type: ignore[attr-defined]
        if isinstance(exception, NotAllowed):
            return permission_denied(request, exception)
        if isinstance(exception.__cause__, InsufficientPrivilege):
            transaction.set_rollback(True)
            return page_not_found(request, Http404())
        if isinstance(exception, DataError):  # text that no column takes, such as a NUL, where no form looked at it
            LOG.warning("%s: the database could not take what was sent", view_name(request))
            return bad_request(request, exception)
        return None


def _signed_in(request: HttpRequest) -> SignedIn | None:
    """Who the session belongs to, with their seats. Ends that of who may no longer sign in, and one of too long."""
    session = request.session
    key = session.get(SESSION_KEY)
    if key is None:
        return None
    if sessions.BEGAN not in session:
        sessions.begin(session)
    person = signed_in(int(key), on=clock.today()) if sessions.seconds_left(session) > 0 else None
    if person is None:
        session.flush()
        request.user = AnonymousUser()
        request.session_ended = True  # type: ignore[attr-defined]
        return None
    if _recognised(request, person.user):
        request.user = person.user
    elif not request.user.is_authenticated:  # Django's own way, for a session that was signed with a former key
        return None
    return person


def _recognised(request: HttpRequest, user: User) -> bool:
    """Whether the session was made with this person's present password, in a way that is still in use."""
    return request.session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS and constant_time_compare(
        request.session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()
    )


def _active_seat(request: HttpRequest, person: SignedIn) -> Seat | None:
    """The seat that was chosen, or the only one. Who holds several and has not chosen yet has none."""
    request.seats = person.seats  # type: ignore[attr-defined]
    chosen = request.session.get(SEAT_KEY)
    for seat in person.seats:
        if seat.membership_id == chosen:
            return seat
    if not person.seats or (chosen is None and len(person.seats) > 1):
        return None
    seat = person.seats[0]
    if chosen is not None:
        request.seat_ended = True  # type: ignore[attr-defined]
        request.session[SEAT_KEY] = seat.membership_id
        messages.warning(request, f"The role you were acting in has ended. You now act as {seat.words}.")
    return seat


def _lacks_second_factor(request: HttpRequest, person: SignedIn) -> bool:
    if person.second_factor or request.path.startswith(WITHOUT_SECOND_FACTOR):
        return False
    return not (settings.DEMO_SIGN_IN and request.session.get(DEMO_KEY))
