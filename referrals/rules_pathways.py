"""The clock of the return home interview: within 72 hours of the child's return (Children missing from home or care).

Worked out whenever it is asked for and stored nowhere. Where the hour of the return is known, the 72 hours are hours
that pass, told in London's time, so that they end an hour earlier or later by the clock when that was changed between.
Where only the day is known they end with the third day after it, in London.
"""

from __future__ import annotations

import datetime as dt

from mace.core.clock import london_date, london_time
from referrals.enums import Interview
from referrals.models.pathways import MissingEpisode

HOURS = 72
DAYS = 3


def interview_due(episode: MissingEpisode) -> dt.datetime | None:
    """The moment, in UTC, by which the interview must be done; none while the child is missing."""
    if episode.returned_at is not None:
        return episode.returned_at + dt.timedelta(hours=HOURS)
    if episode.returned_on is not None:
        return london_time(episode.returned_on + dt.timedelta(days=DAYS + 1))
    return None


def interview_overdue(episode: MissingEpisode, at: dt.datetime) -> bool:
    """Whether the 72 hours have passed and the interview is neither done nor declined."""
    due = interview_due(episode)
    return due is not None and at >= due and episode.interview not in (Interview.DONE, Interview.DECLINED)


def last_day(episode: MissingEpisode) -> dt.date | None:
    """The last day in London on which the interview is in time."""
    due = interview_due(episode)
    return london_date(due - dt.timedelta(microseconds=1)) if due is not None else None


def interview_late(episode: MissingEpisode) -> bool:
    """Whether it was done after the last day."""
    last = last_day(episode)
    done = episode.interview_on if episode.interview == Interview.DONE else None
    return done is not None and last is not None and done > last


def nights_missing(episode: MissingEpisode, on: dt.date) -> int:
    """How many times midnight in London passed, until the return or the day ``on``."""
    return ((episode.returned_on or on) - episode.from_on).days
