"""Restricted cases and bars: leaving a case to named people, and keeping one person from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from guardian.shortcuts import assign_perm

from mace.access.models import Bar, Kind, Record, Scope
from mace.access.policy import Capability, require
from mace.access.selectors import is_barred
from mace.access.services.naming import VIEW
from mace.access.services.records import call
from mace.accounts.models import Membership, Role, User
from mace.core.errors import RuleBroken
from mace.core.seat import Seat, acting_as

RUNS_A_CASE = frozenset({Role.COORDINATOR.value, Role.CHAIR.value})


@transaction.atomic
def restrict(*, record_id: int, people: Mapping[Membership, Scope], reason: str, by: Seat) -> None:
    """Leave a case to the people named, each at a scope; coordinators and chairs too see it only when they are named.

    Side effects: every other grant on the case, its child and all that hangs on them is set aside until the restriction
    is lifted; emergency access to it ends; sharing decisions stay on record. A person of concern who is this child is
    restricted with it. Asked again, it changes the list.
    Raises ``RuleBroken`` without a reason, or when nobody named could run the case.
    """
    require(by, Capability.RESTRICT)
    if not reason.strip():
        raise RuleBroken("Say why the case is restricted", field="reason")
    if not any(seat.role in RUNS_A_CASE and scope == Scope.FULL for seat, scope in people.items()):
        raise RuleBroken("Name at least one coordinator or chair, who sees the case in full", field="people")
    if any(is_barred(record_id, seat.user_id) for seat in people):
        raise RuleBroken("Somebody you named is barred from this case. Lift the bar first", field="people")
    record = Record.objects.get(pk=record_id)
    with acting_as(by, reason=reason.strip()[:200]):
        for seat in people:
            assign_perm(VIEW, seat.user, record)
        call(
            "select access_restrict(%s, %s, %s::smallint[])",
            [record_id, [seat.pk for seat in people], [int(scope) for scope in people.values()]],
        )


@transaction.atomic
def lift_restriction(*, record_id: int, reason: str, by: Seat) -> None:
    """Open a restricted case again to those who saw it before and whose reason to see it still holds.

    The people named stay named on it until somebody takes their names off.
    """
    require(by, Capability.RESTRICT)
    if not reason.strip():
        raise RuleBroken("Say why the restriction ends", field="reason")
    with acting_as(by, reason=reason.strip()[:200]):
        call("select access_lift_restriction(%s)", [record_id])


@transaction.atomic
def bar_person(*, record_id: int, user: User, reason: str, by: Seat, at: dt.datetime) -> Bar:
    """Keep a person from a case and everything about its child, whatever seat they act in; they cannot tell.

    Raises ``RuleBroken`` without a reason, for oneself, and when the person is barred already.
    """
    require(by, Capability.RESTRICT)
    if not reason.strip():
        raise RuleBroken("Say why this person must not see the case", field="reason")
    if user.pk == by.user_id:
        raise RuleBroken("You cannot bar yourself. Ask another coordinator or a chair", field="user")
    record = Record.objects.get(pk=record_id)
    if record.kind not in {Kind.REFERRAL, Kind.CASE, Kind.PERSON, Kind.LOCATION, Kind.THEME, Kind.GROUP}:
        raise RuleBroken("People are barred from a case, a person of concern, a place, a peer group or a theme")
    if is_barred(record_id, user.pk):
        raise RuleBroken("This person is barred already", field="user")
    return Bar.objects.create(
        record_id=record_id, user=user, reason=reason.strip(), set_by_id=by.membership_id, set_at=at
    )


@transaction.atomic
def lift_bar(*, bar: Bar, reason: str, by: Seat, at: dt.datetime) -> None:
    """End a bar; the person sees again what their seats give them."""
    require(by, Capability.RESTRICT)
    if not reason.strip():
        raise RuleBroken("Say why the bar ends", field="reason")
    found = Bar.objects.select_for_update().get(pk=bar.pk)
    if found.lifted_at is None:
        found.lifted_at, found.lifted_by_id, found.lifted_reason = at, by.membership_id, reason.strip()
        found.save(update_fields=["lifted_at", "lifted_by", "lifted_reason"])
