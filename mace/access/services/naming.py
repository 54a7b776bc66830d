"""Naming people on a record. django-guardian holds the name; the same service writes or takes their seat's grant."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from guardian.shortcuts import assign_perm, remove_perm

from mace.access.models import Kind, Record, Scope
from mace.access.policy import Capability, can
from mace.access.selectors import is_barred
from mace.access.services.records import share, unshare
from mace.accounts.models import Membership
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import Seat

VIEW = "access.view_record"


def _may_name(by: Seat, membership: Membership, record: Record) -> bool:
    return can(by, Capability.DISCLOSE) or membership.agency_id == by.agency_id or record.kind == Kind.ADDRESS


def _referrals_within(record_id: int) -> list[int]:
    return list(Record.objects.filter(within_id=record_id, kind=Kind.REFERRAL).values_list("pk", flat=True))


@transaction.atomic
def name_person(
    *, record_id: int, membership: Membership, scope: Scope, by: Seat, until: dt.datetime | None = None
) -> None:
    """Name a person on a record, for ever or until a moment, and grant their seat the scope there.

    In full, the referrals within a case open too. Raises ``RuleBroken`` for somebody who is barred from the record, and
    on a restricted one for somebody who is not on its list: that list is changed by restricting it anew.
    """
    record = Record.objects.get(pk=record_id)
    if not _may_name(by, membership, record):
        raise NotAllowed(Capability.DISCLOSE)
    if is_barred(record_id, membership.user_id):
        raise RuleBroken(f"{membership.user.name} cannot be named on it. Choose somebody else", field="person")
    assign_perm(VIEW, membership.user, record)
    if not share(record_id=record_id, principal=membership.principal, scope=scope, until=until):
        raise RuleBroken(
            f"It is restricted, and {membership.user.name} is not named on it. A coordinator or chair who is can "
            "change the list",
            field="person",
        )
    if scope == Scope.FULL:
        for inner in _referrals_within(record_id):
            share(record_id=inner, principal=membership.principal, scope=scope, until=until)


@transaction.atomic
def unname_person(*, record_id: int, membership: Membership, by: Seat) -> None:
    """Take a person's name off a record, and their seat's grant with it, also on the referrals within a case."""
    record = Record.objects.get(pk=record_id)
    if not _may_name(by, membership, record):
        raise NotAllowed(Capability.DISCLOSE)
    remove_perm(VIEW, membership.user, record)
    unshare(record_id=record_id, principal=membership.principal)
    if can(by, Capability.DISCLOSE):
        for inner in _referrals_within(record_id):
            unshare(record_id=inner, principal=membership.principal)
