"""Put the seat key into the database, where only the owner's functions read it."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand

from mace.accounts.models import SeatKey


class Command(BaseCommand):
    help = "Install the key that seat tokens are verified with (runs as the owner; safe to repeat)."

    def handle(self, *args: object, **options: object) -> None:
        SeatKey.objects.update_or_create(pk=1, defaults={"key": settings.SEAT_KEY})
        self.stdout.write("Seat key installed.")
