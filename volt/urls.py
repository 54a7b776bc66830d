"""Addresses of VOLT. They carry references only."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from volt import views

app_name = "volt"
urlpatterns: list[URLPattern | URLResolver] = [
    path("volt/", views.volt_list, name="list"),
    path("volt/search/", views.volt_search, name="search"),
    path("volt/new/<str:kind>/", views.volt_new, name="new"),
    path("volt/link/", views.volt_link, name="link"),
    path("volt/shared/", views.volt_shared, name="shared"),
    path("volt/mentions/<str:reference>/", views.volt_mentions, name="mentions"),
    path("volt/<str:reference>/", views.volt_record, name="record"),
]
