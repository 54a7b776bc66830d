"""What the worker does for exports, acting for the seat that asked. Ids come in; everything else is read again."""

from __future__ import annotations

from celery import shared_task

from mace.accounts.selectors import seat_by_membership, system_seat, system_seats
from mace.core import clock
from mace.core.seat import acting_as
from mace.exporting.services.erasing import erase_expired
from mace.exporting.services.making import give_up
from mace.exporting.services.making import make_export as make
from panels.tasks import render_pdf


@shared_task
def make_export(*, membership_id: int, export_id: int) -> bool:
    """Make what a seat asked for, acting for that seat. Safe to run twice, to die anywhere, to come late.

    Whoever left meanwhile gets nothing. After a fault it is marked as failed, so that nobody waits for it.
    """
    seat = seat_by_membership(membership_id, on=clock.today())
    if seat is None:
        return False
    with acting_as(seat):
        try:
            return make(export_id=export_id, render=render_pdf, by=seat, at=clock.now())
        except Exception:
            give_up(export_id=export_id, by=seat, at=clock.now())
            raise


@shared_task
def erase_exports() -> None:
    """Start erasing exports whose time is up, in every partnership."""
    for seat in system_seats():
        erase_exports_of.delay(partnership_id=seat.partnership_id)


@shared_task
def erase_exports_of(*, partnership_id: int) -> None:
    seat = system_seat(partnership_id)
    with acting_as(seat):
        erase_expired(by=seat, at=clock.now())
