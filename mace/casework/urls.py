"""Home, the case and its sharing, inbox, roles. The names stand under ``casework:``, but for ``no_seat``."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from mace.casework.views import cases, home, inbox, seats, sharing, statements

pages: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("cases/", cases.cases, name="cases"),
    path("cases/search/", cases.case_search, name="case_search"),
    path("cases/<str:reference>/", cases.case, name="case"),
    path("cases/<str:reference>/sharing/", sharing.case_sharing, name="case_sharing"),
    path("cases/<str:reference>/sharing/new/", sharing.case_share, name="case_share"),
    path("cases/<str:reference>/sharing/end/", sharing.case_withdraw, name="case_withdraw"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/<str:reference>/", inbox.open_message, name="open_message"),
    path("roles/", seats.seats, name="seats"),
    path("accessibility/", statements.accessibility, name="accessibility"),
    path("privacy/", statements.privacy, name="privacy"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((pages, "casework"))),
    path("no-role/", seats.no_seat, name="no_seat"),
]
