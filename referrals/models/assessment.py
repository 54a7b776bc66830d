"""Risk, the safety plan and the child's voice: each version stays, the newest counts."""

from __future__ import annotations

from django.db import models

from mace.access.models import Record
from mace.accounts.models import Membership
from mace.core.protection import FULL, Protected, granted, mine
from referrals.enums import Rating
from referrals.models.attached import attached
from referrals.models.child import Child

FULL_OR_AUTHOR = f"{granted(scope=FULL)} or {mine('written_by_principal', record='record_id')}"
IN_AN_EMERGENCY = "(g.with_plan and referrals_is_last_plan({{table}}.record_id, {{table}}.{plan}))"
"""SQL: emergency access to a closed case shows the last safety plan beside the summary."""


class Written(models.Model):
    """Below a referral or case (``record``), about a child, by somebody, on a day."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="%(class)ss")
    written_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    written_by_principal = models.IntegerField()
    written_at = models.DateTimeField()
    effective_on = models.DateField()

    class Meta:
        abstract = True


class RiskAssessment(Written):
    """The rating is the practitioner's; the total only advises and is never compared across tool versions."""

    tool_version = models.CharField(max_length=20)
    rating = models.CharField(max_length=12, choices=Rating.choices)
    rationale = models.TextField()
    total = models.PositiveSmallIntegerField(null=True, blank=True)
    protective_factors = models.TextField(blank=True)
    push_pull_factors = models.TextField(blank=True)
    attachment = attached("The agency’s own assessment.")

    class Meta:
        constraints = [
            Protected(name="riskassessment_full", see=FULL_OR_AUTHOR, change="false", add=granted()),
            models.CheckConstraint(
                condition=~models.Q(rationale="") | models.Q(attachment__isnull=False),
                name="assessment_says_why_or_is_attached",
            ),
        ]
        indexes = [models.Index(fields=["record", "-effective_on", "-id"], name="risk_latest")]


class DomainScore(models.Model):
    """0 none, 1 emerging, 2 moderate, 3 significant, with what it rests on."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    assessment = models.ForeignKey(RiskAssessment, on_delete=models.PROTECT, related_name="scores")
    domain = models.CharField(max_length=30)
    score = models.PositiveSmallIntegerField()
    evidence = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            Protected(name="domainscore_full", see=granted(), change="false", add=granted()),
            models.UniqueConstraint(fields=["assessment", "domain"], name="one_score_per_domain"),
            models.CheckConstraint(condition=models.Q(score__lte=3), name="score_0_to_3"),
        ]


class SafetyPlan(Written):
    version = models.PositiveSmallIntegerField()
    made_with = models.CharField(max_length=200)
    summary = models.TextField()
    blocked = models.TextField(blank=True)
    attachment = attached("The agency’s own plan, in place of steps.")

    class Meta:
        constraints = [
            Protected(
                name="safetyplan_full",
                see=f"{granted(alternatives=IN_AN_EMERGENCY.format(plan='id'))} or "
                f"{mine('written_by_principal', record='record_id')}",
                change="false",
                add=granted(),
            ),
            models.UniqueConstraint(fields=["record", "version"], name="one_plan_per_version"),
            models.CheckConstraint(
                condition=~models.Q(summary="") | models.Q(attachment__isnull=False),
                name="plan_says_what_or_is_attached",
            ),
        ]


class PlanStep(models.Model):
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(SafetyPlan, on_delete=models.PROTECT, related_name="steps")
    text = models.CharField(max_length=300)
    who = models.CharField(max_length=120)
    by_when = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            Protected(
                name="planstep_full",
                see=granted(alternatives=IN_AN_EMERGENCY.format(plan="plan_id")),
                change="false",
                add=granted(),
            )
        ]


class ChildVoice(Written):
    """In their words, or what was observed, and what they want to happen."""

    words = models.TextField(blank=True)
    observed = models.TextField(blank=True)
    wants = models.TextField(blank=True)

    class Meta:
        constraints = [
            Protected(name="childvoice_full", see=FULL_OR_AUTHOR, change="false", add=granted()),
            models.CheckConstraint(
                condition=~models.Q(words="") | ~models.Q(observed=""), name="voice_words_or_observed"
            ),
        ]
