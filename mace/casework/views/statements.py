"""The two pages that anybody may read: how accessible this is, and what it does with personal data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mace.access.gate import public


@public("says how accessible the service is; law asks that anybody can read it")
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "casework/accessibility.html")


@public("says what is done with personal data; shows none")
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "casework/privacy.html")
