"""A seat's own views of the list of cases."""

from __future__ import annotations

from mace.casework.models import SavedView


def saved_views() -> list[SavedView]:
    """By name; the database shows a seat its own."""
    return list(SavedView.objects.order_by("name", "pk"))
