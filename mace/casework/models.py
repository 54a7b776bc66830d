"""What people keep for themselves: their own views of lists."""

from __future__ import annotations

from django.db import models

from mace.accounts.models import Membership
from mace.core.protection import Protected
from mace.core.references import view_reference

MINE = "{table}.membership_id = (select mace_seat())"


class SavedView(models.Model):
    """By what a seat narrows the list of cases, and its columns. ``chosen``: as the address of the list says it."""

    reference = models.CharField(max_length=12, unique=True, default=view_reference)
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    chosen = models.JSONField(default=dict)

    class Meta:
        constraints = [
            Protected(name="savedview_mine", see=MINE, remove=MINE),
            models.UniqueConstraint(fields=["membership", "name"], name="saved_view_named_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="saved_view_has_a_name"),
        ]
