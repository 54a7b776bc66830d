"""A spreadsheet on its way in: the file, what its columns hold, what rows became, where values came from."""

from __future__ import annotations

from django.db import models
from django.db.models.expressions import RawSQL

from mace.access.models import Record
from mace.accounts.models import Membership
from mace.agencies.models import Partnership
from mace.core.protection import FULL, NEVER, Protected, granted
from mace.core.references import import_reference
from mace.importing.enums import ImportStatus, RowOutcome

HERE = (
    "{table}.partnership_id = (select m.partnership_id from accounts_membership m where m.id = (select mace_seat()) "
    "and m.role in ('coordinator', 'system'))"
)
"""SQL: the row belongs to the partnership that the seat coordinates."""


class Import(models.Model):
    """One file. ``content`` is there until it is imported or left; ``plan`` says how it is read.

    ``outline`` shows the first rows of each sheet, ``decisions`` are those about single cells and people, ``found`` is
    what the last check counted and doubted. What is of the file's content goes when the content goes.
    """

    reference = models.CharField(max_length=12, unique=True, default=import_reference)
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    content = models.BinaryField(null=True)
    plan = models.JSONField(default=dict)
    outline = models.JSONField(default=list)
    decisions = models.JSONField(default=dict)
    found = models.JSONField(default=dict)
    status = models.CharField(max_length=9, choices=ImportStatus.choices, default=ImportStatus.PLANNING)
    rows_done = models.PositiveIntegerField(default=0)
    rows_all = models.PositiveIntegerField(default=0)
    brought_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    brought_at = models.DateTimeField()
    imported_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undone_reason = models.CharField(max_length=400, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            Protected(name="import_coordinators", see=HERE, history=False),
            models.CheckConstraint(
                condition=~models.Q(status__in=["planning", "checking", "checked", "importing"])
                | models.Q(content__isnull=False),
                name="import_under_way_has_content",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=["imported", "undone", "left"]) | models.Q(content__isnull=True),
                name="ended_import_keeps_no_content",
            ),
            models.CheckConstraint(
                condition=models.Q(undone_at__isnull=True, undone_by__isnull=True)
                | (models.Q(undone_at__isnull=False, undone_by__isnull=False) & ~models.Q(undone_reason="")),
                name="undone_import_says_who_and_why",
            ),
        ]
        indexes = [models.Index(fields=["partnership", "-brought_at"], name="import_latest")]

    def __str__(self) -> str:
        return self.reference


class ImportedRow(models.Model):
    """What became of one row. ``record``: the case's or the place's; ``referral``: the referral's own, if it made one.

    ``made_child`` and ``made_case``: whether this row made them. What changed after ``wrote_at`` was not the import.
    """

    file = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="rows")
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    sheet = models.CharField(max_length=120)
    row = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8, choices=RowOutcome.choices)
    record = models.ForeignKey(Record, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    referral = models.ForeignKey(Record, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    child = models.ForeignKey(Record, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    made_case = models.BooleanField(default=False)
    made_child = models.BooleanField(default=False)
    words = models.CharField(max_length=400, blank=True)
    done_at = models.DateTimeField()
    wrote_at = models.DateTimeField(db_default=RawSQL("clock_timestamp()", ()), editable=False)

    class Meta:
        constraints = [
            Protected(
                name="importedrow_coordinators",
                see=f"{HERE} and not access_shut({{table}}.record_id)",
                change=NEVER,
                add=HERE,
            ),
            models.UniqueConstraint(fields=["file", "sheet", "row"], name="row_imported_once"),
            models.CheckConstraint(
                condition=models.Q(outcome="left_out", record__isnull=True)
                | models.Q(outcome="place", record__isnull=False)
                | models.Q(outcome__in=["opened", "added"], record__isnull=False, child__isnull=False),
                name="imported_row_has_its_case",
            ),
        ]
        indexes = [models.Index(fields=["record"], name="importedrow_record")]


class ImportedCell(models.Model):
    """Where something on a case came from: file, sheet, cell, and what stood there, word for word.

    ``field`` is empty for what was kept as text because no field holds it or nobody could say what it means.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    sheet = models.CharField(max_length=120)
    row = models.PositiveIntegerField()
    cell = models.CharField(max_length=10)
    heading = models.CharField(max_length=200, blank=True)
    field = models.CharField(max_length=30, blank=True)
    text = models.TextField()

    class Meta:
        constraints = [
            Protected(
                name="importedcell_full",
                see=granted(scope=FULL),
                change=NEVER,
                add=granted(scope=FULL),
                history=False,
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="imported_cell_says_something"),
        ]
        indexes = [models.Index(fields=["record", "id"], name="importedcell_record")]


class Spelling(models.Model):
    """What a partnership decided that a way of writing means: `mod` is *moderate*. Without code it is kept as text."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    field = models.CharField(max_length=30)
    written = models.CharField(max_length=120)
    code = models.CharField(max_length=30, blank=True)

    class Meta:
        constraints = [
            Protected(name="spelling_coordinators", see=HERE),
            models.UniqueConstraint(fields=["partnership", "field", "written"], name="spelling_means_one_thing"),
        ]
