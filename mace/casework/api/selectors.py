"""Rows for the API: the same visibility as the pages, fifty at a time.

A page raises ``ValueError`` for an ``after`` that no page before it gave.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, QuerySet
from django.db.models.functions import JSONObject
from django.shortcuts import get_object_or_404

from mace.access.models import Kind
from mace.access.selectors import sought_rows, visible_rows
from mace.casework.api.bodies import ActionLine, CaseLine, ReferralLine
from mace.core.seat import Seat
from mace.core.together import AsJson, OnPage, Values
from panels.models import Action
from panels.selectors.actions import newest_actions
from referrals.models import Case, Referral, TierPeriod
from referrals.selectors.referrals import newest_referrals

SIZE = 50


def _case_lines() -> QuerySet[Any, tuple[Any, ...]]:
    tiers = TierPeriod.objects.filter(case=OuterRef("pk")).order_by("from_on", "pk")
    return Case.objects.filter(OnPage("pk")).values_list(
        "pk",
        "reference",
        "opened_on",
        "closed_on",
        "child__reference",
        "child__identity__forename",
        "child__identity__surname",
        "child__identity__date_of_birth",
        "summary__primary_category",
        "summary__rating",
        "summary__rated_on",
        "summary__account",
        AsJson(ArraySubquery(tiers.values(row=JSONObject(tier="tier", from_on="from_on", to_on="to_on")))),
    )


def _referral_lines() -> QuerySet[Any, tuple[Any, ...]]:
    return Referral.objects.filter(OnPage("pk")).values_list(
        "pk",
        "reference",
        "status",
        "created_at",
        "submitted_on",
        "decided_on",
        "agency__name",
        "case__reference",
        "about",
        "became",
    )


def _action_lines() -> QuerySet[Any, tuple[Any, ...]]:
    return Action.objects.filter(OnPage("pk")).values_list(
        "pk",
        "record_id",
        "reference",
        "text",
        "measure",
        "status",
        "due_on",
        "closed_on",
        "owner_agency__name",
        "owner__user__name",
    )


_CASES, _REFERRALS, _ACTIONS = Values(_case_lines), Values(_referral_lines), Values(_action_lines)


def case_page(after: str) -> tuple[list[CaseLine], str]:
    rows, following = visible_rows(_CASES, Kind.CASE, after=after, size=SIZE)
    return [CaseLine(*row) for row in rows], following


def case_row(reference: str) -> Case:
    tiers = TierPeriod.objects.order_by("from_on", "pk")
    rows = Case.objects.select_related("child__identity", "summary")
    return get_object_or_404(rows.prefetch_related(Prefetch("tiers", queryset=tiers)), reference=reference)


def referral_page(after: str) -> tuple[list[ReferralLine], str]:
    rows, following = sought_rows(_REFERRALS, *newest_referrals(after=after, size=SIZE), size=SIZE)
    return [ReferralLine(*row) for row in rows], following


def referral_row(reference: str) -> Referral:
    return get_object_or_404(Referral.objects.select_related("agency", "case"), reference=reference)


def action_page(seat: Seat, after: str) -> tuple[list[ActionLine], str]:
    rows, following = sought_rows(_ACTIONS, *newest_actions(seat, after=after, size=SIZE), size=SIZE)
    return [ActionLine(*row) for row in rows], following


def action_row(reference: str) -> Action:
    return get_object_or_404(Action.objects.select_related("owner_agency", "owner__user"), reference=reference)
