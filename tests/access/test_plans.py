"""How PostgreSQL goes about it: by seeking keys, however many cases there are; and both locks name the same records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from mace.access.models import Kind, Record
from mace.access.selectors import visible_count, visible_page
from mace.casework.selectors.case_list import case_lines
from mace.core.seat import Seat, acting_as
from tests.access.world import make_world
from tests.benchmarks.filling import Filled, fill
from tests.benchmarks.plans import SEEKS, lists_and_counts, one_case, readings, shapes
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.panels import HELD
from volt.services import record_group

CASES, AGENCIES = 20_000, 40


@pytest.fixture
def filled(cast: Cast) -> Filled:
    """Twenty thousand cases and sixty thousand grants, and what PostgreSQL knows of tables of that size."""
    found = fill(cast, cases=CASES, agencies=AGENCIES, tell=lambda _: None)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("analyze")
    return found


def test_reading_seeks_by_keys_and_each_size_sees_its_own(filled: Filled) -> None:
    lists_and_counts_seek_in_the_grants(filled)
    one_case_is_opened_by_its_keys(filled)
    each_size_sees_its_own_and_no_more(filled)


def test_a_policy_that_is_judged_for_every_row_is_noticed(filled: Filled) -> None:
    without_the_offset_a_sub_plan_is_hashed(filled)
    without_the_sum_an_index_is_skipped_through(filled)


def lists_and_counts_seek_in_the_grants(filled: Filled) -> None:
    looked_at = 0
    for size, seat in filled.seats.items():
        for look in lists_and_counts(seat):
            looked_at += 1
            assert look.problems() == [], f"{size}, {look.what}:\n{look.text}"
    assert looked_at == len(filled.seats) * (len(readings(seat)) + len(SEEKS))


def one_case_is_opened_by_its_keys(filled: Filled) -> None:
    seat = filled.seats["coordinator"]
    seen = case_lines_of(seat)[0].reference
    look = one_case(seat, seen)
    assert look.problems() == [], look.text


def case_lines_of(seat: Seat) -> list[Any]:
    with acting_as(seat):
        return case_lines()[0]


def each_size_sees_its_own_and_no_more(filled: Filled) -> None:
    """The measurements measure something: each seat has a page, and the large agency more than the small one."""
    counts = {}
    for size, seat in filled.seats.items():
        with acting_as(seat):
            counts[size] = visible_count(Kind.CASE, cap=CASES)
            assert len(case_lines()[0]) == min(25, counts[size]), size
    assert counts["large"] > counts["coordinator"] > counts["middle"] > counts["small"] > 0


@contextmanager
def without(part: str) -> Iterator[None]:
    """The policy of cases as it would be without ``part`` of its text, in this test's own transaction."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("select pg_get_expr(polqual, polrelid) from pg_policy where polname = 'case_granted_see'")
        (condition,) = cursor.fetchone()
        assert part in condition
        cursor.execute(f"alter policy case_granted_see on referrals_case using ({condition.replace(part, '')})")
    yield
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"alter policy case_granted_see on referrals_case using ({condition})")


def problems_of(seat: Seat, reading: Callable[[], Any]) -> list[str]:
    return [problem for shape in shapes(seat, reading) for problem in shape.problems]


def without_the_offset_a_sub_plan_is_hashed(filled: Filled) -> None:
    seat = filled.seats["large"]

    def naive() -> None:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from referrals_case")

    assert not any("hashes" in problem for problem in problems_of(seat, naive))
    with without(" OFFSET 0"):
        assert any("hashes" in problem for problem in problems_of(seat, naive))


def without_the_sum_an_index_is_skipped_through(filled: Filled) -> None:
    """Where the key of grants is the only index that begins with the record."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "select i.indexrelid::regclass::text from pg_index i where i.indrelid = 'access_grant'::regclass "
            "and not i.indisprimary and i.indkey[0] = (select attnum from pg_attribute where attrelid = i.indrelid "
            "and attname = 'record_id')"
        )
        for (index,) in cursor.fetchall():
            cursor.execute(f"drop index {index}")
    seat = filled.seats["large"]
    keys = [line.pk for line in case_lines_of(seat)]

    def by_key() -> None:
        with connection.cursor() as cursor:
            cursor.execute("select record_id from referrals_case where record_id = any (%s)", [keys])

    assert problems_of(seat, by_key) == []
    with without(" + 0"):
        assert any("skips" in problem for problem in problems_of(seat, by_key))


def test_selector_and_policy_name_the_same_records_for_every_kind_and_seat(cast: Cast) -> None:
    make_world(cast)
    with acting_as(cast["coordinator"]):
        record_group(name="Crew", by=cast["coordinator"], at=HELD)
    seen: dict[str, int] = dict.fromkeys(Kind.values, 0)
    for name, seat in cast.seats.items():
        with acting_as(seat):
            for kind in Kind:
                ids, following = [], ""
                while True:
                    page = visible_page(kind, after=following, size=3)
                    ids += page.ids
                    following = page.next_after
                    if not following:
                        break
                newest = Record.objects.filter(kind=kind).order_by("-sort_at", "-pk").values_list("pk", flat=True)
                assert ids == list(newest), f"{name}, {kind}"
                assert visible_count(kind) == len(ids)
                seen[kind] += len(ids)
    assert all(count > 0 for kind, count in seen.items() if kind in USED), seen


USED = (
    Kind.CHILD,
    Kind.REFERRAL,
    Kind.CASE,
    Kind.MEETING,
    Kind.ITEM,
    Kind.PERSON,
    Kind.LOCATION,
    Kind.GROUP,
    Kind.THEME,
)
