"""What is kept of a case's child beside who they are, for who runs or leads the case."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from mace.access.gate import SeatRequest, requires, shown
from mace.access.models import Scope
from mace.access.policy import Capability, can
from mace.accounts.models import Role
from mace.agencies.selectors import participations
from mace.casework.forms.child import ChildAddressForm, ChildAuthorityForm, ChildNumberForm
from mace.casework.selectors.case import case_page, identity_bar
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import GovukForm, refuse
from mace.core.seat import Seat
from referrals.models import Case
from referrals.selectors import case_by_reference
from referrals.selectors.areas import local_authorities
from referrals.selectors.where import home_not_told
from referrals.services import write_address, write_authority, write_number

ADDRESS, NUMBER, AUTHORITY = "address", "number", "authority"
SAVED = {
    ADDRESS: "The address is saved.",
    NUMBER: "The number is saved.",
    AUTHORITY: "The home authority is saved.",
}


def may_keep_child(case: Case, seat: Seat) -> bool:
    """Whoever coordinates, or leads this case, and sees it in full. ``case`` comes from ``case_by_reference``."""
    full: bool = (case.seat_scope or 0) >= Scope.FULL  # type: ignore[attr-defined]
    own = seat.role == Role.COORDINATOR or case.lead_professional_id == seat.membership_id
    return full and own and can(seat, Capability.KEEP_CHILD)


@requires(Capability.KEEP_CHILD)
@require_http_methods(["GET", "HEAD", "POST"])
def case_child(request: SeatRequest, reference: str) -> HttpResponse:
    """Addresses over time, numbers at agencies, home and placing authority; ``what`` says which form was sent."""
    case = case_by_reference(reference)
    if not may_keep_child(case, request.seat):
        raise Http404
    page = case_page(case)
    present = next((each for each in page.authorities if each.to_on is None), None)
    sent = request.POST.get("what", "") if request.method == "POST" else ""
    agencies = [row.agency for row in participations(request.seat.partnership_id)]
    made: dict[str, GovukForm] = {
        ADDRESS: ChildAddressForm(_data(request, sent, ADDRESS), auto_id="id_address_%s"),
        NUMBER: ChildNumberForm(_data(request, sent, NUMBER), agencies=agencies, auto_id="id_number_%s"),
        AUTHORITY: ChildAuthorityForm(
            _data(request, sent, AUTHORITY),
            authorities=local_authorities(),
            present=present,
            auto_id="id_authority_%s",
        ),
    }
    if request.method == "POST":
        form = made.get(sent)
        if form is None:
            raise Http404
        if form.is_valid():
            try:
                _save(case, form, by=request.seat)
            except RuleBroken as broken:
                refuse(form, broken)
            else:
                messages.success(request, SAVED[sent])
                return redirect("casework:case_child", reference=case.reference)
    shown(request, "what is kept of the child", record_id=case.pk, reference=case.reference, records=[case.child_id])
    context = {
        "case": case,
        "identity": identity_bar(case, on=clock.today()),
        "page": page,
        "not_told": bool(present and home_not_told(present)),
        "present": present,
        "doubt": f"{present.doubt} Save what is right below." if present else "",
        "forms": made,
        "authorities_known": bool(made[AUTHORITY].authorities),  # type: ignore[attr-defined]
    }
    return render(request, "casework/case_child.html", context, status=422 if request.method == "POST" else 200)


def _data(request: SeatRequest, sent: str, what: str) -> Any:
    return request.POST if sent == what else None


def _save(case: Case, form: GovukForm, *, by: Seat) -> None:
    said, at = form.cleaned_data, clock.now()
    if isinstance(form, ChildAddressForm):
        write_address(case=case, by=by, at=at, **said)
    elif isinstance(form, ChildNumberForm):
        write_number(case=case, agency=form.chosen, number=said["number"], by=by, at=at)
    elif isinstance(form, ChildAuthorityForm):
        home = form.authority("home")
        assert home is not None
        write_authority(
            case=case,
            home=home,
            placing=form.authority("placing"),
            from_on=said["from_on"],
            told_on=said["told_on"],
            told_by=said["told_by"],
            by=by,
            at=at,
        )
