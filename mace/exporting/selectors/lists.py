"""The lists that can be taken away: what narrows each, its headings, and its rows as the seat's own page reads them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from mace.access.policy import Capability
from mace.casework.forms.case_list import CaseFilterForm
from mace.casework.rules import CASE_COLUMNS, CASE_COLUMNS_SHOWN
from mace.casework.selectors.case_list import CaseLine, Wanted, case_head, case_lines
from mace.core.errors import RuleBroken
from mace.core.seat import Seat
from mace.exporting.enums import ExportOf
from mace.exporting.rules import CHUNK, ROWS_AT_MOST
from mace.exporting.writing import Cell
from panels.enums import ActionStatus
from panels.selectors.actions import (
    SHOWS,
    by_due_date,
    cases_of,
    closed_actions_for,
    open_actions_for,
    overdue_words,
)
from referrals.enums import About, Rating, ReferralStatus, ReviewStatus, Tier
from referrals.rules import age_on
from referrals.selectors import label, name_of, open_reviews_for, referrals_of, waiting_referrals
from referrals.selectors.course import repeats_among

Chosen = dict[str, Any]
"""What narrows a list, as its page's address says it: text, or several texts."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows, and the records that they show something of."""

    rows: list[list[Cell]]
    records: list[int]


def _nothing(_: QueryDict) -> Chosen:
    return {}


def _no_words(_: Chosen) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class ListKind:
    """How one list is taken away. ``capability``: what its page asks for.

    ``chosen`` raises ``RuleBroken`` for an address that narrows by what there is not: never is more taken than meant.
    """

    page: str
    capability: Capability
    head: Callable[[Chosen], list[str]]
    chunks: Callable[[Chosen, Seat, dt.date], Iterator[Chunk]]
    chosen: Callable[[QueryDict], Chosen] = field(default=_nothing)
    said: Callable[[Chosen], list[str]] = field(default=_no_words)


# --- Cases -----------------------------------------------------------------------------------------------------------


def _case_form(chosen: Mapping[str, Any]) -> CaseFilterForm | None:
    """The page's own form with what was chosen; raises ``RuleBroken`` for what it does not know any more."""
    form = CaseFilterForm.of(QueryDict(urlencode(chosen, doseq=True)))
    if form is not None and not form.is_valid():
        raise RuleBroken("The list was narrowed by something that is not there any more. Ask again from the list")
    return form


def _cases_chosen(asked: QueryDict) -> Chosen:
    form = CaseFilterForm.of(asked)
    if form is not None and not form.is_valid():
        raise RuleBroken("The list is narrowed by something that is not there")
    return form.kept() if form is not None else {}


def _cases_said(chosen: Chosen) -> list[str]:
    form = _case_form(chosen)
    return form.said() if form is not None else []


def _columns(chosen: Chosen) -> list[str]:
    form = _case_form(chosen)
    return list(form.cleaned_data["columns"] if form is not None else CASE_COLUMNS_SHOWN)


def _open_at(line: CaseLine) -> str:
    return "Closed" if line.closed_on else " and ".join(Tier(tier).label for tier in line.open_at)


CASE_CELLS: dict[str, Callable[[CaseLine, dt.date], Cell]] = {
    "age": lambda line, on: age_on(line.date_of_birth, on),
    "case": lambda line, _: line.reference,
    "rating": lambda line, _: Rating(line.rating).label if line.rating else "",
    "category": lambda line, _: label("primary_category", line.category) if line.category else "",
    "open_at": lambda line, _: _open_at(line),
    "lead": lambda line, _: line.lead,
    "coordinator": lambda line, _: line.coordinator or "",
    "agency": lambda line, _: line.lead_agency,
    "opened": lambda line, _: line.opened_on,
    "rated": lambda line, _: line.rated_on,
    "born": lambda line, _: line.date_of_birth,
    "heard": lambda line, _: (line.heard_on or "never") if line.in_full else "",
}
"""The same columns as the page's, as values: days are days; but for repeats, which hang on more than the line."""
assert {*CASE_CELLS, "repeat"} == CASE_COLUMNS.keys()


def _cases(chosen: Chosen, seat: Seat, on: dt.date) -> Iterator[Chunk]:
    form = _case_form(chosen)
    columns = _columns(chosen)
    wanted, after = form.wanted(seat) if form is not None else Wanted(), ""
    while True:
        found, after = case_lines(wanted, after=after, size=CHUNK, with_voice="heard" in columns)
        earlier = repeats_among(line.pk for line in found) if "repeat" in columns else {}
        repeats = {key: f"Repeat of {case.reference}" for key, case in earlier.items()}
        rows = [
            [
                f"{line.forename} {line.surname}",
                *(repeats.get(line.pk, "") if name == "repeat" else CASE_CELLS[name](line, on) for name in columns),
            ]
            for line in found
        ]
        yield Chunk(rows, [line.pk for line in found])
        if not after:
            return


# --- Referrals and reviews -------------------------------------------------------------------------------------------


def _referrals(_: Chosen, seat: Seat, on: dt.date) -> Iterator[Chunk]:
    del on
    found = referrals_of(seat, most=ROWS_AT_MOST + 1)
    rows: list[list[Cell]] = [
        [
            one.reference,
            name_of(one),
            About(one.about).label,
            ReferralStatus(one.status).label,
            one.submitted_on,
            one.referrer.user.name,
            str(one.team or one.agency),
            one.case.reference if one.case else "",
        ]
        for one in found
    ]
    yield Chunk(rows, [one.record_id for one in found])


def _screening(_: Chosen, seat: Seat, on: dt.date) -> Iterator[Chunk]:
    del seat
    found = waiting_referrals()
    rows: list[list[Cell]] = []
    for one in found:
        assert one.submitted_on is not None
        rating = getattr(one, "rating", "")
        rows.append(
            [
                one.reference,
                name_of(one),
                About(one.about).label,
                age_on(one.child.identity.date_of_birth, on) if one.child else "",
                Rating(rating).label if rating else "",
                one.referrer.user.name,
                str(one.team or one.agency),
                one.submitted_on,
                (on - one.submitted_on).days,
            ]
        )
    yield Chunk(rows, [one.record_id for one in found])


def _reviews(_: Chosen, seat: Seat, on: dt.date) -> Iterator[Chunk]:
    found = open_reviews_for(seat, most=ROWS_AT_MOST + 1)
    rows: list[list[Cell]] = [
        [
            one.reference,
            one.case.reference,
            one.case.child.identity.full_name,
            one.case.lead_professional.user.name,
            one.due_on,
            max((on - one.due_on).days, 0) if one.status == ReviewStatus.DUE else 0,
            ReviewStatus(one.status).label,
            one.answered_on,
        ]
        for one in found
    ]
    yield Chunk(rows, [one.record_id for one in found])


# --- Actions ---------------------------------------------------------------------------------------------------------


def _actions_chosen(asked: QueryDict) -> Chosen:
    show = asked.get("show", "")
    if show and show not in SHOWS:
        raise RuleBroken("The list is narrowed by something that is not there")
    return {"show": show} if show else {}


def _actions_said(chosen: Chosen) -> list[str]:
    return [SHOWS[chosen["show"]]] if chosen else ["All open actions"]


def _actions(chosen: Chosen, seat: Seat, on: dt.date) -> Iterator[Chunk]:
    show = chosen.get("show", "")
    if show == "closed":
        found = closed_actions_for(seat)
    else:
        found = open_actions_for(seat, on, most=ROWS_AT_MOST + 1)
        found = by_due_date(found, on)[show] if show else found
    cases = cases_of(found)
    rows: list[list[Cell]] = []
    for one in found:
        case = cases.get(one.record_id)
        rows.append(
            [
                one.reference,
                one.text,
                case.child.identity.full_name if case else "",
                case.reference if case else "",
                one.owner_agency.name,
                one.owner.user.name if one.owner else "",
                one.due_on,
                ActionStatus(one.status).label,
                overdue_words(one, on),
                one.closed_on,
            ]
        )
    yield Chunk(rows, [one.record_id for one in found])


LISTS: dict[str, ListKind] = {
    ExportOf.CASES.value: ListKind(
        page="casework:cases",
        capability=Capability.READ_CASES,
        head=lambda chosen: case_head(_columns(chosen)),
        chunks=_cases,
        chosen=_cases_chosen,
        said=_cases_said,
    ),
    ExportOf.REFERRALS.value: ListKind(
        page="referrals:list",
        capability=Capability.FILE_REFERRAL,
        head=lambda _: ["Reference", "Name", "About", "Status", "Sent", "Referrer", "From", "Case"],
        chunks=_referrals,
    ),
    ExportOf.SCREENING.value: ListKind(
        page="referrals:screening",
        capability=Capability.SCREEN,
        head=lambda _: ["Reference", "Name", "About", "Age", "Rating", "Referrer", "From", "Sent", "Days waiting"],
        chunks=_screening,
    ),
    ExportOf.ACTIONS.value: ListKind(
        page="panels:actions",
        capability=Capability.READ_ACTIONS,
        head=lambda _: [
            *("Reference", "Action", "Child", "Case", "Agency", "Owner", "Due", "Status", "How it stands", "Closed"),
        ],
        chunks=_actions,
        chosen=_actions_chosen,
        said=_actions_said,
    ),
    ExportOf.REVIEWS.value: ListKind(
        page="panels:reviews",
        capability=Capability.READ_REVIEWS,
        head=lambda _: [
            *("Reference", "Case", "Child", "Lead professional", "Due", "Days overdue", "Status", "Answered"),
        ],
        chunks=_reviews,
    ),
}
