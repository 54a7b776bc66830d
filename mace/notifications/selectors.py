"""Reading messages: one's own inbox, and for the worker what is still to be mailed."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.db.models import QuerySet

from mace.accounts.models import Membership
from mace.accounts.selectors import current
from mace.core.clock import london_date
from mace.core.seat import Seat
from mace.notifications.models import Message

LATE = dt.timedelta(minutes=1)
GIVE_UP = dt.timedelta(days=7)


_UNREAD = "select count(*) from notifications_message where recipient_principal = %s and read_at is null"


def inbox(seat: Seat) -> QuerySet[Message]:
    """The seat's messages, newest first."""
    return Message.objects.filter(recipient_principal=seat.principal).order_by("-created_at", "-pk")


def unread_count(seat: Seat) -> int:
    """How many of the seat's messages it has not read."""
    with connection.cursor() as cursor:  # in SQL, because every page asks
        cursor.execute(_UNREAD, [seat.principal])
        return int(cursor.fetchone()[0])


def unsent(*, on: dt.date) -> QuerySet[Message]:
    """Messages whose mail has not left, of seats in force on a date: a leaver is sent nothing."""
    return Message.objects.filter(
        mailed_at__isnull=True, recipient__in=Membership.objects.filter(current(on))
    ).select_related("recipient__user")


def outbox(*, at: dt.datetime, most: int) -> list[str]:
    """Keys of messages that were not mailed within a minute of being made, the oldest first, at most so many.

    After a week of failures a mail is given up; the message stands in the inbox as it always did.
    """
    rows = unsent(on=london_date(at)).filter(created_at__lt=at - LATE, created_at__gt=at - GIVE_UP)
    rows = rows.order_by("created_at", "pk")
    return [str(key) for key in rows.values_list("pk", flat=True)[:most]]
