"""Where a child lives, kept for named people: recorded, who is named, and the end of it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.urls import reverse

from mace.access.models import Scope
from mace.access.policy import Capability, require
from mace.access.services import grants_on, name_person, unname_person
from mace.accounts.models import Membership
from mace.accounts.selectors import seats_in
from mace.casework.selectors.protected_address import CAN_OPEN
from mace.core.clock import london_date
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import Seat
from mace.notifications.services import notify
from referrals.models import Case, ChildIdentity, ProtectedAddress
from referrals.services.addresses import address_changes, protect_address
from referrals.services.locking import locked_case


def _locked(address: ProtectedAddress) -> ProtectedAddress:
    """As it stands now; for the people named only."""
    found = ProtectedAddress.objects.select_for_update(of=("self",)).filter(pk=address.pk).first()
    if found is None:
        raise NotAllowed("no such address")
    return found


@transaction.atomic
def record_address(
    *, case: Case, address: str, reason: str, since_on: dt.date, by: Seat, at: dt.datetime
) -> ProtectedAddress:
    """Keep where the child of a case lives for named people. The same address again answers what stands.

    For whoever holds the case in full, but not by emergency access. Side effects as of ``protect_address``. Raises
    ``RuleBroken`` without address or reason, or for a day to come.
    """
    require(by, Capability.PROTECT_ADDRESS)
    if since_on > london_date(at):
        raise RuleBroken("The day must be today or in the past", field="since_on")
    locked = locked_case(case)
    same = ProtectedAddress.objects.filter(child_id=locked.child_id, until_on=None, address=address.strip()).first()
    if same is not None:
        return same
    return protect_address(
        record_id=locked.pk,
        child_id=locked.child_id,
        address=address,
        reason=reason,
        since_on=since_on,
        by=by,
        at=at,
    )


@transaction.atomic
def name_for_address(
    *, case: Case, address: ProtectedAddress, membership: Membership, by: Seat, at: dt.datetime
) -> None:
    """Let one more person see a protected address; they get a message without it.

    Raises ``RuleBroken`` for who holds no current role here that could open it, and for somebody not named on the case
    when that is restricted.
    """
    require(by, Capability.PROTECT_ADDRESS)
    locked = _locked(address)
    current = seats_in(by.partnership_id, on=london_date(at), roles=CAN_OPEN)
    if not current.filter(pk=membership.pk).exists():
        raise RuleBroken("Choose somebody who holds a role here in which cases are read", field="person")
    name_person(record_id=locked.pk, membership=membership, scope=Scope.FULL, by=by)
    if membership.principal not in grants_on(locked.pk):
        raise RuleBroken("This case is restricted. Name them on the case first", field="person")
    if membership.pk != by.membership_id:
        notify(
            to=membership,
            subject=f"You are named for the address of case {case.reference}",
            text="A child's protected address is shown to you. Do not write it anywhere else or pass it on.",
            path=reverse("casework:case_address", args=[case.reference]),
            about=locked.pk,
            dedupe_key=f"address:{locked.pk}:{membership.pk}:{at.isoformat()}",
            by=by,
            at=at,
        )


@transaction.atomic
def take_off_address(*, address: ProtectedAddress, membership: Membership, by: Seat) -> None:
    """Take a person off a protected address, at once. Raises ``RuleBroken`` for the last one."""
    require(by, Capability.PROTECT_ADDRESS)
    locked = _locked(address)
    named = grants_on(locked.pk)
    if membership.principal not in named:
        return
    if len(named) == 1:
        raise RuleBroken("Nobody would know the address any more. Name somebody else first")
    unname_person(record_id=locked.pk, membership=membership, by=by)


@transaction.atomic
def end_protection(*, case: Case, address: ProtectedAddress, lives: str, by: Seat, at: dt.datetime) -> ProtectedAddress:
    """End the protection: where the child lives now, if it is said, stands with the child's details for all to see.

    For somebody named who also holds the case in full. The people named can still read what was protected.
    """
    require(by, Capability.PROTECT_ADDRESS)
    case = locked_case(case)
    locked = _locked(address)
    if locked.until_on is not None:
        return locked
    address_changes(record_id=case.pk, day=london_date(at))
    ChildIdentity.objects.filter(child_id=case.child_id).update(address=lives.strip())
    locked.refresh_from_db()
    return locked
