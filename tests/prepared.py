"""Databases in which the cast, or one whole case, stands already: a test's transaction begins there and is taken back.

Made by the same factories as everywhere, once in each process, committed, and kept as a pickle of the objects: a test
gets its own. What a test's fixtures ask for decides which one it runs on. A test marked ``untouched`` gets a database
with the cast that nothing has run on before: what was taken back leaves its traces in tables and indexes.
"""

from __future__ import annotations

import pickle
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from tests.access.world import World, make_world
from tests.cluster import clone
from tests.factories.cast import Cast, make_cast

PLAIN, CAST, WORLD, UNTOUCHED = "plain", "cast", "world", "untouched"
ROOT_FIXTURES = "tests/conftest.py"

_pickles: dict[str, bytes] = {}
_given: list[Cast | World] = []
_used = [PLAIN]
_held: list[bool] = []


def kind_for(item: Any) -> str:
    """The database for a test: plain when it makes its cast itself, or asks for none."""
    if item.get_closest_marker(UNTOUCHED):
        return UNTOUCHED
    definitions = item._fixtureinfo.name2fixturedefs
    for name in (WORLD, CAST):
        found = definitions.get(name, ()) if name in item.fixturenames else ()
        if found and _is_ours(found[0]) and all(name in override.argnames for override in found[1:]):
            return name
    return PLAIN


def _is_ours(definition: Any) -> bool:
    return str(definition.func.__code__.co_filename).endswith(ROOT_FIXTURES)


def fill(kind: str) -> bytes:
    """Make what stands in a database of that kind, in the one that is connected, and commit it; answers the pickle."""
    with transaction.atomic():
        cast = make_cast()
        made = make_world(cast) if kind == WORLD else cast
        connection.run_on_commit.clear()  # nobody is told anything
    return pickle.dumps(made)


def use(kind: str, base: str) -> None:
    """Connect to the database of that kind that belongs to ``base``, a plain one; give what stands in it."""
    if _held:
        return
    if kind == UNTOUCHED:
        _pickles.pop(kind, None)
    if kind != _used[0]:
        name = base if kind == PLAIN else f"{base}_{kind}"
        _used[0] = kind
        connect(name)
    if kind != PLAIN and kind not in _pickles:
        connection.close()
        clone(f"{base}_{kind}")
        connect(f"{base}_{kind}")
        _pickles[kind] = fill(kind)
    give(_pickles.get(kind, b""))


def connect(name: str) -> None:
    """Forget the connection, with whatever transaction it was in, and use that database from now on."""
    connection.close()
    del connections[DEFAULT_DB_ALIAS]
    connection.settings_dict["NAME"] = name
    connection.settings_dict["OPTIONS"]["assume_role"] = "mace_web"


def give(pickled: bytes) -> None:
    """Let the fixtures of the next test find that; nothing for an empty database."""
    _given[:] = [pickle.loads(pickled)] if pickled else []


def hold(pickled: bytes) -> None:
    """From now on somebody else chooses the database; that stands in it."""
    _held[:] = [True]
    give(pickled)


def the_cast() -> Cast:
    made = _given[0] if _given else make_cast()
    return made.cast if isinstance(made, World) else made


def the_world(cast: Cast) -> World:
    made = _given[0] if _given else None
    return made if isinstance(made, World) else make_world(cast)
