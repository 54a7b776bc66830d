"""What the database seals, row by row: both logs, filled by hand with transactions of any age, within a transaction."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from mace.audit.verifying import CHAIN_BEGINS, ROW_TEXT, TABLES
from tests.access.locks import owner, owner_rows
from tests.factories.cast import Cast

AHEAD = 10**15
"""A transaction that the counter here never reached: of a cluster whose backup was restored into this one."""
OTHER = {"reads": "changes", "changes": "reads"}
INSERT = {
    "reads": (
        "insert into audit_readentry (id, xid, at, membership_id, principal, action, reference, rows, refused) "
        "values (%s, %s, now(), 1, 1, 'page', 'Ö', 1, false)"
    ),
    "changes": (
        "insert into audit_change (id, xid, at, membership_id, database_role, table_name, row_key, operation, reason) "
        "values (%s, %s, now(), 1, 'web', 'a_table', '1', 'insert', 'Ö')"
    ),
}
both_logs = pytest.mark.parametrize("log", ["reads", "changes"])


@pytest.fixture
def empty(cast: Cast) -> None:
    """Both logs and the chain without a row; nothing stamps what is put there."""
    for table in (*TABLES.values(), "audit_seal", "audit_signature"):
        owner(f"alter table {table} disable trigger user")
    for table in ("audit_signature", "audit_seal", *TABLES.values()):
        owner(f"delete from {table}")


def put(log: str, **transactions: int) -> None:
    """Rows named by letter, a with id 1, each written by the transaction of that number."""
    for name, xid in transactions.items():
        owner(INSERT[log], ord(name) - ord("a") + 1, xid)


def seal(log: str, bound: int, most: int = 100) -> int:
    return int(owner_rows("select audit_seal_batch(%s, %s, %s)", log, bound, most)[0][0])


def seals(log: str) -> list[tuple[Any, ...]]:
    return owner_rows(
        "select first_id, last_id, rows, xid_from, xid_to, after_id from audit_seal where log = %s order by number", log
    )


@both_logs
@pytest.mark.usefixtures("empty")
def test_audit_seal_batch_seals_once_what_is_older_than_the_bound(log: str) -> None:
    put(OTHER[log], x=900)
    assert seal(OTHER[log], 1000) == 1
    put(log, a=10, b=20, c=25)
    assert seal(log, 25) == 2
    assert seal(log, 25) == 0
    assert seal(log, 10) == 0
    assert seals(log) == [(1, 2, 2, 0, 25, 0)]
    put(log, d=24)  # a transaction below the bound is over: what carries its number came in behind it
    assert seal(log, 40) == 1
    assert seals(log)[1:] == [(3, 3, 1, 25, 40, 0)]
    assert len(seals(OTHER[log])) == 1


@both_logs
@pytest.mark.usefixtures("empty")
def test_audit_seal_batch_hashes_each_row_and_follows_from_the_seal_before(log: str) -> None:
    put(OTHER[log], a=5)
    seal(OTHER[log], 8)
    put(log, a=30, b=10, c=20, d=99)
    assert seal(log, 50) == 3
    texts = owner_rows(f"select {ROW_TEXT[log]} from {TABLES[log]} t where xid < 50 order by xid, id")
    digest = hashlib.sha256(b"".join(hashlib.sha256(text.encode()).digest() for (text,) in texts)).digest()
    found = owner_rows("select number, log, digest, previous, head from audit_seal order by number")
    (_, _, _, began, head), (number, of, hashed, previous, _) = found
    assert (number, of, hashed, began, previous) == (2, log, digest, CHAIN_BEGINS, head)


@both_logs
@pytest.mark.usefixtures("empty")
def test_audit_seal_batch_cuts_between_transactions_only(log: str) -> None:
    put(log, a=10, b=17, c=17, d=40, e=41, f=42)
    assert seal(log, 15, most=1) == 1
    assert seal(log, 30, most=1) == 2  # one transaction is one batch, however large
    assert seal(log, 50, most=2) == 2
    assert seal(log, 50, most=2) == 1
    assert seals(log) == [(1, 1, 1, 0, 15, 0), (2, 3, 2, 15, 18, 0), (4, 5, 2, 18, 42, 0), (6, 6, 1, 42, 50, 0)]


@both_logs
@pytest.mark.usefixtures("empty")
def test_audit_seal_batch_begins_anew_where_the_counter_is_behind_the_chain(log: str) -> None:
    """Restored into a new cluster: first what the old one left unsealed, then all above the last id sealed."""
    put(OTHER[log], z=5)
    seal(OTHER[log], 8)
    put(log, a=12, b=27, c=AHEAD, d=AHEAD + 5)
    assert seal(log, AHEAD + 1) == 3
    put(log, e=10, f=20, g=30, h=35)
    assert seal(log, 25) == 1
    assert seal(log, 25) == 2
    assert seal(log, 25) == 0
    assert seal(log, 40, most=1) == 1
    assert seal(log, 40, most=1) == 1
    assert seals(log) == [
        (1, 3, 3, 0, AHEAD + 1, 0),
        (4, 4, 1, AHEAD + 1, AHEAD + 6, 0),
        (5, 6, 2, 0, 25, 4),
        (7, 7, 1, 25, 35, 4),
        (8, 8, 1, 35, 40, 4),
    ]


@pytest.mark.usefixtures("empty")
def test_audit_seal_goes_on_until_nothing_is_left_of_either_log(cast: Cast) -> None:
    put("reads", a=10, b=20, c=30)
    put("changes", a=15, b=25)
    owner("set local statement_timeout = '3s'")  # one that never ends would hold up the worker
    assert owner_rows("select audit_seal(1)") == [(5,)]
    assert [row[2] for row in seals("reads")] == [1, 1, 1]
    assert [row[2] for row in seals("changes")] == [1, 1]
    assert owner_rows("select audit_seal()") == [(0,)]
    owner("set local statement_timeout = 0")


@pytest.mark.usefixtures("empty")
def test_audit_unsigned_and_audit_heads_tell_seals_without_and_with_a_signature() -> None:
    put("reads", a=10, b=20, c=30)
    for bound in (15, 25, 35):
        seal("reads", bound)
    heads = dict(owner_rows("select number, head from audit_seal"))

    def unsigned() -> list[tuple[Any, ...]]:
        return owner_rows("select number, head from audit_unsigned()")

    def told(since: int) -> list[tuple[Any, ...]]:
        return owner_rows("select number, head, signature, public_key from audit_heads(%s)", since)

    assert (unsigned(), told(0)) == ([(number, heads[number]) for number in (1, 2, 3)], [])
    for number in (2, 3):
        owner("insert into audit_signature values (%s, 'signed', 'key', now())", number)
    assert unsigned() == [(1, heads[1])]
    assert told(0) == told(2) == [(number, heads[number], b"signed", b"key") for number in (2, 3)]
    assert (told(3), told(4)) == (told(0)[1:], [])
