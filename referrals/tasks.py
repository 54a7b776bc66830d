"""What the worker does by itself around children. Ids come in; everything else is read again."""

from __future__ import annotations

from celery import shared_task

from mace.accounts.selectors import system_seat
from mace.core import clock
from mace.core.seat import acting_as
from referrals.services.elsewhere import look_elsewhere as look
from referrals.services.elsewhere import tell_known_elsewhere


@shared_task
def look_elsewhere(*, child_id: int, partnership_id: int) -> None:
    """Find out whether another partnership may know a child; the coordinators of both sides are told by their own."""
    seat = system_seat(partnership_id)
    with acting_as(seat):
        found = look(child_id=child_id, by=seat, at=clock.now())
    for each in (partnership_id, *found) if found else ():
        tell_elsewhere.delay(partnership_id=each)


@shared_task
def tell_elsewhere(*, partnership_id: int) -> None:
    """Tell the coordinators of a partnership of its children who may be known elsewhere. Safe to run twice."""
    seat = system_seat(partnership_id)
    with acting_as(seat):
        tell_known_elsewhere(by=seat, at=clock.now())
