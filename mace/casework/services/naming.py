"""Naming people on a case, a person of concern, a place or a theme, with what holds for each role."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from mace.access.models import Kind, Scope
from mace.access.policy import AGENCY_ROLES, ALLOWED, Capability, require
from mace.access.services import end_of_day, name_person, unname_person, widest_in_force
from mace.accounts.models import Membership, Role
from mace.casework.services.sharing import lock_record
from mace.core.clock import london_date
from mace.core.errors import RuleBroken
from mace.core.seat import Seat, acting_as
from panels.enums import ActionStatus
from panels.models import Action
from referrals.enums import Tier
from referrals.models import Case, Referral, TierPeriod
from volt.selectors import MODELS


@dataclass(frozen=True, slots=True)
class Bounds:
    """The widest scope at which a person can be named, and the moment it ends at the latest."""

    scope: Scope
    until: dt.datetime | None


def _earliest(*moments: dt.datetime | None) -> dt.datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _only(by: Seat, *roles: Role, who: str, whom: str) -> None:
    if by.role not in {role.value for role in roles}:
        raise RuleBroken(f"Only {who} can name {whom} on it", field="person")


def bounds_for(*, record_id: int, kind: Kind, membership: Membership, by: Seat, at: dt.datetime) -> Bounds:
    """How far a person of that role can be named on a record. Raises ``RuleBroken`` where they cannot.

    A board member by a chair, on a case that is open at the operational tier or a record of VOLT. An auditor by a
    coordinator, on cases of their own agency, no wider than it sees them. An analyst with identifiable data by a
    coordinator, at *summary*. An agency's leads and members while and as far as it is shared with their agency.
    """
    today, case = london_date(at), Case.objects.filter(pk=record_id).first()
    needed = Capability.READ_CASES if kind is Kind.CASE else Capability.READ_VOLT
    if membership.partnership_id != by.partnership_id or membership.role not in ALLOWED[needed]:
        raise RuleBroken("Choose somebody whose role can open it", field="person")
    seat_end = end_of_day(membership.until_on)
    if membership.role == Role.BOARD:
        _only(by, Role.CHAIR, who="a chair", whom="a board member")
        if case and not TierPeriod.objects.filter(case=case, tier=Tier.MACE, to_on__isnull=True).exists():
            raise RuleBroken("Only a case that is open at the operational panel can be shown to a board member")
        return Bounds(Scope.FULL, seat_end)
    if membership.role in AGENCY_ROLES | {Role.AUDITOR.value}:
        if membership.role == Role.AUDITOR:
            _only(by, Role.COORDINATOR, who="a coordinator", whom="an auditor")
        held = widest_in_force(record_id=record_id, agency=membership.agency, on=today)
        if held is None:
            raise RuleBroken(f"It is not shared with {membership.agency.name}. Share it first", field="person")
        return Bounds(held[0], _earliest(held[1], seat_end))
    if membership.role == Role.ANALYST_IDENTIFIABLE:
        _only(by, Role.COORDINATOR, who="a coordinator", whom="an analyst")
        return Bounds(Scope.SUMMARY, seat_end)
    return Bounds(Scope.FULL, seat_end)


@transaction.atomic
def name_on_record(
    *,
    record_id: int,
    kind: Kind,
    membership: Membership,
    scope: Scope,
    reason: str,
    ends_on: dt.date | None,
    by: Seat,
    at: dt.datetime,
) -> None:
    """Name a person on a record until a day, until their seat or their agency's sharing ends, or until further notice.

    Raises ``RuleBroken`` without a reason, for a role that cannot be named there, and for more than it may see.
    """
    require(by, Capability.DISCLOSE)
    if not reason.strip():
        raise RuleBroken("Say why they are to see it", field="reason")
    if ends_on is not None and ends_on < london_date(at):
        raise RuleBroken("The last day must be today or later", field="ends_on")
    lock_record(record_id, kind)
    bounds = bounds_for(record_id=record_id, kind=kind, membership=membership, by=by, at=at)
    if scope > bounds.scope:
        raise RuleBroken("That is more than somebody in this role may see of it", field="scope")
    _check_not_needed_otherwise(record_id, kind, membership, "sees it already")
    until = _earliest(end_of_day(ends_on), bounds.until)
    with acting_as(by, reason=reason.strip()[:200]):
        name_person(record_id=record_id, membership=membership, scope=scope, by=by, until=until)


@transaction.atomic
def take_name_off(*, record_id: int, kind: Kind, membership: Membership, reason: str, by: Seat) -> None:
    """Take a person's name off a record, and what it gave them. Raises ``RuleBroken`` while they need it otherwise."""
    require(by, Capability.DISCLOSE)
    if not reason.strip():
        raise RuleBroken("Say why their name is taken off", field="reason")
    lock_record(record_id, kind)
    _check_not_needed_otherwise(record_id, kind, membership, "stays on it")
    if Action.objects.filter(record_id=record_id, owner=membership, status=ActionStatus.OPEN).exists():
        raise RuleBroken(f"{membership.user.name} has an open action on it. Give that to somebody else first")
    with acting_as(by, reason=reason.strip()[:200]):
        unname_person(record_id=record_id, membership=membership, by=by)


def _check_not_needed_otherwise(record_id: int, kind: Kind, membership: Membership, words: str) -> None:
    """A seat has one grant on a record; whoever leads or referred a case, or recorded it, holds theirs for that."""
    name = membership.user.name
    if kind is not Kind.CASE:
        if MODELS[kind].objects.filter(pk=record_id, created_by=membership).exists():
            raise RuleBroken(f"{name} recorded it and {words}", field="person")
        return
    if Case.objects.filter(pk=record_id, lead_professional=membership).exists():
        raise RuleBroken(f"{name} is the lead professional and {words}", field="person")
    if Referral.objects.filter(Q(pk=record_id) | Q(case_id=record_id), referrer=membership).exists():
        raise RuleBroken(f"{name} wrote a referral of this child and {words}", field="person")
