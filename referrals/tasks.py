"""What the worker does by itself around children. Ids come in; everything else is read again."""

from __future__ import annotations

from celery import shared_task

from mace.accounts.selectors import system_seat, system_seats
from mace.core import clock
from mace.core.seat import acting_as
from referrals.services.elsewhere import look_elsewhere as look
from referrals.services.elsewhere import tell_known_elsewhere
from referrals.services.sameness import compare_children

AT_ONCE = 50
"""Children compared in one transaction."""


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


@shared_task
def find_pairs() -> None:
    """Start the nightly look for records that may be one child."""
    for seat in system_seats():
        find_pairs_of.delay(partnership_id=seat.partnership_id)


@shared_task
def find_pairs_of(*, partnership_id: int) -> None:
    """Compare some children who are new or changed, here and with other partnerships, then go on in another task.

    Safe to run twice, to die anywhere, to come late: who is compared is taken off in the same transaction.
    """
    seat = system_seat(partnership_id)
    with acting_as(seat):
        found = compare_children(by=seat, at=clock.now(), most=AT_ONCE)
    for child_id in found:
        look_elsewhere.delay(child_id=child_id, partnership_id=partnership_id)
    if len(found) == AT_ONCE:
        find_pairs_of.delay(partnership_id=partnership_id)
