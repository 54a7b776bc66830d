"""The inbox, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Q

from mace.core.seat import Seat
from mace.core.templatetags.components import uk_datetime
from mace.notifications.selectors import inbox

PAGE = 25


@dataclass(frozen=True, slots=True)
class InboxRow:
    reference: str
    subject: str
    text: str
    when: str
    unread: bool
    about: int | None


def inbox_page(seat: Seat, *, after: str = "") -> tuple[list[InboxRow], str]:
    """25 messages, newest first, and the reference to ask the following page with. ``after``: a former answer's."""
    rows = inbox(seat).order_by(F("created_at").desc(), F("reference").desc())
    if after and (last := inbox(seat).filter(reference=after).first()):
        rows = rows.filter(Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, reference__lt=after))
    found = list(rows[: PAGE + 1])
    shown = [
        InboxRow(
            reference=row.reference,
            subject=row.subject,
            text=row.text,
            when=uk_datetime(row.created_at),
            unread=row.read_at is None,
            about=row.about,
        )
        for row in found[:PAGE]
    ]
    return shown, shown[-1].reference if len(found) > PAGE else ""
