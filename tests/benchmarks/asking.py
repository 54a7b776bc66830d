"""The questions of the bench: each by the product's own selector, and the same as plainly as one without permissions.

The plain ones are asked by the owner of the tables, whom no policy binds. They bring the same columns through the same
machinery, so that only what permission costs differs: the newest cases come from an index on all records of a kind,
which the bench makes for them, one case by its reference without the seat's scope, a search without regard to grants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from mace.access.models import Kind
from mace.access.selectors import CAP, visible_count
from mace.casework.selectors.case_list import _LINES, FOUND_AT_MOST, CaseLine, case_lines, search_cases
from mace.core.names import name_key
from mace.core.together import Together, told
from referrals.models import Case
from referrals.selectors import Wanted, case_by_reference, possible_matches
from referrals.selectors.cases import JOINS, _still_open, _with_open_tiers
from tests.benchmarks.filling import COMMON, RARE, Child

FOR_PLAIN = "create index if not exists bench_newest on access_record (kind, sort_at desc, id desc)"
NEWEST = (
    "select sort_at, id as record_id from access_record where kind = 'case' order by sort_at desc, id desc limit 26"
)
COUNT = "select count(*) from (select from referrals_case limit %s) c"
LIKEST = """
with hit as materialized (
  select child_id, name_key from referrals_childidentity where name_key like %s
  union select child_id, name_key from referrals_childidentity where %s <%% name_key
  union select child_id, name_key from referrals_childidentity where aliases <> '' and aliases ilike %s),
found as (
  select h.name_key, word_similarity(%s, h.name_key) as alike, c.record_id, c.opened_on
    from hit h join referrals_case c on c.child_id = h.child_id
   order by 2 desc, 1, c.opened_on desc, c.record_id desc limit %s)
select row_number() over (order by alike desc, name_key, opened_on desc, record_id desc) as place, record_id from found
"""
ALIKE = """
with hit as materialized (
  select record_id from referrals_childidentity where date_of_birth = %s and similarity(name_key, %s) >= 0.3
  union select record_id from referrals_childidentity
   where referrals_match_keys(forename, surname, aliases, array[date_of_birth]) collate "C"
      && referrals_match_keys(%s, %s, '', array[%s::date]))
select i.forename, i.surname, i.date_of_birth, c.reference
  from hit h join referrals_childidentity i using (record_id) join referrals_child c using (record_id)
 order by similarity(i.name_key, %s) desc, record_id limit 50
"""
THRESHOLD = "select set_config('pg_trgm.word_similarity_threshold', '0.5', false) from similarity('a', 'b')"
"""The same as in the search's function, for the session that asks plainly."""


def _one_case() -> dict[str, QuerySet[Any]]:
    return {
        "cases": Case.objects.select_related(*JOINS).filter(reference=told("reference")),
        "tiers": _still_open().filter(case__reference=told("reference")),
    }


_ONE = Together(_one_case)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a seat asks about: references and names of cases that it sees."""

    references: tuple[str, ...]
    names: tuple[str, ...]


Ask = Callable[[Asked, int], int]


@dataclass(frozen=True, slots=True)
class Question:
    """Asked with a number, which turns through what the seat asks about. Both answer how many rows they brought."""

    name: str
    restricted: Ask
    plain: Ask
    most: float | None
    """How many times as long as the plain one it may take; None where nobody said."""
    most_growth: float | None
    """How many times as long as at the smaller size."""
    most_ms: float | None = None
    """How many milliseconds, whatever the plain one takes."""


def asked_by_the_seat() -> Asked:
    """From the first page of the seat that acts: references, full names and surnames."""
    lines = case_lines()[0]
    names = [f"{line.forename} {line.surname}" for line in lines[:4]] + [line.surname for line in lines[4:8]]
    return Asked(tuple(line.reference for line in lines), tuple(names))


def _list(_asked: Asked, _number: int) -> int:
    return len(case_lines()[0])


def _plain_list(_asked: Asked, _number: int) -> int:
    found = _LINES.page(NEWEST, [], "p.sort_at desc, p.record_id desc")
    return len([CaseLine(*row[2:]) for row in found[:25]])


def _count(_asked: Asked, _number: int) -> int:
    return visible_count(Kind.CASE)


def _plain_count(_asked: Asked, _number: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [CAP + 1])
        return int(cursor.fetchone()[0])


def _open(asked: Asked, number: int) -> int:
    return int(case_by_reference(asked.references[number % len(asked.references)]).pk is not None)


def _plain_open(asked: Asked, number: int) -> int:
    wanted = asked.references[number % len(asked.references)]
    return len(_with_open_tiers(_ONE.read("cases", "tiers", reference=wanted)))


def _search(asked: Asked, number: int) -> int:
    return len(search_cases(asked.names[number % len(asked.names)]))


def _plain_search(asked: Asked, number: int) -> int:
    text = asked.names[number % len(asked.names)]
    key = name_key(text)
    found = _LINES.page(LIKEST, [f"%{key}%", key, f"%{text}%", key, FOUND_AT_MOST], "p.place")
    return len([CaseLine(*row[2:]) for row in found])


def _matches(child: Child) -> int:
    return len(possible_matches(Wanted(*child)))


def _plain_matches(child: Child) -> int:
    forename, surname, born = child
    key = name_key(forename, surname)
    with connection.cursor() as cursor:
        cursor.execute(ALIKE, [born, key, forename, surname, born, key])
        return len(cursor.fetchall())


QUESTIONS = (
    Question("list of 25", _list, _plain_list, 4.5, 1.3),
    Question("count", _count, _plain_count, None, None),
    Question("open", _open, _plain_open, 3.5, 1.3),
    Question("name search", _search, _plain_search, 1.3, None),
    Question("match, rare", lambda *_: _matches(RARE), lambda *_: _plain_matches(RARE), None, None, 100.0),
    Question("match, common", lambda *_: _matches(COMMON), lambda *_: _plain_matches(COMMON), None, None, 100.0),
)
