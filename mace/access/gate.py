"""How a view says what it needs. A view that says nothing does not start (``mace.access.checks``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from mace.access import sessions
from mace.access.policy import Capability, can
from mace.audit.models import ReadKind
from mace.audit.services import record_read
from mace.core.seat import MARK_FIELD, Seat

P = ParamSpec("P")
NO_LETTERS = re.compile(r"[^0-9A-Za-z]+")
BOOKKEEPING = frozenset({"csrfmiddlewaretoken", MARK_FIELD, "operation", "op", "version", "rows"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
DEMO_KEY = "demo_sign_in"
"""Set in the session of who signed in as an invented person, without password and second factor."""
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class SeatRequest(HttpRequest):
    """A request that has passed the gate: it has a seat."""

    seat: Seat
    reads: list[dict[str, Any]]


def requires(
    capability: Capability, *, fresh: bool = False
) -> Callable[[Callable[Concatenate[SeatRequest, P], HttpResponseBase]], View[P]]:
    """Let only seats pass whose role includes the capability; others are asked to sign in, or told 403.

    ``fresh`` asks for who it is once more unless they signed in, or showed it, within the last five minutes. What is
    sent from a page that was opened in another seat is refused with 409. Whatever the refusal, what was typed is shown
    once more.
    """

    def decorate(view: Callable[Concatenate[SeatRequest, P], HttpResponseBase]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _not_signed_in(request)
            seat: Seat | None = getattr(request, "seat", None)
            if seat is None:
                return _without_seat(request)
            if request.method not in SAFE and _opened_in_another_seat(request, seat):
                return other_role(request, seat)
            if not can(seat, capability):
                raise PermissionDenied
            if fresh and not sessions.is_fresh(request.session):
                return prove_again(request)
            return view(cast("SeatRequest", request), *args, **kwargs)

        guarded.capability = capability  # type: ignore[attr-defined]
        return cast("View[P]", guarded)

    return decorate


def passive(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """A view that scripts ask on their own: it tells nothing of a case and does not keep an idle session alive."""
    view.passive = True  # type: ignore[attr-defined]
    return view


def typed_answers(request: HttpRequest) -> list[tuple[str, str]]:
    """What a person put into the form they sent, each with the question's name in plain letters."""
    return [
        (" ".join(dict.fromkeys(NO_LETTERS.split(name))).strip().capitalize(), "\n".join(filled))
        for name, values in request.POST.lists()
        if name not in BOOKKEEPING and (filled := [value for value in values if value.strip()])
    ]


def _not_signed_in(request: HttpRequest) -> HttpResponse:
    if typed := typed_answers(request):
        return signed_out(request, typed)
    if getattr(request, "session_ended", False):
        messages.info(request, "You were signed out for safety. Sign in to go on where you were.")
    return redirect_to_login(request.get_full_path())


def signed_out(request: HttpRequest, typed: list[tuple[str, str]]) -> HttpResponse:
    """Sent after the session had ended: nothing is done, and what was typed is shown once more, to be copied."""
    context = {"typed": typed, "sign_in_url": redirect_to_login(request.get_full_path()).url}
    return render(request, "signed_out.html", context, status=403)


def _without_seat(request: HttpRequest) -> HttpResponse:
    """Who holds several seats chooses one first; who holds none is told so."""
    if not getattr(request, "seats", ()):
        return redirect("no_seat")
    if request.method not in SAFE:
        return redirect("casework:seats")
    path = request.get_full_path()
    following = f"?{urlencode({'next': path})}" if path != "/" else ""
    return redirect(reverse("casework:seats") + following)


def _opened_in_another_seat(request: HttpRequest, seat: Seat) -> bool:
    """A form says in what seat its page was opened. Where that has just ended, nothing belongs to the new one."""
    return getattr(request, "seat_ended", False) or request.POST.get(MARK_FIELD, seat.mark) != seat.mark


def other_role(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Sent from a page of another seat: nothing is done, and what was typed is shown once more, to be copied."""
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"role": seat.words}, status=409)
    mark = request.POST.get(MARK_FIELD)
    held: tuple[Seat, ...] = getattr(request, "seats", ())
    context = {"typed": typed_answers(request), "opened_in": next((s for s in held if s.mark == mark), None)}
    return render(request, "other_role.html", context, status=409)


def prove_again(request: HttpRequest) -> HttpResponse:
    """Ask who it is once more, then lead back to the page; what was typed is shown once more, to be copied."""
    path = request.get_full_path()
    if request.method in SAFE:
        return redirect(_prove_url(request, path))
    asked_from = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(asked_from, allowed_hosts={request.get_host()}):
        parts = urlsplit(asked_from)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    context = {"typed": typed_answers(request), "prove_url": _prove_url(request, path)}
    return render(request, "prove_again.html", context, status=403)


def _prove_url(request: HttpRequest, following: str) -> str:
    """Where a person proves who they are: allauth's page for their password or code; the demonstration's own."""
    if settings.DEMO_SIGN_IN and request.session.get(DEMO_KEY):
        page = reverse("demo:confirm")
    else:
        ways = get_adapter().get_reauthentication_methods(request.user)
        page = ways[0]["url"] if ways else reverse("account_login")
    return f"{page}?{urlencode({'next': following})}"


def open_too_long(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Sent with a token that is no longer good (``CSRF_FAILURE_VIEW``): nothing is done, nothing typed is lost."""
    del reason
    typed = [] if request.path.startswith("/accounts/") else typed_answers(request)
    return render(request, "403_csrf.html", {"typed": typed}, status=403)


def public(reason: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A page that needs no seat, for the reason given."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        view.public_reason = reason  # type: ignore[attr-defined]
        return view

    return decorate


def shown(
    request: SeatRequest,
    action: str,
    *,
    record_id: int | None = None,
    reference: str = "",
    rows: int = 1,
    records: Sequence[int] = (),
    kind: ReadKind = ReadKind.PAGE,
) -> None:
    """Put on record that this answer shows content, in the answer's own transaction.

    ``records``: the ids of all records that it shows something of, so that "who saw this child" has a whole answer.
    """
    entry: dict[str, Any] = {
        "action": action,
        "record_id": record_id,
        "reference": reference,
        "rows": rows,
        "records": records,
        "kind": kind,
    }
    record_read(by=request.seat, **entry)
    request.reads = [*getattr(request, "reads", ()), entry]


def shown_after_all(request: HttpRequest) -> None:
    """Put on record again what an answer showed whose transaction was given up (a form that came back with errors)."""
    seated = cast("SeatRequest", request)
    for entry in seated.reads:
        record_read(by=seated.seat, **entry)


def keep(request: HttpRequest) -> None:
    """Commit what was written although the answer is an error (a form with faults whose draft was saved)."""
    request.keep_writes = True  # type: ignore[attr-defined]


def refused_reference(kwargs: dict[str, Any]) -> str:
    """What was asked for, as it stood in the URL."""
    return str(kwargs.get("reference", ""))
