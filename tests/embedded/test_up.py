"""The demo says in one sentence why it cannot start, before it starts anything."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mace.embedded import reset, up, workplace
from mace.embedded.commands import split
from mace.embedded.servers import ServerFailed
from tests.embedded.test_servers import ROOT

VARIABLES = (
    *workplace.DATABASE_VARIABLES,
    "REDIS_URL",
    "MACE_MAIL_DIR",
    "MACE_MAIL_URL",
    "MACE_BASE_URL",
    "MACE_ALLOWED_HOSTS",
)
ADDRESS = "http://127.0.0.1:8123"


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (*VARIABLES, *workplace.SECRETS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MACE_VAR", str(tmp_path))
    return tmp_path


def run_up(**variables: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "mace.embedded.up"],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()


def test_a_busy_port_is_named_before_anything_starts(var: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        status, lines = run_up(PORT=str(port))
    assert status == 1
    assert lines == [
        f"Port {port} is in use by another program: stop that, or choose another port with PORT={port + 1} make demo."
    ]
    assert [path.name for path in var.iterdir()] == ["lock"]


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "８０００"])
def test_a_malformed_port_is_refused(var: Path, port: str) -> None:
    assert run_up(PORT=port) == (1, ["PORT must be a whole number from 1 to 65535."])


def test_a_second_start_on_the_same_data_says_so(var: Path) -> None:
    with workplace.hold(var, workplace.Holder(pid=4711, purpose="demo", address=ADDRESS)):
        status, lines = run_up(PORT="8000")
    assert (status, lines) == (1, [f"MACE is already running (pid 4711) at {ADDRESS}/ on the data in {var}."])


def test_some_of_the_database_addresses_are_not_enough(var: Path) -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = str(free.getsockname()[1])
    free.close()
    status, lines = run_up(PORT=port, DATABASE_URL="postgresql://mace_web:hunter2@host/mace")
    assert status == 1
    assert lines[0] == (
        "Set DATABASE_WORKER_URL and DATABASE_OWNER_URL as well: "
        "the owner's, the web's and the worker's addresses belong together."
    )
    assert "hunter2" not in "".join(lines)


def test_the_lock_ends_with_its_holder(var: Path) -> None:
    holder = workplace.Holder(pid=1, purpose="demo")
    for _ in range(2):
        with workplace.hold(var, holder), pytest.raises(workplace.Busy) as busy, workplace.hold(var, holder):
            pass
        assert busy.value.holder == holder


def test_secrets_are_made_once_and_are_nobody_elses(var: Path) -> None:
    made = workplace.own_secrets(var)
    assert stat.S_IMODE((var / "secrets.env").stat().st_mode) == 0o600
    assert set(made) == {"MACE_SECRET_KEY", "MACE_SEAT_KEY", "MACE_AUDIT_KEY", "MACE_FILES_KEY"}
    assert len(made["MACE_SECRET_KEY"]) >= 50
    assert len(bytes.fromhex(made["MACE_SEAT_KEY"])) == 32
    assert len(bytes.fromhex(made["MACE_AUDIT_KEY"])) == 32
    assert made["MACE_AUDIT_KEY"] != made["MACE_SEAT_KEY"]
    assert workplace.own_secrets(var) == made


def test_a_secret_that_a_later_version_needs_is_added_to_those_there_are(var: Path) -> None:
    (var / "secrets.env").write_text("MACE_SECRET_KEY=kept\nMACE_SEAT_KEY=kept too\n")
    made = workplace.own_secrets(var)
    assert (made["MACE_SECRET_KEY"], made["MACE_SEAT_KEY"]) == ("kept", "kept too")
    assert len(bytes.fromhex(made["MACE_AUDIT_KEY"])) == 32
    assert workplace.own_secrets(var) == made


def test_every_role_has_its_own_address(var: Path) -> None:
    environment = workplace.product_environment(var, ADDRESS, {})
    assert environment["DATABASE_URL"].startswith("postgresql://mace_web@/mace?host=")
    assert environment["DATABASE_WORKER_URL"].startswith("postgresql://mace_worker@/mace?host=")
    assert environment["DATABASE_OWNER_URL"].startswith("postgresql://mace_owner@/mace?host=")
    assert environment["MACE_BASE_URL"] == ADDRESS
    assert environment["MACE_ALLOWED_HOSTS"] == "127.0.0.1,localhost"
    assert environment["MACE_MAIL_DIR"] == str(var / "mail")
    assert environment["DJANGO_SETTINGS_MODULE"] == "mace.settings.demo"


def test_what_is_given_goes_first(var: Path) -> None:
    given = {name: f"postgresql://{name.lower()}@host/mace" for name in workplace.DATABASE_VARIABLES}
    given |= {"REDIS_URL": "redis://host/0", "MACE_SECRET_KEY": "k" * 50, "MACE_MAIL_URL": "smtp://host"}
    environment = workplace.product_environment(var, ADDRESS, given)
    assert {name: environment[name] for name in given} == given
    assert "MACE_MAIL_DIR" not in environment
    assert workplace.servers_needed(var, given) == (None, None)


def test_only_the_missing_server_is_started(var: Path) -> None:
    postgres, valkey = workplace.servers_needed(var, {"REDIS_URL": "redis://host/0"})
    assert (postgres is None, valkey is None) == (False, True)


@pytest.mark.parametrize("missing", workplace.DATABASE_VARIABLES)
def test_each_of_the_three_addresses_is_missed(var: Path, missing: str) -> None:
    given = {name: "postgresql://r@h/d" for name in workplace.DATABASE_VARIABLES if name != missing}
    with pytest.raises(ServerFailed, match=f"^Set {missing} as well"):
        workplace.product_environment(var, ADDRESS, given)


def test_static_files_are_collected_when_one_changed(
    var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[str] = []

    def step(title: str, *_: object) -> list[str]:
        runs.append(title)
        (var / "static").mkdir(exist_ok=True)
        return [""]

    monkeypatch.setattr(up, "_step", step)
    asset = var / "assets" / "app" / "app.css"
    asset.parent.mkdir(parents=True)
    asset.write_text("a {}")
    up.collect_static(var, {})
    up.collect_static(var, {})
    assert runs == ["Static files"]
    asset.write_text("a { color: red }")
    up.collect_static(var, {})
    assert runs == ["Static files"] * 2


def test_reset_forgets_the_data_and_keeps_the_build(var: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("postgres", "valkey", "mail", "assets", "static"):
        (var / name).mkdir()
    workplace.own_secrets(var)
    with workplace.hold(var, workplace.Holder(pid=4711, purpose="demo")):
        assert reset.main() == 1
    assert (var / "postgres").is_dir()
    assert capsys.readouterr().out == "MACE is running (pid 4711): stop it first.\n"
    assert reset.main() == 0
    assert sorted(path.name for path in var.iterdir()) == ["assets", "lock", "static"]


def test_commands_are_split_at_then() -> None:
    assert list(split(["a", "--b", "then", "c", "then", "then"])) == [["a", "--b"], ["c"]]
    assert list(split([])) == []
