"""What was decided of two records that look like one child, beside their merging."""

from __future__ import annotations

from django.db import models

from mace.access.models import Record
from mace.accounts.models import Membership
from mace.core.protection import FULL, NEVER, Protected, granted
from referrals.models.child import Child

BOTH_IN_FULL = f"{granted('a_id', scope=FULL)} and {granted('b_id', scope=FULL)}"


class ChildrenApart(models.Model):
    """Two children of one partnership who look alike and are not the same, until that is taken back.

    ``a`` has the lower key, so that a pair is said to be apart once. Matching offers neither in place
    of the other to anybody. Only ``referrals_say_apart`` and ``referrals_take_back_apart`` write rows; those who see
    both children in full read them.
    """

    a = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    b = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=400)
    said_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    taken_back_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name_plural = "children apart"
        constraints = [
            Protected(name="childrenapart_both_in_full", see=BOTH_IN_FULL, add=NEVER, change=NEVER),
            models.CheckConstraint(condition=models.Q(a__lt=models.F("b")), name="apart_lower_key_first"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="apart_says_why"),
            models.CheckConstraint(
                condition=models.Q(taken_back_at__isnull=True, taken_back_by__isnull=True)
                | (
                    models.Q(taken_back_at__isnull=False, taken_back_by__isnull=False) & ~models.Q(taken_back_reason="")
                ),
                name="taken_back_apart_says_who_and_why",
            ),
            models.UniqueConstraint(
                fields=["a", "b"], condition=models.Q(taken_back_at__isnull=True), name="apart_once"
            ),
        ]


class ChildToCompare(models.Model):
    """A child who is new, or whose names, date of birth or numbers changed, until the worker has looked for others.

    A trigger on the identity puts children here; the worker of the partnership takes them out.
    """

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        verbose_name_plural = "children to compare"
        constraints = [
            Protected(
                name="childtocompare_worker",
                see=f"(select mace_role()) = 'system' and {granted(scope=FULL)}",
                add=NEVER,
                remove=f"(select mace_role()) = 'system' and {granted(scope=FULL)}",
                history=False,
            )
        ]


class PossiblePair(models.Model):
    """Two children of one partnership whom matching finds to be one, strongly, and what was decided of them.

    ``a`` has the lower key. The worker writes rows by ``referrals_note_pair``; that they were merged or said to be
    apart is written, and unwritten, by triggers on those tables. Those who see both children in full read them.
    """

    class Decision(models.TextChoices):
        MERGED = "merged", "One child"
        APART = "apart", "Different children"

    a = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    b = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField()
    decision = models.CharField(max_length=6, choices=Decision.choices, blank=True)

    class Meta:
        constraints = [
            Protected(name="possiblepair_both_in_full", see=BOTH_IN_FULL, add=NEVER, change=NEVER),
            models.CheckConstraint(condition=models.Q(a__lt=models.F("b")), name="pair_lower_key_first"),
            models.UniqueConstraint(fields=["a", "b"], name="pair_once"),
        ]
        indexes = [
            models.Index(fields=["-found_at", "-id"], condition=models.Q(decision=""), name="pair_undecided"),
            models.Index(fields=["b"], name="pair_other"),
        ]
