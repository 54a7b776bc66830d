"""Print the signed heads of the chain, to be sent off the machine."""

from __future__ import annotations

import json

from django.core.management.base import BaseCommand, CommandParser

from mace.audit.sealing import heads


class Command(BaseCommand):
    help = "Print each signed head of the audit chain as a line of JSON (runs as the worker)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=int, default=1, help="the number of the first seal (all if not given)")

    def handle(self, *args: object, **options: object) -> None:
        since = options["since"]
        assert isinstance(since, int)
        for head in heads(since=since):
            self.stdout.write(json.dumps(head.line()))
