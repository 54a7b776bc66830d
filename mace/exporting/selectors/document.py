"""A case as one reader sees it, as far as whoever asks for the document sees it too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from django.db.models import Model

from mace.casework.selectors.case import (
    CasePage,
    action_entries,
    assessment_rows,
    case_page,
    concern_rows,
    identity_bar,
    summary_rows,
    who_rows,
)
from mace.casework.selectors.closing import lead_rows
from mace.casework.selectors.journey import rows as journey_rows
from mace.casework.selectors.journey import steps as journey_steps
from mace.casework.selectors.timeline import Event, timeline
from mace.core.clock import london_date
from mace.core.seat import Seat, acting_as
from referrals.selectors import CaseContent, case_by_reference
from referrals.selectors.cases import CaseHistory
from referrals.selectors.consent import consent_rows
from referrals.selectors.course import Course
from referrals.selectors.pathways import Pathways, episode_title, interview_words
from volt.selectors import VoltEntry

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class CaseDocument:
    """What stands in the document. ``records`` are those that something of stands in it."""

    page: CasePage
    identity: dict[str, Any]
    who: list[dict[str, str]]
    summary: list[dict[str, str]]
    concern: list[dict[str, str]]
    assessment: list[dict[str, str]]
    actions: list[dict[str, Any]]
    journey: list[list[str]]
    """The risk journey: day, kind, what."""
    leads: list[dict[str, Any]]
    consents: list[list[str]]
    """When, what was said of consent to support, in which words, what was decided; the newest first."""
    missing: list[list[str]]
    """From when until when, the interview, who reported it."""
    events: list[Event]
    records: list[int]

    @property
    def rows(self) -> int:
        """How many entries it has: the case itself, and each action, review, meeting, person, place and theme."""
        page = self.page
        linked = page.volt.entries if page.volt else []
        return 1 + len(page.actions) + len(page.reviews) + len(page.minutes) + len(linked)


def case_document(reference: str, *, reader: Seat | None, at: dt.datetime) -> CaseDocument:
    """The case in the acting seat's own view, or in that of ``reader`` without what the acting seat does not see.

    Raises ``Http404`` when either sees no such case.
    """
    page, on = case_page(case_by_reference(reference)), london_date(at)
    if reader is not None:
        with acting_as(reader):
            theirs = case_page(case_by_reference(reference))
        page = narrowed(theirs, page)
    linked = [entry.row.pk for entry in page.volt.entries] if page.volt else []
    return CaseDocument(
        page=page,
        identity=identity_bar(page.case, on=on),
        who=who_rows(page, on=on),
        summary=summary_rows(page),
        concern=concern_rows(page.content),
        assessment=assessment_rows(page.content),
        actions=action_entries(page, on=on),
        journey=journey_rows(journey_steps(page)) if page.summarised else [],
        leads=[lead_rows(period) for period in page.course.leads],
        missing=[
            [episode_title(one), interview_words(one, at) or "After the return", one.agency.name]
            for one in page.pathways.missing
        ],
        consents=consent_rows(page.consents),
        events=timeline(page, opens_reviews=False),
        records=[page.case.pk, *linked, *(minute.item.pk for minute in page.minutes)],
    )


def narrowed(theirs: CasePage, ours: CasePage) -> CasePage:
    """What the reader sees of the case, without what whoever asks does not see.

    The case itself is the reader's: whoever asks sees it at least as wide, or there would be no such document.
    """
    if theirs.scope > ours.scope:
        raise ValueError("nobody takes away more than they see")
    volt = theirs.volt
    if volt is not None:
        known = ours.volt.entries if ours.volt else []
        volt = replace(
            volt,
            persons=_linked(volt.persons, known),
            locations=_linked(volt.locations, known),
            groups=_linked(volt.groups, known),
            themes=_linked(volt.themes, known),
        )
    return replace(
        theirs,
        content=_parts(theirs.content, ours.content),
        history=_parts(theirs.history, ours.history),
        course=_course(theirs.course, ours.course),
        actions=_both(theirs.actions, ours.actions),
        updates={key: _both(rows, ours.updates.get(key, [])) for key, rows in theirs.updates.items()},
        minutes=_both(theirs.minutes, ours.minutes),
        reviews=_both(theirs.reviews, ours.reviews),
        volt=volt,
        sharing=_both(theirs.sharing, ours.sharing),
        wordings=_both(theirs.wordings, ours.wordings),
        numbers=_both(theirs.numbers, ours.numbers),
        addresses=_both(theirs.addresses, ours.addresses),
        authorities=_both(theirs.authorities, ours.authorities),
        consents=_both(theirs.consents, ours.consents),
        pathways=Pathways(
            _both(theirs.pathways.missing, ours.pathways.missing), _both(theirs.pathways.moments, ours.pathways.moments)
        ),
    )


def _both(theirs: Iterable[M], ours: Iterable[M]) -> list[M]:
    known = {one.pk for one in ours}
    return [one for one in theirs if one.pk in known]


P = TypeVar("P", CaseContent, CaseHistory)


def _parts(theirs: P, ours: P) -> P:
    """Of each part, which is rows or one row, those that both see."""
    kept: dict[str, Any] = {}
    for part in fields(theirs):
        their, our = getattr(theirs, part.name), getattr(ours, part.name)
        kept[part.name] = _both(their, our) if isinstance(their, list) else their if _same(their, our) else None
    return type(theirs)(**kept)


def _course(theirs: Course, ours: Course) -> Course:
    answered = [row for decision in ours.decisions for row in decision.rows]
    decisions = [replace(decision, rows=_both(decision.rows, answered)) for decision in theirs.decisions]
    return Course(
        [decision for decision in decisions if decision.rows],
        _both(theirs.leads, ours.leads),
        _both(theirs.closures, ours.closures),
        {key: _both(rows, ours.informed.get(key, [])) for key, rows in theirs.informed.items()},
    )


def _same(theirs: Model | None, ours: Model | None) -> bool:
    return theirs is not None and ours is not None and theirs.pk == ours.pk


def _linked(theirs: list[VoltEntry], ours: list[VoltEntry]) -> list[VoltEntry]:
    known = {entry.row.pk: entry for entry in ours}
    return [
        replace(entry, links=_both(entry.links, known[entry.row.pk].links)) for entry in theirs if entry.row.pk in known
    ]
