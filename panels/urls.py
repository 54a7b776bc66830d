"""Addresses of the panels: meetings and their minutes, actions and what was written about them."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from panels.urls_actions import patterns as actions
from panels.urls_meetings import patterns as meetings

app_name = "panels"
urlpatterns: list[URLPattern | URLResolver] = [*meetings, *actions]
