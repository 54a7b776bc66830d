"""What all acts of the play share: who is on stage, what day it is, and events in the order of their days."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F

from mace.accounts.models import Membership
from mace.accounts.selectors import seat_of, system_seat
from mace.agencies.models import Agency
from mace.core.clock import london_time
from mace.core.seat import Seat, acting_as
from mace.demo.children import SEED, InventedChild, invented_children
from mace.demo.people import DemoPartnership
from mace.demo.selectors import seated_people
from mace.notifications.models import Message

Act = Callable[[dt.datetime], None]


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of an accepted case: escalated at its first meeting or not, closed after so many days or not yet."""

    escalates: bool = False
    closes_after: int | None = None


@dataclass
class Stage:
    """The partnership, its people and the queue of events. Same seed, same play; references alone differ each time."""

    partnership: DemoPartnership
    today: dt.date
    people: dict[str, Membership]
    agencies: dict[str, Agency]
    system: Seat
    draw: random.Random
    children: Iterator[InventedChild]
    fates: dict[int, Fate] = field(default_factory=dict)
    stories: dict[int, InventedChild] = field(default_factory=dict)
    _queue: list[tuple[dt.datetime, int, Act]] = field(default_factory=list)
    _count: Iterator[int] = field(default_factory=itertools.count)

    def seat(self, key: str) -> Seat:
        return seat_of(self.people[key])

    def when(self, days_ago: int, hour: int = 10, minute: int = 0) -> dt.datetime:
        """That hour so many days before today; negative days lie ahead."""
        return london_time(self.today - dt.timedelta(days=days_ago), hour, minute)

    def at(self, moment: dt.datetime, act: Act) -> None:
        """Put an event into the queue, unless it lies after today: that is left to whoever tries the demonstration."""
        if moment <= london_time(self.today, 23):
            heapq.heappush(self._queue, (moment, next(self._count), act))

    def play(self) -> None:
        """Let everything happen in the order of its time; events may queue further ones. What is told counts as mailed.

        At once: later acts may keep the record that a message is about from whom it was sent to.
        """
        while self._queue:
            moment, _, act = heapq.heappop(self._queue)
            act(moment)
            with on_stage(self.system):
                Message.objects.filter(mailed_at__isnull=True).update(mailed_at=F("created_at"))


@contextmanager
def on_stage(seat: Seat) -> Iterator[Seat]:
    """Act for a seat in one transaction, as a request does."""
    with acting_as(seat), transaction.atomic():
        yield seat


def set_stage(partnership: DemoPartnership, *, today: dt.date) -> Stage:
    """The stage of one partnership, whose people must have been laid out."""
    mine = {person.key for person in partnership.people}
    people = {key: seated.membership for key, seated in seated_people().items() if key in mine}
    by_name = {agency.name: agency for agency in Agency.objects.filter(name__in=[a.name for a in partnership.agencies])}
    return Stage(
        partnership=partnership,
        today=today,
        people=people,
        agencies={entry.key: by_name[entry.name] for entry in partnership.agencies},
        system=system_seat(next(iter(people.values())).partnership_id),
        draw=random.Random(SEED),  # noqa: S311 (a play, not a key)
        children=iter(invented_children(today=today)),
    )
