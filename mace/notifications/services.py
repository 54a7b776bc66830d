"""Putting messages into inboxes. The mail follows from the worker; the inbox never waits for it."""

from __future__ import annotations

import datetime as dt
from functools import partial

from celery import current_app
from django.core.mail import EmailMessage
from django.db import connection, transaction

from mace.accounts.models import Membership
from mace.core.clock import london_date
from mace.core.errors import NotAllowed
from mace.core.seat import Seat
from mace.notifications.mail import mail_for
from mace.notifications.models import Message
from mace.notifications.selectors import unsent

SEND_MAIL = "mace.notifications.tasks.send_mail"
"""By name, because the worker's tasks stand above the services."""


@transaction.atomic
def notify(
    *,
    to: Membership,
    subject: str,
    text: str,
    path: str,
    about: int | None,
    dedupe_key: str,
    by: Seat,
    at: dt.datetime,
) -> bool:
    """Put a message into a seat's inbox and, once this transaction commits, queue its mail.

    ``subject`` and ``text`` carry references and never a name of a child; ``path`` begins with a slash. ``about`` is
    the record that it speaks of: whoever is barred from that, or left out when it is restricted, sees no message and is
    mailed nothing, for as long as that lasts; ``None`` only where it speaks of no record. Answers whether the message
    is new: a second one with the same ``dedupe_key`` is not made, whoever sends it and however often.
    Nothing is lost when the queue is: the outbox is scanned every minute (``mace.notifications.tasks.send_outbox``).
    """
    del by  # whoever acts; the database refuses a message without a seat
    if not path.startswith("/"):
        raise ValueError("a message's path begins with a slash")
    message = Message(
        partnership_principal=to.partnership.principal,
        recipient=to,
        recipient_principal=to.principal,
        about=about,
        subject=subject,
        text=text,
        path=path,
        dedupe_key=dedupe_key,
        created_at=at,
    )
    if not _add(message):
        return False
    transaction.on_commit(
        partial(
            current_app.send_task,
            SEND_MAIL,
            kwargs={"message_id": str(message.pk), "partnership_id": to.partnership_id},
        ),
        robust=True,
    )
    return True


def _add(message: Message) -> bool:
    """Insert the row unless its key is taken.

    In SQL, because the sender may not read what it adds, so nothing may be returned, and must know whether it was.
    """
    fields = Message._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    values = [field.get_db_prep_save(getattr(message, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {Message._meta.db_table} ({columns}) values ({', '.join(['%s'] * len(values))}) "  # noqa: S608
            "on conflict do nothing",
            values,
        )
        return bool(cursor.rowcount == 1)


@transaction.atomic
def mark_read(*, message: Message, by: Seat, at: dt.datetime) -> None:
    """Note that a seat has read its message; the first time counts. Raises ``NotAllowed`` for another seat's."""
    locked = Message.objects.select_for_update().get(pk=message.pk)
    if locked.recipient_id != by.membership_id:
        raise NotAllowed("another seat's message")
    if locked.read_at is None:
        locked.read_at = at
        locked.save(update_fields=["read_at"])
    message.read_at = locked.read_at


@transaction.atomic
def send_one(*, message_id: str, by: Seat, at: dt.datetime) -> bool:
    """Send one message's mail, unless it is sent or somebody else is at it; answers whether this call sent it.

    The row stays locked while the mail leaves and is marked in the same transaction. A worker that dies in between
    sends the same mail again, with the same Message-ID: the folder keeps one file for each, and mail programs show one.
    Raises what the mail server raises; the message then stays in the outbox.
    """
    row = unsent(on=london_date(at)).select_for_update(of=("self",), skip_locked=True).filter(pk=message_id).first()
    if row is None or row.partnership_principal != by.partnership_principal:
        return False
    mail: EmailMessage = mail_for(row)
    mail.send()
    row.mailed_at = at
    row.save(update_fields=["mailed_at"])
    return True
