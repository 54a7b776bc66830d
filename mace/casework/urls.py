"""Home, the case and its sharing, inbox, roles. The names stand under ``casework:``, but for ``no_seat``."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from mace.casework.views import seats, statements

pages: list[URLPattern | URLResolver] = [
    path("", seats.seats, name="home"),
    path("inbox/", seats.seats, name="inbox"),
    path("roles/", seats.seats, name="seats"),
    path("accessibility/", statements.accessibility, name="accessibility"),
    path("privacy/", statements.privacy, name="privacy"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((pages, "casework"))),
    path("no-role/", seats.no_seat, name="no_seat"),
]
