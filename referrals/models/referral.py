"""A pre-MACE referral: the draft as it is typed, and what was submitted."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from mace.access.models import Record
from mace.accounts.models import Membership
from mace.agencies.models import Agency, Partnership, Team
from mace.core.grading import Handling
from mace.core.protection import FOR_THE_SEAT, FULL, Protected, granted, mine
from mace.core.references import referral_reference
from referrals.enums import About, Capacity, Consent, PrerequisiteKind, ReferralStatus, Section
from referrals.models.attached import attached
from referrals.models.child import Child

FULL_OR_AUTHOR = f"{granted(scope=FULL)} or {mine('written_by_principal', record='record_id')}"
OF_A_CHILD = (
    "{table}.section in ('child', 'situation', 'around', 'concern', 'surroundings', 'prerequisites', 'told', 'voice', "
    "'risk', 'plan', 'mentions')"
)
"""SQL: the page is one of a child's referral, which is handled no more tightly than its record."""
REFERRAL_SEEN = "exists (select 1 from referrals_referral r where r.record_id = {table}.referral_id offset 0)"
"""SQL: the referral itself is seen (the inner select has its policy), so its handling allows the rest."""


class Referral(models.Model):
    """Whose it is, where it stands and what was decided. What it says stands in the tables below, at scope *full*.

    ``about``: what is referred. Without a child it becomes no case: accepted, it is what a VOLT record rests on.
    ``handling``: who may be told of it; of a child's, everybody who holds the record.
    ``submitted_at``: when its writer sent it last; ``submitted_on``: the day it came to the coordinators, later where
    a manager approves it first (``approved_by``).
    """

    child_page: list[DraftSection]
    """Brought by ``referrals.selectors.referrals``, for the name as it was typed."""

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=12, unique=True, default=referral_reference)
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    about = models.CharField(max_length=6, choices=About.choices, default=About.CHILD, db_default=About.CHILD.value)
    handling = models.CharField(
        max_length=1, choices=Handling.choices, default=Handling.MAY_SHARE, db_default=Handling.MAY_SHARE.value
    )
    child = models.ForeignKey(Child, null=True, blank=True, on_delete=models.PROTECT, related_name="referrals")
    made_child = models.BooleanField(
        default=False, db_default=False, help_text="The child’s record was made by this referral, not found."
    )
    case = models.ForeignKey(
        "referrals.Case", null=True, blank=True, on_delete=models.PROTECT, related_name="referrals"
    )
    referrer = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    written_by_principal = models.IntegerField()
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=ReferralStatus.choices, default=ReferralStatus.DRAFT)
    created_at = models.DateTimeField()
    submitted_on = models.DateField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decision_reason = models.CharField(max_length=1000, blank=True)
    approved_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    redirected_to = models.CharField(max_length=120, blank=True)
    became = models.CharField(
        max_length=12,
        blank=True,
        db_default="",
        default="",
        help_text="Reference of the VOLT record that it was accepted as, where whoever reads the referral may know it.",
    )
    source_reference = models.CharField(max_length=40, blank=True)
    operation = models.CharField(
        max_length=40, blank=True, db_default="", help_text="So that a double click starts one draft."
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            Protected(name="referral_full", see=f"({FULL_OR_AUTHOR}) and {FOR_THE_SEAT}", change=granted(scope=FULL)),
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "manager", "returned", "withdrawn"])
                | models.Q(submitted_on__isnull=False),
                name="referral_submitted_has_date",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=["returned", "redirected", "declined"]) | ~models.Q(decision_reason=""),
                name="referral_decision_has_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="accepted", about="child")
                | models.Q(case__isnull=False, child__isnull=False),
                name="referral_accepted_has_case",
            ),
            models.CheckConstraint(
                condition=models.Q(about="child", handling="P")
                | models.Q(case__isnull=True, child__isnull=True) & ~models.Q(about="child"),
                name="referral_of_a_child_or_none",
            ),
            models.CheckConstraint(
                condition=models.Q(became="") | models.Q(status="accepted") & ~models.Q(about="child"),
                name="referral_became_a_record",
            ),
            models.UniqueConstraint(
                fields=["partnership", "source_reference"],
                condition=~models.Q(source_reference=""),
                name="referral_imported_once",
            ),
            models.UniqueConstraint(
                fields=["written_by_principal", "operation"],
                condition=~models.Q(operation=""),
                name="referral_started_once",
            ),
        ]
        indexes = [
            models.Index(fields=["partnership", "status", "submitted_on"], name="referral_screening"),
            models.Index(fields=["written_by_principal", "-created_at"], name="referral_written_by"),
            models.Index(fields=["team", "-created_at"], name="referral_of_team"),
        ]

    def __str__(self) -> str:
        return self.reference


class DraftSection(models.Model):
    """One page of a referral as it was last typed. ``operation`` lets a retried save agree with itself."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="sections")
    section = models.CharField(max_length=14, choices=Section.choices)
    data = models.JSONField(default=dict)
    complete = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    operation = models.CharField(max_length=40, blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            Protected(
                name="draftsection_full",
                see=f"{granted(scope=FULL)} and ({OF_A_CHILD} or {REFERRAL_SEEN})",
                history=False,
            ),
            models.UniqueConstraint(fields=["referral", "section"], name="one_draft_per_section"),
        ]


class ReferralPart(models.Model):
    """What is written once a referral is submitted. A resubmission writes anew; the latest counts."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="%(class)ss")
    written_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    written_by_principal = models.IntegerField()

    class Meta:
        abstract = True


class Concern(ReferralPart):
    """Risk is kept apart from wider factors: vulnerability does not necessarily equate to risk."""

    primary_category = models.CharField(max_length=30)
    other_categories = ArrayField(models.CharField(max_length=30), default=list)
    wider_factors = ArrayField(models.CharField(max_length=30), default=list)
    account = models.TextField(blank=True)
    short_account = models.CharField(
        max_length=600,
        blank=True,
        db_default="",
        help_text="What an agency sees that is asked to help, at scope *summary*.",
    )
    threshold = models.TextField(help_text="Why personal data must be held at all.", blank=True)
    legal_status = models.CharField(max_length=30, blank=True)
    education_status = models.CharField(max_length=30, blank=True)
    school = models.CharField(max_length=120, blank=True)
    key_team = models.CharField(max_length=120, blank=True)
    attachment = attached("The agency’s own assessment, which says what has happened.")

    class Meta:
        constraints = [
            Protected(name="concern_full", see=FULL_OR_AUTHOR, change=granted(scope=FULL)),
            models.CheckConstraint(
                condition=~models.Q(account="") | models.Q(attachment__isnull=False),
                name="concern_says_what_or_is_attached",
            ),
            models.UniqueConstraint(fields=["referral"], name="one_concern_per_referral"),
        ]


class Circumstances(ReferralPart):
    """Where the child stands with care, school and health, who is around them, what surrounds the concern.

    ``neurodiversity``: condition to diagnosed, suspected or awaited. ``around``: people, each with name, relation,
    contact, responsible. ``contexts``: what is said of each that is a worry. ``moments``: kind, on (ISO), about.
    Yes, no and not known are written as such; what was not said is empty.
    """

    known_to = ArrayField(models.CharField(max_length=30), default=list)
    care_leaver = models.CharField(max_length=7, blank=True)
    separated = models.CharField(max_length=30, blank=True)
    attendance = models.PositiveSmallIntegerField(null=True, blank=True)
    sen_provision = models.CharField(max_length=30, blank=True)
    sen_needs = ArrayField(models.CharField(max_length=30), default=list)
    neurodiversity = models.JSONField(default=dict)
    placed_here = models.CharField(max_length=7, blank=True)
    placing_authority = models.CharField(max_length=9, blank=True)
    home_told = models.CharField(max_length=7, blank=True)
    home_told_on = models.DateField(null=True, blank=True)
    around = models.JSONField(default=list)
    contexts = models.JSONField(default=dict)
    moments = models.JSONField(default=list)
    missing = models.CharField(max_length=7, blank=True)
    missing_times = models.PositiveSmallIntegerField(null=True, blank=True)
    missing_last_on = models.DateField(null=True, blank=True)
    missing_about = models.CharField(max_length=1000, blank=True)
    nrm = models.CharField(max_length=30, blank=True)
    nrm_reason = models.CharField(max_length=500, blank=True)
    family_breakdown = models.CharField(max_length=7, blank=True)

    class Meta:
        verbose_name_plural = "circumstances"
        constraints = [
            Protected(name="circumstances_full", see=FULL_OR_AUTHOR, change=granted(scope=FULL)),
            models.UniqueConstraint(fields=["referral"], name="one_circumstances_per_referral"),
            models.CheckConstraint(
                condition=models.Q(attendance__isnull=True) | models.Q(attendance__lte=100), name="attendance_per_cent"
            ),
        ]


class Prerequisite(ReferralPart):
    kind = models.CharField(max_length=20, choices=PrerequisiteKind.choices)
    met = models.BooleanField()
    met_on = models.DateField(null=True, blank=True)
    detail = models.CharField(max_length=60, blank=True, help_text="For instance the police report's number.")
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            Protected(
                name="prerequisite_full", see=FULL_OR_AUTHOR, change=granted(scope=FULL), remove=granted(scope=FULL)
            ),
            models.UniqueConstraint(fields=["referral", "kind"], name="one_prerequisite_per_kind"),
            models.CheckConstraint(
                condition=models.Q(met=True, met_on__isnull=False) | (models.Q(met=False) & ~models.Q(reason="")),
                name="prerequisite_date_or_reason",
            ),
        ]


class ToldConsent(ReferralPart):
    """``capacity`` and ``care_act`` are said from 18; ``parents_told`` is then none where it was not asked."""

    child_told = models.BooleanField()
    child_not_told_reason = models.CharField(max_length=500, blank=True)
    parents_told = models.BooleanField(null=True)
    parents_not_told_reason = models.CharField(max_length=500, blank=True)
    views = models.TextField(blank=True)
    consent = models.CharField(max_length=12, choices=Consent.choices)
    capacity = models.CharField(max_length=12, choices=Capacity.choices, blank=True, db_default="")
    care_act = models.CharField(max_length=30, blank=True, db_default="")

    class Meta:
        constraints = [
            Protected(name="toldconsent_full", see=FULL_OR_AUTHOR, change=granted(scope=FULL)),
            models.UniqueConstraint(fields=["referral"], name="one_told_per_referral"),
            models.CheckConstraint(
                condition=(models.Q(child_told=True) | ~models.Q(child_not_told_reason=""))
                & (
                    models.Q(parents_told=True)
                    | ~models.Q(parents_not_told_reason="")
                    | (models.Q(parents_told__isnull=True) & ~models.Q(capacity=""))
                ),
                name="told_or_reason",
            ),
        ]
