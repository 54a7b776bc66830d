"""Making records and granting them. The database's own functions do it and check the seat once more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Opened:
    """A record to be opened: what it is, the moment that sorts it in lists, and which child's record it concerns."""

    kind: Kind
    at: dt.datetime
    about: int | None = None


def open_records(records: Sequence[Opened], *, shared_with: int | None = None) -> list[int]:
    """Each as ``open_record`` makes it, all in one statement; answers their ids in the order given.

    ``shared_with``: a principal that is granted each of them in full too, as ``share`` does.
    """
    if not records:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "with made as materialized (select t.n, access_open_record(t.kind, t.at, t.about, null) as id "
            "from unnest(%s::text[], %s::timestamptz[], %s::bigint[]) with ordinality t(kind, at, about, n)) "
            "select m.n, m.id, case when s.principal is not null then "
            "access_share(m.id, s.principal, 3::smallint, null) end from made m, (select %s::int as principal) s",
            [*map(list, zip(*((one.kind.value, one.at, one.about) for one in records), strict=True)), shared_with],
        )
        made = {int(place): int(key) for place, key, _ in cursor.fetchall()}
    return [made[place] for place in range(1, len(records) + 1)]


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
