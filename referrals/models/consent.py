"""What is said of consent to support while a case goes on, and what is decided when it is withdrawn."""

from __future__ import annotations

from django.db import models

from mace.access.models import Record
from mace.accounts.models import Membership
from mace.core.protection import FULL, Protected, granted
from referrals.enums import Capacity, Consent, ConsentBy
from referrals.models.case import Case
from referrals.models.pathways import in_london

WAITS = models.Q(consent=Consent.WITHDRAWN, decision="")
"""Withdrawn, and nobody has said yet what happens now."""


class ConsentSaid(models.Model):
    """Consent to support as it was given, refused or withdrawn on one day, or why it is not sought.

    It ends nothing by itself, and no sharing rests on it. What was said is never changed: who says something else says
    it anew. A withdrawal asks for one ``decision``. ``capacity`` and ``care_act`` are said from 18, by the young person
    alone. ``operation`` is what the page sent it with, once for a seat.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="consents")
    consent = models.CharField(max_length=12, choices=Consent.choices)
    said_on = models.DateField()
    said_by = models.CharField(max_length=6, choices=ConsentBy.choices)
    words = models.CharField(max_length=2000)
    capacity = models.CharField(max_length=12, choices=Capacity.choices, blank=True)
    care_act = models.CharField(max_length=30, blank=True)
    written_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    written_by_principal = models.IntegerField()
    written_at = models.DateTimeField()
    operation = models.CharField(max_length=40, blank=True)
    decision = models.CharField(max_length=2000, blank=True)
    decided_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            Protected(name="consentsaid_full", see=granted(scope=FULL)),
            models.UniqueConstraint(
                fields=["record", "written_by_principal", "operation"],
                condition=~models.Q(operation=""),
                name="consent_said_once",
            ),
            models.CheckConstraint(condition=~models.Q(words=""), name="consent_has_words"),
            models.CheckConstraint(
                condition=models.Q(said_on__lte=in_london("written_at")), name="consent_said_before_it_is_written"
            ),
            models.CheckConstraint(
                condition=models.Q(capacity="", care_act="")
                | (~models.Q(capacity="") & ~models.Q(care_act="") & models.Q(said_by="person")),
                name="consent_of_an_adult_is_their_own",
            ),
            models.CheckConstraint(
                condition=models.Q(decision="", decided_by__isnull=True, decided_at__isnull=True)
                | (
                    ~models.Q(decision="")
                    & models.Q(consent="withdrawn", decided_by__isnull=False, decided_at__isnull=False)
                ),
                name="consent_decision_says_who_and_when",
            ),
        ]
        indexes = [
            models.Index(fields=["case", "-said_on", "-id"], name="consent_latest"),
            models.Index(fields=["said_on"], condition=WAITS, name="consent_undecided"),
        ]

    @property
    def waits(self) -> bool:
        """Whether it asks for a decision that nobody has taken yet."""
        return self.consent == Consent.WITHDRAWN and not self.decision
