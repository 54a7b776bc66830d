from django.http import HttpRequest, HttpResponse
from mace.access.gate import SeatRequest, requires
from mace.access.policy import Capability


@requires(Capability.FILE_REFERRAL)
def own(request: SeatRequest, reference: str = "", section: str = "") -> HttpResponse:
    return HttpResponse("")


@requires(Capability.FILE_REFERRAL)
def review(request: SeatRequest, reference: str = "", section: str = "") -> HttpResponse:
    return HttpResponse("")

