"""Putting on record what was shown."""

from __future__ import annotations

from mace.audit.models import ReadEntry
from mace.core.seat import Seat


def record_read(*, by: Seat, action: str, record_id: int | None = None, reference: str = "", rows: int = 1) -> None:
    """Add one entry in the transaction of the answer itself: no log, no read."""
    ReadEntry.objects.bulk_create(
        [
            ReadEntry(
                membership_id=by.membership_id,
                principal=by.principal,
                action=action,
                record_id=record_id,
                reference=reference,
                rows=rows,
            )
        ]
    )


def record_refusal(*, by: Seat, action: str, reference: str) -> None:
    """Add one entry for an answer that was refused; hidden and absent look alike here too."""
    ReadEntry.objects.bulk_create(
        [
            ReadEntry(
                membership_id=by.membership_id,
                principal=by.principal,
                action=action,
                reference=reference[:40],
                refused=True,
            )
        ]
    )
