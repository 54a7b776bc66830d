"""What the worker does for imports, acting for the seat that asked. Ids come in; everything else is read again."""

from __future__ import annotations

import time

from celery import shared_task

from mace.accounts.selectors import seat_by_membership, system_seat, system_seats
from mace.core import clock
from mace.core.seat import acting_as
from mace.importing.enums import ImportStatus
from mace.importing.selectors.files import import_by_id
from mace.importing.services.bringing import run_import as run
from mace.importing.services.checking import check
from mace.importing.services.planning import forget_old

SECONDS = 120
"""An import that takes longer goes on in another task, well before the worker would end this one."""


@shared_task
def check_import(*, membership_id: int, import_id: int) -> bool:
    """Try an import without keeping it. Safe to run twice, to die anywhere, to come late."""
    seat = seat_by_membership(membership_id, on=clock.today())
    if seat is None:
        return False
    with acting_as(seat):
        file = import_by_id(import_id)
        return file is not None and check(file=file, by=seat, at=clock.now()) is not None


@shared_task
def run_import(*, membership_id: int, import_id: int) -> bool:
    """Import what is not imported yet. Safe to run twice, to die anywhere, to come late."""
    seat = seat_by_membership(membership_id, on=clock.today())
    if seat is None:
        return False
    with acting_as(seat, reason="Import of a spreadsheet"):
        file = import_by_id(import_id)
        until = time.monotonic() + SECONDS
        if file is None or not run(file=file, by=seat, at=clock.now(), more=lambda: time.monotonic() < until):
            again = import_by_id(import_id)
            if again is not None and again.status == ImportStatus.IMPORTING:
                run_import.delay(membership_id=membership_id, import_id=import_id)
            return False
        return True


@shared_task
def forget_imports() -> None:
    """Start giving up imports that nobody goes on with, in every partnership."""
    for seat in system_seats():
        forget_imports_of.delay(partnership_id=seat.partnership_id)


@shared_task
def forget_imports_of(*, partnership_id: int) -> None:
    seat = system_seat(partnership_id)
    with acting_as(seat):
        forget_old(by=seat, at=clock.now())
