"""Headers that every answer carries."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views.defaults import bad_request

NUL = "\x00"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)


class SecurityHeaders:
    """A content policy without inline code, nothing stored by browsers or proxies, no referrer to other sites."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response


class PlainAddresses:
    """An address with a NUL, which no text in the database can hold, names nothing and is refused with 400.

    In what a form sends, the form says which answer it is in (`mace.core.forms.plain_messages`), and keeps the rest.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = (request.path, *(text for name, values in request.GET.lists() for text in (name, *values)))
        if any(NUL in text for text in sent):
            return bad_request(request, ValueError("NUL in the address"))
        return self.get_response(request)
