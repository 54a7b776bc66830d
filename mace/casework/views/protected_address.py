"""Where a child lives, when only named people may know it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability
from mace.casework.forms.protected_address import AddressForm, EndProtectionForm, NameForAddressForm
from mace.casework.selectors.case import identity_bar
from mace.casework.selectors.protected_address import AddressPage, address_page, address_rows
from mace.casework.services.protected_address import (
    end_protection,
    name_for_address,
    record_address,
    take_off_address,
)
from mace.core import clock
from mace.core.errors import RuleBroken
from referrals.models import Case, ProtectedAddress
from referrals.selectors import case_by_reference

TWICE = ["GET", "HEAD", "POST"]


def _found(request: SeatRequest, reference: str) -> tuple[Case, AddressPage]:
    """The case and its address, as far as the seat may know. Raises ``Http404`` for who may know nothing of it."""
    case = case_by_reference(reference)
    page = address_page(case, request.seat, on=clock.today())
    if page.empty:
        raise Http404
    return case, page


def _posted(request: SeatRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _present(page: AddressPage) -> ProtectedAddress:
    if page.present is None:
        raise Http404
    return page.present


def _shown(request: SeatRequest, case: Case, page: AddressPage) -> None:
    records = [address.pk for address in (page.present, *page.former) if address is not None]
    action = "protected address" if records else "whether the address is protected"
    shown(request, action, record_id=case.pk, reference=case.reference, records=records)


@requires(Capability.PROTECT_ADDRESS)
@require_http_methods(TWICE)
def case_address(request: SeatRequest, reference: str) -> HttpResponse:
    """The address for the people named, and who they are; posting names one more. Others learn that it is protected."""
    case, page = _found(request, reference)
    form = NameForAddressForm(_posted(request), people=page.others)
    if request.method == "POST":
        address = _present(page)
        if form.is_valid():
            person = form.chosen()
            try:
                name_for_address(case=case, address=address, membership=person, by=request.seat, at=clock.now())
            except RuleBroken as broken:
                form.add_error(broken.field or None, broken.message)
            else:
                messages.success(request, f"{person.user.name} can now see the address.")
                return redirect("casework:case_address", reference=case.reference)
    _shown(request, case, page)
    return render(
        request,
        "casework/protected_address.html",
        {
            "case": case,
            "identity": identity_bar(case, on=clock.today()),
            "page": page,
            "rows": address_rows(page.present) if page.present else [],
            "former": [address_rows(address) for address in page.former],
            "form": form,
        },
        status=422 if form.is_bound else 200,
    )


@requires(Capability.PROTECT_ADDRESS)
@require_http_methods(TWICE)
def case_address_new(request: SeatRequest, reference: str) -> HttpResponse:
    """Record where the child lives; what was known before is shown no longer."""
    case, page = _found(request, reference)
    if not page.may_record:
        raise PermissionDenied
    form = AddressForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            record_address(case=case, **form.cleaned_data, by=request.seat, at=clock.now())
        except RuleBroken as broken:
            form.add_error(broken.field or None, broken.message)
        else:
            messages.success(request, "The address is protected. At present you alone see it.")
            return redirect("casework:case_address", reference=case.reference)
    _shown(request, case, page)
    return render(
        request,
        "casework/protected_address_new.html",
        {"case": case, "identity": identity_bar(case, on=clock.today()), "page": page, "form": form},
        status=422 if form.is_bound else 200,
    )


@requires(Capability.PROTECT_ADDRESS)
@require_POST
def case_address_take_off(request: SeatRequest, reference: str) -> HttpResponse:
    """Take one of the people named off."""
    case, page = _found(request, reference)
    address = _present(page)
    person = next((seat for seat in page.named if seat.reference == request.POST.get("person")), None)
    if person is None:
        raise Http404
    try:
        take_off_address(address=address, membership=person, by=request.seat)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        messages.success(request, f"{person.user.name} no longer sees the address.")
        if person.pk == request.seat.membership_id:
            return redirect("casework:case", reference=case.reference)
    return redirect("casework:case_address", reference=case.reference)


@requires(Capability.PROTECT_ADDRESS)
@require_http_methods(TWICE)
def case_address_end(request: SeatRequest, reference: str) -> HttpResponse:
    """Protect it no longer: says who will see it then."""
    case, page = _found(request, reference)
    address = _present(page)
    if not page.may_record:
        raise PermissionDenied
    form = EndProtectionForm(_posted(request), initial={"lives": address.address})
    if request.method == "POST" and form.is_valid():
        end_protection(case=case, address=address, lives=form.cleaned_data["lives"], by=request.seat, at=clock.now())
        messages.success(request, "The address is no longer protected.")
        return redirect("casework:case", reference=case.reference)
    _shown(request, case, page)
    return render(
        request,
        "casework/protected_address_end.html",
        {"case": case, "identity": identity_bar(case, on=clock.today()), "form": form},
        status=422 if form.is_bound else 200,
    )
