"""How a view says what it needs. A view that says nothing does not start (``mace.access.checks``)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from mace.access.policy import Capability, can
from mace.audit.services import record_read
from mace.core.seat import Seat

P = ParamSpec("P")
NO_LETTERS = re.compile(r"[^0-9A-Za-z]+")
BOOKKEEPING = frozenset({"csrfmiddlewaretoken", "operation", "op", "version", "rows"})
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class SeatRequest(HttpRequest):
    """A request that has passed the gate: it has a seat."""

    seat: Seat


def requires(capability: Capability) -> Callable[[Callable[Concatenate[SeatRequest, P], HttpResponseBase]], View[P]]:
    """Let only seats pass whose role includes the capability; others are asked to sign in, or told 403."""

    def decorate(view: Callable[Concatenate[SeatRequest, P], HttpResponseBase]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                if typed := typed_answers(request):
                    return signed_out(request, typed)
                return redirect_to_login(request.get_full_path())
            seat = getattr(request, "seat", None)
            if seat is None:
                return redirect("no_seat")
            if not can(seat, capability):
                raise PermissionDenied
            return view(cast("SeatRequest", request), *args, **kwargs)

        guarded.capability = capability  # type: ignore[attr-defined]
        return cast("View[P]", guarded)

    return decorate


def typed_answers(request: HttpRequest) -> list[tuple[str, str]]:
    """What a person put into the form they sent, each with the question's name in plain letters."""
    return [
        (" ".join(dict.fromkeys(NO_LETTERS.split(name))).strip().capitalize(), "\n".join(filled))
        for name, values in request.POST.lists()
        if name not in BOOKKEEPING and (filled := [value for value in values if value.strip()])
    ]


def signed_out(request: HttpRequest, typed: list[tuple[str, str]]) -> HttpResponse:
    """Sent after the session had ended: nothing is done, and what was typed is shown once more, to be copied."""
    context = {"typed": typed, "sign_in_url": redirect_to_login(request.get_full_path()).url}
    return render(request, "signed_out.html", context, status=403)


def public(reason: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A page that needs no seat, for the reason given."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        view.public_reason = reason  # type: ignore[attr-defined]
        return view

    return decorate


def shown(
    request: SeatRequest, action: str, *, record_id: int | None = None, reference: str = "", rows: int = 1
) -> None:
    """Put on record that this answer shows content, in the answer's own transaction."""
    record_read(by=request.seat, action=action, record_id=record_id, reference=reference, rows=rows)


def keep(request: HttpRequest) -> None:
    """Commit what was written although the answer is an error (a form with faults whose draft was saved)."""
    request.keep_writes = True  # type: ignore[attr-defined]


def refused_reference(kwargs: dict[str, Any]) -> str:
    """What was asked for, as it stood in the URL."""
    return str(kwargs.get("reference", ""))
