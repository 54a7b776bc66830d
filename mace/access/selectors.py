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


@dataclass(frozen=True, slots=True)
class Page:
    """Ids of one page, newest first; ``next_after`` is the key to ask the following page with, if there is one."""

    ids: list[int]
    next_after: str


def visible_page(kind: Kind, *, scope: int = 1, after: str = "", size: int = PAGE) -> Page:
    """One page of the records of a kind that the seat may see. ``after`` is a former page's ``next_after``."""
    parameters: list[Any] = [kind.value, scope]
    clause = ""
    if after:
        moment, _, record = after.rpartition("_")
        clause = "and (g.sort_at, g.record_id) < (%s, %s)"
        parameters += [dt.datetime.fromtimestamp(int(moment) / 1_000_000, tz=dt.UTC), int(record)]
    with connection.cursor() as cursor:
        cursor.execute(_SEEK.format(after=clause), [*parameters, size + 1, size + 1])
        rows = cursor.fetchall()
    more = len(rows) > size
    rows = rows[:size]
    key = f"{round(rows[-1][0].timestamp() * 1_000_000)}_{rows[-1][1]}" if more else ""
    return Page(ids=[row[1] for row in rows], next_after=key)


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
