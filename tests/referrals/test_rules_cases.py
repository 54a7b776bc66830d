"""Repeats within 12 months over leap days and month ends; what an escalation and a step of the plan must say."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from mace.core.errors import RuleBroken
from referrals.rules_cases import StepSaid, Ticked, a_year_after, check_escalation, is_repeat, step_fault


@pytest.mark.parametrize(
    ("closed", "last_day"),
    [
        ("2025-05-10", "2026-05-10"),
        ("2023-12-31", "2024-12-31"),
        ("2024-02-29", "2025-02-28"),
        ("2023-02-28", "2024-02-28"),
        ("2023-03-01", "2024-03-01"),
        ("2027-02-28", "2028-02-28"),
    ],
)
def test_a_case_is_a_repeat_until_the_same_day_of_the_next_year(closed: str, last_day: str) -> None:
    day, last = dt.date.fromisoformat(closed), dt.date.fromisoformat(last_day)
    assert a_year_after(day) == last
    assert is_repeat(last, [day])
    assert not is_repeat(last + dt.timedelta(days=1), [day])
    assert is_repeat(day, [day])
    assert not is_repeat(day - dt.timedelta(days=1), [day])


def test_one_earlier_case_is_enough_and_an_open_one_is_none() -> None:
    opened = dt.date(2026, 3, 2)
    assert not is_repeat(opened, [])
    assert not is_repeat(opened, [None, dt.date(2024, 1, 1)])
    assert is_repeat(opened, [None, dt.date(2024, 1, 1), dt.date(2025, 12, 1)])


@given(st.dates(dt.date(1999, 1, 1), dt.date(2060, 12, 31)))
def test_a_year_after_keeps_the_month_and_is_within_a_day_of_the_year(day: dt.date) -> None:
    then = a_year_after(day)
    assert (then.year, then.month) == (day.year + 1, day.month)
    assert 365 <= (then - day).days <= 366


def test_the_database_ends_a_year_on_the_same_days(db: None) -> None:
    days = [dt.date(2023, 1, 1) + dt.timedelta(days=at) for at in range(3 * 366)]
    with connection.cursor() as cursor:
        cursor.execute("select d, (d + interval '1 year')::date from unnest(%s::date[]) d", [days])
        assert [day for day, then in cursor.fetchall() if then != a_year_after(day)] == []


def test_an_escalation_needs_one_criterion_met_and_evidence_for_each() -> None:
    check_escalation([Ticked("stuck", "met", "No change"), Ticked("group", "not_known")])
    for ticked, field in (
        ([], ""),
        ([Ticked("stuck", "not_met", "No"), Ticked("group", "not_known")], ""),
        ([Ticked("stuck", "met", " ")], "criterion_stuck_note"),
        ([Ticked("stuck", "met", "No change"), Ticked("group", "met")], "criterion_group_note"),
    ):
        with pytest.raises(RuleBroken) as refused:
            check_escalation(ticked)
        assert refused.value.field == field


@pytest.mark.parametrize(
    ("said", "part"),
    [
        (None, "state"),
        (StepSaid(""), "state"),
        (StepSaid("later"), "state"),
        (StepSaid("done"), ""),
        (StepSaid("under_way"), ""),
        (StepSaid("not_working"), "note"),
        (StepSaid("not_needed", " "), "note"),
        (StepSaid("not_working", "No taxi comes"), ""),
        (StepSaid("not_needed", "She moved"), ""),
    ],
)
def test_a_step_that_fails_says_why(said: StepSaid | None, part: str) -> None:
    words, where = step_fault(said)
    assert where == part
    assert bool(words) == bool(part)
