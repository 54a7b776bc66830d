"""Making what was asked for, in the seat that asked: the policies decide what is in it, as on the page."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.http import Http404
from django.template.loader import render_to_string

from mace.access.policy import Capability, require
from mace.accounts.models import Membership
from mace.accounts.selectors import SEAT_JOINS, seat_by_membership
from mace.audit.models import ReadKind
from mace.audit.services import record_read
from mace.core.clock import london_date
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import Seat
from mace.core.templatetags.components import uk_datetime
from mace.exporting.enums import ExportFormat, ExportOf, ExportStatus
from mace.exporting.models import Export, ExportFile
from mace.exporting.rules import ROWS_AT_MOST, lasts
from mace.exporting.selectors.document import case_document
from mace.exporting.selectors.exports import case_of
from mace.exporting.selectors.lists import LISTS, Chunk
from mace.exporting.selectors.readers import reader_of
from mace.exporting.transitions import check_export
from mace.exporting.writing import Cell, csv_file, xlsx_file
from mace.notifications.services import notify
from panels.selectors.meetings import scopes_on
from panels.services.documents import PdfUnavailable

Render = Callable[[str], bytes]
NO_LONGER = "What was asked for cannot be seen any more in the role in which it was asked for"
NO_PDF = "A PDF cannot be made on this machine. Print the page of the case from your browser instead"
NO_READER = "Whoever it was for does not see the case any more"
TOO_LONG = f"The list has more than {ROWS_AT_MOST:,} rows. Narrow it, and ask again"
FAULT = "Something went wrong while it was made. Ask again; if that fails too, tell whoever runs the system"


@dataclass(frozen=True, slots=True)
class Made:
    """A file, how many rows or entries it has, and the records that something of stands in it."""

    content: bytes
    rows: int
    records: Sequence[int]
    scope: int = 0


@transaction.atomic
def make_export(*, export_id: int, render: Render, by: Seat, at: dt.datetime) -> bool:
    """Make one that waits, with exactly what the seat sees now; answers whether it did.

    Locked while it is made, so that a second run waits and then finds it done; a run that dies leaves it to be made.
    What cannot be made is marked as failed, with the reason. Side effects: the file, an entry in the read log, a
    message to whoever asked.
    """
    require(by, Capability.EXPORT_CASE)
    export = _waiting(export_id, by)
    if export is None:
        return False
    try:
        with transaction.atomic():
            made = _case(export, render, by, at) if export.what == ExportOf.CASE else _list(export, by, at)
    except RuleBroken as broken:
        return _failed(export, broken.message, by, at)
    except PdfUnavailable:
        return _failed(export, NO_PDF, by, at)
    except (Http404, NotAllowed):
        return _failed(export, NO_LONGER, by, at)
    _keep(export, made, by, at)
    return True


@transaction.atomic
def give_up(*, export_id: int, by: Seat, at: dt.datetime) -> None:
    """Mark one that waits as failed, after a fault of ours."""
    require(by, Capability.EXPORT_CASE)
    export = _waiting(export_id, by)
    if export is not None:
        _failed(export, FAULT, by, at)


def _waiting(export_id: int, by: Seat) -> Export | None:
    rows = Export.objects.select_for_update(of=("self",))
    return rows.filter(pk=export_id, asked_by_id=by.membership_id, status=ExportStatus.WAITING).first()


def _list(export: Export, by: Seat, at: dt.datetime) -> Made:
    require(by, Capability.EXPORT_LISTS)
    kind = LISTS[export.what]
    require(by, kind.capability)
    records: list[int] = []
    counted = [0]
    rows = _counting(kind.chunks(export.chosen, by, london_date(at)), records, counted)
    head, marking = kind.head(export.chosen), _marking(export, by, at)
    if export.format == ExportFormat.CSV:
        content = csv_file(marking, head, rows)
    else:
        content = xlsx_file(marking, head, rows, title=export.reference, made_at=at)
    return Made(content, counted[0], list(dict.fromkeys(records)))


def _counting(chunks: Iterator[Chunk], records: list[int], counted: list[int]) -> Iterator[list[Cell]]:
    """The rows one after the other; ``records`` and the count grow with them."""
    for chunk in chunks:
        records += chunk.records
        counted[0] += len(chunk.rows)
        if counted[0] > ROWS_AT_MOST:
            raise RuleBroken(TOO_LONG)
        yield from chunk.rows


def _marking(export: Export, by: Seat, at: dt.datetime) -> str:
    """The first row of every list: how it is handled, whose it is, why, until when."""
    parts = (
        "OFFICIAL-SENSITIVE",
        f"exported by {by.person_name}, {by.words}, on {uk_datetime(at)}",
        export.reference,
        f"reason: {export.reason}",
        f"delete after {uk_datetime(at + lasts())}",
    )
    return " · ".join(parts)


def _case(export: Export, render: Render, by: Seat, at: dt.datetime) -> Made:
    """The case in the reader's own view. Whoever the reader is, nothing is written in their seat."""
    reader = None
    if export.reader_id is not None:
        require(by, Capability.DISCLOSE)
        assert export.record_id is not None
        known = reader_of(export.record_id, export.reader_id)
        reader = seat_by_membership(export.reader_id, on=london_date(at)) if known else None
        if reader is None:
            raise RuleBroken(NO_READER)
    document = case_document(case_of(export).reference, reader=reader, at=at)
    recipient = reader or by
    page = render_to_string(
        "exporting/case_pdf.html",
        {
            "document": document,
            "page": document.page,
            "case": document.page.case,
            "export": export,
            "recipient": f"{recipient.person_name}, {recipient.words}",
            "made_by": f"{by.person_name}, {by.words}",
            "made_at": at,
            "delete_after": at + lasts(),
        },
    )
    return Made(render(page), document.rows, document.records, scope=document.page.scope)


def _keep(export: Export, made: Made, by: Seat, at: dt.datetime) -> None:
    check_export(export.status, ExportStatus.READY)
    held = scopes_on(made.records)
    ExportFile.objects.create(
        export=export,
        asked_principal=by.principal,
        records=list(held),
        scopes=list(held.values()),
        content=made.content,
    )
    export.status, export.rows, export.scope = ExportStatus.READY, made.rows, made.scope
    export.digest = hashlib.sha256(made.content).hexdigest()
    export.ready_at, export.expires_at = at, at + lasts()
    export.save(update_fields=["status", "rows", "scope", "digest", "ready_at", "expires_at"])
    record_read(
        by=by,
        action="export made",
        record_id=export.record_id,
        reference=export.reference,
        rows=made.rows,
        records=made.records,
        kind=ReadKind.EXPORT,
    )
    _tell(export, "is ready", f"You can download it until {uk_datetime(export.expires_at)}.", by, at)


def _failed(export: Export, problem: str, by: Seat, at: dt.datetime) -> bool:
    check_export(export.status, ExportStatus.FAILED)
    export.status, export.problem = ExportStatus.FAILED, problem
    export.save(update_fields=["status", "problem"])
    _tell(export, "could not be made", "Open it to see why.", by, at)
    return False


def _tell(export: Export, what: str, text: str, by: Seat, at: dt.datetime) -> None:
    notify(
        to=Membership.objects.select_related(*SEAT_JOINS).get(pk=by.membership_id),
        subject=f"Export {export.reference} {what}",
        text=text,
        path=f"/exports/{export.reference}/",
        about=export.record_id,
        dedupe_key=f"export:{export.reference}",
        by=by,
        at=at,
    )
