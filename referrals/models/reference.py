"""Reference data: code lists as rows, which a partnership can change without a developer."""

from __future__ import annotations

from django.db import models

from mace.accounts.models import Membership
from mace.agencies.models import Partnership
from mace.core.protection import NEVER, Open, Protected

LONGEST_WORDS = 500
"""Characters of an entry as a partnership words it, and of every row that keeps the words under which it was chosen."""
KEEPS_LISTS = (
    "{table}.partnership_id = (select m.partnership_id from accounts_membership m where m.id = (select mace_seat()) "
    "and m.role in ('coordinator', 'chair'))"
)
"""SQL: the row belongs to the partnership whose lists the seat keeps."""


class Code(models.Model):
    """One entry of a code list. ``proposed`` marks wording of ours that no published source fixes."""

    list_name = models.CharField(max_length=40)
    code = models.CharField(max_length=30)
    label = models.CharField(max_length=200)
    group = models.CharField(max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    proposed = models.BooleanField(default=False)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            Open(name="code_open", reason="reference data; nothing here speaks of a child"),
            models.UniqueConstraint(fields=["list_name", "code"], name="code_once_per_list"),
        ]
        ordering = ("list_name", "position", "code")

    def __str__(self) -> str:
        return self.label


class ListVersion(models.Model):
    """A list as one partnership words it, whole; the newest counts in place of the entries of ``Code``.

    ``entries``: objects with code, label, group, proposed and active, in order. Never changed: what was decided by an
    earlier version can be read with its words.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    list_name = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    entries = models.JSONField()
    why = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            Protected(name="listversion_kept", see="true", add=KEEPS_LISTS, change=NEVER),
            models.UniqueConstraint(
                fields=["partnership", "list_name", "version"], name="one_version_of_a_list_by_number"
            ),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="list_versions_count_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.list_name} {self.version}"
