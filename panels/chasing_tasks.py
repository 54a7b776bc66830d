"""What the worker does by itself every day: chasing, making reviews, ending sharing whose date has passed.

Each clock task of beat starts one task for every partnership, so that a fault in one leaves the others alone. Each acts
in that partnership's system seat, reads the day for itself, and may run twice, late, or die at any line.
"""

from __future__ import annotations

from celery import shared_task

from mace.access.services import clear_ended_grants
from mace.accounts.selectors import system_seat, system_seats
from mace.core import clock
from mace.core.seat import acting_as
from panels.services.chasing import chase_partnership
from panels.services.reviews import chase_reviews, make_due_reviews
from panels.services.sharing import end_expired_sharing


@shared_task
def chase_actions() -> None:
    """Start the chase in every partnership."""
    for seat in system_seats():
        chase_actions_of.delay(partnership_id=seat.partnership_id)


@shared_task
def chase_actions_of(*, partnership_id: int) -> None:
    seat = system_seat(partnership_id)
    with acting_as(seat):
        chase_partnership(by=seat, at=clock.now())


@shared_task
def make_reviews() -> None:
    """Start the look for due reviews, and for unanswered ones, in every partnership."""
    for seat in system_seats():
        make_reviews_of.delay(partnership_id=seat.partnership_id)


@shared_task
def make_reviews_of(*, partnership_id: int) -> None:
    seat = system_seat(partnership_id)
    with acting_as(seat):
        make_due_reviews(by=seat, at=clock.now())
        chase_reviews(by=seat, at=clock.now())


@shared_task
def end_sharing() -> None:
    """Start the look for sharing decisions whose date has passed in every partnership."""
    for seat in system_seats():
        end_sharing_of.delay(partnership_id=seat.partnership_id)


@shared_task
def end_sharing_of(*, partnership_id: int) -> None:
    seat = system_seat(partnership_id)
    with acting_as(seat):
        end_expired_sharing(by=seat, at=clock.now())
        clear_ended_grants()
