"""Addresses of meetings, agendas, minutes and their documents."""

from __future__ import annotations

from django.urls import URLPattern

patterns: list[URLPattern] = []
