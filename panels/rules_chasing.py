"""When an action or a review is chased. Dates only: nothing here reads a clock or a database.

The ladder is a partnership's own data (``ChaseStep``); its default is the design's: 7 days before the due date, on the
day, then 1, 7, 14 and 28 days after. Steps fall on working days of England: one that does not moves to the next.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from mace.core.workdays import next_working_day
from referrals.rules import review_made_from

REVIEW_MEETING_WITHIN = dt.timedelta(days=42)
"""A meeting in the first half of the twelve weeks heard the case; its review belongs to one in the second half."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rung: its name, days from the due date (negative: before), and who is told."""

    code: str
    days: int
    owner: bool = False
    manager: bool = False
    agency_lead: bool = False
    chairs: bool = False
    board: bool = False


REVIEW_STEPS: tuple[Step, ...] = (
    Step("week_before", -7, owner=True),
    Step("on_the_day", 0, owner=True),
    Step("week_after", 7, owner=True, manager=True),
)


def step_date(due_on: dt.date, days: int) -> dt.date:
    """The working day on which a step so many days after the due date is taken."""
    return next_working_day(due_on + dt.timedelta(days=days))


@dataclass(frozen=True, slots=True)
class Taken:
    """What a day asks for: the step to take, and lower ones that it passes over."""

    step: Step
    passed_over: tuple[Step, ...]


def step_to_take(
    *, due_on: dt.date, on: dt.date, ladder: Iterable[Step], taken: Collection[str], since: dt.date | None = None
) -> Taken | None:
    """The highest step reached by ``on`` that is not taken yet, or ``None``.

    Several may have been reached since the last look (a weekend puts two on one Monday, a worker slept, somebody moved
    the clock): only the highest is taken, so that one day never brings one action twice; the lower ones are passed
    over. A step below one already taken is not gone back to. ``since`` is the day the action was given: steps that fell
    on or before it are passed over too, but never taken.
    """
    rungs = sorted(ladder, key=lambda step: step.days)
    reached = [step for step in rungs if step_date(due_on, step.days) <= on]
    if not reached or reached[-1].code in taken:
        return None
    top = reached[-1]
    if since is not None and step_date(due_on, top.days) <= since:
        return None
    return Taken(step=top, passed_over=tuple(step for step in reached[:-1] if step.code not in taken))


def default_due(*, given_on: dt.date, next_meeting_on: dt.date | None) -> dt.date:
    """The earlier of the panel's next meeting and 28 days (agenda template: "default next meeting; max 28 days")."""
    latest = given_on + dt.timedelta(days=28)
    return latest if next_meeting_on is None or next_meeting_on <= given_on else min(next_meeting_on, latest)


def review_meeting(*, due_on: dt.date, meetings: Sequence[dt.date]) -> dt.date | None:
    """The last meeting on or before the day a review is due, in the second half of its twelve weeks; else ``None``."""
    fitting = [day for day in meetings if due_on - REVIEW_MEETING_WITHIN < day <= due_on]
    return max(fitting, default=None)


def review_made_on(*, due_on: dt.date, meeting_on: dt.date | None) -> dt.date:
    """Three weeks before the meeting it goes to, or before its due date when there is no such meeting."""
    return review_made_from(meeting_on or due_on)


def days_words(days: int) -> str:
    """``1 day``, ``9 days``."""
    return f"{days} day{'' if days == 1 else 's'}"
