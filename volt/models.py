"""VOLT beside the victim: persons of concern, locations, peer groups and themes, and the links that join them to cases.

Each has a row for scope *identity* (reference, kind, name), and what more there is to say stands in a table of its own:
an account at *summary*, what a theme rests on, and links, at *full*.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from mace.access.models import Record
from mace.accounts.models import Membership
from mace.agencies.models import Partnership
from mace.core.protection import FOR_THE_SEAT, FULL, IDENTITY, SUMMARY, Protected, granted
from mace.core.references import volt_reference
from referrals.models import Child
from volt.enums import Assessment, Basis, Handling, Horizon, LinkKind, SourceGrade

MAY_BE_TOLD = (
    "({table}.handling = 'P' or coalesce((select mace_role()) not in ('agency_lead', 'agency_member'), false) "
    f"or {{table}}.handling = 'T') and {FOR_THE_SEAT}"
)
"""SQL: what may be shared only with conditions stays with the team, the coordinators and the chairs."""


def tight_has_wording(name: str) -> models.CheckConstraint:
    """What the lead professional may not see comes with what may be said instead."""
    return models.CheckConstraint(condition=~Q(handling=Handling.POLICE) | Q(wording__isnull=False), name=name)


class Wording(models.Model):
    """What may be said of an entry that is for the police and coordinators only, or why nothing may be said.

    Those who hold the record see it in the entry's place; of a link (``other`` is its far end), those who hold both
    ends in full. In a table of its own, so that the database can tell the two apart.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Record, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=12, blank=True, help_text="Of the record; a link has none.")
    words = models.CharField(max_length=1000, blank=True)
    none_because = models.CharField(max_length=400, blank=True)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            Protected(
                name="wording_in_its_place",
                see=f"({{table}}.other_id is null and {granted(scope=IDENTITY)}) "
                f"or ({{table}}.other_id is not null and {granted(scope=FULL)} and {granted('other_id', scope=FULL)})",
                add=granted(scope=FULL),
                change=granted(scope=FULL),
            ),
            models.CheckConstraint(
                condition=(Q(words="") & ~Q(none_because="")) | (~Q(words="") & Q(none_because="")),
                name="wording_or_why_there_is_none",
            ),
            models.CheckConstraint(
                condition=Q(other__isnull=True) & ~Q(reference="") | Q(other__isnull=False, reference=""),
                name="wording_names_record_or_link",
            ),
        ]
        indexes = [
            models.Index(fields=["reference"], name="wording_by_reference"),
            models.Index(fields=["other"], name="wording_of_far_end"),
        ]


SEEN_BY_NAME = f"{FOR_THE_SEAT} and {granted(scope=IDENTITY)}"
CHANGED_BY_WHO_SEES = f"{FOR_THE_SEAT} and {granted(scope=FULL)}"


class VoltRecord(models.Model):
    """What the four have in common."""

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=12, unique=True, default=volt_reference)
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    handling = models.CharField(max_length=1, choices=Handling.choices, default=Handling.MAY_SHARE)
    wording = models.OneToOneField(Wording, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    operation = models.CharField(
        max_length=40, blank=True, db_default="", default="", help_text="Lets a form sent twice make one record."
    )

    class Meta:
        abstract = True


class PersonOfConcern(VoltRecord):
    """``child`` is set when the person is a child known here too: then shown and discussed as a victim first."""

    name = models.CharField(max_length=120)
    name_key = models.CharField(max_length=130)
    child = models.ForeignKey(Child, null=True, blank=True, on_delete=models.PROTECT, related_name="also_of_concern")

    class Meta:
        verbose_name_plural = "persons of concern"
        constraints = [
            Protected(name="personofconcern_granted", see=SEEN_BY_NAME, change=CHANGED_BY_WHO_SEES),
            tight_has_wording("personofconcern_tight_has_wording"),
            models.UniqueConstraint(
                fields=["created_by", "operation"],
                condition=~models.Q(operation=""),
                name="personofconcern_once_per_form",
            ),
        ]


class Location(VoltRecord):
    name = models.CharField(max_length=120)
    name_key = models.CharField(max_length=130)

    class Meta:
        constraints = [
            Protected(name="location_granted", see=SEEN_BY_NAME, change=CHANGED_BY_WHO_SEES),
            tight_has_wording("location_tight_has_wording"),
            models.UniqueConstraint(
                fields=["created_by", "operation"], condition=~models.Q(operation=""), name="location_once_per_form"
            ),
        ]


class PeerGroup(VoltRecord):
    """Young people or others who are together. Children who belong to it are discussed as victims first."""

    name = models.CharField(max_length=120)
    name_key = models.CharField(max_length=130)

    class Meta:
        constraints = [
            Protected(name="peergroup_granted", see=SEEN_BY_NAME, change=CHANGED_BY_WHO_SEES),
            tight_has_wording("peergroup_tight_has_wording"),
            models.UniqueConstraint(
                fields=["created_by", "operation"], condition=~models.Q(operation=""), name="peergroup_once_per_form"
            ),
        ]


class Theme(VoltRecord):
    name = models.CharField(max_length=120)
    horizon = models.CharField(max_length=6, choices=Horizon.choices, default=Horizon.SHORT)
    name_key = models.CharField(max_length=130)

    class Meta:
        constraints = [
            Protected(name="theme_granted", see=SEEN_BY_NAME, change=CHANGED_BY_WHO_SEES),
            tight_has_wording("theme_tight_has_wording"),
            models.UniqueConstraint(
                fields=["created_by", "operation"], condition=~models.Q(operation=""), name="theme_once_per_form"
            ),
        ]


def beside(table: str, scope: int) -> str:
    """SQL: the record is held at that scope, and the row that names it is seen (the inner select has its policy)."""
    return (
        f"{granted(scope=scope)} and exists "  # noqa: S608 (constants)
        f"(select 1 from {table} n where n.record_id = {{table}}.record_id offset 0)"
    )


class PersonAccount(models.Model):
    """Scope *summary*: what makes the person a concern, and how they may be recognised."""

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    person = models.OneToOneField(PersonOfConcern, on_delete=models.PROTECT, related_name="account")
    aliases = models.CharField(max_length=200, blank=True)
    approximate_age = models.CharField(max_length=40, blank=True)
    description = models.TextField(blank=True)

    class Meta:
        constraints = [
            Protected(
                name="personaccount_granted",
                see=beside("volt_personofconcern", SUMMARY),
                change=beside("volt_personofconcern", FULL),
            )
        ]


class LocationAccount(models.Model):
    """Scope *summary*: where the place is and what harm has been seen there."""

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    location = models.OneToOneField(Location, on_delete=models.PROTECT, related_name="account")
    address = models.CharField(max_length=300, blank=True)
    harms = models.TextField(blank=True, help_text="Harms seen there, not activity.")

    class Meta:
        constraints = [
            Protected(
                name="locationaccount_granted",
                see=beside("volt_location", SUMMARY),
                change=beside("volt_location", FULL),
            )
        ]


class PeerGroupAccount(models.Model):
    """Scope *summary*: who belongs to the group, where they meet, and what worries."""

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    group = models.OneToOneField(PeerGroup, on_delete=models.PROTECT, related_name="account")
    members = models.TextField(blank=True)
    meets = models.CharField(max_length=500, blank=True)
    worries = models.TextField(blank=True)

    class Meta:
        constraints = [
            Protected(
                name="peergroupaccount_granted",
                see=beside("volt_peergroup", SUMMARY),
                change=beside("volt_peergroup", FULL),
            )
        ]


class ThemeEvidence(models.Model):
    """Scope *full*: what the theme rests on."""

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    theme = models.OneToOneField(Theme, on_delete=models.PROTECT, related_name="rests_on")
    evidence = models.TextField(blank=True)

    class Meta:
        constraints = [Protected(name="themeevidence_full", see=beside("volt_theme", FULL))]


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
    wording = models.OneToOneField(Wording, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
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
            tight_has_wording("link_tight_has_wording"),
            models.CheckConstraint(condition=~models.Q(source=""), name="link_has_source"),
            models.CheckConstraint(condition=~models.Q(a=models.F("b")), name="link_joins_two"),
            models.UniqueConstraint(fields=["a", "b", "kind"], name="link_once_per_kind"),
        ]
        indexes = [models.Index(fields=["b", "a"], name="link_back")]
