"""What was taken away as a file, by whom and why; and, apart from that and for a day, the file itself."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from mace.access.models import Record
from mace.accounts.models import Membership
from mace.agencies.models import Partnership
from mace.core.protection import IDENTITY, MINE, NEVER, Protected, granted, mine
from mace.core.references import export_reference
from mace.exporting.enums import ExportFormat, ExportOf, ExportStatus
from mace.exporting.rules import REASON_MOST

ASKED = f"{mine('asked_principal')} and ({{table}}.record_id is null or {granted(scope=IDENTITY)})"
"""SQL: the seat asked for it, and still sees the case that it is of, if it is of one."""

STILL_AS_WIDE = (
    "not exists (select 1 from unnest({table}.records, {table}.scopes) w (id, scope) "  # noqa: S608 (constants)
    "where not exists (select 1 from access_grant g where g.record_id = w.id "
    f"and (g.principal + 0) = any {MINE} and g.scope >= w.scope offset 0))"
)
"""SQL: the seat still sees all that the file was made from, each at the scope it had then or a wider one."""


class Export(models.Model):
    """One thing asked for: a list, narrowed as ``chosen`` says, or the case ``record`` for a reader.

    Nobody but the seat that asked sees it. ``reader`` is none where it is for that seat itself; ``scope`` is the scope
    at which the reader held the case when the file was made. ``rows`` counts what is in the file.
    """

    reference = models.CharField(max_length=12, unique=True, default=export_reference)
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=9, choices=ExportOf.choices)
    chosen = models.JSONField(default=dict)
    format = models.CharField(max_length=4, choices=ExportFormat.choices)
    reason = models.CharField(max_length=REASON_MOST)
    record = models.ForeignKey(Record, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reader = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    scope = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=7, choices=ExportStatus.choices, default=ExportStatus.WAITING)
    problem = models.CharField(max_length=200, blank=True)
    asked_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    asked_principal = models.IntegerField()
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            Protected(name="export_asker", see=ASKED),
            models.CheckConstraint(
                condition=models.Q(what="case", record__isnull=False, format="pdf")
                | (
                    ~models.Q(what="case")
                    & models.Q(record__isnull=True, reader__isnull=True)
                    & ~models.Q(format="pdf")
                ),
                name="export_is_a_list_or_a_case",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["waiting", "failed"])
                | models.Q(ready_at__isnull=False, expires_at__gt=models.F("ready_at")),
                name="made_export_says_until_when",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="export_says_why"),
        ]
        indexes = [
            models.Index(fields=["asked_by", "-asked_at"], name="export_of_seat"),
            models.Index(
                fields=["expires_at"], condition=models.Q(status__in=["waiting", "ready"]), name="export_to_erase"
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class ExportFile(models.Model):
    """The bytes, until they expire. ``records`` are those that something of stands in them, beside each its scope."""

    export = models.OneToOneField(Export, primary_key=True, on_delete=models.PROTECT, related_name="file")
    asked_principal = models.IntegerField()
    records = ArrayField(models.BigIntegerField(), default=list)
    scopes = ArrayField(models.SmallIntegerField(), default=list)
    content = models.BinaryField()

    class Meta:
        constraints = [
            Protected(
                name="exportfile_asker",
                see=f"{mine('asked_principal')} and {STILL_AS_WIDE}",
                change=NEVER,
                add=f"{mine('asked_principal')} and {STILL_AS_WIDE}",
                history=False,
            )
        ]
