"""The ladder and the review clock on dates: weekends, bank holidays, clocks going forward."""

from __future__ import annotations

import datetime as dt

import pytest

from mace.core.clock import london_date
from panels.rules_chasing import (
    Step,
    default_due,
    review_made_on,
    review_meeting,
    step_date,
    step_to_take,
)

LADDER = [
    Step("four_weeks_after", 28),
    Step("week_before", -7),
    Step("on_the_day", 0),
    Step("day_after", 1),
    Step("week_after", 7),
    Step("fortnight_after", 14),
]
D = dt.date


@pytest.mark.parametrize(
    ("due_on", "days", "expected"),
    [
        (D(2026, 3, 11), -7, D(2026, 3, 4)),
        (D(2026, 3, 11), 1, D(2026, 3, 12)),
        (D(2026, 3, 13), 1, D(2026, 3, 16)),  # Friday; Saturday moves to Monday
        (D(2026, 4, 3), 0, D(2026, 4, 7)),  # Good Friday, weekend, Easter Monday
        (D(2026, 4, 2), 1, D(2026, 4, 7)),
        (D(2026, 12, 25), 0, D(2026, 12, 29)),  # Christmas on a Friday; Boxing Day is kept on Monday 28
        (D(2026, 5, 4), 0, D(2026, 5, 5)),  # early May bank holiday
        (D(2026, 3, 22), 7, D(2026, 3, 30)),  # the Sunday on which clocks go forward
        (D(2026, 10, 18), 7, D(2026, 10, 26)),  # and back
    ],
)
def test_steps_fall_on_working_days_of_england(due_on: dt.date, days: int, expected: dt.date) -> None:
    assert step_date(due_on, days) == expected


@pytest.mark.parametrize(
    ("on", "taken", "expected", "passed"),
    [
        (D(2026, 3, 3), (), None, ()),
        (D(2026, 3, 4), (), "week_before", ()),
        (D(2026, 3, 4), ("week_before",), None, ()),
        (D(2026, 3, 10), ("week_before",), None, ()),
        (D(2026, 3, 11), ("week_before",), "on_the_day", ()),
        (D(2026, 3, 12), ("week_before", "on_the_day"), "day_after", ()),
        (D(2026, 3, 18), ("week_before", "on_the_day", "day_after"), "week_after", ()),
        (D(2026, 3, 25), ("week_before", "week_after"), "fortnight_after", ("on_the_day", "day_after")),
        (
            D(2026, 4, 8),
            (),
            "four_weeks_after",
            ("week_before", "on_the_day", "day_after", "week_after", "fortnight_after"),
        ),
        (D(2027, 1, 1), ("four_weeks_after",), None, ()),
    ],
)
def test_highest_step_reached_is_taken_once(
    on: dt.date, taken: tuple[str, ...], expected: str | None, passed: tuple[str, ...]
) -> None:
    found = step_to_take(due_on=D(2026, 3, 11), on=on, ladder=LADDER, taken=taken)
    assert (found.step.code if found else None) == expected
    assert tuple(step.code for step in (found.passed_over if found else ())) == passed


def test_weekend_puts_two_steps_on_one_monday_and_one_is_taken() -> None:
    saturday = D(2026, 3, 14)
    assert step_to_take(due_on=saturday, on=D(2026, 3, 15), ladder=LADDER, taken=("week_before",)) is None
    found = step_to_take(due_on=saturday, on=D(2026, 3, 16), ladder=LADDER, taken=("week_before",))
    assert found is not None
    assert (found.step.code, [step.code for step in found.passed_over]) == ("day_after", ["on_the_day"])


def test_action_given_late_is_not_chased_for_days_before_it_was_given() -> None:
    given = D(2026, 3, 9)
    for on, expected in ((D(2026, 3, 9), None), (D(2026, 3, 10), None), (D(2026, 3, 11), "on_the_day")):
        found = step_to_take(due_on=D(2026, 3, 11), on=on, ladder=LADDER, taken=(), since=given)
        assert (found.step.code if found else None) == expected


def test_without_a_ladder_nothing_is_due() -> None:
    assert step_to_take(due_on=D(2026, 3, 11), on=D(2027, 1, 1), ladder=[], taken=()) is None


def test_late_evening_belongs_to_the_day_in_london() -> None:
    assert london_date(dt.datetime(2026, 3, 29, 0, 30, tzinfo=dt.UTC)) == D(2026, 3, 29)
    assert london_date(dt.datetime(2026, 6, 30, 23, 30, tzinfo=dt.UTC)) == D(2026, 7, 1)


@pytest.mark.parametrize(
    ("meeting", "expected"),
    [
        (None, D(2026, 3, 30)),
        (D(2026, 3, 16), D(2026, 3, 16)),
        (D(2026, 3, 30), D(2026, 3, 30)),
        (D(2026, 4, 20), D(2026, 3, 30)),
        (D(2026, 3, 2), D(2026, 3, 30)),  # a meeting of today is not the next
    ],
)
def test_default_due_date_is_the_next_meeting_or_28_days(meeting: dt.date | None, expected: dt.date) -> None:
    assert default_due(given_on=D(2026, 3, 2), next_meeting_on=meeting) == expected


DUE = D(2026, 3, 2) + dt.timedelta(days=84)  # 25 May 2026


@pytest.mark.parametrize(
    ("meetings", "meeting", "made"),
    [
        ([], None, D(2026, 5, 4)),
        ([D(2026, 5, 20)], D(2026, 5, 20), D(2026, 4, 29)),
        ([DUE], DUE, D(2026, 5, 4)),
        ([D(2026, 4, 22), D(2026, 5, 20), D(2026, 6, 17)], D(2026, 5, 20), D(2026, 4, 29)),
        ([D(2026, 5, 26)], None, D(2026, 5, 4)),  # one day too late
        ([D(2026, 3, 9)], None, D(2026, 5, 4)),  # the meeting that first heard the case
    ],
)
def test_review_is_made_three_weeks_before_its_meeting(
    meetings: list[dt.date], meeting: dt.date | None, made: dt.date
) -> None:
    found = review_meeting(due_on=DUE, meetings=meetings)
    assert found == meeting
    assert review_made_on(due_on=DUE, meeting_on=found) == made
