"""What a referral says that is about no child: a person of concern, a place, a peer group or a theme."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from mace.core.grading import Assessment, Basis, SourceGrade
from mace.core.protection import FULL, Protected, granted
from referrals.models.attached import attached
from referrals.models.referral import REFERRAL_SEEN, ReferralPart


class Matter(ReferralPart):
    """``facts``: what a VOLT record is made from, by the names that it is recorded with.

    ``said``: page to its questions and answers, with the words of the day on which it was sent. ``urgent``: whether
    anybody needs protecting now. ``words`` or ``none_because``: what may be said where the referral is for the police
    and coordinators only.
    """

    name = models.CharField(max_length=120)
    harms = ArrayField(models.CharField(max_length=30), default=list)
    urgent = models.CharField(max_length=7)
    facts = models.JSONField(default=dict)
    said = models.JSONField(default=dict)
    source = models.CharField(max_length=200)
    source_grade = models.CharField(max_length=1, choices=SourceGrade.choices)
    assessment = models.CharField(max_length=1, choices=Assessment.choices)
    basis = models.CharField(max_length=12, choices=Basis.choices)
    words = models.CharField(max_length=1000, blank=True)
    none_because = models.CharField(max_length=400, blank=True)
    attachment = attached("The agency’s own assessment or report, which says what has happened.")

    class Meta:
        constraints = [
            Protected(
                name="matter_full",
                see=f"{granted(scope=FULL)} and {REFERRAL_SEEN}",
            ),
            models.UniqueConstraint(fields=["referral"], name="one_matter_per_referral"),
        ]
