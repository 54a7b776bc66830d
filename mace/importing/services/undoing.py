"""Taking back an import as a whole: all that it made goes, unless somebody has worked on it since."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, connection, transaction

from mace.access.policy import Capability, require
from mace.core.errors import RuleBroken
from mace.core.seat import Seat
from mace.importing.enums import ImportStatus
from mace.importing.models import Import, ImportedRow
from mace.importing.transitions import check_import


def worked_on(file: Import) -> list[str]:
    """References of what an import made and somebody has changed since, in order; `another` for what is not shown."""
    with connection.cursor() as cursor:
        cursor.execute("select reference from importing_worked_on(%s) order by 1", [file.pk])
        return [str(row[0]) for row in cursor.fetchall()]


@transaction.atomic
def undo_import(*, file: Import, reason: str, by: Seat, at: dt.datetime) -> int:
    """Remove every case, child, referral, action and place that the import made; answers how many rows that were.

    Raises ``RuleBroken`` without a reason, and while anything of it was worked on since: that must not be lost.
    """
    require(by, Capability.IMPORT)
    locked = Import.objects.select_for_update(of=("self",)).get(pk=file.pk)
    check_import(locked.status, ImportStatus.UNDONE)
    if not reason.strip():
        raise RuleBroken("Say why the import is undone", field="reason")
    if since := worked_on(locked):
        raise RuleBroken(
            f"Worked on since it was imported: {', '.join(since[:20])}. What was written there would be lost, so "
            "nothing was undone"
        )
    rows = ImportedRow.objects.filter(file=locked).count()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select importing_undo(%s)", [locked.pk])
    except IntegrityError as broken:
        raise RuleBroken("Something else speaks of what was imported, so nothing was undone") from broken
    locked.status, locked.undone_at, locked.undone_by_id = ImportStatus.UNDONE, at, by.membership_id
    locked.undone_reason, locked.version = reason.strip()[:400], locked.version + 1
    locked.save(update_fields=["status", "undone_at", "undone_by", "undone_reason", "version"])
    return rows
