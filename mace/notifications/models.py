"""Messages to seats: always in the inbox, by mail as well. They carry a reference and a link, never a name."""

from __future__ import annotations

import uuid

from django.db import models

from mace.accounts.models import Membership
from mace.core.protection import Protected, mine
from mace.core.references import message_reference


class Message(models.Model):
    """One message to one seat. ``dedupe_key`` makes a second one for the same reason impossible.

    The primary key is made here and not by the database, because the sender may not read the row it adds.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=12, unique=True, default=message_reference)
    partnership_principal = models.IntegerField()
    recipient = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    recipient_principal = models.IntegerField()
    about = models.BigIntegerField(
        null=True, editable=False, help_text="The record it speaks of: who is barred from that is told nothing."
    )
    subject = models.CharField(max_length=120)
    text = models.CharField(max_length=400)
    path = models.CharField(max_length=200)
    dedupe_key = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            Protected(
                name="message_mine",
                see=f"({mine('recipient_principal')} "
                "and ({table}.about is null or not access_shut({table}.about))) "
                f"or ({mine('partnership_principal')} and (select mace_role()) = 'system' "
                "and ({table}.about is null or access_may_be_told({table}.recipient_id, {table}.about)))",
                add="mace_seat() is not null",
            )
        ]
        indexes = [
            models.Index(fields=["recipient_principal", "-created_at"], name="message_inbox"),
            models.Index(fields=["created_at"], condition=models.Q(mailed_at__isnull=True), name="message_unsent"),
        ]
