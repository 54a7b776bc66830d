"""Records of children that are one child, as far as the seat sees both in full."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import Http404

from mace.access.models import Grant, Record, Scope
from referrals.models import Case, Child, ChildMerge


def held_in_full(child: Child) -> bool:
    """Whether the seat sees the child in full."""
    return Grant.objects.filter(record_id=child.pk, scope=Scope.FULL).exists()


def restricted_around(child: Child) -> bool:
    """Whether the child's record is restricted: it is as soon as one of its cases is."""
    return Record.objects.filter(pk=child.pk, restricted=True).exists()


def children() -> QuerySet[Child]:
    """Children with their identity."""
    return Child.objects.select_related("identity")


def child_in_full(reference: str) -> Child:
    """The child that the seat sees in full. Raises ``Http404``, for a hidden and an absent one alike."""
    child = children().filter(reference=reference).first()
    if child is None or not held_in_full(child):
        raise Http404
    return child


def child_meant(reference: str) -> Child | None:
    """The child that a reference of its own, or of a case of it, stands for, if the seat sees the child in full."""
    wanted = reference.strip().upper()
    child = children().filter(Q(reference=wanted) | Q(cases__reference=wanted)).distinct().first()
    return child if child is not None and held_in_full(child) else None


def cases_of(child: Child) -> QuerySet[Case]:
    """The child's cases that the seat sees, the newest first."""
    return Case.objects.filter(child=child).order_by("-opened_on", "-pk")


def merges_of(child: Child) -> list[ChildMerge]:
    """Merges of this child's record with others, the newest first, those that were undone too."""
    return list(
        ChildMerge.objects.filter(Q(child=child) | Q(into=child))
        .select_related("child__identity", "into__identity", "merged_by__user", "undone_by__user")
        .order_by("-merged_at", "-pk")
    )


def same_child_ids(child_id: int) -> set[int]:
    """The record and all that are the same child, as far as the seat sees them."""
    known, new = {child_id}, {child_id}
    while new:
        pairs = ChildMerge.objects.filter(Q(child__in=new) | Q(into__in=new), undone_at=None)
        found = {key for pair in pairs.values_list("child_id", "into_id") for key in pair}
        known, new = known | found, found - known
    return known
