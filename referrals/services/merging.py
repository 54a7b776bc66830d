"""Two records of one child: said to be the same, and that undone. Nothing moves and nobody sees more for it."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from mace.access.policy import Capability, require
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import Seat, acting_as
from referrals.models import Case, Child, ChildMerge
from referrals.selectors.merging import held_in_full, restricted_around, same_child_ids
from referrals.selectors.sameness import said_apart


@transaction.atomic
def merge_children(*, gone: Child, kept: Child, reason: str, by: Seat, at: dt.datetime) -> ChildMerge:
    """Say that two records are one child: ``gone`` gives way to ``kept`` wherever a child is looked for.

    Cases and referrals stay where they are, with their own grants. From now on a bar or a restriction around the one
    holds around the other. Raises ``RuleBroken`` without a reason, for one and the same record, for children merged
    already or said to be different, while a case of either is restricted, and when the only open case is with the
    record that gives way.
    """
    require(by, Capability.SCREEN)
    for child in (gone, kept):
        if not held_in_full(child):
            raise NotAllowed("no such child")
    if not reason.strip():
        raise RuleBroken("Say why these two records are the same child", field="reason")
    if gone.pk == kept.pk or kept.pk in same_child_ids(gone.pk):
        raise RuleBroken("These are one record already", field="keep")
    if said_apart(gone, kept) is not None:
        raise RuleBroken("These are said to be different children: take that back first")
    if restricted_around(gone) or restricted_around(kept):
        raise RuleBroken(
            "A case of one of these children is restricted. Lift the restriction, merge, then restrict again"
        )
    still_open = Case.objects.filter(closed_on=None, child__in=[gone, kept]).values_list("child_id", flat=True)
    if set(still_open) == {gone.pk}:
        raise RuleBroken("Keep the record with the open case", field="keep")
    if ChildMerge.objects.filter(child=gone, undone_at=None).exists():
        raise RuleBroken("This record has given way to another one already", field="keep")
    with acting_as(by, reason=reason.strip()[:200]), connection.cursor() as cursor:
        cursor.execute("select referrals_merge_children(%s, %s, %s, %s)", [gone.pk, kept.pk, reason.strip(), at])
        [made] = cursor.fetchone()
    return ChildMerge.objects.get(pk=made)


@transaction.atomic
def undo_merge(*, merge: ChildMerge, reason: str, by: Seat, at: dt.datetime) -> None:
    """Say that two merged records are two children after all; each is found by itself again.

    Raises ``RuleBroken`` without a reason, and while a case of either is restricted.
    """
    require(by, Capability.SCREEN)
    found = ChildMerge.objects.filter(pk=merge.pk, undone_at=None).select_related("child", "into").first()
    if found is None:
        raise NotAllowed("no such merge")
    if not reason.strip():
        raise RuleBroken("Say why these are two children", field="reason")
    if restricted_around(found.child):
        raise RuleBroken("A case of one of these children is restricted. Lift the restriction first")
    with acting_as(by, reason=reason.strip()[:200]), connection.cursor() as cursor:
        cursor.execute("select referrals_undo_merge(%s, %s, %s)", [found.pk, reason.strip(), at])
