"""What was decided of two records that look like one child, beside their merging."""

from __future__ import annotations

from django.db import models

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
