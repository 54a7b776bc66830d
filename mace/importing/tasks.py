"""What the worker does for imports, acting for the seat that asked. Ids come in; everything else is read again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from celery import shared_task

from mace.accounts.selectors import seat_by_membership, system_seat, system_seats
from mace.core import clock
from mace.core.seat import Seat, acting_as
from mace.importing.enums import ImportStatus
from mace.importing.models import Import
from mace.importing.selectors.files import import_by_id
from mace.importing.services.bringing import run_import as run
from mace.importing.services.checking import check
from mace.importing.services.planning import forget_old
from mace.importing.services.telling import tell_stopped

SECONDS = 120
"""A check or an import that takes longer goes on in another task, well before the worker would end this one."""


@shared_task
def check_import(*, membership_id: int, import_id: int) -> bool:
    """Try an import without keeping it. Safe to run twice, to die anywhere, to come late."""

    def some_of_it(file: Import, seat: Seat, more: Callable[[], bool]) -> bool:
        return check(file=file, by=seat, at=clock.now(), more=more) is not None

    return _go_on(check_import, ImportStatus.CHECKING, some_of_it, membership_id=membership_id, import_id=import_id)


@shared_task
def run_import(*, membership_id: int, import_id: int) -> bool:
    """Import what is not imported yet. Safe to run twice, to die anywhere, to come late."""

    def some_of_it(file: Import, seat: Seat, more: Callable[[], bool]) -> bool:
        return run(file=file, by=seat, at=clock.now(), more=more)

    return _go_on(run_import, ImportStatus.IMPORTING, some_of_it, membership_id=membership_id, import_id=import_id)


def _go_on(
    task: Any,
    status: ImportStatus,
    work: Callable[[Import, Seat, Callable[[], bool]], bool],
    *,
    membership_id: int,
    import_id: int,
) -> bool:
    """Work until it is done or time is up, then let another task go on; whoever asked is told of a fault of ours."""
    seat = seat_by_membership(membership_id, on=clock.today())
    if seat is None:
        return False
    until = time.monotonic() + SECONDS
    with acting_as(seat, reason="Import of a spreadsheet"):
        file = import_by_id(import_id)
        if file is None or file.status != status:
            return False
        try:
            done = work(file, seat, lambda: time.monotonic() < until)
        except Exception:
            tell_stopped(import_id=import_id, by=seat, at=clock.now())
            raise
        if not done and (again := import_by_id(import_id)) is not None and again.status == status:
            task.delay(membership_id=membership_id, import_id=import_id)
        return done


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
