"""A seat's own views of the list of cases."""

from __future__ import annotations

from mace.casework.models import SavedView
from mace.core.seat import Seat


def views_of(seat: Seat) -> list[SavedView]:
    """By name."""
    return list(SavedView.objects.filter(membership_id=seat.membership_id).order_by("name", "pk"))
