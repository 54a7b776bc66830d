"""Import referrals from a CSV file: dry run first, every problem by row and column, all or nothing, safe to repeat."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from mace.accounts.selectors import system_seat
from mace.agencies.models import Partnership
from mace.core import clock
from mace.core.seat import acting_as
from referrals.services.import_file import import_file


class Command(BaseCommand):
    help = "Import referrals from a CSV file. Without --commit it only says what it would do."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a CSV file, UTF-8, with a heading")
        parser.add_argument("--partnership", required=True, metavar="SLUG", help="the partnership they belong to")
        parser.add_argument("--commit", action="store_true", help="import, instead of only trying it out")

    def handle(self, *args: object, file: Path, partnership: str, commit: bool, **options: Any) -> None:
        place = Partnership.objects.filter(slug=partnership).first()
        if place is None:
            raise CommandError(f"There is no partnership called {partnership!r}.")
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        seat = system_seat(place.pk)
        with acting_as(seat, reason="Import of referrals"), transaction.atomic():
            outcome = import_file(content=content, commit=commit, by=seat, at=clock.now())
        for problem in outcome.problems:
            self.stdout.write(str(problem))
        if outcome.problems:
            many = len(outcome.problems)
            raise CommandError(f"Nothing was imported: {many} problem{'' if many == 1 else 's'} to mend first.")
        if outcome.already:
            self.stdout.write(
                f"Already there, left as they are: {len(outcome.already)} ({', '.join(outcome.already)})."
            )
        if outcome.committed:
            self.stdout.write(self.style.SUCCESS(f"Imported: {len(outcome.made)}."))
        else:
            self.stdout.write(
                f"Dry run: {len(outcome.made)} would be imported, nothing was changed. "
                "Run again with --commit to import."
            )
