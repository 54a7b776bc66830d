"""A database of its own, whose rows are committed: what is sealed must be older than every running transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from mace.audit.models import Change, ReadEntry
from mace.audit.sealing import seal_logs
from mace.embedded.children import until
from tests.cluster import clone, servers
from tests.cluster import worker as this_worker
from tests.factories.cast import Cast, make_cast
from tests.factories.owner import as_owner

PATIENCE = 60.0
KEY = bytes(range(100, 132))


@contextmanager
def as_worker() -> Iterator[None]:
    """Work as the worker's role within the block."""
    with connection.cursor() as cursor:
        cursor.execute("reset role; set role mace_worker")
        try:
            yield
        finally:
            cursor.execute("reset role; set role mace_web")


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker, settings: Any) -> Iterator[Cast]:
    """The cast, committed in a database of this test's own; the worker's key is known."""
    settings.AUDIT_KEY = KEY
    name, usual = f"mace_audit_{this_worker}", connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        connection.close()
        clone(name)
        with psycopg.connect(servers().database_url(name, "postgres"), autocommit=True) as direct:
            direct.execute("grant mace_worker to mace_owner")
        connection.settings_dict["NAME"] = name
        try:
            yield make_cast()
        finally:
            connection.close()
            connection.settings_dict["NAME"] = usual
            servers().drop_database(name)


def unsealed() -> int:
    """How many rows of either log no seal covers."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "select sum(n) - (select coalesce(sum(rows), 0) from audit_seal) "
            "from (select count(*) n from audit_readentry union all select count(*) from audit_change) s"
        )
        return int(cursor.fetchone()[0])


def seal_all() -> None:
    """Seal until nothing is left. Tests that run beside this one hold transactions open, which sealing waits for."""

    def sealed() -> bool:
        with as_worker():
            seal_logs()
        return unsealed() == 0

    assert until(sealed, seconds=PATIENCE, every=0.05)


__all__ = ["Change", "ReadEntry", "as_worker", "committed", "seal_all", "unsealed"]
