"""Ending sharing decisions whose last day has passed."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from mace.access.models import Disclosure, Kind, Record, Scope
from mace.access.policy import Capability, require
from mace.access.services import grants_on, share, unshare, widest_in_force, withdraw
from mace.core.clock import london_date
from mace.core.forms import long_date
from mace.core.seat import Seat


def end_expired_sharing(*, by: Seat, at: dt.datetime) -> int:
    """End every sharing decision of the seat's partnership that was made until a day before today; answers how many.

    An agency without another decision in force on the record loses its grants, its named people's and those on what the
    record contains, as if somebody had withdrawn. One with another keeps the widest that is left. Each decision ends in
    a transaction of its own.
    """
    require(by, Capability.DISCLOSE)
    today = london_date(at)
    with transaction.atomic():
        expired = list(
            Disclosure.objects.filter(
                record__partnership_id=by.partnership_id, withdrawn_at__isnull=True, ends_on__lt=today
            )
            .order_by("ends_on", "pk")
            .values_list("pk", flat=True)
        )
    return sum(_end(pk, by=by, at=at) for pk in expired)


@transaction.atomic
def _end(pk: int, *, by: Seat, at: dt.datetime) -> bool:
    decision = (
        Disclosure.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("agency")
        .filter(pk=pk, withdrawn_at__isnull=True)
        .first()
    )
    if decision is None or decision.ends_on is None:
        return False
    reason = f"Made until {long_date(decision.ends_on)}"
    left = widest_in_force(record_id=decision.record_id, agency=decision.agency, on=london_date(at))
    if left is None:
        withdraw(record_id=decision.record_id, agency=decision.agency, reason=reason, by=by, at=at)
        return True
    decision.withdrawn_at, decision.withdrawn_by_id, decision.withdrawn_reason = at, by.membership_id, reason
    decision.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    _narrow(decision.record_id, decision.agency_principal, *left)
    return True


def _narrow(record_id: int, principal: int, left: Scope, until: dt.datetime | None) -> None:
    """Bring an agency's grants on a record, and on what it contains, down to what is left.

    The record's own ended at its moment whether or not this ran; nothing that it contains is widened.
    """
    share(record_id=record_id, principal=principal, scope=left, until=until)
    for inner in Record.objects.filter(within_id=record_id):
        if grants_on(inner.pk).get(principal, 0) <= left:
            continue
        if inner.kind == Kind.REFERRAL:
            unshare(record_id=inner.pk, principal=principal)
        else:
            share(record_id=inner.pk, principal=principal, scope=left, until=until)
