"""Import a partnership's spreadsheet from the shell: say what is in it, try it out, or bring it in."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from mace.accounts.selectors import system_seat
from mace.agencies.models import Partnership
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.seat import Seat, acting_as
from mace.importing.enums import ImportStatus
from mace.importing.models import Import
from mace.importing.reading.book import read_book
from mace.importing.reading.interpreting import read
from mace.importing.reading.plan import Plan
from mace.importing.reading.planning import propose
from mace.importing.reading.saying import said
from mace.importing.selectors.files import code_lists, remembered
from mace.importing.selectors.steps import counts_in_words
from mace.importing.services.bringing import run_import
from mace.importing.services.checking import check
from mace.importing.services.planning import bring_file, replan, start


class Command(BaseCommand):
    help = (
        "Import cases from a spreadsheet (XLSX or CSV). --propose only says what it finds; --dry-run does everything "
        "and takes it back. Without either the file is imported."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the spreadsheet")
        parser.add_argument("--partnership", required=True, metavar="SLUG", help="the partnership it belongs to")
        parser.add_argument("--propose", action="store_true", help="say sheets, headings, fields, people and doubts")
        parser.add_argument("--dry-run", action="store_true", help="say what importing it would do")
        parser.add_argument(
            "--mapping",
            type=Path,
            metavar="FILE",
            help="read the file as this JSON says; with --propose, write the proposal there unless it is there already",
        )

    def handle(
        self,
        *args: object,
        file: Path,
        partnership: str,
        propose: bool,
        dry_run: bool,
        mapping: Path | None,
        **options: Any,
    ) -> None:
        place = Partnership.objects.filter(slug=partnership).first()
        if place is None:
            raise CommandError(f"There is no partnership called {partnership!r}.")
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        seat = system_seat(place.pk)
        try:
            with acting_as(seat, reason="Import of a spreadsheet"):
                if propose:
                    with transaction.atomic():
                        self._propose(content, file.name, mapping)
                elif dry_run:
                    self._try(content, file.name, mapping, seat)
                else:
                    self._bring(content, file.name, mapping, seat)
        except RuleBroken as broken:
            raise CommandError(broken.message) from broken

    def _propose(self, content: bytes, name: str, mapping: Path | None) -> None:
        book, codes = read_book(content, name), code_lists()
        if mapping is not None and mapping.exists():
            plan = Plan.from_json(_json(mapping), book=book, codes=codes)
        else:
            plan = propose(book, codes=codes, remembered=remembered())
            if mapping is not None:
                mapping.write_text(json.dumps(plan.to_json(), indent=1, ensure_ascii=False), encoding="utf-8")
        reading = read(book, plan, codes=codes, today=clock.today())
        for line in said(book, plan, reading):
            self.stdout.write(line)
        if mapping is not None:
            self.stdout.write(f"How it is read stands in {mapping.name}: change it there, and give it with --mapping.")
        self.stdout.write(self.style.SUCCESS("Nothing was imported."))

    def _check(self, content: bytes, name: str, mapping: Path | None, seat: Seat) -> Import:
        file = bring_file(content=content, name=name, by=seat, at=clock.now())
        if mapping is not None:
            file = replan(file=file, data=_json(mapping), by=seat)
        file = start(file=file, status=ImportStatus.CHECKING, by=seat, queue=False)
        checked = check(file=file, by=seat, at=clock.now())
        if checked is None or checked.status != ImportStatus.CHECKED:
            raise CommandError(str(checked.found.get("problem", "")) if checked else "The check did not end.")
        self._say(checked)
        return checked

    def _try(self, content: bytes, name: str, mapping: Path | None, seat: Seat) -> None:
        with transaction.atomic():
            self._check(content, name, mapping, seat)
            transaction.set_rollback(True)
        self.stdout.write(self.style.SUCCESS("Dry run: nothing was changed."))

    def _bring(self, content: bytes, name: str, mapping: Path | None, seat: Seat) -> None:
        checked = self._check(content, name, mapping, seat)
        file = start(file=checked, status=ImportStatus.IMPORTING, by=seat, queue=False)
        if not run_import(file=file, by=seat, at=clock.now()):
            raise CommandError(f"Import {file.reference} did not end. A coordinator can go on with it.")
        self.stdout.write(self.style.SUCCESS(f"Imported as {file.reference}. A coordinator can undo it as a whole."))

    def _say(self, checked: Import) -> None:
        found = checked.found
        if not found["counts"]:
            self.stdout.write("Nothing in this file can be imported.")
        for words in counts_in_words(found["counts"]):
            self.stdout.write(words[:1].upper() + words[1:] + ".")
        for title, name in (("Left out", "left_out"), ("Concluded", "concluded"), ("Passed over", "passed_over")):
            for sheet, row, words in found[name]:
                self.stdout.write(f"{title}: {sheet}, row {row}: {words}")
        for doubt in found["doubts"]:
            self.stdout.write(f"Doubt: {doubt['sheet']}, {doubt['cell'] or 'whole sheet'}: {doubt['words']}")
        if found["doubted"] > len(found["doubts"]):
            self.stdout.write(f"… and {found['doubted'] - len(found['doubts'])} doubts more.")


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be read as JSON: {error}") from error
