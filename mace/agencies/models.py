"""The organisations: who belongs to which partnership. Open to every seat: none of it speaks of a child."""

from __future__ import annotations

from django.db import models
from django.db.models.expressions import RawSQL

from mace.core.protection import Open

ORGANISATION = "organisations and their teams, needed before a seat is known; nothing here speaks of a child"


def principal_field() -> models.IntegerField[int, int]:
    """An integer drawn from one sequence for all that grants can be made out to."""
    return models.IntegerField(unique=True, db_default=RawSQL("nextval('mace_principal')", ()), editable=False)


def reference_field(prefix: str) -> models.CharField[str, str]:
    """A public reference that the database draws, for what is made by its own functions; see `mace.core.references`."""
    drawn = RawSQL(f"mace_reference('{prefix}')", ())  # noqa: S611 (the prefix is a letter written in a model)
    return models.CharField(max_length=11, unique=True, db_default=drawn, editable=False)


class AgencyKind(models.TextChoices):
    SOCIAL_CARE = "social_care", "Children’s social care"
    POLICE = "police", "Police"
    HEALTH = "health", "Health"
    EDUCATION = "education", "Education"
    YOUTH_JUSTICE = "youth_justice", "Youth justice"
    EARLY_HELP = "early_help", "Early help"
    HOUSING = "housing", "Housing"
    COMMUNITY_SAFETY = "community_safety", "Community safety"
    PROBATION = "probation", "Probation"
    ADULT_SOCIAL_CARE = "adult_social_care", "Adult social care"
    SUBSTANCE_MISUSE = "substance_misuse", "Substance misuse"
    VOLUNTARY = "voluntary", "Voluntary sector"
    GUARDIAN_SERVICE = "guardian_service", "Guardian service"
    OTHER = "other", "Other"


STATUTORY_KINDS = frozenset(
    {
        AgencyKind.SOCIAL_CARE.value,
        AgencyKind.POLICE.value,
        AgencyKind.HEALTH.value,
        AgencyKind.EDUCATION.value,
        AgencyKind.YOUTH_JUSTICE.value,
        AgencyKind.PROBATION.value,
    }
)
"""Public bodies with safeguarding duties of their own (Children Act 2004, section 11): they have emergency access."""


class LocalAuthority(models.Model):
    name = models.CharField(max_length=120)
    gss_code = models.CharField(max_length=9, unique=True)

    class Meta:
        verbose_name_plural = "local authorities"
        constraints = [Open(name="localauthority_open", reason=ORGANISATION)]

    def __str__(self) -> str:
        return self.name


class Partnership(models.Model):
    """A safeguarding partnership, covering one or more local authorities."""

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(unique=True)
    principal = principal_field()

    class Meta:
        constraints = [Open(name="partnership_open", reason=ORGANISATION)]

    def __str__(self) -> str:
        return self.name


class PartnershipArea(models.Model):
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="areas")
    local_authority = models.ForeignKey(LocalAuthority, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            Open(name="partnershiparea_open", reason=ORGANISATION),
            models.UniqueConstraint(fields=["partnership", "local_authority"], name="partnership_area_once"),
        ]


class Agency(models.Model):
    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20, choices=AgencyKind.choices)
    principal = principal_field()

    class Meta:
        verbose_name_plural = "agencies"
        constraints = [Open(name="agency_open", reason=ORGANISATION)]

    def __str__(self) -> str:
        return self.name


class Participation(models.Model):
    """An agency in a partnership, with its information-sharing agreement. A lapsed review warns, it never cuts off."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="participations")
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="participations")
    reference = reference_field("G")
    agreement_signed_on = models.DateField(null=True, blank=True)
    agreement_review_due_on = models.DateField(null=True, blank=True)
    may_refer = models.BooleanField(default=False, help_text="Its leads and members may file referrals.")

    class Meta:
        constraints = [
            Open(name="participation_open", reason=ORGANISATION),
            models.UniqueConstraint(fields=["agency", "partnership"], name="participation_once"),
            models.CheckConstraint(
                condition=models.Q(agreement_review_due_on__isnull=True)
                | models.Q(agreement_review_due_on__gte=models.F("agreement_signed_on")),
                name="agreement_is_signed_before_its_review",
            ),
        ]


class Team(models.Model):
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=120)
    principal = principal_field()

    class Meta:
        constraints = [
            Open(name="team_open", reason=ORGANISATION),
            models.UniqueConstraint(fields=["agency", "name"], name="team_name_once_per_agency"),
        ]

    def __str__(self) -> str:
        return self.name
