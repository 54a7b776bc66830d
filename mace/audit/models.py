"""What was changed and what was read: by whom, in which seat, when and why.

Plain ids, no foreign keys: the record outlives what it speaks of, and this app knows none of the others. Both are
written by the database (``audit_track_change``) or added to only; nobody on the web or in the worker can alter them.
"""

from __future__ import annotations

from django.db import models

from mace.core.protection import Closed, Protected, mine


class Change(models.Model):
    """One row changed: old and new values of the columns that changed."""

    at = models.DateTimeField()
    membership_id = models.BigIntegerField(null=True)
    database_role = models.CharField(max_length=63)
    table_name = models.CharField(max_length=63)
    row_key = models.CharField(max_length=64)
    operation = models.CharField(max_length=6)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [Closed(name="change_closed", reason="history holds content of every scope; written by triggers")]
        indexes = [models.Index(fields=["table_name", "row_key", "id"], name="change_of_row")]


class ReadEntry(models.Model):
    """One answer that showed content, or one refusal. ``reference`` is what was asked for, hidden or absent alike."""

    at = models.DateTimeField(auto_now_add=True)
    membership_id = models.BigIntegerField()
    principal = models.IntegerField()
    action = models.CharField(max_length=40)
    record_id = models.BigIntegerField(null=True)
    reference = models.CharField(max_length=40, blank=True)
    rows = models.IntegerField(default=1)
    refused = models.BooleanField(default=False)

    class Meta:
        constraints = [
            Protected(
                name="readentry_own",
                see=mine("principal"),
                change="false",
                add=mine("principal"),
                history=False,
            )
        ]
        indexes = [
            models.Index(fields=["record_id", "at"], name="read_of_record"),
            models.Index(fields=["membership_id", "at"], name="read_by_seat"),
        ]
