"""Every address of the product. Each app names its own pages; only this module knows all of them."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("mace.casework.api.urls")),
    path("", include("mace.casework.urls")),
    path("", include("referrals.urls")),
    path("", include("panels.urls")),
    path("", include("volt.urls")),
    path("", include("dashboards.urls")),
]
if settings.DEMO_SIGN_IN:
    urlpatterns.append(path("demo/", include("mace.demo.urls")))
