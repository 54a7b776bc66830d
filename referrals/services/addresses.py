"""Keeping where a child lives for named people, out of everything else."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from mace.access.models import Grant, Kind, Scope
from mace.access.policy import Capability, require
from mace.access.services import name_person, open_record
from mace.accounts.models import Membership
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import Seat
from referrals.models import ProtectedAddress, Referral


@transaction.atomic
def protect_address(
    *, record_id: int, child_id: int, address: str, reason: str, since_on: dt.date, by: Seat, at: dt.datetime
) -> ProtectedAddress:
    """Keep an address of the child whom a case or referral concerns for named people; at first only the seat is named.

    Side effects: the ordinary address goes from the child's details, and a former protected one ends, also one that
    this seat may not see. The database refuses who does not hold the case or referral in full, or by emergency access
    only. Raises ``RuleBroken`` without the address or a reason.
    """
    require(by, Capability.PROTECT_ADDRESS)
    if not address.strip():
        raise RuleBroken("Enter the address that must be protected", field="address")
    if not reason.strip():
        raise RuleBroken("Say why the address must be protected", field="reason")
    address_changes(record_id=record_id, day=since_on)
    own = open_record(kind=Kind.ADDRESS, at=at, within=record_id)
    made = ProtectedAddress.objects.create(
        record_id=own,
        child_id=child_id,
        address=address.strip(),
        reason=reason.strip(),
        since_on=since_on,
        written_by_id=by.membership_id,
    )
    author = Membership.objects.select_related("user").get(pk=by.membership_id)
    name_person(record_id=own, membership=author, scope=Scope.FULL, by=by)
    return made


def address_changes(*, record_id: int, day: dt.date) -> None:
    """What was known of where the child lives is shown no longer, from this day on."""
    if not Grant.objects.filter(record_id=record_id, scope=Scope.FULL).exists():
        raise NotAllowed(Capability.PROTECT_ADDRESS)
    with connection.cursor() as cursor:
        cursor.execute("select referrals_address_changes(%s, %s)", [record_id, day])


def keep_protected(
    *, referral: Referral, address: str, reason: str, since_on: dt.date, by: Seat, at: dt.datetime
) -> None:
    """Keep what a referral says of a protected address: in place where the seat is named on it, else anew."""
    assert referral.child_id is not None
    known = ProtectedAddress.objects.filter(record__within_id=referral.record_id, until_on=None).first()
    if known is None:
        protect_address(
            record_id=referral.record_id,
            child_id=referral.child_id,
            address=address,
            reason=reason,
            since_on=since_on,
            by=by,
            at=at,
        )
    elif (known.address, known.reason) != (address.strip(), reason.strip() or known.reason):
        known.address, known.reason = address.strip(), reason.strip() or known.reason
        known.save(update_fields=["address", "reason"])
