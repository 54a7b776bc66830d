"""Two records that look like one child: pairs that the worker finds; that they are two, and that taken back."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from mace.access.policy import Capability, require
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import Seat, acting_as
from referrals.models import Child, ChildrenApart, ChildToCompare
from referrals.selectors.comparing import children_like
from referrals.selectors.merging import held_in_full, same_child_ids
from referrals.selectors.sameness import said_apart

LONGEST = 400


@transaction.atomic
def say_apart(*, one: Child, other: Child, reason: str, by: Seat, at: dt.datetime) -> ChildrenApart:
    """Say that two records that look alike are two children: neither is offered in place of the other any more.

    That holds for everybody of the partnership, on referral forms, in screening and for spreadsheets. Raises
    ``RuleBroken`` without a reason, for one and the same record, for children merged, and when it was said already.
    """
    require(by, Capability.SCREEN)
    for child in (one, other):
        if not held_in_full(child):
            raise NotAllowed("no such child")
    if not reason.strip():
        raise RuleBroken("Say how you know that they are different children", field="reason")
    if one.pk == other.pk or other.pk in same_child_ids(one.pk):
        raise RuleBroken("These are one child: undo the merge first")
    if said_apart(one, other) is not None:
        raise RuleBroken("These are said to be different children already")
    with acting_as(by, reason=reason.strip()[:200]), connection.cursor() as cursor:
        cursor.execute("select referrals_say_apart(%s, %s, %s, %s)", [one.pk, other.pk, reason.strip()[:LONGEST], at])
        [made] = cursor.fetchone()
    return ChildrenApart.objects.get(pk=made)


@transaction.atomic
def take_back_apart(*, apart: ChildrenApart, reason: str, by: Seat, at: dt.datetime) -> None:
    """Take back that two children are different: each is offered again where the other is sought.

    Raises ``RuleBroken`` without a reason.
    """
    require(by, Capability.SCREEN)
    found = ChildrenApart.objects.filter(pk=apart.pk, taken_back_at=None).first()
    if found is None:
        raise NotAllowed("nothing of the kind was said")
    if not reason.strip():
        raise RuleBroken("Say why they may be one child after all", field="reason")
    with acting_as(by, reason=reason.strip()[:200]), connection.cursor() as cursor:
        cursor.execute("select referrals_take_back_apart(%s, %s, %s)", [found.pk, reason.strip()[:LONGEST], at])


@transaction.atomic
def compare_children(*, by: Seat, at: dt.datetime, most: int) -> list[int]:
    """Look for others like the children who are new or changed, at most so many; answers whom it looked at.

    For the worker. Pairs that are strongly alike are kept for the coordinators. Two workers at once take different
    children; one that dies in between leaves them to the next.
    """
    require(by, Capability.SCREEN)
    waiting = ChildToCompare.objects.select_for_update(skip_locked=True).order_by("since", "pk")[:most]
    keys = [row.pk for row in waiting]
    children = Child.objects.filter(pk__in=keys).select_related("identity")
    for child in children:
        for match in children_like(child):
            if match.strong:
                with connection.cursor() as cursor:
                    cursor.execute("select referrals_note_pair(%s, %s, %s)", [child.pk, match.child_id, at])
    ChildToCompare.objects.filter(pk__in=keys).delete()
    return keys
