"""A file beside a referral or case. Its bytes lie in the vault (``mace.attachments.vault``); here is what it is."""

from __future__ import annotations

from django.db import models

from mace.access.models import Record
from mace.accounts.models import Membership
from mace.agencies.models import Partnership
from mace.attachments.enums import AttachmentKind, FileType, Scan
from mace.attachments.rules import LARGEST
from mace.core.protection import FULL, Protected, granted, mine
from mace.core.references import attachment_reference

READS_ONLY = "(select mace_role()) in ('auditor', 'analyst', 'analyst_identifiable', 'ig', 'admin')"
"""SQL: seats that read for an audit, a study or a review change nothing."""
IN_AN_EMERGENCY = "(g.with_plan and referrals_is_last_plan_file({table}.record_id, {table}.id))"
"""SQL: emergency access to a closed case gives the file of the last safety plan. The function is that app’s own."""
FULL_AND_WRITES = f"{granted(scope=FULL)} and not {READS_ONLY}"


class Attachment(models.Model):
    """``file`` is the id under which the vault keeps the bytes, ``type`` what they were found to be.

    ``name`` is what the file was called where it came from; it stands nowhere else. A file that is removed leaves this
    row, and its bytes go. ``partnership`` is the record's. ``operation`` lets a form that is sent twice add one file.
    """

    reference = models.CharField(max_length=12, unique=True, default=attachment_reference)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    file = models.UUIDField(unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=AttachmentKind.choices)
    title = models.CharField(max_length=120)
    name = models.CharField(max_length=200, blank=True)
    type = models.CharField(max_length=4, choices=FileType.choices)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    added_by_principal = models.IntegerField()
    added_at = models.DateTimeField()
    scan = models.CharField(max_length=11, choices=Scan.choices)
    scanned_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    removed_reason = models.CharField(max_length=400, blank=True)
    operation = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            Protected(
                name="attachment_full",
                see=f"{granted(alternatives=IN_AN_EMERGENCY)} or {mine('added_by_principal', record='record_id')}",
                change=FULL_AND_WRITES,
            ),
            models.CheckConstraint(
                condition=models.Q(size__gte=1, size__lte=LARGEST), name="attachment_is_not_empty_nor_too_large"
            ),
            models.CheckConstraint(
                condition=models.Q(removed_at__isnull=True, removed_by__isnull=True, removed_reason="")
                | (models.Q(removed_at__isnull=False, removed_by__isnull=False) & ~models.Q(removed_reason="")),
                name="removed_attachment_says_who_and_why",
            ),
            models.CheckConstraint(
                condition=~models.Q(scan="infected") | models.Q(removed_at__isnull=False),
                name="infected_attachment_is_removed",
            ),
            models.UniqueConstraint(
                fields=["record", "operation"], condition=~models.Q(operation=""), name="attachment_added_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["partnership", "scanned_at"],
                condition=models.Q(removed_at__isnull=True, scan__in=["waiting", "not_scanned", "failed"]),
                name="attachment_to_scan",
            )
        ]

    def __str__(self) -> str:
        return self.reference
