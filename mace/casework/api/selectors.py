"""Rows for the API: the same visibility as the pages, fifty at a time.

A page raises ``ValueError`` for an ``after`` that no page before it gave.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404

from mace.access.models import Kind
from mace.access.selectors import after_key, by_ids, next_key, visible_page
from panels.models import Action
from referrals.models import Case, Referral, TierPeriod

SIZE = 50

R = TypeVar("R", bound=Model)


def _page(rows: QuerySet[R], after: str) -> tuple[list[R], str]:
    """One page by the moment of making and the primary key, both falling, and the key of the next if there is one.

    The policies choose the rows, so a page is read with one more.
    """
    rows = rows.order_by("-created_at", "-pk")
    if after:
        at, key = after_key(after)
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=key))
    found = list(rows[: SIZE + 1])
    if len(found) <= SIZE:
        return found, ""
    last: Any = found[SIZE - 1]
    return found[:SIZE], next_key(last.created_at, last.pk)


def _cases() -> QuerySet[Case]:
    tiers = TierPeriod.objects.order_by("from_on", "pk")
    return Case.objects.select_related("child__identity", "summary").prefetch_related(Prefetch("tiers", queryset=tiers))


def _referrals() -> QuerySet[Referral]:
    return Referral.objects.select_related("agency", "case")


def _actions() -> QuerySet[Action]:
    return Action.objects.select_related("owner_agency", "owner__user")


def case_page(after: str) -> tuple[list[Case], str]:
    page = visible_page(Kind.CASE, after=after, size=SIZE)
    return by_ids(_cases(), page.ids), page.next_after


def case_row(reference: str) -> Case:
    return get_object_or_404(_cases(), reference=reference)


def referral_page(after: str) -> tuple[list[Referral], str]:
    return _page(_referrals(), after)


def referral_row(reference: str) -> Referral:
    return get_object_or_404(_referrals(), reference=reference)


def action_page(after: str) -> tuple[list[Action], str]:
    return _page(_actions(), after)


def action_row(reference: str) -> Action:
    return get_object_or_404(_actions(), reference=reference)
