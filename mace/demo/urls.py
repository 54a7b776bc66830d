from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from mace.demo import views

app_name = "demo"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.people, name="people"),
    path("confirm/", views.confirm, name="confirm"),
]
