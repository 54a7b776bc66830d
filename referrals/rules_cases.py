"""Rules of a case's course that need no database: repeats, and what a decision must say."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from mace.core.errors import RuleBroken
from referrals.enums import Answered, StepReviewed

REPEAT_MONTHS = 12


def a_year_after(day: dt.date) -> dt.date:
    """The same day of the next year; 28 February where the day was the 29th and the next year has none."""
    last = calendar.monthrange(day.year + 1, day.month)[1]
    return dt.date(day.year + 1, day.month, min(day.day, last))


def is_repeat(opened_on: dt.date, earlier_closed_on: Iterable[dt.date | None]) -> bool:
    """Whether a case opened within 12 months after an earlier one of the same child closed.

    The same day of the next year is still within: closed on 10 May 2025, a case opened on 10 May 2026 is a repeat, one
    opened on 11 May is not. After 29 February the last such day is 28 February. A case that closed on the day or before
    counts; one that closed after this one opened stood beside it and does not.
    """
    return any(day <= opened_on <= a_year_after(day) for day in earlier_closed_on if day is not None)


@dataclass(frozen=True, slots=True)
class Ticked:
    """How one criterion was answered; ``evidence`` is a short note, which an escalation needs where it is met."""

    code: str
    met: str
    evidence: str = ""


def check_escalation(ticked: Iterable[Ticked]) -> None:
    """Raise ``RuleBroken`` unless a criterion is met, and each that is has its evidence."""
    met = [one for one in ticked if one.met == Answered.MET]
    for one in met:
        if not one.evidence.strip():
            raise RuleBroken("Say what shows that the criterion is met", field=f"criterion_{one.code}_note")
    if not met:
        raise RuleBroken("At least one criterion must be met for escalation to MACE")


@dataclass(frozen=True, slots=True)
class StepSaid:
    """What a review says of one step of the plan."""

    state: str
    note: str = ""


NEEDS_NOTE = (StepReviewed.NOT_WORKING.value, StepReviewed.NOT_NEEDED.value)


def step_fault(said: StepSaid | None) -> tuple[str, str]:
    """What is wrong with the answer on a step, and in which part (``state`` or ``note``); empty when nothing is."""
    if said is None or said.state not in StepReviewed.values:
        return "Say how this step stands", "state"
    if said.state in NEEDS_NOTE and not said.note.strip():
        return "Say why", "note"
    return "", ""
