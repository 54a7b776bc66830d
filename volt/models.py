"""VOLT beside the victim: persons of concern, locations and themes, and the links that join them to cases."""

from __future__ import annotations

from django.db import models

from mace.access.models import Record
from mace.accounts.models import Membership
from mace.agencies.models import Partnership
from mace.core.protection import FULL, Protected, granted
from mace.core.references import volt_reference
from referrals.models import Child
from volt.enums import Assessment, Basis, Handling, Horizon, LinkKind, SourceGrade


class VoltRecord(models.Model):
    """What the three have in common."""

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=12, unique=True, default=volt_reference)
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    handling = models.CharField(max_length=1, choices=Handling.choices, default=Handling.MAY_SHARE)
    version = models.PositiveIntegerField(default=1)
    operation = models.CharField(
        max_length=40, blank=True, db_default="", default="", help_text="Lets a form sent twice make one record."
    )

    class Meta:
        abstract = True


class PersonOfConcern(VoltRecord):
    """``child`` is set when the person is a child known here too: then shown and discussed as a victim first."""

    name = models.CharField(max_length=120)
    aliases = models.CharField(max_length=200, blank=True)
    approximate_age = models.CharField(max_length=40, blank=True)
    description = models.TextField(blank=True)
    name_key = models.CharField(max_length=130)
    child = models.ForeignKey(Child, null=True, blank=True, on_delete=models.PROTECT, related_name="also_of_concern")

    class Meta:
        verbose_name_plural = "persons of concern"
        constraints = [
            Protected(name="personofconcern_full", see=granted(scope=FULL)),
            models.UniqueConstraint(
                fields=["created_by", "operation"],
                condition=~models.Q(operation=""),
                name="personofconcern_once_per_form",
            ),
        ]


class Location(VoltRecord):
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=300, blank=True)
    harms = models.TextField(blank=True, help_text="Harms seen there, not activity.")
    name_key = models.CharField(max_length=130)

    class Meta:
        constraints = [
            Protected(name="location_full", see=granted(scope=FULL)),
            models.UniqueConstraint(
                fields=["created_by", "operation"], condition=~models.Q(operation=""), name="location_once_per_form"
            ),
        ]


class Theme(VoltRecord):
    name = models.CharField(max_length=120)
    horizon = models.CharField(max_length=6, choices=Horizon.choices, default=Horizon.SHORT)
    evidence = models.TextField(blank=True)
    name_key = models.CharField(max_length=130)

    class Meta:
        constraints = [
            Protected(name="theme_full", see=granted(scope=FULL)),
            models.UniqueConstraint(
                fields=["created_by", "operation"], condition=~models.Q(operation=""), name="theme_once_per_form"
            ),
        ]


MAY_BE_TOLD = (
    "({table}.handling = 'P' or coalesce((select mace_role()) not in ('agency_lead', 'agency_member'), false))"
)
"""SQL: what may be shared only with conditions stays with the team, the coordinators and the chairs."""


class Link(models.Model):
    """Two records joined, and who says so. Seen by a seat that sees both ends in full and whom its handling allows."""

    a = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    b = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=LinkKind.choices)
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=200)
    source_grade = models.CharField(max_length=1, choices=SourceGrade.choices)
    assessment = models.CharField(max_length=1, choices=Assessment.choices)
    handling = models.CharField(max_length=1, choices=Handling.choices)
    basis = models.CharField(max_length=12, choices=Basis.choices)
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            Protected(
                name="link_both_ends",
                see=f"{MAY_BE_TOLD} and {granted('a_id', scope=FULL)} and {granted('b_id', scope=FULL)}",
            ),
            models.CheckConstraint(condition=~models.Q(source=""), name="link_has_source"),
            models.CheckConstraint(condition=~models.Q(a=models.F("b")), name="link_joins_two"),
            models.UniqueConstraint(fields=["a", "b", "kind"], name="link_once_per_kind"),
        ]
        indexes = [models.Index(fields=["b", "a"], name="link_back")]
