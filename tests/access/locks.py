"""Trying the second lock directly: statements as a seat, and what the database makes of them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connection, transaction
from psycopg import sql

from mace.core.seat import Seat, acting_as
from tests.factories.owner import as_owner

REFUSED, ALLOWED, NO_RIGHT = "refused", "allowed", "no right"


def only(names: Iterable[str]) -> list[str]:
    """All of them; in a mutation run the one that the mutant concerns (``tests/mutation``)."""
    wanted, found = os.environ.get("MACE_ONLY", ""), list(names)
    return [wanted] if wanted in found else found


def rows(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(parameters))
        return cursor.fetchall() if cursor.description else []


def owner_rows(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with as_owner():
        return rows(statement, *parameters)


def owner(statement: str, *parameters: Any) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(statement, list(parameters))


def possible_for_owner(statement: str) -> bool:
    """Whether nothing but a policy could stand in its way. Nothing of it stays."""
    with as_owner():
        try:
            with transaction.atomic():
                rows(statement)
                transaction.set_rollback(True)
        except DatabaseError:
            return False
    return True


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens within the block is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def attempt(seat: Seat, statement: str, *parameters: Any) -> tuple[str, int]:
    """What becomes of a statement in that seat, and how many rows it reached. Nothing of it stays.

    A fault of any other kind (a key that exists already, a condition of the table) is found after the policy let it by.
    """
    with acting_as(seat):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, list(parameters))
                count = cursor.rowcount
                transaction.set_rollback(True)
        except DatabaseError as error:
            code, words = getattr(error.__cause__, "sqlstate", ""), str(error)
            if code != "42501":
                return ALLOWED, 1
            return (NO_RIGHT if words.startswith("permission denied for") else REFUSED), 0
    return (ALLOWED if count else REFUSED), count


def columns(table: str) -> dict[str, str]:
    """The columns that can be written, with their types."""
    return dict(
        rows(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = %s::regclass "
            "and attnum > 0 and not attisdropped and attgenerated = '' order by attnum",
            table,
        )
    )


def copy_of(table: str, row: dict[str, Any]) -> tuple[str, list[Any]]:
    """A statement that adds the row once more: the policy is asked before its key is looked at."""
    names = sql.SQL(", ").join(sql.Identifier(name) for name in columns(table))
    statement = sql.SQL(
        "insert into {table} ({names}) overriding system value "
        "select {names} from jsonb_populate_record(null::{table}, %s::jsonb)"
    ).format(table=sql.Identifier(table), names=names)
    return statement.as_string(connection.connection), [json.dumps(row)]


def all_rows(table: str) -> list[dict[str, Any]]:
    """Every row as JSON, as the owner sees it."""
    with as_owner():
        return [
            row[0] if isinstance(row[0], dict) else json.loads(row[0])
            for row in rows(f'select to_jsonb(t) from "{table}" t')
        ]
