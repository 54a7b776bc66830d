"""Risk, the safety plan and the child's voice: each version stays, the newest counts."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.expressions import RawSQL

from mace.access.models import Record
from mace.accounts.models import Membership
from mace.core.protection import FULL, NEVER, Protected, granted, mine
from referrals.enums import Confidence, DifficultiesBand, Informant, Outcome, Rating, StepState
from referrals.models.attached import attached
from referrals.models.child import Child
from referrals.models.reference import LONGEST_WORDS

FULL_OR_AUTHOR = f"{granted(scope=FULL)} or {mine('written_by_principal', record='record_id')}"
IN_AN_EMERGENCY = "(g.with_plan and referrals_is_last_plan({{table}}.record_id, {{table}}.{plan}))"
"""SQL: emergency access to a closed case shows the last safety plan beside the summary."""
DECIDER = (
    "exists (select 1 from accounts_membership m join referrals_case c on c.record_id = {table}.record_id "
    "where m.id = (select mace_seat()) and ((m.role = 'manager' and m.team_id = c.team_id) "
    "or (m.role = 'coordinator' and c.team_id is null)))"
)
"""SQL: the manager of the case's team, or where the case has no team its coordinator."""

Ticked = list[list[str]]
"""What was ticked: code and the words that stood beside it, in order."""


def ticked(**more: Any) -> models.JSONField[Any, Any]:
    """A list of pairs: the code, and the words under which it was ticked."""
    return models.JSONField(default=list, db_default=RawSQL("'[]'::jsonb", ()), blank=True, **more)


def label_then(**more: Any) -> models.CharField[str, str]:
    """The words of a code as they stood when it was chosen."""
    return models.CharField(max_length=LONGEST_WORDS, blank=True, db_default="", **more)


class Written(models.Model):
    """Below a referral or case (``record``), about a child, by somebody, on a day.

    ``operation`` is what a page sent it with, looked for while the case is locked, so that a double click writes one.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="%(class)ss")
    written_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    written_by_principal = models.IntegerField()
    written_at = models.DateTimeField()
    effective_on = models.DateField()
    operation = models.CharField(max_length=40, blank=True, db_default="")

    class Meta:
        abstract = True


class RiskAssessment(Written):
    """The rating is the practitioner's; the total only advises and is never compared across tool versions.

    ``suggested`` is the rating that the total advised, if every domain was scored. ``push_pull_factors`` is what was
    written while push and pull were one question. The two levels are another scheme's (London peer review 2022,
    appendix 4): they stand beside the rating and never enter it.
    """

    tool_version = models.CharField(max_length=20)
    rating = models.CharField(max_length=12, choices=Rating.choices)
    rationale = models.TextField()
    changes = models.TextField(blank=True, db_default="")
    total = models.PositiveSmallIntegerField(null=True, blank=True)
    domains = models.PositiveSmallIntegerField(null=True, blank=True)
    suggested = models.CharField(max_length=12, choices=Rating.choices, blank=True, db_default="")
    lowering_reason = models.TextField(blank=True, db_default="")
    needs_manager = models.BooleanField(default=False, db_default=False)
    protective_factors = models.TextField(blank=True)
    push_pull_factors = models.TextField(blank=True)
    attachment = attached("The agency’s own assessment.")
    push_factors = models.TextField(blank=True, db_default="")
    pull_factors = models.TextField(blank=True, db_default="")
    protective_ticks = ticked()
    push_ticks = ticked()
    pull_ticks = ticked()
    cse_level = models.CharField(max_length=30, blank=True, db_default="")
    cse_level_words = label_then()
    cce_level = models.CharField(max_length=30, blank=True, db_default="")
    cce_level_words = label_then()

    class Meta:
        constraints = [
            Protected(name="riskassessment_full", see=FULL_OR_AUTHOR, change="false", add=granted()),
            models.CheckConstraint(
                condition=~models.Q(rationale="") | models.Q(attachment__isnull=False),
                name="assessment_says_why_or_is_attached",
            ),
            models.CheckConstraint(
                condition=models.Q(needs_manager=False) | ~models.Q(lowering_reason=""),
                name="lowered_assessment_has_reason",
            ),
        ]
        indexes = [models.Index(fields=["record", "-effective_on", "-id"], name="risk_latest")]


class DomainScore(models.Model):
    """0 none, 1 emerging, 2 moderate, 3 significant, with what it rests on, and the words it was scored under."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    assessment = models.ForeignKey(RiskAssessment, on_delete=models.PROTECT, related_name="scores")
    domain = models.CharField(max_length=30)
    domain_words = label_then()
    score = models.PositiveSmallIntegerField()
    evidence = models.CharField(max_length=500, blank=True)
    rests_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=30, blank=True, db_default="")
    source_words = label_then()
    confidence = models.CharField(max_length=6, choices=Confidence.choices, blank=True, db_default="")

    class Meta:
        constraints = [
            Protected(name="domainscore_full", see=granted(), change="false", add=granted()),
            models.UniqueConstraint(fields=["assessment", "domain"], name="one_score_per_domain"),
            models.CheckConstraint(condition=models.Q(score__lte=3), name="score_0_to_3"),
        ]


class RatingDecision(models.Model):
    """What the manager said of an assessment that lowers the rating: confirmed, or sent back with the reason."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    assessment = models.OneToOneField(RiskAssessment, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            Protected(name="ratingdecision_full", see=granted(), change=NEVER, add=f"{granted()} and {DECIDER}"),
            models.CheckConstraint(
                condition=~models.Q(outcome="sent_back") | ~models.Q(reason=""), name="sent_back_has_reason"
            ),
        ]


class SafetyPlan(Written):
    """``made_with`` names who else took part, beside those who are ticked."""

    version = models.PositiveSmallIntegerField()
    made_with = models.CharField(max_length=200, blank=True)
    made_with_ticks = ticked()
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

    @property
    def with_whom(self) -> str:
        """Everybody it was made with, in words."""
        return "; ".join(filter(None, [*(label for _, label in self.made_with_ticks), self.made_with]))


class PlanStep(models.Model):
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(SafetyPlan, on_delete=models.PROTECT, related_name="steps")
    text = models.CharField(max_length=300)
    who = models.CharField(max_length=120)
    by_when = models.DateField(null=True, blank=True)
    state = models.CharField(
        max_length=11, choices=StepState.choices, default=StepState.TO_DO, db_default=StepState.TO_DO
    )
    note = models.CharField(max_length=500, blank=True, db_default="")

    class Meta:
        constraints = [
            Protected(
                name="planstep_full",
                see=granted(alternatives=IN_AN_EMERGENCY.format(plan="plan_id")),
                change="false",
                add=granted(),
            ),
            models.CheckConstraint(
                condition=~models.Q(state="not_working") | ~models.Q(note=""), name="step_not_working_says_why"
            ),
        ]


class ChildVoice(Written):
    """In their words, or what was observed, and what they want. ``themes`` are codes, to read across cases."""

    words = models.TextField(blank=True)
    observed = models.TextField(blank=True)
    wants = models.TextField(blank=True)
    way = models.CharField(max_length=30, blank=True, db_default="")
    way_words = label_then()
    with_whom = models.CharField(max_length=200, blank=True, db_default="")
    themes = ArrayField(
        models.CharField(max_length=30), default=list, blank=True, db_default=RawSQL("'{}'::varchar(30)[]", ())
    )

    class Meta:
        constraints = [
            Protected(name="childvoice_full", see=FULL_OR_AUTHOR, change="false", add=granted()),
            models.CheckConstraint(
                condition=~models.Q(words="") | ~models.Q(observed=""), name="voice_words_or_observed"
            ),
        ]
        indexes = [models.Index(fields=["-effective_on", "-id"], name="voice_latest")]


class DifficultiesScore(Written):
    """A strengths and difficulties questionnaire: totals and band only, never its text, which is licensed.

    ``total`` is 0 to 40 and the sum of the first four parts, each 0 to 10; prosocial stands apart from it.
    """

    PARTS = ("emotional", "conduct", "hyperactivity", "peers")

    informant = models.CharField(max_length=7, choices=Informant.choices)
    total = models.PositiveSmallIntegerField()
    emotional = models.PositiveSmallIntegerField(null=True, blank=True)
    conduct = models.PositiveSmallIntegerField(null=True, blank=True)
    hyperactivity = models.PositiveSmallIntegerField(null=True, blank=True)
    peers = models.PositiveSmallIntegerField(null=True, blank=True)
    prosocial = models.PositiveSmallIntegerField(null=True, blank=True)
    band = models.CharField(max_length=9, choices=DifficultiesBand.choices, blank=True)
    band_words = label_then()

    class Meta:
        constraints = [
            Protected(name="difficultiesscore_full", see=FULL_OR_AUTHOR, change=NEVER, add=granted()),
            models.UniqueConstraint(
                fields=["record", "operation"], condition=~models.Q(operation=""), name="difficulties_sent_once"
            ),
            models.CheckConstraint(condition=models.Q(total__lte=40), name="difficulties_0_to_40"),
            *(
                models.CheckConstraint(condition=models.Q(**{f"{part}__lte": 10}), name=f"{part}_0_to_10")
                for part in ("emotional", "conduct", "hyperactivity", "peers", "prosocial")
            ),
        ]
        indexes = [models.Index(fields=["record", "-effective_on", "-id"], name="difficulties_latest")]


class CaseDraft(models.Model):
    """A new assessment or plan of a case as it was last typed, until it is sent; then it is emptied."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=[("assessment", "Assessment"), ("plan", "Safety plan")])
    data = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    operation = models.CharField(max_length=40, blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            Protected(name="casedraft_full", see=granted(scope=FULL), history=False),
            models.UniqueConstraint(fields=["record", "kind"], name="one_draft_of_a_kind"),
        ]
