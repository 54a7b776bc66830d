"""Which records a seat may see: ids by seeking in the grants, then rows by key (the policies check again)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL

from mace.access.models import Disclosure, Kind
from mace.core.pages import page_key, page_numbers
from mace.core.together import Values

PAGE = 25
CAP = 1000

M = TypeVar("M", bound=Model)

_SEEK = "select sort_at, record_id from access_seek(%s, %s::smallint, %s, %s, %s)"
_COUNT = "select access_seek_count(%s, %s::smallint, %s)"

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def after_key(after: str) -> tuple[dt.datetime, int]:
    """The moment and the primary key that a page’s ``next_after`` stands for. Raises ``ValueError`` for other text."""
    moment, key = page_numbers(after, count=2)
    return EPOCH + dt.timedelta(microseconds=moment), key


def next_key(moment: dt.datetime, key: int) -> str:
    """The ``next_after`` that ends a page with this row, sealed: no number of a row stands in an address."""
    return page_key((moment - EPOCH) // dt.timedelta(microseconds=1), key)


@dataclass(frozen=True, slots=True)
class Page:
    """Ids of one page, newest first; ``next_after`` is the key to ask the following page with, if there is one."""

    ids: list[int]
    next_after: str


def after_parts(after: str) -> tuple[dt.datetime | None, int | None]:
    """What a seek takes: the key that ``after`` stands for, or twice nothing for the first page."""
    return after_key(after) if after else (None, None)


def visible_page(kind: Kind, *, scope: int = 1, after: str = "", size: int = PAGE) -> Page:
    """One page of the records of a kind that the seat may see. ``after`` is a former page's ``next_after``.

    Raises ``ValueError`` for an ``after`` that never was one.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SEEK, [kind.value, scope, *after_parts(after), size + 1])
        rows = cursor.fetchall()
    more = len(rows) > size
    rows = rows[:size]
    return Page(ids=[row[1] for row in rows], next_after=next_key(*rows[-1]) if more else "")


def visible_rows(
    rows: Values, kind: Kind, *, scope: int = 1, after: str = "", size: int = PAGE
) -> tuple[list[tuple[Any, ...]], str]:
    """One page like ``visible_page``, with the ``rows`` of its records in the same statement, and the next page's key.

    ``rows`` are ``OnPage`` and begin with the record's key. Those that a policy hides are left out.
    """
    return sought_rows(rows, _SEEK, [kind.value, scope, *after_parts(after), size + 1], size=size)


def chosen_rows(
    rows: Values, kind: Kind, *, where: str, given: Sequence[Any], after: str = "", size: int = PAGE
) -> tuple[list[tuple[Any, ...]], str]:
    """One page like ``visible_rows``, of those rows only for which ``where`` holds (see ``Values.page``).

    Looks through at most ``CAP`` records of the seat at a time: a page may have few rows, or none, and yet be followed
    by another. The next page's key is empty only when there is nothing more to look through.
    """
    found = rows.page(
        _SEEK,
        [kind.value, 1, *after_parts(after), CAP + 1],
        "p.sort_at desc, p.record_id desc",
        where=where,
        given=given,
    )
    chosen = [at for at, row in enumerate(found[:CAP]) if row[2] is not None]
    last = chosen[size - 1] if len(chosen) >= size else min(len(found), CAP) - 1
    following = next_key(*found[last][:2]) if len(found) > last + 1 else ""
    return [found[at][2:] for at in chosen[:size]], following


def sought_rows(
    rows: Values, sql: str, parameters: list[Any], *, size: int = PAGE
) -> tuple[list[tuple[Any, ...]], str]:
    """The same for other SQL, which answers ``sort_at`` and ``record_id`` of at most one row more than a page."""
    found = rows.page(sql, parameters, "p.sort_at desc, p.record_id desc")
    more, found = len(found) > size, found[:size]
    return [row[2:] for row in found if row[2] is not None], next_key(*found[-1][:2]) if more else ""


def visible_count(kind: Kind, *, scope: int = 1, cap: int = CAP) -> int:
    """How many records of a kind the seat may see; ``cap + 1`` stands for more than ``cap``."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [kind.value, scope, cap + 1])
        row = cursor.fetchone()
    return min(int(row[0]), cap + 1)


def by_ids(rows: QuerySet[M], ids: list[int]) -> list[M]:
    """Rows in the order of ``ids``; those that a policy hides are left out."""
    found = rows.in_bulk(ids)
    return [found[i] for i in ids if i in found]


def disclosures_of(record_id: int | RawSQL) -> QuerySet[Disclosure]:
    """Sharing decisions on a record that the seat may read (an agency reads its own line only), newest first."""
    return (
        Disclosure.objects.filter(record_id=record_id)  # type: ignore[misc]  # or SQL for it
        .select_related("agency", "decided_by__user", "withdrawn_by__user")
        .order_by("-starts_at", "-pk")
    )


@dataclass(frozen=True, slots=True)
class Holder:
    """A grant in force, and one seat that holds it today; ``membership_id`` is None where nobody does."""

    principal: int
    scope: int
    until: dt.datetime | None
    membership_id: int | None


def holders_of(record_id: int) -> list[Holder]:
    """Who holds a record, the widest first; for coordinators and chairs who hold it in full and a lead professional."""
    with connection.cursor() as cursor:
        cursor.execute("select principal, scope, until, membership_id from access_holders_of(%s)", [record_id])
        return [Holder(*row) for row in cursor.fetchall()]


def may_be_told(record_id: int, memberships: Iterable[int]) -> set[int]:
    """Those of these seats that a message about a record reaches: none barred, none left out of a restricted one.

    For the system seat; empty for every other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select m from unnest(%s::bigint[]) m where access_may_be_told(m, %s)", [[*memberships], record_id]
        )
        return {key for (key,) in cursor.fetchall()}


def is_barred(record_id: int, user_id: int) -> bool:
    """Whether a person is barred from a record that the seat holds."""
    with connection.cursor() as cursor:
        cursor.execute("select access_is_barred(%s, %s)", [record_id, user_id])
        row = cursor.fetchone()
    return bool(row and row[0])
