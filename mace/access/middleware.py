"""The request's seat and its transaction. Innermost, so that pages are rendered inside (no ``ATOMIC_REQUESTS``)."""

from __future__ import annotations

import logging
from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import DataError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.defaults import bad_request, page_not_found, permission_denied
from psycopg.errors import InsufficientPrivilege

from mace.access.gate import refused_reference
from mace.accounts.selectors import memberships_of, seat_of
from mace.audit.services import record_refusal
from mace.core import clock
from mace.core.errors import NotAllowed
from mace.core.seat import Seat, acting_as

LOG = logging.getLogger(__name__)
SEAT_KEY = "seat"
DEMO_KEY = "demo_sign_in"
WITHOUT_SECOND_FACTOR = ("/accounts/", "/static/")


def view_name(request: HttpRequest) -> str:
    """Which page was asked for, without what it is about."""
    match = request.resolver_match
    return (match.view_name if match else "") or "unknown page"


class SeatMiddleware:
    """Find the seat, open the transaction, tell the database, roll back on errors, put refusals on record."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seat = self._seat(request)
        request.seat = seat  # type: ignore[attr-defined]
        if seat is not None and self._needs_second_factor(request):
            return redirect("mfa_activate_totp")
        with acting_as(seat):
            with transaction.atomic():
                response = self.get_response(request)
                failed = getattr(request, "failed", False) or response.status_code >= 400
                if failed and not getattr(request, "keep_writes", False):
                    transaction.set_rollback(True)
            if seat is not None and response.status_code in (403, 404):
                match = request.resolver_match
                with transaction.atomic():
                    record_refusal(
                        by=seat,
                        action=view_name(request),
                        reference=refused_reference(match.kwargs) if match else "",
                    )
        return response

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

    @staticmethod
    def _seat(request: HttpRequest) -> Seat | None:
        if not request.user.is_authenticated:
            return None
        rows = list(memberships_of(request.user.pk, on=clock.today()))
        request.seats_count = len(rows)  # type: ignore[attr-defined]
        chosen = request.session.get(SEAT_KEY)
        for row in rows:
            if row.pk == chosen:
                return seat_of(row)
        return seat_of(rows[0]) if rows else None

    @staticmethod
    def _needs_second_factor(request: HttpRequest) -> bool:
        if request.path.startswith(WITHOUT_SECOND_FACTOR):
            request.session.pop("second_factor_known", None)  # it may be taken away there
            return False
        if settings.DEMO_SIGN_IN and request.session.get(DEMO_KEY):
            return False
        if request.session.get("second_factor_known"):
            return False
        known = Authenticator.objects.filter(user_id=request.user.pk, type=Authenticator.Type.TOTP).exists()
        if known:
            request.session["second_factor_known"] = True
        return not known
