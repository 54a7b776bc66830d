"""Servers for a test run, loaded as a pytest plugin before Django reads its settings.

The controlling process starts PostgreSQL and Valkey and migrates one template; each worker gets a database cloned from
it. Connections are made as ``mace_web``: the suite fails if it finds itself owner or superuser (``tests/conftest.py``).
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

import psycopg

from mace.embedded.testing import Cluster, attach, cluster
from tests.fingerprint import what_a_database_rests_on

ROOT = Path(__file__).resolve().parents[1]
FOLDER = "MACE_TEST_CLUSTER"
TEMPLATE = "mace_template"
KEPT = ROOT / "var" / "tests"


def folder() -> Path:
    return Path(os.environ[FOLDER])


def servers() -> Cluster:
    return attach(folder())


def clone(name: str, template: str = TEMPLATE) -> None:
    """Make a database of that name from a template, one at a time: PostgreSQL copies a database nobody is using."""
    with (folder() / "clone.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        servers().drop_database(name)
        servers().create_database(name, template)


def environment(name: str, index: int) -> dict[str, str]:
    """What a process of the product needs to work on that database."""
    return {
        **os.environ,
        **servers().environment(name, index),
        "DJANGO_SETTINGS_MODULE": "mace.settings.test",
    }


def manage(name: str, *arguments: str, index: int = 0, role: str | None = None) -> str:
    """Run a management command on a database in a process of its own and answer what it printed."""
    environ = environment(name, index) | ({"MACE_DB_ROLE": role} if role else {})
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def _make_template(made: Cluster) -> None:
    made.create_database(TEMPLATE)
    manage(TEMPLATE, "migrate", "--verbosity=0", "--skip-checks")
    manage(TEMPLATE, "bootstrap", "--skip-checks")


def _begin() -> None:
    """Start the servers with a migrated template, or with the last run’s when nothing it rests on has changed."""
    stack = ExitStack()
    atexit.register(stack.close)
    os.environ[FOLDER] = stack.enter_context(tempfile.TemporaryDirectory(prefix="mace-test-"))
    kept = KEPT / what_a_database_rests_on()
    if not kept.is_dir():
        with cluster(folder()) as made:
            _make_template(made)
        _keep(kept)
    else:
        subprocess.run(["cp", "-a", kept, folder() / "postgres"], check=True)
    stack.enter_context(cluster(folder()))


def _keep(kept: Path) -> None:
    """Put a stopped server's data away for the next run; the older ones go."""
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in sorted(KEPT.iterdir(), key=lambda path: path.stat().st_mtime)[:-3]:
        shutil.rmtree(old, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(dir=KEPT)) / "postgres"
    subprocess.run(["cp", "-a", folder() / "postgres", fresh], check=True)  # with its owner and its permissions
    with suppress(OSError):  # another run was quicker
        fresh.rename(kept)
    shutil.rmtree(fresh.parent, ignore_errors=True)


def _use(name: str, index: int) -> None:
    clone(name)
    with psycopg.connect(servers().database_url(name, "postgres"), autocommit=True) as connection:
        connection.execute("grant mace_web to mace_owner")  # so that a test may step back to the owner to prepare
    os.environ.update(servers().environment(name, index))
    os.environ["DATABASE_URL"] = servers().database_url(name, "mace_owner")
    os.environ["MACE_TEST_ASSUME_ROLE"] = "mace_web"


if FOLDER not in os.environ:
    _begin()
worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
_use(f"mace_{worker}", 2 * (int(worker.removeprefix("gw")) + 1) if worker.startswith("gw") else 0)
