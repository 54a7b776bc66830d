"""Putting batches of both logs onto the chain, and sending its heads off the machine. Runs as the worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection, transaction

from mace.audit.signing import public_key, sign


@dataclass(frozen=True, slots=True)
class Head:
    """A signed head as it leaves the machine: numbers and hashes, nothing of anybody. Bytes are in hexadecimal."""

    number: int
    log: str
    rows: int
    sealed_at: str
    previous: str
    head: str
    signature: str
    public_key: str

    def line(self) -> dict[str, Any]:
        return asdict(self)


@transaction.atomic
def seal_logs() -> int:
    """Seal what is older than every running transaction and sign every head that has no signature yet.

    Answers how many rows were sealed. All or nothing: a worker that dies leaves no unsigned seal, and two at once wait
    for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("select audit_seal()")
        (sealed,) = cursor.fetchone()
        cursor.execute("select number, head from audit_unsigned()")
        for number, head in cursor.fetchall():
            cursor.execute("select audit_sign(%s, %s, %s)", [number, sign(number, bytes(head)), public_key()])
    return int(sealed)


def heads(*, since: int = 1) -> Iterator[Head]:
    """Signed heads from that seal on, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select number, log, rows, sealed_at, previous, head, signature, public_key from audit_heads(%s)", [since]
        )
        for number, log, rows, sealed_at, *hashes in cursor.fetchall():
            moment = sealed_at.astimezone(dt.UTC).isoformat()
            yield Head(number, log, rows, moment, *(bytes(value).hex() for value in hashes))
