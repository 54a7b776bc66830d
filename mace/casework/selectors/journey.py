"""The risk journey of a case: ratings and totals over time, with what was done beside them.

Made from what the page of the case has read, so it shows no more than that: assessments and plans to who sees the case
in full, agreed ratings, meetings and tiers to who sees its summary, missing episodes and critical moments to who has
the whole case or reported them. A further source is one function among ``SOURCES``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import NamedTuple

from mace.casework.selectors.case import CasePage
from mace.core.clock import london_date
from mace.core.forms import in_sentence
from mace.core.svg import Chart, line_chart, step_chart
from mace.core.templatetags.components import short_date
from panels.enums import ActionStatus, Decision
from referrals.enums import Rating, StepState, Tier, TierOutcome
from referrals.models import RiskAssessment
from referrals.selectors.assessment_words import highest_total
from referrals.selectors.pathways import missing_words
from referrals.selectors.written import COUNTS, decision_of

ASSESSED, AGREED, TOTAL, DONE = "Rating, as assessed", "Rating, as agreed", "Total of the scores", "What was done"
MISSING, MOMENT = "Missing", "Critical moment"
MARKED = (DONE, MISSING, MOMENT)
"""Kinds that stand as marks beneath the ratings."""
WAITING = {"waiting": " (waits for the manager)", "sent_back": " (sent back by the manager)"}


class Step(NamedTuple):
    """One thing that happened on a day: of which kind, and what."""

    on: dt.date
    kind: str
    words: str


def assessed(page: CasePage) -> Iterator[Step]:
    for row in page.history.assessments:
        said = f"{Rating(row.rating).label}, {row.written_by.user.name}{WAITING.get(decision_of(row), '')}"
        yield Step(row.effective_on, ASSESSED, said)
        if row.total is not None:
            yield Step(row.effective_on, TOTAL, f"{row.total} of {highest_total(row)} (tool: {row.tool_version})")


def agreed(page: CasePage) -> Iterator[Step]:
    for row in page.content.ratings:
        yield Step(row.agreed_on, AGREED, f"{Rating(row.rating).label}, {row.source}")


def tiers(page: CasePage) -> Iterator[Step]:
    for period in page.content.tiers:
        yield Step(period.from_on, DONE, f"Opened at {Tier(period.tier).label}")
        if period.to_on:
            ended = TierOutcome(period.outcome).label
            yield Step(period.to_on, DONE, f"Ended at {Tier(period.tier).label}: {ended}")


def plans(page: CasePage) -> Iterator[Step]:
    for plan in page.history.plans:
        yield Step(plan.effective_on, DONE, f"Safety plan, version {plan.version}")
        for step in plan.rows:  # type: ignore[attr-defined]
            if step["state"] == StepState.DONE:
                yield Step(plan.effective_on, DONE, f"Step of the plan done: {step['text']}")


def meetings(page: CasePage) -> Iterator[Step]:
    for minute in page.minutes:
        meeting = minute.item.meeting
        decided = f": {in_sentence(Decision(minute.decision).label)}" if minute.decision else ""
        yield Step(london_date(meeting.starts_at), DONE, f"Discussed at {meeting.panel.name}{decided}")


def actions(page: CasePage) -> Iterator[Step]:
    for action in page.actions:
        if action.closed_on is not None and action.status == ActionStatus.DONE:
            yield Step(action.closed_on, DONE, f"Action done by {action.agency_name}: {action.text}")  # type: ignore[attr-defined]


def missing(page: CasePage) -> Iterator[Step]:
    for episode in page.pathways.missing:
        yield Step(episode.from_on, MISSING, f"Missing: {missing_words(episode)}")


def moments(page: CasePage) -> Iterator[Step]:
    for moment in page.pathways.moments:
        yield Step(moment.on, MOMENT, f"{moment.kind_words}{': ' + moment.about if moment.about else ''}")


SOURCES: tuple[Callable[[CasePage], Iterator[Step]], ...] = (
    *(assessed, agreed, tiers, plans, missing, moments, meetings, actions),
)


def steps(page: CasePage) -> list[Step]:
    """Everything, the earliest first; of one day in the order of ``SOURCES``."""
    return sorted((step for source in SOURCES for step in source(page)), key=lambda step: step.on)


def rows(found: list[Step]) -> list[list[str]]:
    """Cells for the table: day, kind, what."""
    return [[short_date(step.on), step.kind, step.words] for step in found]


def charts(page: CasePage, found: list[Step], *, on: dt.date) -> list[Chart]:
    """Ratings as practitioners assessed them and as panels agreed them, apart; totals, one chart for each version."""
    until = page.case.closed_on or on
    marks = [(step.on, step.words) for step in found if step.kind in MARKED]
    counted = [row for row in reversed(page.history.assessments) if decision_of(row) in COUNTS]
    lines = (
        ("Rating as assessed by practitioners", [(row.effective_on, Rating(row.rating).label) for row in counted]),
        ("Rating as agreed by panels", [(row.agreed_on, Rating(row.rating).label) for row in page.content.ratings]),
    )
    drawn = [step_chart(points, title, marks=marks, until=until) for title, points in lines if points]
    return [*drawn, *_totals(counted)]


def _totals(counted: list[RiskAssessment]) -> Iterator[Chart]:
    """Totals of different versions of the tool never stand in one chart."""
    scored = [row for row in counted if row.total is not None]
    for version in dict.fromkeys(row.tool_version for row in scored):
        points = [(short_date(row.effective_on), [row.total]) for row in scored if row.tool_version == version]
        title = f"Total of the scores, by this version of the tool: {version}"
        yield line_chart(points, ["Total"], title, label="Day")
