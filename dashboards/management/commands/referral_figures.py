"""Print a partnership's figures of referrals, from the same function as the dashboard."""

from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from dashboards.rules import percent_words
from dashboards.selectors import Figures, referral_figures
from mace.accounts.selectors import system_seat
from mace.agencies.models import Partnership
from mace.core.forms import long_date
from mace.core.seat import acting_as


def day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a date like 2024-03-27") from error


class Command(BaseCommand):
    help = "Print figures of the referrals submitted in a period, both days included."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--partnership", required=True, metavar="SLUG")
        parser.add_argument("--from", dest="start", required=True, type=day, metavar="DATE")
        parser.add_argument("--to", dest="end", required=True, type=day, metavar="DATE")
        parser.add_argument("--json", dest="as_json", action="store_true", help="for programs")

    def handle(
        self, *args: object, partnership: str, start: dt.date, end: dt.date, as_json: bool, **options: Any
    ) -> None:
        place = Partnership.objects.filter(slug=partnership).first()
        if place is None:
            raise CommandError(f"There is no partnership called {partnership!r}.")
        if end < start:
            raise CommandError("The period ends before it begins.")
        with acting_as(system_seat(place.pk)), transaction.atomic():
            figures = referral_figures(partnership=place.pk, start=start, end=end)
        if as_json:
            shown = {"partnership": place.slug, **figures.as_dict()}
            self.stdout.write(json.dumps(shown, indent=2, ensure_ascii=False))
        else:
            self.stdout.write(as_text(place.name, figures))


def as_text(name: str, figures: Figures) -> str:
    """The figures to be read in a terminal."""
    lines = [f"{name}: referrals from {long_date(figures.start)} to {long_date(figures.end)}", ""]
    lines += [f"  {label}: {value}" for label, value in figures.summary]
    for shown in figures.tables.values():
        lines += ["", shown.title]
        lines += [f"  {group.label}: {group.count:,} ({percent_words(group.percent)})" for group in shown.groups]
    return "\n".join(lines)
