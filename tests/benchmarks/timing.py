"""How long the product's selectors take in a seat, against the same asked plainly: many times, in turns, warm.

A turn asks each question at each size, restricted and plain, one after the other, so that a busy machine hits all
alike. A time begins before the transaction, with what tells the database of the seat, and ends with the last row.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection, transaction

from mace.audit.services import record_read
from mace.casework.selectors.case_list import case_lines
from mace.core.seat import Seat, acting_as
from mace.embedded.testing import Cluster
from tests.benchmarks.asking import QUESTIONS, THRESHOLD, Ask, Asked, Question, asked_by_the_seat
from tests.benchmarks.filling import filled
from tests.benchmarks.measuring import buffers_as_planned
from tests.benchmarks.places import at, connect
from tests.benchmarks.store import CannotMeasure, Size

FEWEST, MOST, SECONDS = 15, 300, 4.0
"""How often a question is asked of each: at most so often, and no longer than this, but at least so often."""
COUNTS = {
    "agencies": "agencies_agency",
    "cases": "referrals_case",
    "records": "access_record",
    "grants": "access_grant",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A filled database, as the web's role sees it and as its owner does."""

    size: Size
    restricted: Any
    plain: Any
    seats: dict[str, Seat]
    asked: dict[str, Asked]
    counts: dict[str, int]


@dataclass(slots=True)
class Times:
    """Milliseconds of one question in one seat at one size; ``rows``: how many each brought."""

    restricted: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    rows: tuple[int, int] = (0, 0)
    buffers: tuple[int, int] = (0, 0)

    @property
    def ratio(self) -> float:
        return median(self.restricted) / median(self.plain)


@dataclass(frozen=True, slots=True)
class Measured:
    """A question in a seat, at each size, the smaller first."""

    seat: str
    question: Question
    times: tuple[Times, ...]

    @property
    def growth(self) -> float:
        return median(self.times[-1].restricted) / median(self.times[0].restricted)

    def misses(self) -> list[str]:
        """What was wanted at the larger size and not reached."""
        who, most, growth = f"{self.question.name}, {self.seat}", self.question.most, self.question.most_growth
        ratio = self.times[-1].ratio
        missed = []
        if most is not None and ratio > most:
            missed.append(f"{who}: {ratio:.2f}x the plain time, wanted {most}x")
        if growth is not None and self.growth > growth:
            missed.append(f"{who}: {self.growth:.2f}x the time of the smaller size, wanted {growth}x")
        took = median(self.times[-1].restricted)
        if self.question.most_ms is not None and took > self.question.most_ms:
            missed.append(f"{who}: {took:.0f} ms, wanted {self.question.most_ms:.0f} ms")
        return missed


@contextmanager
def place(of: Cluster, size: Size) -> Iterator[Place]:
    """The filled database of that size, with who asks there and what about."""
    with at(connect(of, size.database, "mace_owner", as_role="mace_web")):
        seats = filled().seats
        connection.close()
    restricted = connect(of, size.database, "mace_web")
    plain = connect(of, size.database, "mace_owner", product=False)
    with at(plain), connection.cursor() as cursor:
        cursor.execute(THRESHOLD)
        counts = {}
        for name, table in COUNTS.items():
            cursor.execute(f"select count(*) from {table}")
            counts[name] = cursor.fetchone()[0]
    asked = {}
    with at(restricted):
        for name, seat in seats.items():
            with acting_as(seat), transaction.atomic():
                asked[name] = asked_by_the_seat()
        check_bound()
    try:
        yield Place(size, restricted, plain, seats, asked, counts)
    finally:
        restricted.close()
        plain.close()


def check_bound() -> None:
    """A measurement of who is not bound by the policies would measure nothing. Raises ``CannotMeasure``."""
    with acting_as(None), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select current_user, (select count(*) from referrals_case)")
        if cursor.fetchone() != ("mace_web", 0):
            raise CannotMeasure("The role that is measured is not bound by the policies.")


def timed(wrapper: Any, seat: Seat | None, ask: Ask, asked: Asked, number: int) -> tuple[float, int]:
    """Milliseconds of one question in a transaction of its own, and how many rows it brought."""
    with at(wrapper):
        began = time.perf_counter()
        with acting_as(seat), transaction.atomic():
            rows = ask(asked, number)
            took = time.perf_counter() - began
    return took * 1000, rows


def measure(
    places: tuple[Place, ...], seat: str, question: Question, *, seconds: float = SECONDS, fewest: int = FEWEST
) -> Measured:
    """Ask in turns until there are enough times."""
    found = tuple(Times() for _ in places)
    for of, times in zip(places, found, strict=True):
        by, asked = of.seats[seat], of.asked[seat]
        for number in range(len(asked.names)):  # warm, all that will be asked
            restricted = timed(of.restricted, by, question.restricted, asked, number)
            plain = timed(of.plain, None, question.plain, asked, number)
            times.rows = restricted[1], plain[1]
            if not all(times.rows):
                raise CannotMeasure(f"{question.name} of {seat} brought nothing: there is nothing to measure.")
        times.buffers = (
            buffers(of.restricted, by, question.restricted, asked),
            buffers(of.plain, None, question.plain, asked),
        )
    until, number = time.monotonic() + seconds, 0
    while number < fewest or (number < MOST and time.monotonic() < until):
        for of, times in zip(places, found, strict=True):
            asked = of.asked[seat]
            both: list[tuple[list[float], Any, Seat | None, Ask]] = [
                (times.restricted, of.restricted, of.seats[seat], question.restricted),
                (times.plain, of.plain, None, question.plain),
            ]
            turned = (number + number // len(asked.names)) % 2  # the same name is asked in either order
            for kept, wrapper, acting, ask in reversed(both) if turned else both:
                kept.append(timed(wrapper, acting, ask, asked, number)[0])
        number += 1
    return Measured(seat, question, found)


def buffers(wrapper: Any, seat: Seat | None, ask: Ask, asked: Asked) -> int:
    """Buffers that the first of these questions touches."""
    with at(wrapper), acting_as(seat), transaction.atomic():
        return buffers_as_planned(partial(ask, asked, 0))


@dataclass(frozen=True, slots=True)
class ReadLog:
    """Milliseconds that an entry adds to a list of 25, with the commit, and those of a statement that asks nothing.

    ``worked``: how long processors worked for the entry, ours and the server's, whatever else the computer does, or
    ``None`` where the kernel does not say.
    """

    added: float
    nothing: float
    worked: float | None


def worked_so_far() -> float | None:
    """Milliseconds that processors have worked for this thread and for the server's process at its other end."""
    try:
        told = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text()
    except OSError:
        return None
    return time.thread_time() * 1000 + int(told.split()[0]) / 1e6


def read_log(of: Place, *, seconds: float = SECONDS, fewest: int = FEWEST) -> ReadLog:
    """Read a page again and again, with the entry and without, in turns."""
    seat = of.seats["coordinator"]
    kept: dict[bool, list[float]] = {True: [], False: []}
    worked: dict[bool, list[float]] = {True: [], False: []}
    nothing: list[float] = []
    until, number = time.monotonic() + seconds, 0
    while number < 2 * fewest or (number < 2 * MOST and time.monotonic() < until):
        entered = number % 2 == 0
        with at(of.restricted), acting_as(seat):
            with transaction.atomic():
                shown = [line.pk for line in case_lines()[0]]
                began = time.perf_counter()
                with connection.cursor() as cursor:
                    cursor.execute("select 1")
                before, asked = worked_so_far(), time.perf_counter()
                if entered:
                    record_read(by=seat, action="bench", rows=len(shown), records=shown)
            kept[entered].append((time.perf_counter() - asked) * 1000)
            after = worked_so_far()
        nothing.append((asked - began) * 1000)
        if before is not None and after is not None:
            worked[entered].append(after - before)
        number += 1
    work = median(worked[True]) - median(worked[False]) if worked[True] else None
    return ReadLog(median(kept[True]) - median(kept[False]), median(nothing), work)


def all_questions(places: tuple[Place, ...], *, seconds: float = SECONDS, fewest: int = FEWEST) -> Iterator[Measured]:
    """Every question in every seat."""
    for seat in places[0].seats:
        for question in QUESTIONS:
            yield measure(places, seat, question, seconds=seconds, fewest=fewest)
