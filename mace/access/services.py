"""Making records and changing who may see them. The database's own functions do it and check the seat once more."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection, transaction
from guardian.shortcuts import assign_perm, remove_perm

from mace.access.models import Disclosure, Kind, NamedPerson, Record, Scope
from mace.access.policy import Capability, can, require
from mace.accounts.models import Membership
from mace.agencies.models import Agency
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import Seat

VIEW = "access.view_record"


def _call(sql: str, parameters: list[Any]) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return row[0] if row else None


def open_record(*, kind: Kind, at: dt.datetime, about: int | None = None, within: int | None = None) -> int:
    """Make a record of the seat's partnership and grant it in full to the seat alone; answers its id.

    ``about`` is a child's record, ``within`` the containing record. Everything that hangs on the id can be added now.
    """
    made = _call("select access_open_record(%s, %s, %s, %s)", [kind.value, at, about, within])
    assert isinstance(made, int)
    return made


def set_about(*, record_id: int, child_id: int) -> None:
    """Say which child the record concerns; everyone granted the record gets the same scope on the child."""
    _call("select access_set_about(%s, %s)", [record_id, child_id])


def share(*, record_id: int, principal: int, scope: Scope) -> None:
    """Grant a principal the record at exactly this scope."""
    _call("select access_share(%s, %s, %s::smallint)", [record_id, principal, int(scope)])


def unshare(*, record_id: int, principal: int) -> None:
    """Take a principal's grant on the record away, at once."""
    _call("select access_unshare(%s, %s)", [record_id, principal])


def grants_on(record_id: int) -> dict[int, int]:
    """Principal to scope, for a seat that sees the record in full; empty for others."""
    with connection.cursor() as cursor:
        cursor.execute("select principal, scope from access_grants_on(%s)", [record_id])
        return {int(row[0]): int(row[1]) for row in cursor.fetchall()}


@transaction.atomic
def disclose(
    *,
    record_id: int,
    agency: Agency,
    scope: Scope,
    purpose: str,
    lawful_basis: str,
    necessity: str,
    told: bool,
    told_reason: str = "",
    by: Seat,
    at: dt.datetime,
    ends_on: dt.date | None = None,
) -> Disclosure:
    """Decide that an agency sees a record at a scope, and grant it. A wider decision in force is not narrowed.

    Also grants what the record contains when the scope is full. Raises ``RuleBroken`` when a reason is missing.
    """
    require(by, Capability.DISCLOSE)
    if not purpose.strip() or not necessity.strip():
        raise RuleBroken("Say what the sharing is for and why it is necessary", field="purpose")
    if not told and not told_reason.strip():
        raise RuleBroken("Say why the child and family are not told about the sharing", field="told_reason")
    disclosure = Disclosure.objects.create(
        record_id=record_id,
        agency=agency,
        agency_principal=agency.principal,
        scope=scope,
        purpose=purpose.strip(),
        lawful_basis=lawful_basis,
        necessity=necessity.strip(),
        told=told,
        told_reason=told_reason.strip(),
        decided_by_id=by.membership_id,
        starts_at=at,
        ends_on=ends_on,
    )
    widest = max(
        Disclosure.objects.filter(record_id=record_id, agency=agency, withdrawn_at__isnull=True).values_list(
            "scope", flat=True
        )
    )
    share(record_id=record_id, principal=agency.principal, scope=Scope(widest))
    if widest == Scope.FULL:
        for inner in Record.objects.filter(within_id=record_id, kind=Kind.REFERRAL).values_list("pk", flat=True):
            share(record_id=inner, principal=agency.principal, scope=Scope.FULL)
    return disclosure


@transaction.atomic
def withdraw(*, record_id: int, agency: Agency, reason: str, by: Seat, at: dt.datetime) -> int:
    """End every sharing of the record with an agency, its named people and all that the record contains, at once.

    What the agency wrote itself stays readable to it. Answers how many grants ended.
    """
    require(by, Capability.DISCLOSE)
    if not reason.strip():
        raise RuleBroken("Say why the sharing ends", field="reason")
    Disclosure.objects.filter(record_id=record_id, agency=agency, withdrawn_at__isnull=True).update(
        withdrawn_at=at, withdrawn_by_id=by.membership_id, withdrawn_reason=reason.strip()
    )
    members = Membership.objects.filter(agency=agency, role__in=["agency_lead", "agency_member"])
    NamedPerson.objects.filter(content_object_id=record_id, user__in=members.values("user")).delete()
    ended = _call("select access_withdraw_agency(%s, %s)", [record_id, agency.pk])
    assert isinstance(ended, int)
    return ended


@transaction.atomic
def name_person(*, record_id: int, membership: Membership, scope: Scope, by: Seat) -> None:
    """Name a person on a record (django-guardian holds the name, their seat gets the grant)."""
    own_agency = membership.agency_id == by.agency_id
    if not (can(by, Capability.DISCLOSE) or own_agency):
        raise NotAllowed(Capability.DISCLOSE)
    assign_perm(VIEW, membership.user, Record.objects.get(pk=record_id))
    share(record_id=record_id, principal=membership.principal, scope=scope)


@transaction.atomic
def unname_person(*, record_id: int, membership: Membership, by: Seat) -> None:
    """Take a person's name off a record, and their seat's grant with it."""
    if not (can(by, Capability.DISCLOSE) or membership.agency_id == by.agency_id):
        raise NotAllowed(Capability.DISCLOSE)
    remove_perm(VIEW, membership.user, Record.objects.get(pk=record_id))
    unshare(record_id=record_id, principal=membership.principal)
