"""A protected address as it is recorded and asked for."""

from __future__ import annotations

import datetime as dt

from django.db import connection

from mace.casework.services.protected_address import (
    name_for_address,
    record_address,
)
from mace.core import clock
from mace.core.seat import acting_as
from referrals.models import Case, ChildIdentity, ProtectedAddress
from tests.factories.cast import Cast
from tests.factories.owner import as_owner

SECRET = "Flat 9, Refuge House, Hiddenham"
ORDINARY = "1 Invented Road, Anytown"
CHILD = {"address": SECRET, "address_protected": ["yes"], "address_reason": "Her father looks for her"}
SINCE = dt.date(2026, 3, 1)


def protect(cast: Cast, case: Case, name: str = "practitioner", address: str = SECRET) -> ProtectedAddress:
    with acting_as(cast[name]):
        return record_address(
            case=case,
            address=address,
            reason="Her father looks for her",
            since_on=SINCE,
            by=cast[name],
            at=clock.now(),
        )


def let_see(cast: Cast, case: Case, address: ProtectedAddress, whom: str, by: str = "practitioner") -> None:
    with acting_as(cast[by]):
        name_for_address(case=case, address=address, membership=cast.memberships[whom], by=cast[by], at=clock.now())


def who_reads_it(cast: Cast) -> set[str]:
    """By raw SQL, in each seat."""
    found = set()
    for name, seat in cast.seats.items():
        with acting_as(seat), connection.cursor() as cursor:
            cursor.execute("select count(*) from referrals_protectedaddress where address = %s", [SECRET])
            if cursor.fetchone() != (0,):
                found.add(name)
    return found


def ordinary() -> str:
    with as_owner():
        return ChildIdentity.objects.get().address
