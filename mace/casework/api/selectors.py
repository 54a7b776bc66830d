"""Rows for the API: the same visibility as the pages, fifty at a time."""

from __future__ import annotations

import datetime as dt
from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.shortcuts import get_object_or_404

from mace.access.models import Kind
from mace.access.selectors import by_ids, visible_page
from panels.models import Action
from referrals.models import Case, Referral

SIZE = 50

R = TypeVar("R", bound=Model)


def _after(rows: QuerySet[R], after: str, moment_field: str) -> QuerySet[R]:
    """Rows that come after the key, by a moment and the primary key, both falling."""
    if not after:
        return rows
    moment, _, key = after.rpartition("_")
    at = dt.datetime.fromtimestamp(int(moment) / 1_000_000, tz=dt.UTC)
    return rows.filter(Q(**{f"{moment_field}__lt": at}) | Q(**{moment_field: at, "pk__lt": int(key)}))


def _key(found: list[R], moment_field: str) -> str:
    """The key of the page's last row when there is a further one."""
    if len(found) <= SIZE:
        return ""
    last = found[SIZE - 1]
    return f"{round(getattr(last, moment_field).timestamp() * 1_000_000)}_{last.pk}"


def _cases() -> QuerySet[Case]:
    return Case.objects.select_related("child__identity", "summary").prefetch_related("tiers")


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
    """Referrals by the moment they were begun; the policies choose them, so a page is read with one more row."""
    rows = _referrals().order_by("-created_at", "-pk")
    found = list(_after(rows, after, "created_at")[: SIZE + 1])
    return found[:SIZE], _key(found, "created_at")


def referral_row(reference: str) -> Referral:
    return get_object_or_404(_referrals(), reference=reference)


def action_page(after: str) -> tuple[list[Action], str]:
    rows = _actions().order_by("-created_at", "-pk")
    found = list(_after(rows, after, "created_at")[: SIZE + 1])
    return found[:SIZE], _key(found, "created_at")


def action_row(reference: str) -> Action:
    return get_object_or_404(_actions(), reference=reference)
