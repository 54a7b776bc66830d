"""Making records and granting them. The database's own functions do it and check the seat once more."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection

from mace.access.models import EmergencyAccess, Kind, Scope


def call(sql: str, parameters: list[Any]) -> object:
    """Call one of the database's functions and answer what it returned."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return row[0] if row else None


def open_record(*, kind: Kind, at: dt.datetime, about: int | None = None, within: int | None = None) -> int:
    """Make a record of the seat's partnership and grant it in full to the seat alone; answers its id.

    ``about`` is a child's record, ``within`` the containing record. Everything that hangs on the id can be added now.
    Around a restricted case it is restricted from the start, and granted to the people named there.
    """
    made = call("select access_open_record(%s, %s, %s, %s)", [kind.value, at, about, within])
    assert isinstance(made, int)
    return made


def set_about(*, record_id: int, child_id: int) -> None:
    """Say which child the record concerns; everyone granted the record gets the same scope on the child."""
    call("select access_set_about(%s, %s)", [record_id, child_id])


def share(*, record_id: int, principal: int, scope: Scope, until: dt.datetime | None = None) -> bool:
    """Grant a principal the record at exactly this scope, for ever or until a moment.

    Answers False, and grants nothing, when the record is restricted and the principal is nobody named on it.
    """
    return bool(call("select access_share(%s, %s, %s::smallint, %s)", [record_id, principal, int(scope), until]))


def open_shared(*, kind: Kind, at: dt.datetime, about: int, principal: int) -> int:
    """``open_record``, ``set_about`` and ``share`` in full with one principal, in one statement; answers the id."""
    made = call(
        "with made as materialized (select access_open_record(%s, %s, null, null) as id) "
        "select made.id, access_set_about(made.id, %s), access_share(made.id, %s, 3::smallint, null) from made",
        [kind.value, at, about, principal],
    )
    assert isinstance(made, int)
    return made


def unshare(*, record_id: int, principal: int) -> None:
    """Take a principal's grant on the record away, at once."""
    call("select access_unshare(%s, %s)", [record_id, principal])


def grants_on(record_id: int) -> dict[int, int]:
    """Principal to scope of the grants in force, for a seat that sees the record in full; empty for others."""
    with connection.cursor() as cursor:
        cursor.execute("select principal, scope from access_grants_on(%s)", [record_id])
        return {int(row[0]): int(row[1]) for row in cursor.fetchall()}


def clear_ended_grants() -> int:
    """Clear away the grants of the system seat's partnership whose end has passed; answers how many.

    Not while an emergency access waits for its review: the officer reads by its grants, ended as they are.
    """
    if EmergencyAccess.objects.filter(reviewed_at=None).exists():
        return 0
    gone = call("select access_clear_ended()", [])
    assert isinstance(gone, int)
    return gone
