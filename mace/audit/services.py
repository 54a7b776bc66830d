"""Putting on record what was shown."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from mace.audit.models import ReadKind
from mace.core.seat import Seat

MOST_RECORDS = 1000
"""An answer that shows more than this many records is put on record in several entries."""

_ADD = (
    "insert into audit_readentry (kind, action, record_id, reference, records, rows, refused) "
    "values (%s, %s, %s, %s, %s, %s, %s)"
)


def record_read(
    *,
    by: Seat,
    action: str,
    record_id: int | None = None,
    reference: str = "",
    rows: int = 1,
    records: Sequence[int] = (),
    kind: ReadKind = ReadKind.PAGE,
) -> None:
    """Add one entry in the transaction of the answer itself: no log, no read.

    ``records`` are the ids of all the records that the answer shows something of. Who reads is not said here: the
    database takes it from the verified seat, with the time, and refuses an entry without one.
    """
    del by
    shown = [int(key) for key in records]
    with connection.cursor() as cursor:
        for start in range(0, max(len(shown), 1), MOST_RECORDS):
            part = shown[start : start + MOST_RECORDS]
            cursor.execute(_ADD, [kind.value, action, record_id, reference[:40], part, rows, False])


def record_refusal(*, by: Seat, action: str, reference: str) -> None:
    """Add one entry for an answer that was refused; hidden and absent look alike here too."""
    del by
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [ReadKind.REFUSAL.value, action[:40], None, reference[:40], [], 1, True])
