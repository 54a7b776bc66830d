"""Which files a seat may see. The policies check every row again."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from mace.attachments import vault
from mace.attachments.models import Attachment

JOINS = ("added_by__user", "added_by__agency", "removed_by__user")


def kept_files() -> QuerySet[Attachment]:
    """The files that are not removed, the first added first, with whoever added them."""
    return Attachment.objects.filter(removed_at=None).select_related("added_by__user").order_by("added_at", "pk")


def files_of(record_id: int, *, kinds: Sequence[str] = ()) -> list[Attachment]:
    """The files of one record that are not removed, the first added first."""
    found = kept_files().filter(record_id=record_id)
    return list(found.filter(kind__in=kinds) if kinds else found)


def removed_files_of(record_id: int) -> list[Attachment]:
    """Those that were removed from it, the last first."""
    return list(
        Attachment.objects.filter(record_id=record_id, removed_at__isnull=False)
        .select_related(*JOINS)
        .order_by("-removed_at", "-pk")
    )


def attachment_by_reference(reference: str) -> Attachment:
    """The file, not removed. Raises ``Http404`` when the seat does not see it."""
    return get_object_or_404(Attachment.objects.select_related(*JOINS), reference=reference, removed_at=None)


def content_of(file: Attachment) -> bytes:
    """The bytes as they were attached. Raises ``vault.Unreadable`` when they are not there, or not the same."""
    return vault.get(
        partnership_id=file.partnership_id,
        file=file.file,
        owner=file.reference,
        size=file.size,
        sha256=file.sha256,
    )
