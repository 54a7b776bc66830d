"""A case: a child's spell in one partnership's arrangements. It shares the record of the referral that opened it."""

from __future__ import annotations

from django.db import models

from mace.access.models import Record
from mace.accounts.models import Membership
from mace.agencies.models import Agency, Partnership, Team
from mace.core.protection import FULL, IDENTITY, NEVER, SUMMARY, Protected, granted
from mace.core.references import case_reference, review_reference
from referrals.enums import Rating, Recommendation, ReviewStatus, StepReviewed, Tier, TierOutcome
from referrals.models.assessment import PlanStep
from referrals.models.child import Child


class Case(models.Model):
    """Scope *identity*. Whether it is open is worked out from its tier periods; ``closed_on`` is kept equal to that."""

    open_tiers: list[TierPeriod]
    """Brought by ``referrals.selectors.cases``."""

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=12, unique=True, default=case_reference)
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="cases")
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    lead_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lead_professional = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    coordinator = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            Protected(name="case_granted", see=granted(scope=IDENTITY), change=granted(scope=FULL)),
            models.UniqueConstraint(
                fields=["child", "partnership"],
                condition=models.Q(closed_on__isnull=True),
                name="one_open_case_per_child_and_partnership",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_on__isnull=True) | models.Q(closed_on__gte=models.F("opened_on")),
                name="case_closes_after_it_opens",
            ),
        ]
        indexes = [models.Index(fields=["partnership", "-opened_on"], name="case_opened")]

    def __str__(self) -> str:
        return self.reference


class CaseSummary(models.Model):
    """Scope *summary*: category, rating and a short account of the concern."""

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="summary")
    primary_category = models.CharField(max_length=30)
    rating = models.CharField(max_length=12, choices=Rating.choices)
    rated_on = models.DateField()
    account = models.CharField(max_length=600, blank=True)

    class Meta:
        constraints = [Protected(name="casesummary_granted", see=granted(scope=SUMMARY), change=granted(scope=FULL))]


class TierPeriod(models.Model):
    """Open at a tier from one day until another. A case may be open at two at once, so tiers are never summed."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tiers")
    tier = models.CharField(max_length=10, choices=Tier.choices)
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)
    why = models.CharField(max_length=1000, blank=True)
    outcome = models.CharField(max_length=12, choices=TierOutcome.choices, blank=True)
    outcome_reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            Protected(name="tierperiod_granted", see=granted(scope=SUMMARY), change=granted(scope=FULL)),
            models.UniqueConstraint(
                fields=["case", "tier"], condition=models.Q(to_on__isnull=True), name="one_open_period_per_tier"
            ),
            models.CheckConstraint(
                condition=models.Q(to_on__isnull=True) | models.Q(to_on__gte=models.F("from_on")),
                name="tier_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(to_on__isnull=True, outcome="")
                | (models.Q(to_on__isnull=False) & ~models.Q(outcome="")),
                name="closed_tier_has_outcome",
            ),
        ]


class RatingAgreed(models.Model):
    """A rating as the panel agreed it: the risk journey, beside the practitioner's own assessments."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="ratings")
    rating = models.CharField(max_length=12, choices=Rating.choices)
    agreed_on = models.DateField()
    source = models.CharField(max_length=60)

    class Meta:
        constraints = [
            Protected(name="ratingagreed_granted", see=granted(scope=SUMMARY), add=granted(), change="false")
        ]


class Review(models.Model):
    """A 12-week review: due 84 days after the case opened or the last review was held. One per due date."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reviews")
    reference = models.CharField(max_length=12, unique=True, default=review_reference)
    due_on = models.DateField()
    status = models.CharField(max_length=10, choices=ReviewStatus.choices, default=ReviewStatus.DUE)
    made_on = models.DateField()
    answered_on = models.DateField(null=True, blank=True)
    answered_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    progress = models.TextField(blank=True)
    voice = models.TextField(blank=True)
    observed = models.TextField(blank=True, default="", db_default="")
    wants = models.TextField(blank=True, default="", db_default="")
    voice_missing = models.CharField(max_length=500, blank=True, default="", db_default="")
    reached_by = models.CharField(max_length=300, blank=True, default="", db_default="")
    reached_how = models.TextField(blank=True, default="", db_default="")
    helped = models.TextField(blank=True, default="", db_default="")
    not_helped = models.TextField(blank=True, default="", db_default="")
    asks = models.TextField(blank=True, default="", db_default="", help_text="What they want from the panel.")
    rating = models.CharField(max_length=12, choices=Rating.choices, blank=True)
    rating_reason = models.TextField(blank=True)
    recommendation = models.CharField(max_length=10, choices=Recommendation.choices, blank=True)
    held_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            Protected(name="review_full", see=granted(scope=FULL)),
            models.UniqueConstraint(fields=["case", "due_on"], name="one_review_per_due_date"),
            models.CheckConstraint(
                condition=~models.Q(status="answered")
                | (models.Q(answered_on__isnull=False) & ~models.Q(rating="") & ~models.Q(recommendation="")),
                name="answered_review_is_answered",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="held") | models.Q(held_on__isnull=False), name="held_review_has_date"
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=models.Q(status__in=["due", "answered"]), name="review_open")
        ]


class ReviewStep(models.Model):
    """What a review says of one step of the safety plan, with the step as it then read."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="steps")
    step = models.ForeignKey(PlanStep, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=300)
    state = models.CharField(max_length=11, choices=StepReviewed.choices)
    note = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            Protected(name="reviewstep_full", see=granted(), add=granted(), change=NEVER),
            models.UniqueConstraint(fields=["review", "step"], name="one_answer_per_review_and_step"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["not_working", "not_needed"]) | ~models.Q(note=""),
                name="failed_step_says_why",
            ),
        ]


class ReviewDraft(models.Model):
    """The answers to a review as they were last typed, until it is answered."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="draft")
    data = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    operation = models.CharField(max_length=40, blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [Protected(name="reviewdraft_full", see=granted(scope=FULL), history=False)]
