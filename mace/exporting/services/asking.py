"""Asking for a list or a case as a file: who, what, why; the worker makes it."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction

from mace.access.policy import Capability, require
from mace.audit.models import ReadKind
from mace.audit.services import record_read
from mace.core.errors import RuleBroken
from mace.core.seat import Seat
from mace.exporting.enums import ExportFormat, ExportOf, ExportStatus
from mace.exporting.models import Export
from mace.exporting.rules import REASON_LEAST
from mace.exporting.selectors.lists import LISTS, Chosen
from mace.exporting.selectors.readers import Reader
from referrals.models import Case

MAKE = "mace.exporting.tasks.make_export"
"""By name, because the worker's tasks stand above the services."""
TOO_SHORT = "Say what it is for, in at least 10 characters"


@transaction.atomic
def ask_for_list(*, what: str, chosen: Chosen, format: str, reason: str, by: Seat, at: dt.datetime) -> Export:  # noqa: A002
    """Ask for a list, narrowed as its page was. Whoever sends the same twice while it waits gets the one.

    Side effects: the row, an entry in the read log, and once this commits a task with ids only.
    Raises ``RuleBroken`` for a reason that is too short or a form that lists do not have.
    """
    require(by, Capability.EXPORT_LISTS)
    require(by, LISTS[what].capability)
    if format not in (ExportFormat.XLSX, ExportFormat.CSV):
        raise RuleBroken("Select XLSX or CSV", field="format")
    return _asked(by=by, at=at, what=what, chosen=chosen, format=format, reason=reason)


@transaction.atomic
def ask_for_case(*, case: Case, reader: Reader | None, reason: str, by: Seat, at: dt.datetime) -> Export:
    """Ask for a case as a PDF, for oneself or for ``reader``; otherwise as ``ask_for_list``."""
    require(by, Capability.EXPORT_CASE)
    if reader is not None:
        require(by, Capability.DISCLOSE)
    return _asked(
        by=by,
        at=at,
        what=ExportOf.CASE.value,
        format=ExportFormat.PDF.value,
        record_id=case.pk,
        reader_id=reader.member.pk if reader else None,
        reason=reason,
    )


def _asked(*, by: Seat, at: dt.datetime, reason: str, **asked: Any) -> Export:
    if len(reason.strip()) < REASON_LEAST:
        raise RuleBroken(TOO_SHORT, field="reason")
    same = {"status": ExportStatus.WAITING, "reason": reason.strip(), **asked}
    export = Export.objects.filter(asked_by_id=by.membership_id, **same).first()
    if export is None:
        export = Export.objects.create(
            partnership_id=by.partnership_id,
            asked_by_id=by.membership_id,
            asked_principal=by.principal,
            asked_at=at,
            **same,
        )
    record_read(
        by=by,
        action="export asked for",
        record_id=export.record_id,
        reference=export.reference,
        rows=0,
        records=[export.record_id] if export.record_id else [],
        kind=ReadKind.EXPORT,
    )
    _queue(export, by)
    return export


@transaction.atomic
def ask_again(*, export: Export, by: Seat) -> bool:
    """Queue once more what still waits, which does no harm; answers whether it does wait."""
    require(by, Capability.EXPORT_CASE)
    waits = Export.objects.filter(pk=export.pk, asked_by_id=by.membership_id, status=ExportStatus.WAITING).exists()
    if waits:
        _queue(export, by)
    return waits


def _queue(export: Export, by: Seat) -> None:
    ids = {"membership_id": by.membership_id, "export_id": export.pk}
    transaction.on_commit(partial(current_app.send_task, MAKE, kwargs=ids), robust=True)
