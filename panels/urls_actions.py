"""Addresses of actions."""

from __future__ import annotations

from django.urls import URLPattern, path

from panels.views import actions

patterns: list[URLPattern] = [
    path("actions/", actions.action_list, name="actions"),
    path("actions/written/", actions.written, name="written"),
    path("actions/<str:reference>/", actions.action_page, name="action"),
    path("actions/<str:reference>/report/", actions.action_report, name="action_report"),
    path("actions/<str:reference>/close/", actions.action_close, name="action_close"),
    path("actions/<str:reference>/assign/", actions.action_assign, name="action_assign"),
    path("actions/<str:reference>/extend/", actions.action_extend, name="action_extend"),
]
