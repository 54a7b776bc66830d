"""The chain over both logs: nothing is missed, nothing sealed twice, and whatever is done to it afterwards shows."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from mace.audit.sealing import Head, heads, seal_logs
from mace.audit.services import record_read, record_refusal
from mace.audit.signing import public_key
from mace.audit.tasks import seal_logs as task
from mace.audit.verifying import Verdict, verify
from mace.core.seat import acting_as
from tests.audit.conftest import KEY, as_worker, seal_all, unsealed
from tests.cluster import servers
from tests.factories.cast import Cast
from tests.factories.owner import as_owner


def read(cast: Cast, *, times: int = 1, seat: str = "coordinator") -> None:
    """Put that many answers on record, each in a transaction of its own."""
    for number in range(times):
        with acting_as(cast[seat]), transaction.atomic():
            record_read(by=cast[seat], action="case page", record_id=number + 1, reference=f"C-{number}")


def rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return cursor.fetchall()


def tamper(*statements: str) -> None:
    """Do what only the owner can: change what is on record."""
    with as_owner(), connection.cursor() as cursor:
        for table in ("audit_readentry", "audit_change", "audit_seal", "audit_signature"):
            cursor.execute(f"alter table {table} disable trigger user")
        for statement in statements:
            cursor.execute(statement)
        for table in ("audit_readentry", "audit_change", "audit_seal", "audit_signature"):
            cursor.execute(f"alter table {table} enable trigger user")


def verdict(exported: list[Head] | None = None) -> Verdict:
    with as_owner():
        return verify(known=[public_key()], exported=exported or [])


def exported_heads() -> list[Head]:
    with as_worker():
        return list(heads())


@contextmanager
def direct(role: str = "mace_owner") -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(servers().database_url(connection.settings_dict["NAME"], role)) as other:
        yield other


def test_a_clean_chain_verifies_and_covers_every_row_of_both_logs(committed: Cast) -> None:
    read(committed, times=3)
    seal_all()
    read(committed, times=2)
    with acting_as(committed["police_lead"]), transaction.atomic():
        record_refusal(by=committed["police_lead"], action="casework:case", reference="C-9999-9999")
    seal_all()
    found = verdict()
    counted = rows("select (select count(*) from audit_readentry), (select count(*) from audit_change)")[0]
    assert found.wrong == ()
    assert (found.rows, found.unsealed) == (sum(counted), 0)
    assert counted[0] == 6
    assert rows("select sum(rows) from audit_seal where log = 'reads'") == [(6,)]
    assert rows("select sum(rows) from audit_seal where log = 'changes'") == [(counted[1],)]
    numbers = rows("select number, previous, head from audit_seal order by number")
    assert [number for number, _, _ in numbers] == list(range(1, len(numbers) + 1))
    assert [bytes(previous) for _, previous, _ in numbers][1:] == [bytes(head) for _, _, head in numbers][:-1]


def test_nothing_to_seal_makes_no_seal(committed: Cast) -> None:
    seal_all()
    before = rows("select count(*) from audit_seal")
    with as_worker():
        assert task() == 0
    assert rows("select count(*) from audit_seal") == before


def test_a_transaction_that_commits_late_is_neither_missed_nor_sealed_twice(committed: Cast) -> None:
    """Its entry has a lower id than entries that were sealed before it was there."""
    seal_all()
    seat = committed["coordinator"]
    with direct("mace_web") as slow:
        slow.execute("select set_config('mace.seat', %s, true)", [seat.token()])
        slow.execute(
            "insert into audit_readentry (kind, action, reference, records, rows, refused) "
            "values ('page', 'slow', '', '{}', 1, false)"
        )
        read(committed, times=2)
        with as_worker():
            seal_logs()
        assert unsealed() == 2  # the slow one is not there yet, and both of the quick ones are younger than it
        slow.commit()
    seal_all()
    ids = rows("select id, action from audit_readentry order by id")
    assert [action for _, action in ids] == ["slow", "case page", "case page"]
    assert rows("select sum(rows) from audit_seal where log = 'reads'") == [(3,)]
    assert verdict().wrong == ()


def test_batches_are_cut_between_transactions_and_a_large_one_is_one_batch(committed: Cast) -> None:
    seal_all()
    before = rows("select coalesce(max(number), 0) from audit_seal")[0][0]
    read(committed, times=5)
    with acting_as(committed["coordinator"]), transaction.atomic():
        for _ in range(7):
            record_read(by=committed["coordinator"], action="at once")

    def in_threes() -> None:
        with as_worker(), connection.cursor() as cursor:
            cursor.execute("select audit_seal(3)")

    in_threes()
    while unsealed():
        in_threes()
    sizes = [row[0] for row in rows("select rows from audit_seal where number > %s order by number", before)]
    assert (sum(sizes), max(sizes), sizes[-1]) == (12, 7, 7)
    seal_all()
    with as_worker():
        seal_logs()
    assert verdict().wrong == ()


def test_two_sealers_at_once_make_one_chain(committed: Cast) -> None:
    seal_all()
    read(committed, times=20)
    answers: list[int] = []

    def seal() -> None:
        with direct("mace_worker") as other:
            answers.append(int(other.execute("select audit_seal(2)").fetchone()[0]))  # type: ignore[index]

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal_all()
    with as_worker():
        seal_logs()
    assert rows("select sum(rows) from audit_seal where log = 'reads'") == [(20,)]
    found = verdict()
    assert (found.wrong, found.unsealed) == ((), 0)


def test_a_counter_that_began_anew_after_a_restore_leaves_nothing_unsealed(committed: Cast) -> None:
    """Restored into a new cluster, rows carry transactions of the old one, which are ahead of the counter there."""
    read(committed, times=2)
    seal_all()
    read(committed, times=1)  # not sealed when the backup was made
    ahead = 10**12
    tamper(
        f"update audit_readentry set xid = xid + {ahead}",
        f"update audit_change set xid = xid + {ahead}",
        "delete from audit_signature",
        "delete from audit_seal",
    )
    with as_owner(), connection.cursor() as cursor:  # as the old cluster would have sealed the first two
        cursor.execute(
            "select audit_seal_batch('reads', %s, 2), audit_seal_batch('changes', %s, 1000000)", [ahead * 2] * 2
        )
    tamper()
    assert rows("select rows from audit_seal where log = 'reads'") == [(2,)]
    read(committed, times=4)
    seal_all()
    assert [row[0] for row in rows("select rows from audit_seal where log = 'reads' order by number")][:2] == [2, 1]
    assert rows("select sum(rows) from audit_seal where log = 'reads'") == [(7,)]
    read(committed, times=1)
    seal_all()
    assert rows("select sum(rows) from audit_seal where log = 'reads'") == [(8,)]
    with as_worker():
        seal_logs()
    found = verdict()
    assert (found.wrong, found.unsealed) == ((), 0)


# --- Tampering -------------------------------------------------------------------------------------------------------


def sealed_reads(cast: Cast) -> list[Head]:
    """Six entries under two seals of the access log, signed; answers the heads that were sent away."""
    seal_all()
    for _ in range(2):
        read(cast, times=3)
        seal_all()
    assert verdict().wrong == ()
    return exported_heads()


def last_seal() -> tuple[int, int, int]:
    number, first, last = rows(
        "select number, first_id, last_id from audit_seal where log = 'reads' order by number desc limit 1"
    )[0]
    return number, first, last


def named(number: int) -> str:
    log, first, last = rows("select log, first_id, last_id from audit_seal where number = %s", number)[0]
    return f"Seal {number} ({ {'reads': 'access log', 'changes': 'change history'}[log] }, entries {first} to {last})"


def test_an_altered_row_is_found(committed: Cast) -> None:
    sealed_reads(committed)
    number, _, last = last_seal()
    tamper(f"update audit_readentry set reference = 'C-OTHER' where id = {last}")
    assert verdict().wrong == (f"{named(number)}: a row was altered.",)


def test_an_altered_change_is_found(committed: Cast) -> None:
    sealed_reads(committed)
    ((key, number),) = rows(
        "select c.id, s.number from audit_change c join audit_seal s on s.log = 'changes' "
        "and c.id between first_id and last_id and c.xid >= s.xid_from and c.xid < s.xid_to order by c.id limit 1"
    )
    tamper(f"update audit_change set after = jsonb_set(after, '{{name}}', '\"Somebody\"') where id = {key}")
    assert verdict().wrong == (f"{named(number)}: a row was altered.",)


def test_a_missing_row_is_found(committed: Cast) -> None:
    sealed_reads(committed)
    number, _, last = last_seal()
    ((size,),) = rows("select rows from audit_seal where number = %s", number)
    tamper(f"delete from audit_readentry where id = {last}")
    assert verdict().wrong == (f"{named(number)}: 1 of its {size} rows are missing.",)


def test_an_added_row_is_found(committed: Cast) -> None:
    """With an id that was left out within a batch, and with one that no batch reaches."""
    seal_all()
    with acting_as(committed["coordinator"]), transaction.atomic():
        record_read(by=committed["coordinator"], action="one")
        ((free,),) = rows("select nextval(pg_get_serial_sequence('audit_readentry', 'id'))")
        record_read(by=committed["coordinator"], action="two")
    seal_all()
    number, _, last = last_seal()
    copy = (
        "insert into audit_readentry (id, at, membership_id, principal, partnership_id, agency_id, partnerships, kind, "
        "action, reference, records, rows, refused, xid) select {}, at, membership_id, principal, partnership_id, "
        "agency_id, partnerships, kind, action, reference, records, rows, refused, xid from audit_readentry "
        f"where id = {last}"
    )
    tamper(copy.format(free))
    assert verdict().wrong == (f"{named(number)}: 1 rows were added to its 2.",)
    tamper(f"delete from audit_readentry where id = {free}", copy.format(last + 1000))
    assert verdict().wrong == ("The access log holds 1 rows that no seal covers although the chain has passed them.",)


def test_a_missing_seal_is_found(committed: Cast) -> None:
    sealed_reads(committed)
    ((number, size),) = rows("select number, rows from audit_seal where log = 'reads' order by number limit 1")
    tamper(f"delete from audit_signature where seal_id = {number}", f"delete from audit_seal where number = {number}")
    assert verdict().wrong == (
        f"Seal {number} is missing from the chain.",
        f"The access log holds {size} rows that no seal covers although the chain has passed them.",
    )


def test_a_cut_tail_is_found_by_the_heads_that_were_sent_away(committed: Cast) -> None:
    """The last seal and its rows are gone; what is left is a valid chain."""
    sent = sealed_reads(committed)
    number, first, last = last_seal()
    tamper(
        f"delete from audit_readentry where id between {first} and {last}",
        f"delete from audit_signature where seal_id >= {number}",
        f"delete from audit_seal where number >= {number}",
    )
    assert max(head.number for head in sent) == number
    assert verdict().wrong == ()
    assert verdict(sent).wrong == (f"The chain was cut: seals {number} to {number} were exported and are gone.",)


def test_sealing_again_after_a_row_was_altered_is_found(committed: Cast) -> None:
    """Whoever owns the database can make a chain that fits, but not sign it; and its heads are not those sent away."""
    sent = sealed_reads(committed)
    number, _, last = last_seal()
    old = named(number)
    tamper(
        f"update audit_readentry set reference = 'C-OTHER' where id = {last}",
        f"create table kept as select * from audit_signature where seal_id = {number}",
        f"delete from audit_signature where seal_id = {number}",
        f"delete from audit_seal where number = {number}",
        "select audit_seal()",
        "insert into audit_signature select * from kept",
    )
    assert named(number) == old
    assert verdict().wrong == (f"{old} has a wrong signature.",)
    tamper(f"delete from audit_signature where seal_id = {number}")
    assert verdict().wrong == (f"{old} has no signature.",)
    with as_worker():
        seal_logs()  # even if the worker signed it
    assert verdict().wrong == ()
    assert verdict(sent).wrong == (f"Seal {number} is not the one whose head was exported: the chain was rewritten.",)


def test_a_rewritten_seal_does_not_fit_its_head(committed: Cast) -> None:
    sealed_reads(committed)
    number = last_seal()[0]
    tamper(f"update audit_seal set sealed_at = sealed_at - interval '1 day' where number = {number}")
    assert verdict().wrong == (f"{named(number)} was altered: its head is not that of what it says.",)
    tamper(
        "update audit_seal set sealed_at = sealed_at + interval '1 day', previous = sha256('x') "
        f"where number = {number}"
    )
    assert verdict().wrong == (
        f"{named(number)} does not follow from the seal before it: the chain was rewritten there.",
        f"{named(number)} was altered: its head is not that of what it says.",
    )


def test_a_key_of_somebody_else_is_found(committed: Cast) -> None:
    sealed_reads(committed)
    number = last_seal()[0]
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
    tamper(f"update audit_signature set public_key = decode('{other}', 'hex') where seal_id = {number}")
    assert verdict().wrong == (f"{named(number)} is signed with a key that is not this installation's.",)


def test_rows_that_wait_for_more_than_an_hour_are_named(committed: Cast) -> None:
    seal_all()
    read(committed, times=2)
    assert (verdict().wrong, verdict().unsealed) == ((), 2)
    tamper("update audit_readentry set at = at - interval '61 minutes'")
    assert verdict().wrong == ("The access log holds 2 rows that have not been sealed for more than an hour.",)


# --- The commands ----------------------------------------------------------------------------------------------------


def test_the_commands_export_heads_and_verify_with_them(
    committed: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sealed_reads(committed)
    with as_worker():
        call_command("export_audit_heads")
    lines = capsys.readouterr().out.splitlines()
    number, first, last = last_seal()
    assert [json.loads(line)["number"] for line in lines] == list(range(1, number + 1))
    assert set(json.loads(lines[0])) == {
        *("number", "log", "rows", "sealed_at", "previous", "head", "signature", "public_key")
    }
    with as_worker():
        call_command("export_audit_heads", "--since", str(number))
    assert capsys.readouterr().out.splitlines() == lines[-1:]
    file = tmp_path / "heads.jsonl"
    file.write_text("\n".join(lines))
    with as_owner():
        call_command("verify_audit", "--heads", str(file))
        assert capsys.readouterr().out.endswith("nothing wrong.\n")
    tamper(
        f"delete from audit_readentry where id between {first} and {last}",
        f"delete from audit_signature where seal_id = {number}",
        f"delete from audit_seal where number = {number}",
    )
    with as_owner(), pytest.raises(SystemExit) as ended:
        call_command("verify_audit", "--heads", str(file))
    assert ended.value.code == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"The chain was cut: seals {number} to {number} were exported and are gone."
    file.write_text(lines[0].replace('"reads"', '"changes"').replace(json.loads(lines[0])["head"], "00" * 32))
    with as_owner(), pytest.raises(SystemExit):
        call_command("verify_audit", "--heads", str(file))
    assert (
        capsys.readouterr().out.splitlines()[0] == "Head 1 in the file is not signed with a key of this installation."
    )


def test_the_owner_verifies_with_the_public_key_alone(
    committed: Cast, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    sealed_reads(committed)
    known = public_key().hex()
    settings.AUDIT_KEY = b""
    with as_owner():
        call_command("verify_audit", "--public-key", known)
        with pytest.raises(CommandError, match="Give --public-key, which"):
            call_command("verify_audit")
        with pytest.raises(CommandError, match="64 hexadecimal digits"):
            call_command("verify_audit", "--public-key", "no")
    assert known == Ed25519PrivateKey.from_private_bytes(KEY).public_key().public_bytes_raw().hex()


# --- Who may do what -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_readentry set rows = 9",
        "delete from audit_readentry",
        "update audit_change set reason = 'x'",
        "delete from audit_change",
        "update audit_seal set rows = 9",
        "delete from audit_seal",
        "delete from audit_signature",
    ],
)
def test_not_even_the_owner_rewrites_by_an_ordinary_statement(committed: Cast, statement: str) -> None:
    sealed_reads(committed)
    with as_owner(), connection.cursor() as cursor, pytest.raises(DatabaseError, match="is not changed or removed"):
        cursor.execute(statement)


def test_the_web_and_other_roles_cannot_seal_sign_or_read_the_chain(committed: Cast) -> None:
    refused = ["select audit_seal()", "select audit_sign(1, '', '')", "select * from audit_heads(1)"]
    refused += ["select * from audit_seal", "select * from audit_signature", "select * from audit_change"]
    for role in ("mace_web", "mace_worker"):
        for statement in [*refused, "select audit_seal_batch('reads', 1, 1)"]:
            if role == "mace_worker" and statement in refused[:3]:
                continue
            with direct(role) as other, pytest.raises(psycopg.errors.InsufficientPrivilege):
                other.execute(statement)
