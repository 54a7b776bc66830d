"""The bench's own PostgreSQL: started as the tests start theirs, its filled databases kept for the next run."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from mace.embedded.servers import Postgres, Valkey
from mace.embedded.testing import Cluster
from tests.fingerprint import ROOT, what_a_database_rests_on

FOLDER = ROOT / "var" / "bench"
PAGES = "bench_pages"
"""A migrated database without cases: the template of the others, and where pages are measured."""
BYTES_A_CASE, BYTES_OF_A_SERVER = 6_000, 1_000_000_000
"""What filling takes at its height, with the write-ahead log."""
SETTINGS = {
    "autovacuum": "off",  # the filling vacuums; nothing else is to work while times are taken
    "max_wal_size": "2GB",
    "maintenance_work_mem": "256MB",
}

Tell = Callable[[str], None]


class CannotMeasure(Exception):
    """The bench cannot go on. The message is one sentence for who started it."""


@dataclass(frozen=True, slots=True)
class Size:
    """So many cases and agencies; the database that holds them is named after it."""

    cases: int
    agencies: int

    @property
    def database(self) -> str:
        return f"bench_{self.cases}_{self.agencies}"


def key() -> str:
    """What kept data rests on: the migrations and all that fills."""
    said = hashlib.sha256(what_a_database_rests_on().encode())
    for path in [Path(__file__).with_name("filling.py"), *sorted((ROOT / "tests" / "factories").glob("*.py"))]:
        said.update(path.read_bytes())
    return said.hexdigest()[:16]


@contextmanager
def server(tell: Tell) -> Iterator[Cluster]:
    """The servers, with the data of the last run when nothing that it rests on has changed."""
    place = FOLDER / key()
    for old in FOLDER.iterdir() if FOLDER.is_dir() else ():
        if old.is_dir() and old != place:
            tell(f"Removing {old.relative_to(ROOT)}, which rests on other migrations.")
            shutil.rmtree(old, ignore_errors=True)
    place.mkdir(parents=True, exist_ok=True)
    made = Cluster(
        postgres=Postgres(place / "postgres", durable=False, settings=SETTINGS),
        valkey=Valkey(place / "valkey", durable=False),
    )
    with made.postgres, made.valkey:
        made.postgres.create_roles()
        with psycopg.connect(made.postgres.superuser_url(), autocommit=True) as connection:
            connection.execute("grant mace_web to mace_owner")  # so that the filling may act in a seat
        yield made


def make_room(sizes: list[Size], of: Cluster) -> None:
    """Refuse to begin a filling that would not fit on the disk."""
    wanted = sum(size.cases * BYTES_A_CASE for size in sizes if not is_filled(of, size.database))
    free = shutil.disk_usage(FOLDER).free
    if wanted and free < wanted + BYTES_OF_A_SERVER:
        raise CannotMeasure(
            f"There is not enough room in {FOLDER}: filling takes {(wanted + BYTES_OF_A_SERVER) / 1e9:.1f} GB "
            f"and {free / 1e9:.1f} GB are free; free some, or ask for fewer cases (make bench CASES=100000)."
        )


def is_filled(of: Cluster, database: str) -> bool:
    """Whether a filling came to its end there."""
    with psycopg.connect(of.postgres.superuser_url(), autocommit=True) as connection:
        found = connection.execute(
            "select shobj_description(oid, 'pg_database') from pg_database where datname = %s", [database]
        ).fetchone()
    return found == ("filled",)


def mark_filled(of: Cluster, database: str) -> None:
    with psycopg.connect(of.postgres.superuser_url(), autocommit=True) as connection:
        connection.execute(sql.SQL("comment on database {} is 'filled'").format(sql.Identifier(database)))


def environment(of: Cluster, database: str) -> dict[str, str]:
    """What a process of the product needs to work there, in the tests' settings."""
    return {**os.environ, **of.environment(database), "DJANGO_SETTINGS_MODULE": "mace.settings.test"}


def migrated(of: Cluster, tell: Tell) -> None:
    """Make the template, unless it is there already."""
    if is_filled(of, PAGES):
        return
    tell("Migrating ...")
    of.drop_database(PAGES)
    of.create_database(PAGES)
    command = ["-m", "mace.embedded.commands", "migrate", "--verbosity=0", "--skip-checks"]
    done = subprocess.run(
        [sys.executable, *command, "then", "bootstrap", "--skip-checks"],
        cwd=ROOT,
        env=environment(of, PAGES) | {"MACE_DB_ROLE": "owner"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotMeasure(f"The migrations failed: {done.stderr.strip().splitlines()[-1]}")
    mark_filled(of, PAGES)
