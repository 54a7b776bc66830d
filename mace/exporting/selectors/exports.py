"""Exports that the seat asked for; the policies hide everybody else's."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404

from mace.exporting.enums import ExportOf, ExportStatus
from mace.exporting.models import Export, ExportFile
from mace.exporting.selectors.lists import LISTS
from mace.exporting.selectors.readers import still_reads
from referrals.models import Case

JOINS = ("reader__user", "reader__agency")


def exports() -> list[Export]:
    """The seat's latest, at most fifty."""
    return list(Export.objects.select_related(*JOINS).order_by("-asked_at", "-pk")[:50])


def export_by_reference(reference: str) -> Export:
    """Raises ``Http404`` for one that the seat did not ask for, or of a case that it does not see any more."""
    return get_object_or_404(Export.objects.select_related(*JOINS), reference=reference)


def export_by_id(key: int) -> Export | None:
    """For the worker: in a transaction of its own, as outside one no seat sees anything."""
    with transaction.atomic():
        return Export.objects.filter(pk=key).first()


def state_of(export: Export, *, at: dt.datetime) -> ExportStatus:
    """Where it stands at a moment: its time may be up before anybody has erased it."""
    status = ExportStatus(export.status)
    over = status == ExportStatus.READY and export.expires_at is not None and export.expires_at <= at
    return ExportStatus.EXPIRED if over else status


def file_of(export: Export, *, at: dt.datetime) -> ExportFile | None:
    """The file, before its time is up and while the seat sees all that stands in it; ``None`` where it does not.

    One made for somebody else is also gone when they do not see the case as wide any more.
    """
    if state_of(export, at=at) != ExportStatus.READY:
        return None
    if export.reader_id is not None and not still_reads(export):
        return None
    return ExportFile.objects.filter(pk=export.pk).first()


def title_of(export: Export) -> str:
    """What it is of: `Cases`, `Case C-7K4M-2Q9X`."""
    if export.record_id is None:
        return str(ExportOf(export.what).label)
    return f"Case {case_of(export).reference}"


def narrowed_by(export: Export) -> list[str]:
    """By what the list was narrowed, in words."""
    return LISTS[export.what].said(export.chosen) if export.what in LISTS else []


def case_of(export: Export) -> Case:
    """The case that it is of. Raises ``Http404`` when the seat does not see it any more."""
    found = Case.objects.filter(pk=export.record_id).first()
    if found is None:
        raise Http404
    return found
