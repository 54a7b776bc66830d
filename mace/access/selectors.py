"""Which records a seat may see: ids by seeking in the grants, then rows by key (the policies check again)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

from mace.access.models import Disclosure, Kind

PAGE = 25
CAP = 1000

M = TypeVar("M", bound=Model)

_SEEK = """
select s.sort_at, s.record_id from unnest((select mace_principals())::int[]) p cross join lateral (
  select g.sort_at, g.record_id from access_grant g
   where g.principal = p and g.kind = %s and g.scope >= %s {after}
   order by g.sort_at desc, g.record_id desc limit %s) s
group by 1, 2 order by 1 desc, 2 desc limit %s"""

_COUNT = """
select count(*) from (select distinct s.record_id from unnest((select mace_principals())::int[]) p cross join lateral (
  select g.record_id from access_grant g where g.principal = p and g.kind = %s and g.scope >= %s limit %s) s) d"""


EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LARGEST_KEY = 2**63 - 1


def after_key(after: str) -> tuple[dt.datetime, int]:
    """The moment and the primary key that a page’s ``next_after`` stands for. Raises ``ValueError`` for other text."""
    moment, _, key = after.rpartition("_")
    if not all(part.isascii() and part.isdigit() for part in (moment, key)) or int(key) > LARGEST_KEY:
        raise ValueError("not the key of a page")
    try:
        return EPOCH + dt.timedelta(microseconds=int(moment)), int(key)
    except OverflowError as far:
        raise ValueError("not the key of a page") from far


def next_key(moment: dt.datetime, key: int) -> str:
    """The ``next_after`` that ends a page with this row."""
    return f"{(moment - EPOCH) // dt.timedelta(microseconds=1)}_{key}"


@dataclass(frozen=True, slots=True)
class Page:
    """Ids of one page, newest first; ``next_after`` is the key to ask the following page with, if there is one."""

    ids: list[int]
    next_after: str


def visible_page(kind: Kind, *, scope: int = 1, after: str = "", size: int = PAGE) -> Page:
    """One page of the records of a kind that the seat may see. ``after`` is a former page's ``next_after``.

    Raises ``ValueError`` for an ``after`` that never was one.
    """
    parameters: list[Any] = [kind.value, scope]
    clause = ""
    if after:
        clause = "and (g.sort_at, g.record_id) < (%s, %s)"
        parameters += after_key(after)
    with connection.cursor() as cursor:
        cursor.execute(_SEEK.format(after=clause), [*parameters, size + 1, size + 1])
        rows = cursor.fetchall()
    more = len(rows) > size
    rows = rows[:size]
    return Page(ids=[row[1] for row in rows], next_after=next_key(*rows[-1]) if more else "")


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


def disclosures_of(record_id: int) -> QuerySet[Disclosure]:
    """Sharing decisions on a record that the seat may read (an agency reads its own line only), newest first."""
    return (
        Disclosure.objects.filter(record_id=record_id)
        .select_related("agency", "decided_by__user", "withdrawn_by__user")
        .order_by("-starts_at", "-pk")
    )
