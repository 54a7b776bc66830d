"""`manage.py demo_organisations`: the invented partnerships and their people. Works as the database's owner."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from mace.core import clock
from mace.demo.services.organisations import lay_out_organisations


class Command(BaseCommand):
    help = "Make the invented partnerships, agencies, panels, people and their seats, unless they are there."

    def handle(self, *args: Any, **options: Any) -> None:
        made = lay_out_organisations(on=clock.today())
        self.stdout.write(f"{made} invented people have a role." if made else "The invented people are there already.")
