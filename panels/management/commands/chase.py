"""Do what beat does every day, at once: make and chase reviews, chase actions, end sharing whose date has passed."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mace.accounts.selectors import system_seats
from mace.core import clock
from mace.core.seat import acting_as
from panels.services.chasing import chase_partnership
from panels.services.reviews import chase_reviews, make_due_reviews
from panels.services.sharing import end_expired_sharing

SEVEN = 7


class Command(BaseCommand):
    help = "Chase what is due in every partnership, as the worker does every day. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", metavar="DATE", help="the day to act on, like 2026-03-02 (today if not given)")

    def handle(self, *args: Any, on: str | None = None, **options: Any) -> None:
        at = _moment(on)
        for seat in system_seats():
            with acting_as(seat, reason="chase"):
                ended = end_expired_sharing(by=seat, at=at)
                made = make_due_reviews(by=seat, at=at)
                reviews = chase_reviews(by=seat, at=at)
                actions = chase_partnership(by=seat, at=at)
            self.stdout.write(
                f"{seat.partnership_name}: reviews made {made}, reviews chased {reviews}, actions chased {actions}, "
                f"sharing ended {ended}"
            )


def _moment(on: str | None) -> dt.datetime:
    if on is None:
        return clock.now()
    try:
        return clock.london_time(dt.date.fromisoformat(on), SEVEN)
    except ValueError as error:
        raise CommandError("--on must be a date like 2026-03-02") from error
