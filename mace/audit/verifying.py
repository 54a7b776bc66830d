"""Whether the logs are still what was sealed. Recomputes everything from the rows; runs as the owner.

What the rows' hashes are made of stands here a second time on purpose: a changed function in the database is noticed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction
from psycopg import IsolationLevel

from mace.audit.sealing import Head
from mace.audit.signing import is_signed

CHAIN_BEGINS: Final = hashlib.sha256(b"MACE audit chain").digest()
UNSEALED_FOR: Final = dt.timedelta(hours=1)
AT_A_TIME: Final = 5000
TABLES: Final = {"reads": "audit_readentry", "changes": "audit_change"}
NAMES: Final = {"reads": "access log", "changes": "change history"}
ROW_TEXT: Final = {
    "reads": (
        "jsonb_build_array(t.id, extract(epoch from t.at), t.membership_id, t.principal, t.partnership_id, "
        "t.agency_id, t.partnerships, t.kind, t.action, t.record_id, t.reference, t.records, t.rows, t.refused, "
        "t.xid)::text"
    ),
    "changes": (
        "jsonb_build_array(t.id, extract(epoch from t.at), t.membership_id, t.database_role, t.table_name, t.row_key, "
        "t.operation, t.before, t.after, t.reason, t.records, t.xid)::text"
    ),
}
SEAL_TEXT: Final = (
    "jsonb_build_array(number, log, first_id, last_id, rows, xid_from, xid_to, after_id, encode(digest, 'hex'), "
    "extract(epoch from sealed_at))::text"
)


@dataclass(frozen=True, slots=True)
class _Seal:
    number: int
    log: str
    first_id: int
    last_id: int
    rows: int
    xid_from: int
    xid_to: int
    after_id: int
    digest: bytes
    previous: bytes
    head: bytes
    text: str
    signature: bytes | None
    public_key: bytes | None

    @property
    def named(self) -> str:
        return f"Seal {self.number} ({NAMES[self.log]}, entries {self.first_id} to {self.last_id})"


@dataclass(slots=True)
class Verdict:
    """What was looked at, and one sentence for each thing that is wrong."""

    seals: int = 0
    rows: int = 0
    unsealed: int = 0
    wrong: tuple[str, ...] = ()


def verify(*, known: Collection[bytes], exported: Collection[Head] = ()) -> Verdict:
    """Compare the logs with their chain, its signatures with the public keys ``known``, all with ``exported`` heads.

    Everything is read at one moment, so that a sealer at work does not disturb.
    """
    verdict = Verdict()
    with _at_one_moment() as cursor:
        seals = _seals(cursor)
        verdict.wrong = (
            *_links(seals),
            *_signatures(seals, known),
            *_rows(cursor, seals, verdict),
            *_unsealed(cursor, seals, verdict),
            *_exports({seal.number: seal for seal in seals}, exported, known),
        )
    verdict.seals = len(seals)
    return verdict


@contextmanager
def _at_one_moment() -> Iterator[Any]:
    """A transaction that sees nothing of what others commit meanwhile, and writes nothing. Not inside another one."""
    connection.ensure_connection()
    driver: Any = connection.connection
    driver.isolation_level, driver.read_only = IsolationLevel.REPEATABLE_READ, True
    try:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            yield cursor
    finally:
        driver.isolation_level, driver.read_only = None, None


def _seals(cursor: Any) -> list[_Seal]:
    cursor.execute(
        "select number, log, first_id, last_id, rows, xid_from, xid_to, after_id, digest, previous, head, "  # noqa: S608 (constants of our own)
        f"{SEAL_TEXT}, g.signature, g.public_key from audit_seal s left join audit_signature g on g.seal_id = s.number "
        "order by number"
    )
    return [_Seal(*row) for row in cursor.fetchall()]


def _links(seals: list[_Seal]) -> Iterator[str]:
    """Gaps in the numbers, heads that do not follow from the one before, and heads that are not of their seal."""
    expected, previous = 1, CHAIN_BEGINS
    for seal in seals:
        if seal.number != expected:
            one = seal.number == expected + 1
            missing = f"Seal {expected} is" if one else f"Seals {expected} to {seal.number - 1} are"
            yield f"{missing} missing from the chain."
        elif seal.previous != previous:
            yield f"{seal.named} does not follow from the seal before it: the chain was rewritten there."
        if hashlib.sha256(seal.previous + seal.text.encode()).digest() != seal.head:
            yield f"{seal.named} was altered: its head is not that of what it says."
        expected, previous = seal.number + 1, seal.head


def _signatures(seals: list[_Seal], known: Collection[bytes]) -> Iterator[str]:
    for seal in seals:
        if seal.signature is None or seal.public_key is None:
            yield f"{seal.named} has no signature."
        elif seal.public_key not in known:
            yield f"{seal.named} is signed with a key that is not this installation's."
        elif not is_signed(seal.number, seal.head, signature=seal.signature, by=seal.public_key):
            yield f"{seal.named} has a wrong signature."


def _rows(cursor: Any, seals: list[_Seal], verdict: Verdict) -> Iterator[str]:
    """Each batch's rows, hashed again."""
    for seal in seals:
        digest, found = hashlib.sha256(), 0
        cursor.execute(
            f"declare batch no scroll cursor for select {ROW_TEXT[seal.log]} from {TABLES[seal.log]} t "  # noqa: S608
            "where t.xid >= %s and t.xid < %s and t.id > %s and t.id <= %s order by t.xid, t.id",
            [seal.xid_from, seal.xid_to, seal.after_id, seal.last_id],
        )
        while True:
            cursor.execute(f"fetch {AT_A_TIME} from batch")
            texts = cursor.fetchall()
            for (text,) in texts:
                digest.update(hashlib.sha256(text.encode()).digest())
            found += len(texts)
            if len(texts) < AT_A_TIME:
                break
        cursor.execute("close batch")
        verdict.rows += found
        if found < seal.rows:
            yield f"{seal.named}: {seal.rows - found} of its {seal.rows} rows are missing."
        elif found > seal.rows:
            yield f"{seal.named}: {found - seal.rows} rows were added to its {seal.rows}."
        elif digest.digest() != seal.digest:
            yield f"{seal.named}: a row was altered."


def _unsealed(cursor: Any, seals: list[_Seal], verdict: Verdict) -> Iterator[str]:
    """Rows that no seal covers: those that slipped in behind the chain, and those that wait for too long."""
    for log, table in TABLES.items():
        ours = [seal for seal in seals if seal.log == log]
        covered = " or ".join(["(xid >= %s and xid < %s and id > %s and id <= %s)"] * len(_spans(ours))) or "false"
        parameters = [value for span in _spans(ours) for value in span]
        passed = ours[-1].xid_to if ours else 0
        cursor.execute(
            "select count(*), "  # noqa: S608 (constants of our own)
            # a counter behind the chain: just restored into a new cluster, and the next sealing begins anew
            "count(*) filter (where xid < %s and pg_snapshot_xmax(pg_current_snapshot())::text::bigint >= %s), "
            f"count(*) filter (where at < now() - %s) from {table} where not ({covered})",
            [passed, passed, UNSEALED_FOR, *parameters],
        )
        waiting, behind, late = cursor.fetchone()
        verdict.unsealed += waiting
        if behind:
            yield f"The {NAMES[log]} holds {behind} rows that no seal covers although the chain has passed them."
        elif late:
            yield f"The {NAMES[log]} holds {late} rows that have not been sealed for more than an hour."


def _spans(seals: list[_Seal]) -> list[tuple[int, int, int, int]]:
    """What the seals cover, neighbours drawn together: they are as many as the times the counter began anew."""
    spans: list[tuple[int, int, int, int]] = []
    for seal in seals:
        if spans and spans[-1][1] == seal.xid_from and spans[-1][2] == seal.after_id:
            spans[-1] = (spans[-1][0], seal.xid_to, seal.after_id, max(spans[-1][3], seal.last_id))
        else:
            spans.append((seal.xid_from, seal.xid_to, seal.after_id, seal.last_id))
    return spans


def _exports(seals: Mapping[int, _Seal], exported: Collection[Head], known: Collection[bytes]) -> Iterator[str]:
    """Heads that left the machine and are no longer, or no longer so, in the chain."""
    cut: list[int] = []
    for line in exported:
        key, signature = bytes.fromhex(line.public_key), bytes.fromhex(line.signature)
        head = bytes.fromhex(line.head)
        if key not in known or not is_signed(line.number, head, signature=signature, by=key):
            yield f"Head {line.number} in the file is not signed with a key of this installation."
        elif line.number not in seals:
            cut.append(line.number)
        elif seals[line.number].head != head:
            yield f"Seal {line.number} is not the one whose head was exported: the chain was rewritten."
    if cut and min(cut) > max(seals, default=0):
        yield f"The chain was cut: seals {min(cut)} to {max(cut)} were exported and are gone."
    elif cut:
        yield f"Seals that were exported are gone: {', '.join(map(str, sorted(cut)))}."
