"""Every address of the product. Each app names its own pages; only this module knows all of them."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from mace.access.gate import public


@public("answers like a page that does not exist")
def closed(_request: HttpRequest) -> HttpResponse:
    """Accounts are made, and their addresses changed, by administrators."""
    raise Http404


urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/signup/", closed),
    path("accounts/email/", closed),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("mace.casework.api.urls")),
    path("", include("mace.importing.urls")),
    path("", include("mace.exporting.urls")),
    path("", include("mace.casework.urls")),
    path("", include("referrals.urls")),
    path("", include("mace.attachments.urls")),
    path("", include("panels.urls")),
    path("", include("volt.urls")),
    path("", include("dashboards.urls")),
]
if settings.DEMO_SIGN_IN:
    urlpatterns.append(path("demo/", include("mace.demo.urls")))
