"""The databases that mutants are tried on: as migrated, with the cast in it, and with one whole case in it.

Each job has its own three. What a child does there is one transaction that nobody commits.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.core.cache import caches
from django.db import connection, transaction

from tests import prepared
from tests.cluster import clone, folder, servers
from tests.prepared import CAST, PLAIN, WORLD, connect

KINDS = (PLAIN, CAST, WORLD)


def name_of(kind: str, slot: int) -> str:
    return f"mutation_{kind}_{slot}"


def saved(kind: str) -> Path:
    return folder() / f"mutation_{kind}.pickle"


def build(kind: str) -> None:
    """Fill a first database of that kind, in a child: nothing stays connected."""
    connect(name_of(kind, 0))
    saved(kind).write_bytes(prepared.fill(kind))
    connection.close()


def own_cache(slot: int) -> None:
    """Sessions and counters of one job do not meet those of another, nor those of the mutant before."""
    caches.settings["default"]["LOCATION"] = servers().redis_url(2 * slot + 11)
    with suppress(AttributeError):  # nothing was kept yet
        del caches["default"]
    caches["default"].clear()


def prepare(slots: int, run_in_child: Any) -> None:
    """Make the databases of every job."""
    clone(name_of(PLAIN, 0))
    for kind in (CAST, WORLD):
        clone(name_of(kind, 0))
        run_in_child(lambda kind=kind: build(kind))
    for slot in range(1, slots):
        for kind in KINDS:
            clone(name_of(kind, slot), name_of(kind, 0))


@contextmanager
def on(kind: str, slot: int, statements: tuple[str, ...]) -> Iterator[None]:
    """Within the block, the tests' transactions lie inside one in which ``statements`` were run by the owner."""
    connect(name_of(kind, slot))
    outer = transaction.atomic()
    outer._from_testcase = True  # type: ignore[attr-defined]  # as Django marks a test's own
    outer.__enter__()
    with connection.cursor() as cursor:
        cursor.execute("reset role")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("set role mace_web")
    yield
    connection.close()


@contextmanager
def within(statements: tuple[str, ...]) -> Iterator[None]:
    """Within the block of ``on``: what the owner changes for one trial, taken back at its end."""
    inner = transaction.atomic()
    inner._from_testcase = True  # type: ignore[attr-defined]
    inner.__enter__()
    with connection.cursor() as cursor:
        cursor.execute("reset role")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("set role mace_web")
    yield
    transaction.set_rollback(True)
    inner.__exit__(None, None, None)


def furnish(kind: str) -> None:
    """Let the fixtures of this process find what stands in the database already."""
    prepared.hold(b"" if kind == PLAIN else saved(kind).read_bytes())


os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
