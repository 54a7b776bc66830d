"""A protected address as its page shows it to the people named, and what others in full scope are told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from mace.access.models import Scope
from mace.access.policy import ALLOWED, Capability, can
from mace.access.services import grants_on
from mace.accounts.models import Membership
from mace.accounts.selectors import seats_in
from mace.casework.selectors.emergency import running_emergency
from mace.core.seat import Seat
from mace.core.templatetags.components import uk_date
from referrals.models import Case, ProtectedAddress
from referrals.selectors.addresses import protected_addresses

CAN_OPEN = sorted(ALLOWED[Capability.PROTECT_ADDRESS])
"""Roles that have the page on which an address is shown."""


@dataclass(frozen=True, slots=True)
class AddressPage:
    """``present`` and ``former`` are empty for who is not named. ``named``: who sees the present one."""

    protected: bool
    may_record: bool
    present: ProtectedAddress | None
    former: list[ProtectedAddress]
    named: list[Membership] = field(default_factory=list)
    others: list[Membership] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether the page has nothing for the seat: it then does not exist."""
        return not (self.may_record or self.present or self.former)


def may_see_address(case: Case, *, emergency: bool) -> bool:
    """Whether the page of the address has anything for the seat. ``case`` comes from ``case_by_reference``."""
    full: bool = (case.seat_scope or 0) >= Scope.FULL  # type: ignore[attr-defined]
    return case.address_shown or (full and not emergency)  # type: ignore[attr-defined]


def may_record_address(case: Case, seat: Seat) -> bool:
    """Whoever holds the case in full, but not by emergency access. ``case`` comes from ``case_by_reference``."""
    if (case.seat_scope or 0) < Scope.FULL or not can(seat, Capability.PROTECT_ADDRESS):  # type: ignore[attr-defined]
        return False
    return running_emergency(case, seat) is None


def address_page(case: Case, seat: Seat, *, on: dt.date) -> AddressPage:
    """What the seat may know of where the child lives. ``case`` comes from ``case_by_reference``."""
    found = list(protected_addresses(case.child_id).select_related("written_by__user"))
    present = next((address for address in found if address.until_on is None), None)
    former = [address for address in found if address is not present]
    protected = bool(present or case.address_protected)  # type: ignore[attr-defined]
    may_record = may_record_address(case, seat)
    if present is None:
        return AddressPage(protected, may_record, None, former)
    principals = grants_on(present.pk)
    named = Membership.objects.filter(principal__in=principals).select_related("user", "agency")
    others = seats_in(seat.partnership_id, on=on, roles=CAN_OPEN).exclude(principal__in=principals)
    return AddressPage(protected, may_record, present, former, list(named.order_by("user__name", "pk")), list(others))


def address_rows(address: ProtectedAddress) -> list[dict[str, str]]:
    rows = [
        ("Address", address.address),
        ("Why it is protected", address.reason),
        ("Since", uk_date(address.since_on)),
        ("Until", uk_date(address.until_on)),
        ("Recorded by", address.written_by.user.name),
    ]
    return [{"key": key, "value": value} for key, value in rows if value]
