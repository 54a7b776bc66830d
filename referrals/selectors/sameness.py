"""Records that look like one child, and what was decided of them, as far as the seat sees both in full."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from referrals.models import Child, ChildrenApart


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
