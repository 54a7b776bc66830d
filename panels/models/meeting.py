"""A meeting and its agenda items. Each item has a record of its own, because agencies are invited item by item."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from mace.access.models import Disclosure, Record, Scope
from mace.accounts.models import Membership
from mace.agencies.models import Agency, Partnership
from mace.core.protection import FULL, IDENTITY, MINE, SUMMARY, Protected, granted, mine
from mace.core.references import document_reference, item_reference, meeting_reference
from panels.enums import Decision, DocumentStatus, ItemKind, MeetingStatus, Presence, Strand
from panels.models.panel import Panel
from referrals.enums import Rating


class Meeting(models.Model):
    """When and where a panel meets and how far it has come; its record is granted to those invited."""

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=12, unique=True, default=meeting_reference)
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="meetings")
    starts_at = models.DateTimeField()
    held_on = models.DateField(help_text="The date in Europe/London.")
    place = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=12, choices=MeetingStatus.choices, default=MeetingStatus.PLANNED)
    statement_read = models.BooleanField(default=False)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            Protected(name="meeting_granted", see=granted(scope=IDENTITY), change=granted(scope=FULL)),
            models.CheckConstraint(
                condition=~models.Q(status__in=["approved", "closed"])
                | models.Q(approved_at__isnull=False, approved_by__isnull=False),
                name="approved_minutes_name_the_chair",
            ),
        ]
        indexes = [models.Index(fields=["panel", "-held_on"], name="meeting_of_panel")]

    def __str__(self) -> str:
        return self.reference


class AgendaItem(models.Model):
    """One item. ``subject`` is the record it speaks of: a case, or a person of concern, a location or a theme."""

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=12, unique=True, default=item_reference)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    strand = models.CharField(max_length=10, choices=Strand.choices)
    kind = models.CharField(max_length=8, choices=ItemKind.choices, default=ItemKind.NEW)
    subject = models.ForeignKey(Record, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120, blank=True, help_text="Of a standing item; never a name.")
    position = models.PositiveSmallIntegerField()
    minutes_allowed = models.PositiveSmallIntegerField(default=10)
    review = models.ForeignKey(
        "referrals.Review", null=True, blank=True, on_delete=models.PROTECT, related_name="items"
    )

    class Meta:
        constraints = [
            Protected(
                name="agendaitem_granted",
                see=granted(scope=IDENTITY),
                change=granted(scope=FULL),
                remove=granted(scope=FULL),
            ),
            models.CheckConstraint(
                condition=models.Q(strand="standing", subject__isnull=True) | models.Q(subject__isnull=False),
                name="item_has_subject_unless_standing",
            ),
            models.CheckConstraint(condition=models.Q(minutes_allowed__gt=0), name="item_has_minutes"),
            models.UniqueConstraint(
                fields=["meeting", "subject"],
                condition=models.Q(subject__isnull=False),
                name="subject_once_per_meeting",
            ),
        ]
        ordering = ("position", "pk")


class ItemInvitation(models.Model):
    """An agency invited for one item, and the sharing decision that this made."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="invitations")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    agency_principal = models.IntegerField()
    scope = models.SmallIntegerField(choices=Scope.choices)
    disclosure = models.ForeignKey(Disclosure, null=True, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()

    class Meta:
        constraints = [
            Protected(
                name="iteminvitation_own_line",
                see=granted(scope=FULL, alternatives=mine("agency_principal")),
                change=granted(scope=FULL),
                remove=granted(scope=FULL),
            ),
            models.UniqueConstraint(fields=["item", "agency"], name="agency_invited_once_per_item"),
        ]


class Attendance(models.Model):
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendances")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    presence = models.CharField(max_length=10, choices=Presence.choices)
    who = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            Protected(name="attendance_granted", see=granted(scope=IDENTITY), change=granted(scope=FULL)),
            models.UniqueConstraint(fields=["meeting", "agency"], name="agency_attends_once"),
        ]


MINUTES_ARE_OUT = (
    "((select mace_role()) in ('coordinator', 'chair', 'minute_taker', 'system') or exists ("
    "select 1 from panels_agendaitem i join panels_meeting m on m.record_id = i.meeting_id "
    "where i.record_id = {table}.item_id and m.status in ('approved', 'closed')))"
)
"""SQL: a draft is for those who write it; everybody else reads minutes once the chair has approved them."""


class Minute(models.Model):
    """What was said and decided on one item. Fixed by a trigger once the meeting's minutes are approved."""

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    item = models.OneToOneField(AgendaItem, on_delete=models.PROTECT, related_name="minute")
    discussion = models.TextField(blank=True)
    rationale = models.TextField(blank=True, help_text="Why it was right to share this.")
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decision_reason = models.TextField(blank=True)
    rating = models.CharField(max_length=12, choices=Rating.choices, blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    operation = models.CharField(max_length=40, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            Protected(
                name="minute_shared",
                see=f"{granted(scope=SUMMARY)} and {MINUTES_ARE_OUT}",
                change=granted(scope=FULL),
            ),
            models.CheckConstraint(
                condition=models.Q(decision="") | ~models.Q(rationale=""), name="decided_minute_has_rationale"
            ),
        ]


STILL_AS_WIDE = (
    "not exists (select 1 from unnest({table}.read_records, {table}.read_scopes) w (id, scope) "  # noqa: S608 (constants)
    "where not exists (select 1 from access_grant g where g.record_id = w.id "
    f"and (g.principal + 0) = any {MINE} and g.scope >= w.scope offset 0))"
)
"""SQL: the seat still sees all that a document was made from, each at the scope it had then or a wider one."""


class MinutesDocument(models.Model):
    """Minutes as one seat may see them, rendered in the worker acting for that seat.

    Shown to that seat only, and only while it may see what stands in it: ``read_records`` are the items and what they
    speak of, ``read_scopes`` beside them the scope at which the seat held each when the document was made.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=12, unique=True, default=document_reference)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="documents")
    requested_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    requested_principal = models.IntegerField()
    requested_at = models.DateTimeField()
    status = models.CharField(max_length=6, choices=DocumentStatus.choices, default=DocumentStatus.QUEUED)
    item_records = ArrayField(models.BigIntegerField(), default=list)
    read_records = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    read_scopes = ArrayField(models.SmallIntegerField(), default=list, db_default=[])
    content = models.BinaryField(null=True)
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            Protected(
                name="minutesdocument_requester",
                see=f"{mine('requested_principal')} and {granted(scope=IDENTITY)} and {STILL_AS_WIDE}",
                history=False,
            ),
            models.CheckConstraint(
                condition=~models.Q(status="ready") | models.Q(content__isnull=False), name="ready_document_has_content"
            ),
        ]
