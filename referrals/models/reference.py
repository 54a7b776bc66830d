"""Reference data: code lists as rows, which a partnership can change without a developer."""

from __future__ import annotations

from django.db import models

from mace.core.protection import Open


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
