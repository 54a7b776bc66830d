"""Addresses of the dashboards."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from dashboards import views

app_name = "dashboards"
urlpatterns: list[URLPattern | URLResolver] = [
    path("dashboard/", views.entrance, name="dashboard"),
    path("dashboard/published/", views.published, name="published"),
]
