"""What is kept for figures: shares of a population to compare with, and figures suppressed for those without grants."""

from __future__ import annotations

from django.db import models

from mace.agencies.models import Partnership
from mace.core.protection import Protected

HERE = "{table}.partnership_id = (select m.partnership_id from accounts_membership m where m.id = (select mace_seat()))"
"""SQL: the row belongs to the partnership of the seat."""


class Dimension(models.TextChoices):
    """Groupings that a population can be compared by."""

    ETHNICITY = "ethnicity", "Ethnicity, broad group"
    SEX = "sex", "Sex"
    AGE = "age", "Age"


class PopulationShare(models.Model):
    """How large a group is in the population that a partnership compares its figures with, and who says so."""

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="+")
    dimension = models.CharField(max_length=10, choices=Dimension.choices)
    group = models.CharField(max_length=60)
    percent = models.DecimalField(max_digits=4, decimal_places=1)
    population = models.CharField(max_length=120)
    source = models.CharField(max_length=300)
    illustrative = models.BooleanField(default=True)

    class Meta:
        constraints = [
            Protected(
                name="populationshare_here",
                see=HERE,
                change=f"(select mace_role()) = 'system' and {HERE}",
            ),
            models.UniqueConstraint(fields=["partnership", "dimension", "group"], name="population_share_once"),
            models.CheckConstraint(
                condition=models.Q(percent__gte=0, percent__lte=100), name="population_share_is_a_percentage"
            ),
        ]
        ordering = ("dimension", "pk")


class PublishedFigures(models.Model):
    """Figures of one half-year in which no child can be worked out, for seats that hold no grants.

    ``month`` is the first day of the half-year's last month. The system seat writes a row once and never again, so that
    two states of the same figures cannot be subtracted from one another.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    body = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "published figures"
        constraints = [
            Protected(
                name="publishedfigures_readers",
                see=f"(select mace_role()) in ('board', 'analyst', 'coordinator', 'chair', 'system') and {HERE}",
                add=f"(select mace_role()) = 'system' and {HERE}",
                change="false",
            ),
            models.UniqueConstraint(fields=["partnership", "month"], name="published_once_per_month"),
        ]
        ordering = ("-month",)
