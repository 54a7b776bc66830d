"""Beside the case: when the child was missing, with the return home interview, and critical moments.

Whoever holds the case in full sees them all; an agency that holds less sees what it reported itself, and so does
whoever wrote it, as long as the case is not shut to them.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Cast

from mace.access.models import Record
from mace.accounts.models import Membership
from mace.agencies.models import Agency
from mace.core.protection import FULL, Protected, granted, mine
from mace.core.references import missing_reference, moment_reference
from referrals.enums import Interview
from referrals.models.case import Case
from referrals.models.referral import Referral

WROTE, GAVE = "written_by_principal", "written_by_agency_principal"
FULL_OR_REPORTER = f"{granted(scope=FULL)} or {mine(WROTE, record='record_id')} or {mine(GAVE, record='record_id')}"
ADDED = granted(scope=FULL, alternatives=mine(WROTE))
"""SQL: the whole case, or any scope of it and in the seat's own name."""
CHANGED = granted(scope=FULL, alternatives=f"{mine(WROTE)} or {mine(GAVE)}")


def in_london(moment: str) -> Cast:
    """The day in London of a moment, for a constraint."""
    there = models.Func(
        models.Value("Europe/London"), models.F(moment), function="timezone", output_field=models.DateTimeField()
    )
    return Cast(there, models.DateField())


class Reported(models.Model):
    """Below a case, reported by somebody of an agency. ``operation`` is what the page sent it with, once for a seat.

    ``written_by_agency_principal`` is the agency's own, so that its lead sees what the agency gave; none where the
    words were a referral's.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="%(class)ss")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    written_by_agency_principal = models.IntegerField(null=True, blank=True)
    written_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    written_by_principal = models.IntegerField()
    written_at = models.DateTimeField()
    operation = models.CharField(max_length=40, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True


class MissingEpisode(Reported):
    """From when, and until when, the child was missing; without a return the child is missing now.

    ``from_at`` and ``returned_at`` are empty where only the day is known. The 72 hours of the return home interview
    are worked out by ``referrals.rules_pathways`` and stand nowhere. ``interview_on``: the day of what ``interview``
    says. ``interview_note``: what came of it, or why there is none.
    """

    reference = models.CharField(max_length=12, unique=True, default=missing_reference)
    from_on = models.DateField()
    from_at = models.DateTimeField(null=True, blank=True)
    returned_on = models.DateField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    police_reference = models.CharField(max_length=40, blank=True)
    about = models.CharField(max_length=2000, blank=True)
    interview = models.CharField(max_length=9, choices=Interview.choices, blank=True)
    interview_on = models.DateField(null=True, blank=True)
    interview_note = models.CharField(max_length=2000, blank=True)

    class Meta:
        constraints = [
            Protected(name="missingepisode_full", see=FULL_OR_REPORTER, change=CHANGED, add=ADDED),
            models.UniqueConstraint(
                fields=["record", "written_by_principal", "operation"],
                condition=~models.Q(operation=""),
                name="missing_reported_once",
            ),
            models.CheckConstraint(
                condition=models.Q(returned_on__isnull=True) | models.Q(returned_on__gte=models.F("from_on")),
                name="missing_returns_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(returned_at__isnull=True)
                | models.Q(from_at__isnull=True)
                | models.Q(returned_at__gte=models.F("from_at")),
                name="missing_returns_after_the_hour_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(from_at__isnull=True) | models.Q(from_on=in_london("from_at")),
                name="missing_hour_is_on_its_day",
            ),
            models.CheckConstraint(
                condition=models.Q(returned_at__isnull=True)
                | models.Q(returned_on__isnull=False, returned_on=in_london("returned_at")),
                name="missing_return_hour_is_on_its_day",
            ),
            models.CheckConstraint(
                condition=models.Q(interview="") | models.Q(returned_on__isnull=False),
                name="interview_after_a_return",
            ),
            models.CheckConstraint(
                condition=models.Q(interview="", interview_on__isnull=True)
                | ~models.Q(interview="")
                & models.Q(interview_on__isnull=False)
                & models.Q(interview_on__gte=models.F("returned_on")),
                name="interview_has_date",
            ),
            models.CheckConstraint(
                condition=~models.Q(interview="declined") | ~models.Q(interview_note=""),
                name="interview_declined_says_why",
            ),
        ]
        indexes = [models.Index(fields=["case", "-from_on", "-id"], name="missing_latest")]

    def __str__(self) -> str:
        return self.reference


class CriticalMoment(Reported):
    """An arrest, a visit to A&E, an exclusion, a death: on what day, and what was done about it.

    ``referral``: the one that told of it, where nobody reported it. ``kind_words``: as the list said on that day.
    """

    reference = models.CharField(max_length=12, unique=True, default=moment_reference)
    kind = models.CharField(max_length=30)
    kind_words = models.CharField(max_length=200, blank=True)
    on = models.DateField()
    about = models.CharField(max_length=1000, blank=True)
    referral = models.ForeignKey(Referral, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    response = models.CharField(max_length=2000, blank=True)
    responded_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    responded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            Protected(name="criticalmoment_full", see=FULL_OR_REPORTER, change=granted(scope=FULL), add=ADDED),
            models.UniqueConstraint(
                fields=["record", "written_by_principal", "operation"],
                condition=~models.Q(operation=""),
                name="moment_reported_once",
            ),
            models.CheckConstraint(
                condition=models.Q(response="", responded_by__isnull=True, responded_at__isnull=True)
                | (~models.Q(response="") & models.Q(responded_by__isnull=False, responded_at__isnull=False)),
                name="moment_response_says_who_and_when",
            ),
        ]
        indexes = [models.Index(fields=["case", "-on", "-id"], name="moment_latest")]

    def __str__(self) -> str:
        return self.reference
