"""Telling who asked for a check or an import that it is ready, or that it stopped: a reference, never a name."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from mace.access.policy import Capability, require
from mace.accounts.models import Membership, Role
from mace.accounts.selectors import SEAT_JOINS
from mace.core.seat import Seat
from mace.importing.models import Import
from mace.importing.selectors.files import import_by_id
from mace.importing.transitions import WORKING
from mace.notifications.services import notify

READY, DONE, UNREAD, STOPPED = "is checked", "is done", "could not be checked", "has stopped"
"""What there is to tell of an import, after its reference."""
WORDS = {
    READY: "Open it to see what importing it would do. Nothing is imported yet.",
    DONE: "Open it to see what became of each row.",
    UNREAD: "Open it to see why.",
    STOPPED: "Something went wrong. Open it and choose ‘Go on where it stopped’; if that fails too, tell whoever runs "
    "the system.",
}


def tell(file: Import, what: str, *, by: Seat, at: dt.datetime) -> None:
    """Tell who asked, in the transaction that brings the import there: once for each time that it comes there."""
    require(by, Capability.IMPORT)
    if by.role == Role.SYSTEM:
        return  # the shell: whoever works there sees it
    notify(
        to=Membership.objects.select_related(*SEAT_JOINS).get(pk=by.membership_id),
        subject=f"Import {file.reference} {what}",
        text=WORDS[what],
        path=f"/imports/{file.reference}/",
        about=None,
        dedupe_key=f"import:{file.reference}:{what}:{file.version}",
        by=by,
        at=at,
    )


@transaction.atomic
def tell_stopped(*, import_id: int, by: Seat, at: dt.datetime) -> None:
    """After a fault of ours, while the worker was at it."""
    require(by, Capability.IMPORT)
    file = import_by_id(import_id)
    if file is not None and file.status in WORKING:
        tell(file, STOPPED, by=by, at=at)
