"""Where a child lives and lived, further numbers, and which authorities answer for the child."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from mace.agencies.models import PartnershipArea
from mace.core.together import told
from referrals.models import ChildAddress, ChildAuthority, ChildNumber


def where_parts() -> dict[str, QuerySet[Any]]:
    """For ``Together``; the case's key is told as ``record``. The present first, then the latest.

    Each authority carries ``here``: whether the home authority is one of the case's partnership, or that is not known.
    """
    case = told("record")
    areas = PartnershipArea.objects.filter(partnership_id=OuterRef("record__partnership_id"))
    return {
        "addresses": ChildAddress.objects.filter(child__cases__pk=case)
        .select_related("written_by__user")
        .order_by(F("to_on").desc(nulls_first=True), F("from_on").desc(nulls_last=True), "-pk"),
        "numbers": ChildNumber.objects.filter(child__cases__pk=case)
        .select_related("agency")
        .order_by("agency__name", "pk"),
        "authorities": ChildAuthority.objects.filter(child__cases__pk=case)
        .select_related("home", "placing", "written_by__user")
        .annotate(
            here=Exists(areas.filter(local_authority_id=OuterRef("home_id"))),
            areas_known=Exists(areas),
        )
        .order_by(F("to_on").desc(nulls_first=True), "-from_on", "-pk"),
    }


def home_not_told(authority: ChildAuthority) -> bool:
    """Whether the home authority is another than this partnership's and nobody has said that it was told."""
    elsewhere = authority.placing_id is not None or (authority.areas_known and not authority.here)  # type: ignore[attr-defined]
    return elsewhere and authority.to_on is None and authority.told_on is None
