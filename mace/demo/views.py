"""Signing in as one of the invented people. These addresses exist only where ``settings.DEMO_SIGN_IN`` is on."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from mace.access.gate import public
from mace.access.middleware import DEMO_KEY, SEAT_KEY
from mace.demo.selectors import people_by_agency, seated_people

BACKEND = "django.contrib.auth.backends.ModelBackend"


@public("signing in as an invented person; the demonstration's settings only")
def people(request: HttpRequest) -> HttpResponse:
    """Who there is and what each can try; posting one signs in as them, without password and second factor."""
    following = request.POST.get("next") or request.GET.get("next") or "/"
    if not url_has_allowed_host_and_scheme(following, allowed_hosts=None):
        following = "/"
    if request.method == "POST":
        seated = seated_people().get(request.POST.get("person", ""))
        if seated is None:
            raise Http404
        login(request, seated.membership.user, backend=BACKEND)
        request.session[DEMO_KEY] = True
        request.session[SEAT_KEY] = seated.membership.pk
        return redirect(following)
    return render(request, "demo/people.html", {"agencies": people_by_agency(), "following": following})
