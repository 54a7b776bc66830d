"""Minutes as a PDF, for one seat: asked for on the web, made in the worker acting for that seat."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

from celery import current_app
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from mace.access.policy import Capability, can, require
from mace.core.errors import RuleBroken
from mace.core.seat import Seat
from panels.enums import DocumentStatus, MeetingStatus
from panels.models import Meeting, MinutesDocument
from panels.selectors.documents import pack_for, watermark
from panels.transitions import FIXED

MAKE_DOCUMENT = "panels.tasks.make_document"
"""By name, because the worker's tasks stand above the services."""


class PdfUnavailable(Exception):
    """The machine lacks what PDFs are made with."""


@transaction.atomic
def request_document(*, meeting: Meeting, by: Seat, at: dt.datetime) -> MinutesDocument:
    """Ask for the minutes as a PDF. One that waits to be made is answered again, and its making queued once more.

    Side effects: a row for this seat alone; once this commits, a task with ids only.
    Raises ``RuleBroken`` while there is nothing to print: before the minutes are approved, for whoever does not write
    them before they are drafted.
    """
    require(by, Capability.READ_MEETINGS)
    drafted = meeting.status == MeetingStatus.DRAFTED and can(by, Capability.DRAFT_MINUTES)
    if meeting.status not in FIXED and not drafted:
        raise RuleBroken("The minutes can be made into a document once they are approved.")
    document = MinutesDocument.objects.filter(
        meeting=meeting, requested_by_id=by.membership_id, status=DocumentStatus.QUEUED
    ).first()
    if document is None:
        document = MinutesDocument.objects.create(
            record_id=meeting.pk,
            meeting=meeting,
            requested_by_id=by.membership_id,
            requested_principal=by.principal,
            requested_at=at,
        )
    transaction.on_commit(
        partial(
            current_app.send_task,
            MAKE_DOCUMENT,
            kwargs={"membership_id": by.membership_id, "document_id": str(document.pk)},
        ),
        robust=True,
    )
    return document


@transaction.atomic
def make_document(*, document_id: str, render: Callable[[str], bytes], by: Seat, at: dt.datetime) -> bool:
    """Make a document that was asked for, with exactly the items that the seat may read now; answers whether it did.

    Locked while it is made, so that a second run waits and then finds it done; a run that dies leaves it to be made.
    Without what PDFs are made with it is marked as failed.
    """
    document = (
        MinutesDocument.objects.select_for_update(of=("self",))
        .select_related("meeting__panel", "meeting__approved_by__user")
        .filter(pk=document_id, requested_by_id=by.membership_id, status=DocumentStatus.QUEUED)
        .first()
    )
    if document is None:
        return False
    pack = pack_for(document.meeting, by)
    recipient = f"{by.person_name}, {by.agency_name}"
    page = render_to_string(
        "panels/minutes_pdf.html",
        {
            "pack": pack,
            "meeting": document.meeting,
            "recipient": recipient,
            "watermark": mark_safe(watermark(recipient)),  # noqa: S308 (percent-encoded)
            "made_at": at,
            "is_draft": document.meeting.status not in FIXED,
        },
    )
    try:
        content = render(page)
    except PdfUnavailable:
        document.status = DocumentStatus.FAILED
        document.save(update_fields=["status"])
        return False
    document.content, document.item_records, document.made_at = content, pack.item_records, at
    held = pack.scopes()
    document.read_records, document.read_scopes = list(held), list(held.values())
    document.status = DocumentStatus.READY
    document.save(update_fields=["content", "item_records", "made_at", "read_records", "read_scopes", "status"])
    return True
