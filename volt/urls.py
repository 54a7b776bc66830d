"""Addresses of VOLT. They carry references only."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from volt.views import records, screening

app_name = "volt"
urlpatterns: list[URLPattern | URLResolver] = [
    path("volt/", records.volt_list, name="list"),
    path("volt/search/", records.volt_search, name="search"),
    path("volt/new/<str:kind>/", records.volt_new, name="new"),
    path("volt/link/", records.volt_link, name="link"),
    path("volt/shared/", records.volt_shared, name="shared"),
    path("volt/referrals/<str:reference>/", screening.screen, name="screen"),
    path("volt/mentions/<str:reference>/", records.volt_mentions, name="mentions"),
    path("volt/<str:reference>/", records.volt_record, name="record"),
]
