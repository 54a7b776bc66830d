"""The product's addresses and one page that asks for a fresh sign-in, whoever of ours will be the next to do so."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path

from mace.access.gate import SeatRequest, requires
from mace.access.policy import Capability
from mace.urls import urlpatterns as ours


@requires(Capability.WORK, fresh=True)
def delicate(request: SeatRequest) -> HttpResponse:
    return HttpResponse(f"{request.method} done")


urlpatterns = [path("delicate/", delicate), *ours]
