from django.http import HttpRequest, HttpResponse
from mace.access.gate import SeatRequest, requires
from mace.access.policy import Capability


@requires(Capability.FILE_REFERRAL)
def new(request: SeatRequest, reference: str = "", section: str = "") -> HttpResponse:
    return HttpResponse("")


@requires(Capability.FILE_REFERRAL)
def tasks(request: SeatRequest, reference: str = "", section: str = "") -> HttpResponse:
    return HttpResponse("")


@requires(Capability.FILE_REFERRAL)
def check(request: SeatRequest, reference: str = "", section: str = "") -> HttpResponse:
    return HttpResponse("")


@requires(Capability.FILE_REFERRAL)
def submitted(request: SeatRequest, reference: str = "", section: str = "") -> HttpResponse:
    return HttpResponse("")


@requires(Capability.FILE_REFERRAL)
def withdraw(request: SeatRequest, reference: str = "", section: str = "") -> HttpResponse:
    return HttpResponse("")


@requires(Capability.FILE_REFERRAL)
def section(request: SeatRequest, reference: str = "", section: str = "") -> HttpResponse:
    return HttpResponse("")


@requires(Capability.FILE_REFERRAL)
def save(request: SeatRequest, reference: str = "", section: str = "") -> HttpResponse:
    return HttpResponse("")

