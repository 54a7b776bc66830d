"""Headers that every answer carries."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.defaults import bad_request

from mace.core.logs import new_request_id, working_on

NUL = "\x00"
PARTS = "multipart/form-data"
FORM_TYPES = ("application/x-www-form-urlencoded", PARTS)
MOST_TYPED = 5 * 1024 * 1024
"""Bytes of a form without files."""
FOR_READING_ONLY = "/api/"
"""What is sent there is refused as such, whatever it is."""
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


class RequestId:
    """Gives each request a number of its own for the log. Outermost, so that no line is without."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.log_id = new_request_id()  # type: ignore[attr-defined]  # for what is logged when the answer has been made
        with working_on(request.log_id):  # type: ignore[attr-defined]
            return self.get_response(request)


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


def _most_sent(request: HttpRequest) -> int:
    """How many bytes the page that was asked for takes."""
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return MOST_TYPED
    parts = request.content_type == PARTS and getattr(view, "takes_files", False)
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE if parts else MOST_TYPED


class WholeForms:
    """What is sent to a page must be a form, and all of it, or it is refused with 400.

    Anything else, and a form that was cut off on its way, would be taken for one in which nothing was filled in: a
    draft would be kept empty. What is larger than a form without files is refused with 413, but by the pages that take
    files (``mace.core.uploads``), which refuse what is larger than a file may be.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said = request.META.get("CONTENT_LENGTH") or "0"
        length = int(said) if said.isascii() and said.isdigit() else 0
        if request.method == "POST" and length and not request.path.startswith(FOR_READING_ONLY):
            if request.content_type not in FORM_TYPES:
                return bad_request(request, ValueError("not a form"))
            if length > MOST_TYPED and length > _most_sent(request):
                return render(request, "413.html", status=413)
            try:
                whole = len(request.body) >= length
            except UnreadablePostError:
                whole = False
            if not whole or (request.content_type == PARTS and not request.body.rstrip().endswith(b"--")):
                return bad_request(request, ValueError("a form that was cut off"))
        return self.get_response(request)
