"""Stepping back to the owner for a moment, to prepare what no seat may write (organisations, people, seats)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def as_owner() -> Iterator[None]:
    """Work as the database's owner within the block, past the policies."""
    with connection.cursor() as cursor:
        cursor.execute("reset role")
        try:
            yield
        finally:
            if not connection.needs_rollback:
                cursor.execute("set role mace_web")
