"""Records and grants: what both locks read.

A principal is an agency, a whole partnership, a team, a panel or one membership; a seat resolves to an array of them
(the SQL function ``mace_principals``).
"""

from __future__ import annotations

from django.db import models
from guardian.models import UserObjectPermissionBase

from mace.accounts.models import Membership, User
from mace.agencies.models import Agency, Partnership
from mace.core.protection import FULL, IDENTITY, SUMMARY, Protected, granted, mine


class Scope(models.IntegerChoices):
    IDENTITY = IDENTITY, "Identity"
    SUMMARY = SUMMARY, "Summary"
    FULL = FULL, "Full"


class Kind(models.TextChoices):
    """A referral's record becomes a case's when a case is opened on it (a trigger on ``referrals_case`` sees to it)."""

    CHILD = "child", "Child"
    REFERRAL = "referral", "Referral"
    CASE = "case", "Case"
    MEETING = "meeting", "Meeting"
    ITEM = "item", "Agenda item"
    PERSON = "person", "Person of concern"
    LOCATION = "location", "Location"
    THEME = "theme", "Theme"


class LawfulBasis(models.TextChoices):
    """Partners are advised to rely on legal obligation and public task, not on consent."""

    PUBLIC_TASK = "public_task", "Public task: safeguarding duties (Children Act 2004, sections 10 and 11)"
    LEGAL_OBLIGATION = "legal_obligation", "Legal obligation"
    CRIME = "crime", "Prevention or detection of crime (Crime and Disorder Act 1998, section 115)"
    VITAL = "vital", "Vital interests: risk of serious harm"


class Record(models.Model):
    """The parent whose key a child, referral or case, meeting, agenda item and VOLT record share.

    ``about`` is the child whom the record concerns: a grant here gives the same scope on the child (kept by a trigger).
    ``within`` is the record that contains it: withdrawing from the container withdraws here too.
    Rows are made by ``access_open_record`` only.
    """

    kind = models.CharField(max_length=10, choices=Kind.choices)
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    about = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    within = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    restricted = models.BooleanField(default=False)
    sort_at = models.DateTimeField()

    class Meta:
        constraints = [
            Protected(name="record_granted", see=granted("id", scope=IDENTITY), add="false", change="false"),
        ]


class Grant(models.Model):
    """What is in force: a principal may see a record at a scope. Only the functions ``access_…`` change it."""

    pk = models.CompositePrimaryKey("record", "principal")
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="grants")
    principal = models.IntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    scope = models.SmallIntegerField(choices=Scope.choices)
    sort_at = models.DateTimeField()

    class Meta:
        constraints = [
            Protected(name="grant_mine", see=mine("principal"), add="false", change="false"),
            models.CheckConstraint(condition=models.Q(scope__in=[1, 2, 3]), name="grant_scope_known"),
        ]
        indexes = [
            models.Index(
                models.F("principal"),
                models.F("kind"),
                models.F("sort_at").desc(),
                models.F("record_id").desc(),
                name="grant_seek",
            )
        ]


class Disclosure(models.Model):
    """A sharing decision: what, with which agency, at what scope, why, on what basis, by whom, from when until when."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="disclosures")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    agency_principal = models.IntegerField()
    scope = models.SmallIntegerField(choices=Scope.choices)
    purpose = models.CharField(max_length=400)
    lawful_basis = models.CharField(max_length=20, choices=LawfulBasis.choices)
    necessity = models.CharField(max_length=400)
    told = models.BooleanField(default=False)
    told_reason = models.CharField(max_length=400, blank=True)
    decided_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_on = models.DateField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            Protected(
                name="disclosure_own_line",
                see=granted(scope=FULL, alternatives=mine("agency_principal")),
                add=granted(scope=FULL),
                change=granted(scope=FULL),
            ),
            models.CheckConstraint(
                condition=~models.Q(purpose="") & ~models.Q(necessity=""), name="disclosure_says_why"
            ),
            models.CheckConstraint(
                condition=models.Q(told=True) | ~models.Q(told_reason=""), name="disclosure_untold_has_reason"
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at__isnull=True) | ~models.Q(withdrawn_reason=""),
                name="disclosure_withdrawal_has_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["record", "agency"], condition=models.Q(withdrawn_at__isnull=True), name="disclosure_in_force"
            )
        ]


class NamedPerson(UserObjectPermissionBase):
    """django-guardian's record of a person named on a record; the seat's grant is written by the same service."""

    content_object = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="named_people")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(UserObjectPermissionBase.Meta):
        constraints = [
            Protected(
                name="namedperson_granted",
                see=granted("content_object_id", scope=IDENTITY),
                remove=granted("content_object_id", scope=IDENTITY),
            )
        ]
