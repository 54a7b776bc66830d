"""`manage.py demo_clock`: moves the demonstration's clock and lets the days between happen."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mace.core import clock
from mace.core.forms import long_date
from mace.demo.services.clock import DayPassed, advance

MOST_DAYS = 731


def days_in(text: str) -> int:
    """``84d``, ``12w`` or ``84`` as days."""
    found = re.fullmatch(r"(\d{1,4})\s*([dw]?)", text.strip())
    if not found:
        raise CommandError("Say how far to move the clock like this: --advance 84d, or --advance 12w")
    return int(found[1]) * (7 if found[2] == "w" else 1)


class Command(BaseCommand):
    help = "Show or move the demonstration's clock; moving it does what each day in between would have done."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--advance", metavar="DAYS", help="how far, such as 84d or 12w")
        what.add_argument("--show", action="store_true", help="what day it is in the demonstration")
        what.add_argument("--reset", action="store_true", help="back to the real day; what happened stays")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path | None = getattr(settings, "CLOCK_FILE", None)
        if file is None:
            raise CommandError("The clock of this installation cannot be moved.")
        if options["reset"]:
            file.unlink(missing_ok=True)
            self.stdout.write("The clock shows the real day again. What happened meanwhile stays as it is.")
        elif options["advance"]:
            days = days_in(options["advance"])
            if not 0 < days <= MOST_DAYS:
                raise CommandError(f"The clock moves by 1 to {MOST_DAYS} days at a time.")
            for passed in advance(days=days, file=file):
                self._tell(passed)
        ahead = clock.offset().days
        self.stdout.write(
            f"Today is {long_date(clock.today())}" + (f", {ahead} days ahead of the real day." if ahead else ".")
        )

    def _tell(self, passed: DayPassed) -> None:
        if passed.quiet:
            return
        said = [
            (passed.reviews_made, "reviews made"),
            (passed.reviews_chased, "reviews chased"),
            (passed.actions_chased, "actions chased"),
            (passed.sharing_ended, "sharing decisions ended"),
            (passed.mailed, "mails sent"),
        ]
        self.stdout.write(f"{long_date(passed.on)}: " + ", ".join(f"{count} {words}" for count, words in said if count))
        for subject in passed.subjects:
            self.stdout.write(f"    {subject}")
