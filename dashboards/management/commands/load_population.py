"""Load what share of a population each group has, for figures to be compared with."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from dashboards.models import Dimension
from dashboards.services import ShareRow, load_population
from mace.accounts.selectors import system_seat
from mace.agencies.models import Partnership
from mace.core.seat import acting_as

COLUMNS = ["dimension", "group", "percent", "population", "source"]
DEFAULT = Path(__file__).resolve().parents[2] / "reference" / "lewisham_population_10_21.csv"


class Command(BaseCommand):
    help = (
        "Load shares of a population from a CSV file (dimension, group, percent, population, source). Without a file: "
        "the four shares of the Lewisham report 2024, as an illustration."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", default=DEFAULT)
        parser.add_argument("--partnership", required=True, metavar="SLUG")
        parser.add_argument(
            "--own", action="store_true", help="the shares are this partnership's own, not an illustration"
        )

    def handle(self, *args: object, file: Path, partnership: str, own: bool, **options: Any) -> None:
        place = Partnership.objects.filter(slug=partnership).first()
        if place is None:
            raise CommandError(f"There is no partnership called {partnership!r}.")
        rows = read_shares(file)
        seat = system_seat(place.pk)
        with acting_as(seat, reason="Loading population shares"), transaction.atomic():
            load_population(rows=rows, illustrative=not own, by=seat)
        self.stdout.write(f"Loaded: {len(rows)} shares.")


def read_shares(file: Path) -> list[ShareRow]:
    """The rows of the file. Raises ``CommandError`` naming the row that is wrong."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            if reader.fieldnames != COLUMNS:
                raise CommandError(f"The heading must be: {','.join(COLUMNS)}")
            lines = list(reader)
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read.") from error
    rows: list[ShareRow] = []
    for number, line in enumerate(lines, 2):
        try:
            percent = Decimal(line["percent"])
        except (InvalidOperation, TypeError) as error:
            raise CommandError(f"Row {number}, column percent: is not a number") from error
        if not 0 <= percent <= 100:
            raise CommandError(f"Row {number}, column percent: must be from 0 to 100")
        if line["dimension"] not in Dimension.values:
            raise CommandError(f"Row {number}, column dimension: must be one of {', '.join(Dimension.values)}")
        if any(not line[name] for name in COLUMNS):
            raise CommandError(f"Row {number}: every column must be filled")
        rows.append(ShareRow(line["dimension"], line["group"], percent, line["population"], line["source"]))
    return rows
