"""What the worker does about mail. Each task may be run twice, late, or die at any line."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from celery import shared_task
from django.db import transaction

from mace.accounts.selectors import system_seat, system_seats
from mace.core import clock
from mace.core.seat import Seat, acting_as
from mace.notifications.selectors import outbox
from mace.notifications.services import send_one

log = logging.getLogger(__name__)
MOST = 500


@shared_task
def send_mail(*, message_id: str, partnership_id: int) -> None:
    """Mail one message, in the system seat of its partnership."""
    _send(system_seat(partnership_id), message_id)


@shared_task
def send_outbox() -> None:
    """Mail what is still unsent a minute after it was made: what the queue lost, or the mail server refused."""
    for seat in system_seats():
        with acting_as(seat), transaction.atomic():
            waiting = outbox(at=clock.now(), most=MOST)
        for message_id in waiting:
            _send(seat, message_id)


def _send(seat: Seat, message_id: str) -> None:
    """Send, or leave it in the outbox for a later scan. The log names the fault only: an address is personal."""
    try:
        with acting_as(seat):
            send_one(message_id=message_id, by=seat, at=clock.now())
    except (OSError, SMTPException) as error:
        log.warning("The mail of message %s stays in the outbox: %s", message_id, type(error).__name__)
