"""The movable clock: day by day, so that everything happens that would have happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet

from mace.accounts.selectors import system_seats
from mace.core import clock
from mace.core.seat import Seat, acting_as
from mace.notifications.models import Message
from mace.notifications.selectors import outbox
from mace.notifications.services import send_one
from panels.services.chasing import chase_partnership
from panels.services.reviews import chase_reviews, make_due_reviews
from panels.services.sharing import end_expired_sharing

DAY_BEGINS = 7
MAIL_AFTER = dt.timedelta(minutes=2)
MOST_A_DAY = 1000


@dataclass(slots=True)
class DayPassed:
    """What one day brought: numbers, and the subjects of the messages, which carry references and never a name."""

    on: dt.date
    reviews_made: int = 0
    reviews_chased: int = 0
    actions_chased: int = 0
    sharing_ended: int = 0
    mailed: int = 0
    subjects: list[str] = field(default_factory=list)

    @property
    def quiet(self) -> bool:
        return not (self.subjects or self.mailed or self.sharing_ended or self.reviews_made)


def advance(*, days: int, file: Path) -> Iterator[DayPassed]:
    """Move the clock on by so many days, one at a time, and do on each what beat does every day; tells of each day.

    Safe beside a running worker and beat: each thing happens once, whoever does it first.
    """
    for _ in range(days):
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_suffix(".new")
        beside.write_text(f"{clock.offset().days + 1}\n")
        beside.replace(file)
        passed = DayPassed(on=clock.today())
        for seat in system_seats():
            _one_day(seat, passed)
        yield passed


def _one_day(seat: Seat, passed: DayPassed) -> None:
    at = clock.london_time(passed.on, DAY_BEGINS)
    with acting_as(seat, reason="demo clock"):
        with transaction.atomic():
            before = set(_messages(seat).values_list("pk", flat=True))
        passed.sharing_ended += end_expired_sharing(by=seat, at=at)
        passed.reviews_made += make_due_reviews(by=seat, at=at)
        passed.reviews_chased += chase_reviews(by=seat, at=at)
        passed.actions_chased += chase_partnership(by=seat, at=at)
        with transaction.atomic():
            new = _messages(seat).exclude(pk__in=before).select_related("recipient__user").order_by("subject", "pk")
            passed.subjects += [
                f"{message.subject} (to {message.recipient.get_role_display().lower()})" for message in new
            ]
            waiting = outbox(at=at + MAIL_AFTER, most=MOST_A_DAY)
        passed.mailed += sum(send_one(message_id=message, by=seat, at=at + MAIL_AFTER) for message in waiting)


def _messages(seat: Seat) -> QuerySet[Message]:
    return Message.objects.filter(partnership_principal=seat.partnership_principal)
