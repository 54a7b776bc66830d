"""A database of its own, a real worker on it, and ways to hold that worker at a line and kill it there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from mace.embedded.children import end, start, until
from tests.cluster import ROOT, clone, environment, servers
from tests.cluster import worker as this_worker
from tests.factories.cast import Cast, make_cast

PATIENCE = 40.0


@dataclass
class Product:
    """The product on a database of its own: ``cast`` is committed there, ``mail`` is the folder that mail goes to."""

    name: str
    mail: Path
    cast: Cast
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def mails(self) -> list[str]:
        """The names of the mails that were sent, and nothing half-written."""
        return sorted(path.name for path in self.mail.iterdir()) if self.mail.is_dir() else []

    def worker(self) -> subprocess.Popen[bytes]:
        """Start Celery as the worker's role."""
        environ = environment(self.name, 0) | {
            "REDIS_URL": os.environ["REDIS_URL"],
            "MACE_MAIL_DIR": str(self.mail),
            "MACE_DB_ROLE": "worker",
        }
        environ.pop("DATABASE_OWNER_URL")
        log = (self.mail.parent / f"worker{len(self.started)}.log").open("wb")
        process = start(
            [
                sys.executable,
                "-m",
                "celery",
                "-A",
                "mace",
                "worker",
                "--concurrency=1",
                "--loglevel=INFO",
                "--without-gossip",
                "--without-mingle",
            ],
            when_orphaned=signal.SIGKILL,
            output=log,
            environment=environ,
        )
        self.started.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """The worker and its children, at once, as when the machine's power goes."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows as the superuser sees them, past the policies."""
        with psycopg.connect(servers().database_url(self.name, "postgres"), autocommit=True) as direct:
            return direct.execute(sql, values).fetchall()

    @contextmanager
    def held(self, table: str) -> Iterator[Callable[[], bool]]:
        """Nobody can write to the table within; what is given says whether a worker waits for it."""
        with psycopg.connect(servers().database_url(self.name, "postgres")) as direct:
            direct.execute(f"lock table {table} in exclusive mode")

            def somebody_waits() -> bool:
                return bool(
                    self.ask(
                        "select 1 from pg_locks l join pg_stat_activity a using (pid) where not l.granted "
                        "and l.relation = %s::regclass and a.usename = 'mace_worker' "
                        "and a.datname = current_database()",
                        table,
                    )
                )

            yield somebody_waits


def wait(ready: Callable[[], bool], what: str) -> None:
    assert until(ready, seconds=PATIENCE, every=0.05), what


@pytest.fixture
def product(django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path) -> Iterator[Product]:
    """The test's own process works on the same database as the web role, and its work is committed."""
    name, usual = f"mace_faults_{this_worker}", connection.settings_dict["NAME"]
    assert settings.CELERY_BROKER_URL
    with django_db_blocker.unblock():
        connection.close()
        clone(name)
        connection.settings_dict["NAME"] = name
        cache.clear()
        current_app.control.purge()
        made = Product(name=name, mail=tmp_path / "mail", cast=make_cast())
        try:
            yield made
        finally:
            for process in made.started:
                end(process, signal.SIGKILL, within=5)
            current_app.control.purge()
            connection.close()
            connection.settings_dict["NAME"] = usual
            servers().drop_database(name)


__all__ = ["ROOT", "Product", "product", "wait"]
