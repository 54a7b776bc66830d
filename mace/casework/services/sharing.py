"""Sharing a case with an agency and ending that, from the case's own pages."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from mace.access.models import Disclosure, Scope
from mace.access.policy import Capability, require
from mace.access.services import disclose, withdraw
from mace.agencies.models import Agency
from mace.core.errors import RuleBroken
from mace.core.seat import Seat
from referrals.models import Case


def _in_force(case: Case, agency: Agency) -> list[int]:
    rows = Disclosure.objects.filter(record_id=case.pk, agency=agency, withdrawn_at__isnull=True)
    return list(rows.values_list("scope", flat=True))


@transaction.atomic
def share_case(
    *,
    case: Case,
    agency: Agency,
    scope: Scope,
    purpose: str,
    lawful_basis: str,
    necessity: str,
    told: bool,
    told_reason: str,
    ends_on: dt.date | None,
    by: Seat,
    at: dt.datetime,
) -> Disclosure:
    """Decide that an agency sees a case. Writes the sharing decision and its grant; a second submit changes nothing.

    Raises ``RuleBroken`` when the agency sees as much already, or when a reason is missing.
    """
    require(by, Capability.DISCLOSE)
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if any(held >= scope for held in _in_force(case, agency)):
        raise RuleBroken(f"{agency.name} already sees this much of the case, or more", field="agency")
    return disclose(
        record_id=case.pk,
        agency=agency,
        scope=scope,
        purpose=purpose,
        lawful_basis=lawful_basis,
        necessity=necessity,
        told=told,
        told_reason=told_reason,
        ends_on=ends_on,
        by=by,
        at=at,
    )


@transaction.atomic
def stop_sharing_case(*, case: Case, agency: Agency, reason: str, by: Seat, at: dt.datetime) -> None:
    """End all sharing of a case with an agency, at once. What the agency wrote itself stays readable to it.

    Raises ``RuleBroken`` when the case is not shared with that agency, or without a reason.
    """
    require(by, Capability.DISCLOSE)
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if not _in_force(case, agency):
        raise RuleBroken(f"This case is not shared with {agency.name}", field="agency")
    withdraw(record_id=case.pk, agency=agency, reason=reason, by=by, at=at)
