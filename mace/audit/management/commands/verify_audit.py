"""Say whether the access log and the change history are what was sealed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mace.audit.sealing import Head
from mace.audit.signing import public_key
from mace.audit.verifying import verify


class Command(BaseCommand):
    help = "Compute the audit chain again and say in one sentence each what is wrong; status 1 if anything is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--heads", type=Path, metavar="FILE", help="heads exported earlier, to notice a cut or rewriting"
        )
        parser.add_argument(
            "--public-key",
            action="append",
            default=[],
            metavar="HEX",
            help="of the worker's key (repeatable)",
        )

    def handle(self, *args: object, **options: object) -> None:
        former, file = options["public_key"], options["heads"]
        assert isinstance(former, list)
        assert file is None or isinstance(file, Path)
        known = [_bytes(key) for key in former] + ([public_key()] if settings.AUDIT_KEY else [])
        if not known:
            raise CommandError("Give --public-key, which stands in every exported head, or set MACE_AUDIT_KEY.")
        verdict = verify(known=known, exported=_heads(file) if file else [])
        for sentence in verdict.wrong:
            self.stdout.write(sentence)
        self.stdout.write(
            f"{verdict.seals} seals over {verdict.rows} rows; {verdict.unsealed} rows wait to be sealed; "
            f"{len(verdict.wrong) or 'nothing'} wrong."
        )
        if verdict.wrong:
            sys.exit(1)


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as wrong:
        raise CommandError("A public key is 64 hexadecimal digits.") from wrong


def _heads(file: Path) -> list[Head]:
    """The heads of a file that ``export_audit_heads`` wrote."""
    try:
        return [Head(**json.loads(line)) for line in file.read_text().splitlines() if line.strip()]
    except (OSError, TypeError, ValueError) as wrong:
        raise CommandError(f"{file} is not a file of exported heads.") from wrong
