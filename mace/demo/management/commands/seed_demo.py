"""`manage.py seed_demo`: the invented partnerships with two years of casework. Does nothing when they are there."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from mace.accounts.selectors import system_seats
from mace.core import clock
from mace.demo.people import EASTMERE, NORTHGATE
from mace.demo.services.playing import is_seeded, seed_casework


class Command(BaseCommand):
    help = "Make the invented people and play two years of their casework, unless that was done before."

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        names = (EASTMERE.name, NORTHGATE.name)
        done = [is_seeded(seat) for seat in system_seats() if seat.partnership_name in names]
        if done and all(done):
            self.stdout.write("The invented cases are there already.")
            return
        if any(done):
            raise CommandError(
                "The invented cases were made only in part, perhaps because it was stopped: start afresh."
            )
        if not done:
            self._lay_out()
        counts = seed_casework(today=clock.today())
        call_command("load_population", partnership=EASTMERE.slug, stdout=io.StringIO())
        self.stdout.write(
            f"{counts['cases']} invented cases, {counts['open']} of them open, with {counts['reviews']} reviews, "
            f"in {time.monotonic() - begun:.1f} s."
        )

    def _lay_out(self) -> None:
        """Organisations and people are the owner's to write, so a process of the owner does it."""
        environment = {**os.environ, "MACE_DB_ROLE": "owner"}
        command = [sys.executable, str(settings.ROOT / "manage.py"), "demo_organisations"]
        made = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if made.returncode:
            raise CommandError(f"The invented people could not be made.\n{made.stderr}")
