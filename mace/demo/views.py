"""Signing in as one of the invented people. These addresses exist only where ``settings.DEMO_SIGN_IN`` is on."""

from __future__ import annotations

from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from mace.access import sessions
from mace.access.gate import DEMO_KEY, public
from mace.access.middleware import SEAT_KEY
from mace.demo.selectors import people_by_agency, seated_people

BACKEND = "django.contrib.auth.backends.ModelBackend"


@public("signing in as an invented person; the demonstration's settings only")
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Who there is and what each can try; posting one signs in as them, without password and second factor."""
    following = _following(request)
    if request.method == "POST":
        seated = seated_people().get(request.POST.get("person", ""))
        if seated is None:
            raise Http404
        login(request, seated.membership.user, backend=BACKEND)
        request.session[DEMO_KEY] = True
        sessions.begin(request.session)
        request.session[SEAT_KEY] = seated.membership.pk
        return redirect(following)
    return render(request, "demo/people.html", {"agencies": people_by_agency(), "following": following})


@public("showing again who one is, as an invented person; the demonstration's settings only")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Stands for the password or code that is asked for elsewhere; leads on to what needed it."""
    following = _following(request)
    if not request.user.is_authenticated or not request.session.get(DEMO_KEY):
        return redirect_to_login(following)
    if request.method == "POST":
        sessions.prove(request.session)
        return redirect(following)
    return render(request, "demo/confirm.html", {"following": following})


def _following(request: HttpRequest) -> str:
    following = request.POST.get("next") or request.GET.get("next") or "/"
    return following if url_has_allowed_host_and_scheme(following, allowed_hosts=None) else "/"
