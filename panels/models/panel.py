"""Standing meetings of a partnership. Who chairs one holds its principal (``accounts.Holding``)."""

from __future__ import annotations

from django.db import models

from mace.agencies.models import Agency, Partnership, principal_field
from mace.core.protection import Open
from panels.enums import PanelKind

STANDING = "which panels a partnership holds; nothing here speaks of a child"
"""The owner sets them up. A panel's row is locked while a meeting is planned: for that, one column may be changed."""


class Panel(models.Model):
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="panels")
    kind = models.CharField(max_length=12, choices=PanelKind.choices)
    name = models.CharField(max_length=120)
    minutes_available = models.PositiveSmallIntegerField(default=120)
    principal = principal_field()

    class Meta:
        constraints = [
            Open(name="panel_open", reason=STANDING, grants="SELECT, UPDATE (minutes_available)"),
            models.UniqueConstraint(fields=["partnership", "kind"], name="one_panel_per_kind"),
        ]

    def __str__(self) -> str:
        return self.name


class CoreAgency(models.Model):
    """Agencies expected at every meeting of the panel; ``quorum`` marks those without which it is inquorate."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="core_agencies")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    quorum = models.BooleanField(default=False)

    class Meta:
        constraints = [
            Open(name="coreagency_open", reason=STANDING),
            models.UniqueConstraint(fields=["panel", "agency"], name="core_agency_once"),
        ]


class ChaseStep(models.Model):
    """One rung of a partnership's ladder: days from the due date (negative: before), and who is told."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="chase_steps")
    code = models.CharField(max_length=20)
    days_after_due = models.SmallIntegerField()
    tells_owner = models.BooleanField(default=False)
    tells_manager = models.BooleanField(default=False)
    tells_agency_lead = models.BooleanField(default=False)
    tells_chairs = models.BooleanField(default=False)
    tells_board = models.BooleanField(default=False)

    class Meta:
        constraints = [
            Open(name="chasestep_open", reason=STANDING),
            models.UniqueConstraint(fields=["partnership", "code"], name="chase_step_once"),
        ]
        ordering = ("partnership", "days_after_due")
