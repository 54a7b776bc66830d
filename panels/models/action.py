"""An action: one owner agency, a verb and an object, a due date. What is said of it is appended, never overwritten."""

from __future__ import annotations

from django.db import models

from mace.access.models import Record
from mace.accounts.models import Membership
from mace.agencies.models import Agency, Partnership
from mace.core.protection import FULL, Protected, granted, mine
from mace.core.references import action_reference
from panels.enums import ActionStatus, Strand
from panels.models.meeting import AgendaItem

OWN_OR_FULL = granted(scope=FULL, alternatives=f"{mine('owner_agency_principal')} or {mine('owner_principal')}")
FOR_OWNER_OR_FULL = granted(scope=FULL, alternatives=f"{mine('action_agency_principal')} or {mine('action_principal')}")
WHOSE_ACTION = "exists (select 1 from panels_action a where a.id = {table}.action_id offset 0)"
"""Whoever sees the action; the inner select is bound by the action's own policy."""


class Action(models.Model):
    """Below the record it serves (a case, a VOLT record or the meeting). Its owner sees it at any scope."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=12, unique=True, default=action_reference)
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey(AgendaItem, null=True, blank=True, on_delete=models.PROTECT, related_name="actions")
    strand = models.CharField(max_length=10, choices=Strand.choices)
    text = models.CharField(max_length=400)
    measure = models.CharField(max_length=300, blank=True)
    owner_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    owner_agency_principal = models.IntegerField()
    owner = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    owner_principal = models.IntegerField(null=True, blank=True)
    due_on = models.DateField()
    status = models.CharField(max_length=12, choices=ActionStatus.choices, default=ActionStatus.OPEN)
    created_at = models.DateTimeField()
    closed_on = models.DateField(null=True, blank=True)
    closing_note = models.CharField(max_length=1000, blank=True)
    operation = models.CharField(max_length=40, blank=True, default="", db_default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            Protected(name="action_owner_or_full", see=OWN_OR_FULL, add=granted(scope=FULL)),
            models.CheckConstraint(
                condition=models.Q(status="open", closed_on__isnull=True)
                | (~models.Q(status="open") & models.Q(closed_on__isnull=False)),
                name="closed_action_has_date",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=["not_possible", "not_acted"]) | ~models.Q(closing_note=""),
                name="undone_action_says_why",
            ),
            models.CheckConstraint(
                condition=models.Q(owner__isnull=True, owner_principal__isnull=True)
                | models.Q(owner__isnull=False, owner_principal__isnull=False),
                name="action_owner_has_principal",
            ),
            models.UniqueConstraint(
                fields=["record", "operation"], condition=~models.Q(operation=""), name="action_created_once"
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=models.Q(status="open"), name="action_open_due"),
            models.Index(fields=["owner_agency_principal", "due_on"], name="action_of_agency"),
            models.Index(fields=["record", "due_on"], name="action_of_record"),
        ]

    def __str__(self) -> str:
        return self.reference


class ActionUpdate(models.Model):
    """What an owner reported. Its agency reads it even after the case is no longer shared with it."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="updates", db_constraint=True)
    action_reference = models.CharField(max_length=12)
    action_agency_principal = models.IntegerField()
    action_principal = models.IntegerField(null=True)
    text = models.TextField()
    written_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    written_by_name = models.CharField(max_length=120)
    written_by_principal = models.IntegerField()
    written_by_agency_principal = models.IntegerField()
    written_at = models.DateTimeField()
    operation = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            Protected(
                name="actionupdate_own_or_full",
                see=f"{FOR_OWNER_OR_FULL} or {mine('written_by_principal', record='record_id')} "
                f"or {mine('written_by_agency_principal', record='record_id')}",
                change="false",
                add=FOR_OWNER_OR_FULL,
            ),
            models.UniqueConstraint(
                fields=["action", "operation"], condition=~models.Q(operation=""), name="action_reported_once"
            ),
        ]
        indexes = [models.Index(fields=["written_by_agency_principal", "-written_at"], name="actionupdate_of_agency")]
        ordering = ("written_at", "pk")


class Chaser(models.Model):
    """One step of the ladder taken for one action and due date; the constraint makes a second one impossible."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="chasers")
    step = models.CharField(max_length=20)
    due_on = models.DateField()
    chased_on = models.DateField()
    told = models.CharField(max_length=400)

    class Meta:
        constraints = [
            Protected(name="chaser_of_action", see=WHOSE_ACTION, add=granted(scope=FULL), change="false"),
            models.UniqueConstraint(fields=["action", "step", "due_on"], name="one_chaser_per_step_and_due_date"),
        ]
