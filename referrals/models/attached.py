"""A file that stands in place of something written, below the same record."""

from __future__ import annotations

from typing import Any

from django.db import models

from mace.attachments.models import Attachment


def attached(help_text: str) -> models.ForeignKey[Any, Any]:
    """The file, if there is one; it stays named when the file itself was removed."""
    return models.ForeignKey(
        Attachment, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text=help_text
    )
