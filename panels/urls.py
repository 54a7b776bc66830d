"""Addresses of the panels: meetings and their minutes, actions, 12-week reviews."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from panels.urls_actions import patterns as actions
from panels.urls_meetings import patterns as meetings
from panels.urls_reviews import patterns as reviews

app_name = "panels"
urlpatterns: list[URLPattern | URLResolver] = [*meetings, *actions, *reviews]
