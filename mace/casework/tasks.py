"""What the worker does by itself for casework. Each clock task of beat starts one task for every partnership."""

from __future__ import annotations

from celery import shared_task

from mace.accounts.selectors import system_seat, system_seats
from mace.casework.services.emergency import escalate_unreviewed
from mace.core import clock
from mace.core.seat import acting_as


@shared_task
def escalate_emergencies() -> None:
    """Start the look for emergency access that nobody has reviewed in time."""
    for seat in system_seats():
        escalate_emergencies_of.delay(partnership_id=seat.partnership_id)


@shared_task
def escalate_emergencies_of(*, partnership_id: int) -> None:
    seat = system_seat(partnership_id)
    with acting_as(seat):
        escalate_unreviewed(by=seat, at=clock.now())
