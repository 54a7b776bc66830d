"""People and their roles; agencies and their agreements. On screen a seat is called *role*."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from mace.access.gate import SeatRequest, requires
from mace.access.policy import Capability, can
from mace.accounts.models import User
from mace.agencies.models import Participation
from mace.agencies.selectors import lapsed_agreements
from mace.casework.forms.people import AT_ONCE, AgreementForm, EndRoleForm, NewPersonForm, RoleForm
from mace.casework.selectors.people import (
    AGREEMENT_HEAD,
    HEAD,
    account_words,
    agencies_to_give_roles_in,
    agreement_rows,
    changes,
    in_charge_of,
    may_give,
    people_page,
    role_words,
    roles_of,
    teams_of,
    to_stand_in_for,
)
from mace.casework.services.people import (
    add_with_role,
    close_account,
    end_role,
    give_role,
    keep_agreement,
    open_account,
)
from mace.core import clock
from mace.core.errors import RuleBroken


@requires(Capability.SEE_PEOPLE)
@require_safe
def people(request: SeatRequest) -> HttpResponse:
    """Everybody who holds or held a role here, by name; a lead sees their own agency's."""
    number = request.GET.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 5 else 1
    rows, more = people_page(request.seat, page=max(page, 1), on=clock.today())
    keeps = can(request.seat, Capability.KEEP_AGREEMENTS)
    return render(
        request,
        "casework/people.html",
        {
            "head": HEAD,
            "rows": rows,
            "previous_url": f"?page={page - 1}" if page > 1 else "",
            "next_url": f"?page={page + 1}" if more else "",
            "may_give": can(request.seat, Capability.GIVE_ROLES),
            "keeps_agreements": keeps,
            "lapsed": lapsed_agreements(request.seat.partnership_id, on=clock.today()) if keeps else (),
        },
    )


def _person(request: SeatRequest, reference: str) -> User:
    """Somebody within the seat's charge. Raises ``Http404`` for anybody else, as for nobody."""
    return get_object_or_404(User, reference=reference, pk__in=in_charge_of(request.seat).values("user_id"))


@requires(Capability.SEE_PEOPLE)
@require_safe
def person(request: SeatRequest, reference: str) -> HttpResponse:
    """One person with their roles, ended ones too."""
    found = _person(request, reference)
    return render(
        request,
        "casework/person.html",
        {
            "person": found,
            "account": account_words(found),
            "roles": roles_of(found, request.seat, on=clock.today()),
            "may_give": can(request.seat, Capability.GIVE_ROLES) and found.pk != request.seat.user_id,
            "may_close": can(request.seat, Capability.CLOSE_ACCOUNTS) and found.pk != request.seat.user_id,
        },
    )


def _asked(request: SeatRequest) -> dict[str, Any]:
    """What a form about a role offers in this seat."""
    agencies = agencies_to_give_roles_in(request.seat)
    return {
        "agencies": agencies,
        "roles": may_give(request.seat),
        "teams": teams_of(agencies),
        "deputised": to_stand_in_for(request.seat, on=clock.today()),
    }


@requires(Capability.GIVE_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def person_new(request: SeatRequest) -> HttpResponse:
    """Add a person with their first role. They are told by mail; no password is ever sent."""
    form = NewPersonForm(request.POST or None, **_asked(request))
    if request.method == "POST" and form.is_valid():
        try:
            made = add_with_role(
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                by=request.seat,
                at=clock.now(),
                **form.given(),
            )
        except RuleBroken as broken:
            form.add_error(broken.field or None, broken.message)
        else:
            messages.success(
                request, f"{made.user.name} is now {role_words(made)}. They are told by mail how to begin."
            )
            return redirect("casework:person", made.user.reference)
    return _form(request, "Add a person", form, button="Add the person", back=reverse("casework:people"))


@requires(Capability.GIVE_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def role_new(request: SeatRequest, reference: str) -> HttpResponse:
    """Give somebody who is here already a further role."""
    found = _person(request, reference)
    form = RoleForm(request.POST or None, **_asked(request))
    if request.method == "POST" and form.is_valid():
        try:
            made = give_role(user=found, by=request.seat, at=clock.now(), **form.given())
        except RuleBroken as broken:
            form.add_error(broken.field or None, broken.message)
        else:
            messages.success(request, f"{found.name} is now {role_words(made)}.")
            return redirect("casework:person", reference)
    back = reverse("casework:person", args=[reference])
    return _form(request, f"Give {found.name} a role", form, button="Give the role", back=back)


@requires(Capability.GIVE_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def role_end(request: SeatRequest, reference: str) -> HttpResponse:
    """End a role, with today or at once."""
    held = get_object_or_404(in_charge_of(request.seat).select_related("user", "agency"), reference=reference)
    if not changes(request.seat, held):
        return redirect("casework:person", held.user.reference)
    form = EndRoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        end_role(membership=held, at_once=form.cleaned_data["when"] == AT_ONCE, by=request.seat, at=clock.now())
        messages.success(request, f"{held.user.name}: the role {role_words(held)} is ended.")
        return redirect("casework:person", held.user.reference)
    return _form(
        request,
        f"End the role of {held.user.name}: {role_words(held)}",
        form,
        button="End the role",
        back=reverse("casework:person", args=[held.user.reference]),
        warning="What they have open in this role stays as it is. Hand their cases and actions to somebody else.",
    )


@requires(Capability.CLOSE_ACCOUNTS)
@require_http_methods(["GET", "HEAD", "POST"])
def person_account(request: SeatRequest, reference: str) -> HttpResponse:
    """Close a person's account, or open it again."""
    found = _person(request, reference)
    back = reverse("casework:person", args=[reference])
    if request.method == "POST":
        change = close_account if found.is_active else open_account
        try:
            change(user=found, by=request.seat)
        except RuleBroken as broken:
            messages.error(request, broken.message)
        else:
            done = "closed. Their sessions have ended" if found.is_active else "open again"
            messages.success(request, f"The account of {found.name} is {done}.")
        return redirect(back)
    return render(request, "casework/person_account.html", {"person": found, "back": back})


@requires(Capability.KEEP_AGREEMENTS)
@require_safe
def agreements(request: SeatRequest) -> HttpResponse:
    """The information-sharing agreements of the partnership. One that has lapsed warns; it never cuts off."""
    rows = agreement_rows(request.seat.partnership_id, on=clock.today())
    return render(request, "casework/people_agreements.html", {"head": AGREEMENT_HEAD, "rows": rows})


@requires(Capability.KEEP_AGREEMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: SeatRequest, reference: str) -> HttpResponse:
    """Record when an agency's agreement was signed, and when its review is due."""
    found = get_object_or_404(
        Participation.objects.select_related("agency"), reference=reference, partnership_id=request.seat.partnership_id
    )
    initial = {"signed_on": found.agreement_signed_on, "review_due_on": found.agreement_review_due_on}
    form = AgreementForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            keep_agreement(participation=found, by=request.seat, **form.cleaned_data)
        except RuleBroken as broken:
            form.add_error(broken.field or None, broken.message)
        else:
            messages.success(request, f"The agreement of {found.agency.name} is recorded.")
            return redirect("casework:agreements")
    heading = f"Information-sharing agreement of {found.agency.name}"
    return _form(request, heading, form, button="Save", back=reverse("casework:agreements"))


def _form(request: SeatRequest, heading: str, form: Any, *, button: str, back: str, warning: str = "") -> HttpResponse:
    context = {"heading": heading, "form": form, "button": button, "back": back, "warning": warning}
    return render(request, "casework/people_form.html", context, status=422 if form.is_bound else 200)
