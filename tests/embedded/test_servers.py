"""The embedded servers start, keep to themselves, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from mace.embedded import servers
from mace.embedded.children import until
from mace.embedded.servers import Postgres, ServerFailed, Valkey, socket_folder
from mace.embedded.testing import Cluster, attach, cluster

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


def processes_that_mention(text: str) -> list[int]:
    """The living processes whose command line or folder of work has `text`, ourselves left out."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if text.encode() in (entry / "cmdline").read_bytes() and int(entry.name) != os.getpid():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def test_the_roles_may_do_no_more_than_they_must(running: Cluster) -> None:
    with psycopg.connect(running.database_url("postgres", "postgres")) as connection:
        found = connection.execute(
            "select rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,"
            " pg_has_role(rolname, 'mace_app', 'member'), pg_has_role(rolname, 'mace_owner', 'member')"
            " from pg_roles where rolname like 'mace%' order by 1"
        ).fetchall()
    no = (False,) * 5
    assert found == [
        ("mace_app", False, *no, True, False),
        ("mace_owner", True, *no, False, True),
        ("mace_web", True, *no, True, False),
        ("mace_worker", True, *no, True, False),
    ]


def test_the_roles_may_be_made_again(running: Cluster) -> None:
    running.postgres.create_roles()
    running.create_database("again")
    running.postgres.prepare_database("again")


def test_only_the_owner_makes_things_in_the_database(running: Cluster) -> None:
    running.create_database("mine")
    with psycopg.connect(running.database_url("mine", "mace_owner")) as connection:
        connection.execute("create table thing ()")
    for role in ("mace_web", "mace_worker"):
        with psycopg.connect(running.database_url("mine", role), autocommit=True) as connection:
            assert connection.execute("select current_user").fetchone() == (role,)
            for statement in (
                "create table other ()",
                "create temp table other ()",
                "select from thing",
                "create schema s",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)


def test_a_clone_has_what_the_template_has(running: Cluster) -> None:
    running.create_database("first")
    with psycopg.connect(running.database_url("first", "mace_owner")) as connection:
        connection.execute(
            "create table thing (id int); insert into thing values (7); grant select on thing to mace_app"
        )
    running.create_database("second", template="first")
    with psycopg.connect(running.database_url("second")) as connection:
        assert connection.execute("select id from thing").fetchone() == (7,)
    running.drop_database("second")
    running.drop_database("second")
    assert not running.postgres.has_database("second")


def test_name_search_keeps_letters_outside_ascii(running: Cluster) -> None:
    running.create_database("names")
    with psycopg.connect(running.database_url("names")) as connection:
        row = connection.execute(
            "select lower('ŁUKASZ'), show_trgm('Łukasz') <> show_trgm('ukasz'), similarity('Łukasz', 'łukasz'),"
            " unaccent('Zoë'), dmetaphone('Kate') = dmetaphone('Cait')"
        ).fetchone()
    assert row == ("łukasz", True, 1.0, "Zoe", True)


def test_valkey_has_a_database_for_every_parallel_test(running: Cluster) -> None:
    for index in (0, 63):
        with redis.Redis.from_url(running.redis_url(index)) as client:
            client.set("where", index)
            assert client.get("where") == str(index).encode()


def test_the_servers_listen_on_no_port(running: Cluster) -> None:
    assert running.valkey.settings["port"] == "0"
    with psycopg.connect(running.database_url("postgres", "postgres")) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)
    for folder in (running.postgres.socket, running.valkey.data):
        assert folder.stat().st_mode & 0o077 == 0


def test_another_process_finds_the_same_servers(running: Cluster) -> None:
    again = attach(running.postgres.data.parent)
    assert again.environment("names", 4) == running.environment("names", 4)


def test_a_second_server_on_the_same_data_is_refused(running: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "until", lambda ready, **_: ready())
    with pytest.raises(ServerFailed, match=r"^Another PostgreSQL \(pid \d+\) works on .*: stop it first\.$"):
        Postgres(running.postgres.data, durable=False).start()
    with pytest.raises(ServerFailed, match=r"^Another Valkey works on .*: stop it first\.$"):
        Valkey(running.valkey.data, durable=False).start()


def test_data_outlives_the_servers(tmp_path: Path) -> None:
    with cluster(tmp_path) as one:
        one.create_database("kept")
    with cluster(tmp_path) as two:
        assert two.postgres.has_database("kept")
    assert processes_that_mention(str(tmp_path)) == []


def test_a_long_path_gets_a_short_private_folder_for_its_sockets(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 20) / "deeper"
    folder = socket_folder(deep)
    try:
        assert len(str(folder / ".s.PGSQL.5432")) < 100
        assert folder.stat().st_mode & 0o777 == 0o700
        assert socket_folder(deep) == folder
        assert socket_folder(deep / "other") != folder
    finally:
        folder.rmdir()
        (socket_folder(deep / "other")).rmdir()


def test_servers_work_below_a_long_path(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 20)
    deep.mkdir()
    with cluster(deep) as started:
        assert started.postgres.answers()
        assert started.valkey.answers()
        assert len(os.fsencode(started.valkey.socket)) < 100
    for server in (started.postgres, started.valkey):
        for left in socket_folder(server.data).iterdir():
            left.unlink()
        socket_folder(server.data).rmdir()


def test_a_folder_for_sockets_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 20)
    folder = socket_folder(deep)
    folder.rmdir()
    folder.symlink_to(tmp_path)
    try:
        with pytest.raises(ServerFailed, match="belongs to somebody else"):
            socket_folder(deep)
    finally:
        folder.unlink()


def test_a_folder_without_programs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MACE_PG_BIN", str(tmp_path))
    with pytest.raises(ServerFailed, match=rf"^There is no program postgres in {tmp_path}\.$"):
        Postgres(tmp_path / "data").start()


def test_a_server_that_cannot_start_says_where_the_reason_is(tmp_path: Path) -> None:
    with pytest.raises(
        ServerFailed, match=r"^PostgreSQL did not start: the reason is at the end of .*postgres\.log\.$"
    ):
        Postgres(tmp_path / "postgres", durable=False, settings={"shared_buffers": "none"}).start()
    assert processes_that_mention(str(tmp_path)) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
@pytest.mark.parametrize("durable", [True, False])
def test_a_killed_parent_leaves_no_server(tmp_path: Path, durable: bool) -> None:
    program = textwrap.dedent(f"""
        import time
        from pathlib import Path
        from mace.embedded.servers import Postgres, Valkey
        Postgres(Path({str(tmp_path)!r}) / "postgres", durable={durable}).start()
        Valkey(Path({str(tmp_path)!r}) / "valkey", durable={durable}).start()
        print("up", flush=True)
        time.sleep(600)
    """)
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        assert len(processes_that_mention(str(tmp_path))) >= 2
        parent.send_signal(signal.SIGKILL)
    assert until(lambda: processes_that_mention(str(tmp_path)) == [], seconds=10)
