"""Where a child lives, when that is kept for named people."""

from __future__ import annotations

from django.db import connection
from django.db.models import F, QuerySet

from referrals.models import ProtectedAddress
from referrals.selectors.merging import same_child_ids

PROTECTED = "Protected: shown to named people"


def address_is_protected(child_id: int) -> bool:
    """Whether a child's address is kept for named people; told to whoever holds the child in full, else false."""
    with connection.cursor() as cursor:
        cursor.execute("select referrals_address_protected(%s)", [child_id])
        [protected] = cursor.fetchone()
    return bool(protected)


def protected_addresses(child_id: int) -> QuerySet[ProtectedAddress]:
    """Those of the child's that name the seat, the present one first."""
    rows = ProtectedAddress.objects.filter(child_id__in=same_child_ids(child_id))
    return rows.order_by(F("until_on").desc(nulls_first=True), "-since_on", "-pk")
