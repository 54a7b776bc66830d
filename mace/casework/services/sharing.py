"""Sharing a record with an agency and ending that, from the record's own pages."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from mace.access.models import Disclosure, Kind, Scope
from mace.access.policy import Capability, require
from mace.access.services import decisions_in_force, disclose, withdraw
from mace.agencies.models import Agency
from mace.casework.models import SharingLookedAt
from mace.casework.selectors.eighteen import eighteen_of
from mace.casework.selectors.sharing_subject import Subject
from mace.core.clock import london_date
from mace.core.errors import RuleBroken
from mace.core.seat import Seat
from referrals.models import Case
from volt.selectors import MODELS


def lock_record(record_id: int, kind: Kind) -> None:
    """Hold the case, person, place or theme until the transaction ends: one decision about it at a time."""
    if kind is Kind.CASE:
        Case.objects.select_for_update(of=("self",)).get(pk=record_id)
    else:
        MODELS[kind].objects.select_for_update(of=("self",)).get(pk=record_id)


@transaction.atomic
def share_record(
    *,
    record_id: int,
    kind: Kind,
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
    """Decide that an agency sees a record. Writes the sharing decision and its grant; a second submit changes nothing.

    Raises ``RuleBroken`` when the agency sees as much already for as long, when a reason is missing, and for a
    restricted case.
    """
    require(by, Capability.DISCLOSE)
    lock_record(record_id, kind)
    for held in decisions_in_force(record_id=record_id, agency=agency, on=london_date(at)):
        lasts = held.ends_on is None or (ends_on is not None and held.ends_on >= ends_on)
        if held.scope >= scope and lasts:
            raise RuleBroken(f"{agency.name} already sees this much of it, or more, for as long", field="agency")
    return disclose(
        record_id=record_id,
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
def stop_sharing(*, record_id: int, kind: Kind, agency: Agency, reason: str, by: Seat, at: dt.datetime) -> None:
    """End all sharing of a record with an agency, at once. What the agency wrote itself stays readable to it.

    Raises ``RuleBroken`` when the record is not shared with that agency, or without a reason.
    """
    require(by, Capability.DISCLOSE)
    lock_record(record_id, kind)
    if not Disclosure.objects.filter(record_id=record_id, agency=agency, withdrawn_at__isnull=True).exists():
        raise RuleBroken(f"This is not shared with {agency.name}", field="agency")
    withdraw(record_id=record_id, agency=agency, reason=reason, by=by, at=at)


@transaction.atomic
def look_again(*, subject: Subject, words: str, operation: str, by: Seat, at: dt.datetime) -> SharingLookedAt:
    """Put on record that the sharing of a case was looked at again at 18: why it goes on, or what was changed.

    It changes no sharing decision. The same ``operation`` again adds nothing. Raises ``RuleBroken`` where nothing waits
    to be looked at: before the birthday, without a decision from before it, or once it was done.
    """
    require(by, Capability.DISCLOSE)
    lock_record(subject.record_id, subject.kind)
    rows = SharingLookedAt.objects.filter(record_id=subject.record_id, by_id=by.membership_id, operation=operation)
    if operation and (known := rows.first()):
        return known
    found = eighteen_of(subject, on=london_date(at))
    if found is None or not found.waits:
        raise RuleBroken("No sharing of it waits to be looked at again")
    if not words.strip():
        raise RuleBroken("Say why it goes on, or what was changed", field="words")
    return SharingLookedAt.objects.create(
        record_id=subject.record_id,
        looked_on=london_date(at),
        words=words.strip(),
        by_id=by.membership_id,
        operation=operation,
    )
