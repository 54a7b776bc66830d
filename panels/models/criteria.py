"""The criteria for escalation, as they are answered while a meeting speaks of a case."""

from __future__ import annotations

from django.db import models

from mace.access.models import Record
from mace.accounts.models import Membership
from mace.core.protection import Protected, granted
from panels.models.meeting import AgendaItem


class ItemCriteria(models.Model):
    """Answers to the escalation criteria on one item, until the chair approves the minutes and they become the case's.

    ``answers``: criterion to ``[answer, evidence]``. They are seen by whoever holds the item in full.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    item = models.OneToOneField(AgendaItem, on_delete=models.PROTECT, related_name="criteria")
    answers = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "item criteria"
        constraints = [Protected(name="itemcriteria_full", see=granted())]
