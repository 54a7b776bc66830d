"""Keeping a view of the list of cases, and dropping it. Nothing of it concerns anybody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from mace.access.policy import Capability, require
from mace.casework.models import SavedView
from mace.casework.rules import SAVED_VIEWS_AT_MOST
from mace.core.errors import RuleBroken
from mace.core.seat import Seat


@transaction.atomic
def save_view(*, name: str, chosen: Mapping[str, str | Sequence[str]], by: Seat) -> SavedView:
    """Keep what a list shows under a name of the seat's own; the view of that name is replaced.

    Raises ``RuleBroken`` when nothing is chosen, and beyond ``SAVED_VIEWS_AT_MOST``.
    """
    require(by, Capability.READ_CASES)
    if not chosen:
        raise RuleBroken("Narrow the list or choose columns first, then save the view")
    mine = SavedView.objects.filter(membership_id=by.membership_id)
    if not mine.filter(name=name).exists() and mine.count() >= SAVED_VIEWS_AT_MOST:
        raise RuleBroken(f"You have {SAVED_VIEWS_AT_MOST} views. Remove one first", field="name")
    view, _ = SavedView.objects.update_or_create(
        membership_id=by.membership_id, name=name, defaults={"chosen": dict(chosen)}
    )
    return view


def remove_view(*, reference: str, by: Seat) -> str | None:
    """Drop the view of the seat's own with that reference; answers its name, or none where there is no such view."""
    require(by, Capability.READ_CASES)
    view = SavedView.objects.filter(membership_id=by.membership_id, reference=reference).first()
    if view is None:
        return None
    view.delete()
    return view.name
