"""Mail about messages: a reference and a link, never a name, and the same Message-ID however often it is sent."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from mace.notifications.models import Message

PLAIN = re.compile(r"[^A-Za-z0-9._-]+")


def mail_for(message: Message) -> EmailMessage:
    """The mail of a message. ``message`` needs ``recipient__user`` loaded to be cheap."""
    host = urlsplit(settings.BASE_URL).hostname
    return EmailMessage(
        subject=message.subject,
        body=render_to_string(
            "notifications/message.txt",
            {"text": message.text, "link": f"{settings.BASE_URL}{message.path}", "reference": message.reference},
        ),
        to=[message.recipient.user.email],
        headers={"Message-ID": f"<{message.reference}@{host}>", "Auto-Submitted": "auto-generated"},
    )


class FolderBackend(BaseEmailBackend):
    """Mail into ``settings.EMAIL_FILE_PATH``, one file for each Message-ID, for demonstrations and tests.

    A file appears whole (written beside, then renamed), and a mail sent twice is one file.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(str(settings.EMAIL_FILE_PATH))
        folder.mkdir(parents=True, exist_ok=True)
        for mail in email_messages:
            self._keep(folder, mail)
        return len(email_messages)

    @staticmethod
    def _keep(folder: Path, mail: EmailMessage) -> None:
        content = mail.message()
        key = str(content["Message-ID"] or hashlib.sha256(content.as_bytes()).hexdigest())
        name = PLAIN.sub("-", key.strip("<>"))
        beside = folder / f".{name}.part"
        with beside.open("wb") as file:
            file.write(content.as_bytes(linesep="\r\n"))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(folder / f"{name}.eml")
