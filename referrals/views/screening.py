from django.http import HttpRequest, HttpResponse
from mace.access.gate import SeatRequest, requires
from mace.access.policy import Capability


@requires(Capability.FILE_REFERRAL)
def screen(request: SeatRequest, reference: str = "", section: str = "") -> HttpResponse:
    return HttpResponse("")

