"""Sharing decisions: the one way in which an agency comes to see a record, and how that ends."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q, QuerySet

from mace.access.models import Disclosure, Kind, NamedPerson, Record, Scope
from mace.access.policy import Capability, require
from mace.access.services.records import call, grants_on, share
from mace.accounts.models import Membership
from mace.agencies.models import Agency
from mace.core.clock import london_date, london_time
from mace.core.errors import RuleBroken
from mace.core.seat import Seat


def decisions_in_force(*, record_id: int, agency: Agency, on: dt.date) -> QuerySet[Disclosure]:
    """Sharing decisions that let the agency see the record on a day; the last day of one still counts."""
    lasting = Q(ends_on__isnull=True) | Q(ends_on__gte=on)
    return Disclosure.objects.filter(lasting, record_id=record_id, agency=agency, withdrawn_at__isnull=True)


def end_of_day(day: dt.date | None) -> dt.datetime | None:
    """The moment a London day is over; none for a decision without an end."""
    return None if day is None else london_time(day + dt.timedelta(days=1))


def widest_in_force(*, record_id: int, agency: Agency, on: dt.date) -> tuple[Scope, dt.datetime | None] | None:
    """The widest scope that decisions in force give, and the moment it ends; none when there is no decision."""
    rows = list(decisions_in_force(record_id=record_id, agency=agency, on=on).values_list("scope", "ends_on"))
    if not rows:
        return None
    widest = max(scope for scope, _ in rows)
    ends = [ends_on for scope, ends_on in rows if scope == widest]
    return Scope(widest), None if None in ends else end_of_day(max(day for day in ends if day is not None))


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
    """Decide that an agency sees a record at a scope, and grant it until that ends. A wider decision is not narrowed.

    Also grants what the record contains when the scope is full. Raises ``RuleBroken`` when a reason is missing, when
    the last day has passed, and for a restricted record, which is shown to named people only.
    """
    require(by, Capability.DISCLOSE)
    if Record.objects.filter(pk=record_id, restricted=True).exists():
        raise RuleBroken("This case is restricted. Name the people who may see it instead of sharing it with an agency")
    if ends_on is not None and ends_on < london_date(at):
        raise RuleBroken("The last day of sharing must be today or later", field="ends_on")
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
    found = widest_in_force(record_id=record_id, agency=agency, on=london_date(at))
    assert found is not None
    widest, until = found
    share(record_id=record_id, principal=agency.principal, scope=widest, until=until)
    if widest == Scope.FULL:
        for inner in Record.objects.filter(within_id=record_id, kind=Kind.REFERRAL).values_list("pk", flat=True):
            share(record_id=inner, principal=agency.principal, scope=Scope.FULL, until=until)
    return disclosure


@transaction.atomic
def withdraw(*, record_id: int, agency: Agency, reason: str, by: Seat, at: dt.datetime) -> int:
    """End every sharing of the record with an agency, its named people and all that the record contains, at once.

    What the agency wrote itself stays readable to it. Its people on the list of a restricted record stay there, because
    they were named on it; what others of them had before it was restricted does not come back. Answers how many grants
    ended.
    """
    require(by, Capability.DISCLOSE)
    if not reason.strip():
        raise RuleBroken("Say why the sharing ends", field="reason")
    Disclosure.objects.filter(record_id=record_id, agency=agency, withdrawn_at__isnull=True).update(
        withdrawn_at=at, withdrawn_by_id=by.membership_id, withdrawn_reason=reason.strip()
    )
    members = Membership.objects.filter(agency=agency, role__in=["agency_lead", "agency_member", "auditor"])
    if Record.objects.filter(pk=record_id, restricted=True).exists():
        listed = Membership.objects.filter(principal__in=grants_on(record_id))
        members = members.exclude(user__in=listed.values("user"))
    NamedPerson.objects.filter(content_object_id=record_id, user__in=members.values("user")).delete()
    ended = call("select access_withdraw_agency(%s, %s)", [record_id, agency.pk])
    assert isinstance(ended, int)
    return ended
