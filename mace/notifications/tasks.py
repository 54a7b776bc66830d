"""What the worker does about mail. Each task may be run twice, late, or die at any line."""

from __future__ import annotations

import logging
from smtplib import SMTPException

from celery import shared_task
from django.db import transaction

from mace.accounts.selectors import system_seat, system_seats
from mace.core import clock
from mace.core.seat import acting_as
from mace.notifications.selectors import outbox
from mace.notifications.services import send_one

log = logging.getLogger(__name__)
MOST = 500


@shared_task
def send_mail(*, message_id: str, partnership_id: int) -> bool:
    """Mail one message, in the system seat of its partnership; answers whether this run sent it."""
    seat = system_seat(partnership_id)
    with acting_as(seat):
        return send_one(message_id=message_id, by=seat, at=clock.now())


@shared_task
def send_outbox() -> int:
    """Mail what is still unsent a minute after it was made: what the queue lost, or the mail server refused."""
    sent = 0
    for seat in system_seats():
        with acting_as(seat):
            with transaction.atomic():
                waiting = outbox(at=clock.now(), most=MOST)
            for message_id in waiting:
                try:
                    sent += send_one(message_id=message_id, by=seat, at=clock.now())
                except (OSError, SMTPException) as error:
                    log.warning("mail of message %s could not be sent: %s", message_id, type(error).__name__)
    return sent
