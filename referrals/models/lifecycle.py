"""What a case goes through: criteria ticked, who led it when, how it was closed and who was told."""

from __future__ import annotations

from django.db import models

from mace.access.models import Record
from mace.accounts.models import Membership
from mace.agencies.models import Agency
from mace.core.protection import NEVER, Protected, granted
from referrals.enums import Answered, Occasion
from referrals.models.case import Case, TierPeriod
from referrals.models.reference import LONGEST_WORDS
from referrals.models.referral import Referral


class CriterionMet(models.Model):
    """One criterion as it was answered when a referral was screened or a case escalated, with the words of that day.

    Never changed: who screens again answers again. The answers of one decision share ``answered_at``.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    referral = models.ForeignKey(Referral, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    occasion = models.CharField(max_length=10, choices=Occasion.choices)
    code = models.CharField(max_length=30)
    words = models.CharField(max_length=LONGEST_WORDS)
    list_version = models.PositiveIntegerField()
    met = models.CharField(max_length=9, choices=Answered.choices)
    evidence = models.CharField(max_length=500, blank=True)
    answered_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            Protected(name="criterionmet_full", see=granted(), add=granted(), change=NEVER),
            models.CheckConstraint(
                condition=models.Q(occasion__in=["screening", "matter"], referral__isnull=False, case__isnull=True)
                | models.Q(occasion="escalation", case__isnull=False, referral__isnull=True),
                name="criterion_of_a_referral_or_a_case",
            ),
            models.CheckConstraint(
                condition=~models.Q(occasion="escalation", met="met") | ~models.Q(evidence=""),
                name="escalation_criterion_met_has_evidence",
            ),
            models.UniqueConstraint(
                fields=["record", "occasion", "code", "answered_at"], name="criterion_answered_once_at_a_time"
            ),
        ]


class LeadPeriod(models.Model):
    """Who led a case from one day until another, and what they were told when it was handed to them.

    ``manager`` is who managed the lead professional's team on the day it began. ``read_at``: when the lead professional
    said that they have read the notes; the first one of a case has none to read.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="leads")
    lead = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    manager = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField()
    to_on = models.DateField(null=True, blank=True)
    why = models.CharField(max_length=400, blank=True)
    note = models.TextField(blank=True)
    outstanding = models.TextField(blank=True)
    handed_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            Protected(name="leadperiod_full", see=granted()),
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(to_on__isnull=True), name="one_lead_period_open_per_case"
            ),
            models.CheckConstraint(
                condition=models.Q(to_on__isnull=True) | models.Q(to_on__gte=models.F("from_on")),
                name="lead_period_ends_after_it_begins",
            ),
        ]


class CaseClosure(models.Model):
    """How a case was closed at a tier, beside the tier period's outcome and reason.

    A decision in a meeting closes at once; the rest stays open (``completed_at`` empty) until a coordinator gives it.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="closures")
    period = models.OneToOneField(TierPeriod, on_delete=models.PROTECT, related_name="closure")
    view = models.TextField(blank=True, help_text="What the child or young person thinks of closing.")
    no_view_because = models.CharField(max_length=500, blank=True)
    plan_after = models.TextField(blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            Protected(name="caseclosure_full", see=granted()),
            models.CheckConstraint(
                condition=models.Q(completed_at__isnull=True)
                | (
                    models.Q(completed_by__isnull=False)
                    & ~models.Q(plan_after="")
                    & (~models.Q(view="") | ~models.Q(no_view_because=""))
                ),
                name="completed_closure_is_complete",
            ),
        ]
        indexes = [
            models.Index(fields=["case"], condition=models.Q(completed_at__isnull=True), name="closure_to_complete")
        ]


class ClosureTold(models.Model):
    """An agency or a named person with a sharing decision, told that the case is closed or left out with a reason."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    closure = models.ForeignKey(CaseClosure, on_delete=models.PROTECT, related_name="told")
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    told = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True, help_text="Why they are left out.")

    class Meta:
        constraints = [
            Protected(name="closuretold_full", see=granted(), add=granted(), change=NEVER),
            models.CheckConstraint(
                condition=models.Q(agency__isnull=False, person__isnull=True)
                | models.Q(agency__isnull=True, person__isnull=False),
                name="told_an_agency_or_a_person",
            ),
            models.CheckConstraint(
                condition=models.Q(told=True) | ~models.Q(reason=""), name="left_out_of_closure_has_reason"
            ),
        ]
