"""A file looked at, kept beside a record, and removed again."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import uuid
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from mace.access.policy import Capability, require
from mace.attachments import clamd, vault
from mace.attachments.content import type_of
from mace.attachments.enums import FileType, Scan
from mace.attachments.models import Attachment
from mace.attachments.rules import room_fault, size_fault
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.references import attachment_reference
from mace.core.seat import Seat

LOG = logging.getLogger(__name__)
SCAN_SECONDS = 20.0
"""How long somebody waits for the scanner; what takes longer is kept, and scanned by the worker."""
VIRUS = (
    "A virus was found in this file, so it was not kept. Tell whoever looks after your computers, and attach a clean "
    "copy"
)


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found out about a file before it is kept."""

    type: FileType
    scan: Scan


def examine(content: bytes) -> Examined:
    """What a file is, and what the virus scanner says of it, if there is one.

    Raises ``RuleBroken`` with what to do instead for what may not be attached. Asks the scanner last, and outside of
    any lock: it may take its time.
    """
    if fault := size_fault(len(content)):
        raise RuleBroken(fault, field="file")
    found = type_of(content)
    if settings.CLAMD is None:
        return Examined(found, Scan.NOT_SCANNED)
    try:
        verdict = clamd.scan(content, settings.CLAMD, seconds=SCAN_SECONDS)
    except clamd.Unreachable:
        LOG.warning("ClamAV did not answer: a file waits to be scanned")
        return Examined(found, Scan.WAITING)
    if verdict is clamd.Verdict.INFECTED:
        LOG.warning("a file was refused: ClamAV found a virus in it")
        raise RuleBroken(VIRUS, field="file")
    return Examined(found, Scan(verdict.value))


@transaction.atomic
def keep_file(
    *,
    record_id: int,
    partnership_id: int,
    kind: str,
    title: str,
    name: str,
    content: bytes,
    examined: Examined,
    operation: str,
    by: Seat,
    at: dt.datetime,
) -> Attachment:
    """Keep a file beside a record: first its bytes, then the row. Part of a service that has locked the record's owner.

    A second call with the same ``operation`` answers the first one's file. Raises ``RuleBroken`` when there is no room.
    What a crash, or a transaction that is given up, leaves in the vault is swept a day later.
    """
    require(by, Capability.FILE_REFERRAL)
    beside = Attachment.objects.filter(record_id=record_id)
    if operation and (known := beside.filter(operation=operation).first()) is not None:
        return known
    present = beside.filter(removed_at=None)
    together = present.aggregate(sum=Sum("size"))["sum"] or 0
    if fault := room_fault(present.count(), together, len(content)):
        raise RuleBroken(fault, field="file")
    made = Attachment(
        reference=attachment_reference(),
        record_id=record_id,
        partnership_id=partnership_id,
        file=uuid.uuid4(),
        kind=kind,
        title=title.strip(),
        name=name[:200],
        type=examined.type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        added_by_id=by.membership_id,
        added_by_principal=by.principal,
        added_at=at,
        scan=examined.scan,
        scanned_at=None if examined.scan in {Scan.NOT_SCANNED, Scan.WAITING} else at,
        operation=operation,
    )
    vault.put(content, partnership_id=partnership_id, file=made.file, owner=made.reference)
    try:
        made.save(force_insert=True)
    except BaseException:
        vault.discard(partnership_id=partnership_id, file=made.file)
        raise
    return made


@transaction.atomic
def remove_file(*, attachment: Attachment, reason: str, by: Seat, at: dt.datetime) -> Attachment:
    """Take a file away: the row says who and why, the bytes go when that is committed. Part of another service.

    A second call changes nothing.
    """
    require(by, Capability.FILE_REFERRAL)
    locked = Attachment.objects.select_for_update(of=("self",)).filter(pk=attachment.pk).first()
    if locked is None:
        raise NotAllowed("no such file")
    if locked.removed_at is not None:
        return locked
    if not reason.strip():
        raise RuleBroken("Say why the file is removed", field="reason")
    locked.removed_at = at
    locked.removed_by_id = by.membership_id
    locked.removed_reason = reason.strip()
    locked.save(update_fields=["removed_at", "removed_by", "removed_reason"])
    transaction.on_commit(partial(vault.discard, partnership_id=locked.partnership_id, file=locked.file), robust=True)
    return locked
