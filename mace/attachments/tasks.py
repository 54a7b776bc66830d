"""What beat starts for files. Each partnership in its own task, acting for the system's seat there."""

from __future__ import annotations

from celery import shared_task

from mace.accounts.selectors import system_seat, system_seats
from mace.attachments import services
from mace.core import clock
from mace.core.seat import acting_as


@shared_task
def scan_files() -> None:
    """Start scanning files that wait, in every partnership."""
    for seat in system_seats():
        scan_files_of.delay(partnership_id=seat.partnership_id)


@shared_task
def scan_files_of(*, partnership_id: int) -> None:
    """Safe to run twice, to die anywhere, to come late."""
    seat = system_seat(partnership_id)
    with acting_as(seat):
        services.scan_files(by=seat, at=clock.now())


@shared_task
def sweep_files() -> None:
    """Start removing what no file's row names, in every partnership."""
    for seat in system_seats():
        sweep_files_of.delay(partnership_id=seat.partnership_id)


@shared_task
def sweep_files_of(*, partnership_id: int) -> None:
    """Safe to run twice, to die anywhere, to come late."""
    seat = system_seat(partnership_id)
    with acting_as(seat):
        services.sweep_files(by=seat)
