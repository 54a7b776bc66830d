"""What people keep for themselves, their own views of lists; and that sharing was looked at again at 18."""

from __future__ import annotations

from django.db import models

from mace.access.models import FULL_BUT_FOR_AGENCIES, Record
from mace.accounts.models import Membership
from mace.core.protection import FULL, NEVER, Protected, granted
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


class SharingLookedAt(models.Model):
    """That every sharing decision in force on a case was looked at again, and why each goes on or what was changed.

    One that is dated on or after the 18th birthday settles what was decided before it; that it waits stands nowhere.
    ``operation`` is what the page sent it with, once for a seat.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    looked_on = models.DateField()
    words = models.CharField(max_length=2000)
    by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    operation = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            Protected(
                name="sharinglookedat_decider",
                see=granted(scope=FULL_BUT_FOR_AGENCIES),
                add=granted(scope=FULL),
                change=NEVER,
            ),
            models.UniqueConstraint(
                fields=["record", "by", "operation"], condition=~models.Q(operation=""), name="sharing_looked_at_once"
            ),
            models.CheckConstraint(condition=~models.Q(words=""), name="sharing_looked_at_has_words"),
        ]
        indexes = [models.Index(fields=["record", "-looked_on"], name="sharing_looked_at_latest")]
