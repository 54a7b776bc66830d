"""`manage.py demo_people`: who can be signed in as."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from mace.demo.selectors import people_by_agency


class Command(BaseCommand):
    help = "Print the invented people: address, name, role and agency."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [
            (seated.person.address, seated.person.name, seated.membership.get_role_display(), group.agency)
            for group in people_by_agency()
            for seated in group.people
        ]
        widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True)]
            self.stdout.write("  ".join([*cells, row[3]]))
