"""Records that look like one child, and what was decided of them, as far as the seat sees both in full."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Q, QuerySet

from mace.core.pages import page_key, page_numbers
from referrals.models import Child, ChildrenApart, PossiblePair

PAGE = 25


def said_apart(one: Child, other: Child) -> ChildrenApart | None:
    """What says of two records that they are different children, if that is in force."""
    return _joined().filter(a_id=min(one.pk, other.pk), b_id=max(one.pk, other.pk), taken_back_at=None).first()


def apart_from(child: Child) -> list[ChildrenApart]:
    """What was said of this child and others being different, the newest first, what was taken back too."""
    return list(_joined().filter(Q(a=child) | Q(b=child)).order_by("-said_at", "-pk"))


def any_apart(children: Collection[int]) -> bool:
    """Whether two of these children are said to be different."""
    return ChildrenApart.objects.filter(a__in=children, b__in=children, taken_back_at=None).exists()


def _joined() -> QuerySet[ChildrenApart]:
    return ChildrenApart.objects.select_related("a__identity", "b__identity", "said_by__user", "taken_back_by__user")


def possible_pairs(*, after: str = "", size: int = PAGE) -> tuple[list[PossiblePair], str]:
    """One page of the pairs that nobody has decided, the newest first, and the key of the next page or nothing.

    Raises ``ValueError`` for an ``after`` that no page gave.
    """
    rows = PossiblePair.objects.filter(decision="").select_related("a__identity", "b__identity")
    if after:
        moment, key = page_numbers(after, count=2)
        at = dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=moment)
        rows = rows.filter(Q(found_at__lt=at) | Q(found_at=at, pk__lt=key))
    found = list(rows.order_by("-found_at", "-pk")[: size + 1])
    if len(found) <= size:
        return found, ""
    last = found[size - 1]
    moment = (last.found_at - dt.datetime.fromtimestamp(0, dt.UTC)) // dt.timedelta(microseconds=1)
    return found[:size], page_key(moment, last.pk)
