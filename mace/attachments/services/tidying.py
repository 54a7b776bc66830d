"""What the worker does with files by itself: scan those that wait, and sweep away what belongs to no row.

The system's seat sees no draft and nothing that is restricted. It asks three functions of the database, which answer no
more than this needs, of its own partnership only.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse

from mace.access.selectors import may_be_told
from mace.accounts.models import Membership
from mace.accounts.selectors import SEAT_JOINS
from mace.attachments import clamd, vault
from mace.core.seat import Seat
from mace.notifications.services import notify

LOG = logging.getLogger(__name__)
SCAN_SECONDS = 100.0
MOST_SCANNED = 25
SECONDS = 90.0
"""After that no further file is begun, so that the task ends before the worker would end it."""
SWEPT_AFTER = 24 * 60 * 60.0
"""Seconds. No upload takes that long."""
ASKED_AT_ONCE = 500


def scan_files(*, by: Seat, at: dt.datetime) -> int:
    """Scan the partnership's files that were not scanned yet, the longest waiting first; answers how many were.

    Stops where the scanner does not answer. An infected file is removed, and whoever attached it is told.
    """
    if settings.CLAMD is None:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select id, reference, file, size, sha256 from attachments_to_scan(%s)", [MOST_SCANNED])
        waiting = cursor.fetchall()
    done, until = 0, time.monotonic() + SECONDS
    for key, reference, file, size, sha256 in waiting:
        try:
            content = vault.get(partnership_id=by.partnership_id, file=file, owner=reference, size=size, sha256=sha256)
            verdict = clamd.scan(content, settings.CLAMD, seconds=SCAN_SECONDS)
        except vault.Unreadable:
            LOG.error("file %s cannot be read", reference)  # noqa: TRY400 (what it was is not for the log)
            verdict = clamd.Verdict.FAILED
        except clamd.Unreachable:
            LOG.warning("ClamAV does not answer: %s files wait", len(waiting) - done)
            break
        put_down_verdict(attachment_id=key, verdict=verdict, by=by, at=at)
        done += 1
        if time.monotonic() > until:
            break
    return done


@transaction.atomic
def put_down_verdict(*, attachment_id: int, verdict: clamd.Verdict, by: Seat, at: dt.datetime) -> None:
    """Write what the scanner said. Where it found a virus the file is removed and whoever attached it is told."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select reference, file, record_id, added_by_id from attachments_scanned(%s, %s, %s)",
            [attachment_id, verdict.value, at],
        )
        infected = cursor.fetchone()
    if infected is None:
        return
    reference, file, record_id, added_by = infected
    LOG.warning("file %s was removed: ClamAV found a virus in it", reference)
    transaction.on_commit(partial(vault.discard, partnership_id=by.partnership_id, file=file), robust=True)
    if may_be_told(record_id, [added_by]):
        notify(
            to=Membership.objects.select_related(*SEAT_JOINS).get(pk=added_by),
            subject=f"File {reference} was removed",
            text=f"A virus was found in file {reference}, which you attached. It was removed. Attach a clean copy.",
            path=reverse("referrals:remove_file", args=[reference]),
            about=record_id,
            dedupe_key=f"attachment-infected:{reference}",
            by=by,
            at=at,
        )


def _batches(partnership_id: int) -> Iterator[list[tuple[Path, uuid.UUID | None]]]:
    found = vault.older_files(partnership_id, seconds=SWEPT_AFTER)
    while batch := list(islice(found, ASKED_AT_ONCE)):
        yield batch


def sweep_files(*, by: Seat) -> int:
    """Remove what lies in the partnership's folder for more than a day and belongs to no row; answers how many.

    That is what a crash left, a transaction that was given up, and what should have gone when its row said removed.
    """
    gone = 0
    for batch in _batches(by.partnership_id):
        ids = [file for _, file in batch if file is not None]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select file from attachments_kept(%s)", [ids])
            kept = {file for (file,) in cursor.fetchall()}
        for path, file in batch:
            if file is None or file not in kept:
                path.unlink(missing_ok=True)
                gone += 1
    if gone:
        LOG.info("%s files that belonged to nothing were removed", gone)
    return gone
