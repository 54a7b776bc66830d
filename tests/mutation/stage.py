"""The databases that mutants are tried on: as migrated, with the cast in it, and with one whole case in it.

Each job has its own three. What a child does there is one transaction that nobody commits.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.core.cache import caches
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from tests.cluster import clone, folder, servers

PLAIN, CAST, WORLD = "plain", "cast", "world"
KINDS = (PLAIN, CAST, WORLD)


def name_of(kind: str, slot: int) -> str:
    return f"mutation_{kind}_{slot}"


def saved(kind: str) -> Path:
    return folder() / f"mutation_{kind}.pickle"


def build(kind: str) -> None:
    """Fill a first database of that kind, in a child: nothing stays connected."""
    from tests.access.world import make_world  # noqa: PLC0415 (only in the child)
    from tests.factories.cast import make_cast  # noqa: PLC0415

    connect(name_of(kind, 0))
    with transaction.atomic():
        cast = make_cast()
        made = make_world(cast) if kind == WORLD else cast
        connection.run_on_commit.clear()
    saved(kind).write_bytes(pickle.dumps(made))
    connection.close()


def connect(database: str) -> None:
    """Forget the connection, with whatever transaction it was in, and use that database from now on."""
    connection.close()
    with suppress(AttributeError):  # kept by a thread, or a context, that is not this one
        del connections[DEFAULT_DB_ALIAS]
    connection.settings_dict["NAME"] = database
    connection.settings_dict["OPTIONS"]["assume_role"] = "mace_web"


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
    from tests import conftest  # noqa: PLC0415 (the fixtures' own module)
    from tests.access import world as access_world  # noqa: PLC0415
    from tests.factories import cast as factory  # noqa: PLC0415

    make_cast, make_world = _ORIGINAL.setdefault("made", (factory.make_cast, access_world.make_world))
    if kind == PLAIN:
        replacements = {make_cast: make_cast, make_world: make_world}
    else:
        made = pickle.loads(saved(kind).read_bytes())
        cast = made.cast if kind == WORLD else made
        replacements = {
            make_cast: lambda: cast,
            make_world: (lambda _cast: made) if kind == WORLD else make_world,
        }
    vars(conftest)["make_cast"] = replacements[make_cast]
    for module in list(sys.modules.values()):
        if (
            module.__name__.startswith("tests.")
            and module not in (access_world, factory)
            and "make_world" in vars(module)
        ):
            module.make_world = replacements[make_world]  # type: ignore[attr-defined]


_ORIGINAL: dict[str, Any] = {}


def kind_for(item: Any) -> str:
    """The database that a test can be run on: a test that makes its cast itself needs the bare one."""
    definitions = getattr(item, "_fixtureinfo").name2fixturedefs  # noqa: B009 (pytest's own)
    world = definitions.get("world")
    if world and "make_world" in world[-1].func.__code__.co_names and world[-1].argnames == ("cast",):
        return WORLD
    return CAST if "cast" in definitions and "cast" in item.fixturenames else PLAIN


os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
