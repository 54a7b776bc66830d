"""A child who may be known in another partnership too: the bare fact, and what one side asks the other."""

from __future__ import annotations

from django.db import models

from mace.access.models import LawfulBasis, Record
from mace.accounts.models import Membership
from mace.agencies.models import Partnership
from mace.core.protection import FULL, NEVER, Protected, granted
from mace.core.references import question_reference
from referrals.models.child import Child

OWN_PARTNERSHIP = (
    "(select m.partnership_id from accounts_membership m where m.id = (select mace_seat()) "
    "and m.role in ('coordinator', 'system'))"
)
"""SQL: the partnership that the seat coordinates; nothing for others."""
COORDINATES = "(select mace_role()) in ('coordinator', 'system')"
ASKED = f"{{table}}.asked_id = {OWN_PARTNERSHIP}"
ASKING = f"({{table}}.partnership_id = {OWN_PARTNERSHIP} and {granted(scope=FULL)})"


class KnownElsewhere(models.Model):
    """That another partnership may know the child, and which; nothing of what it knows.

    ``referrals_find_elsewhere`` writes a row for each side. Coordinators who see the child in full read their side's.
    No history: a child's history is told to people who may not know of it, and nobody changes a row.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    elsewhere = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "known elsewhere"
        constraints = [
            Protected(
                name="knownelsewhere_coordinators",
                see=f"{granted(scope=FULL)} and {COORDINATES}",
                add=NEVER,
                change=f"{granted(scope=FULL)} and (select mace_role()) = 'system'",
                history=False,
            ),
            models.UniqueConstraint(fields=["child", "elsewhere"], name="known_elsewhere_once"),
        ]
        indexes = [
            models.Index(fields=["record"], condition=models.Q(told_at__isnull=True), name="known_elsewhere_untold")
        ]


class Answer(models.TextChoices):
    WILL_CONTACT = "will_contact", "We know the child and will contact you"
    CANNOT_SHARE = "cannot_share", "We know the child and cannot share anything now"
    NOT_KNOWN = "not_known", "We do not know the child"


class ChildQuestion(models.Model):
    """One partnership asks another whether it knows a child: the sharing decision and what is shared with it.

    What the other side is told stands here, as it was when it was asked: name and date of birth, and the NHS number
    where the asker chose to give it. The asking side's coordinators read it while they see the child in full, the
    asked side's always. No history: the row is fixed but for one answer and says who and when, while a child's history
    is told to people who may not know of it.
    """

    reference = models.CharField(max_length=12, unique=True, default=question_reference)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="+")
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    asked = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    forename = models.CharField(max_length=80)
    surname = models.CharField(max_length=80)
    date_of_birth = models.DateField()
    nhs_number = models.CharField("NHS number", max_length=10, blank=True)
    reason = models.CharField(max_length=400)
    lawful_basis = models.CharField(max_length=16, choices=LawfulBasis.choices)
    asked_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=12, choices=Answer.choices, blank=True)
    answer_reason = models.CharField(max_length=400, blank=True)
    answered_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            Protected(
                name="childquestion_coordinators", see=f"{ASKED} or {ASKING}", add=ASKING, change=ASKED, history=False
            ),
            models.CheckConstraint(condition=~models.Q(partnership=models.F("asked")), name="question_asks_others"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="question_says_why"),
            models.CheckConstraint(
                condition=models.Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | (~models.Q(answer="") & models.Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="answered_question_says_who_and_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(answer="cannot_share") | ~models.Q(answer_reason=""), name="not_sharing_says_why"
            ),
            models.UniqueConstraint(
                fields=["record", "asked"], condition=models.Q(answered_at__isnull=True), name="one_open_question"
            ),
        ]
        indexes = [models.Index(fields=["asked", "-asked_at"], name="question_asked")]
