"""Filled databases, and connections to them: as the web's role, as their owner, and as the owner acting as the web."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections
from django.db.utils import load_backend

from mace.embedded.testing import Cluster
from tests.benchmarks.asking import FOR_PLAIN
from tests.benchmarks.filling import fill
from tests.benchmarks.store import PAGES, Size, Tell, is_filled, mark_filled
from tests.factories.cast import make_cast
from tests.factories.owner import as_owner


def connect(of: Cluster, database: str, role: str, *, as_role: str = "", product: bool = True) -> Any:
    """A connection of Django's: the product's own, which announces the seat, or a plain one, which knows of none."""
    given = copy.deepcopy(connections.settings["default"])
    given |= {"NAME": database, "USER": role, "PASSWORD": "", "HOST": str(of.postgres.socket), "PORT": ""}
    given["CONN_HEALTH_CHECKS"] = False
    given["ENGINE"] = "mace.core.postgresql" if product else "django.db.backends.postgresql"
    given["OPTIONS"]["assume_role"] = as_role or None
    return load_backend(given["ENGINE"]).DatabaseWrapper(given, "default")


@contextmanager
def at(wrapper: Any) -> Iterator[None]:
    """What asks the database within the block asks on that connection."""
    before = connections["default"]
    connections["default"] = wrapper
    try:
        yield
    finally:
        connections["default"] = before


def fill_database(of: Cluster, size: Size, tell: Tell) -> None:
    """Make and fill a database of that size, unless it was filled in a former run."""
    if is_filled(of, size.database):
        tell(f"{size.cases:,} cases are there from a former run.")
        return
    of.drop_database(size.database)
    of.create_database(size.database, PAGES)
    fill_made(of, size, tell)
    mark_filled(of, size.database)


def fill_made(of: Cluster, size: Size, tell: Tell) -> None:
    """Fill a migrated database of that size and tidy it up."""
    with at(connect(of, size.database, "mace_owner", as_role="mace_web")):
        fill(make_cast(), cases=size.cases, agencies=size.agencies, tell=lambda what: tell(f"  {what} ..."))
        tell("  tidying up (vacuum, statistics) ...")
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(FOR_PLAIN)
            cursor.execute("vacuum (analyze, freeze)")
        connection.close()
