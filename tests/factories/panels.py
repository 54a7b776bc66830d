"""Meetings made as people make them: through the services, each step in the right seat."""

from __future__ import annotations

import datetime as dt

from mace.access.models import LawfulBasis, Scope
from mace.core.seat import acting_as
from panels.enums import Decision, ItemKind, Presence
from panels.models import AgendaItem, ItemInvitation, Meeting, Minute
from panels.services.criteria import save_criteria
from panels.services.meetings import (
    add_case_item,
    approve_minutes,
    finish_meeting,
    invite_agency,
    plan_meeting,
    publish_agenda,
    record_attendance,
    save_minute,
    start_meeting,
)
from referrals.models import Case
from tests.factories.cast import Cast
from tests.factories.referrals import STUCK

HELD = dt.datetime(2026, 3, 16, 10, tzinfo=dt.UTC)
PLANNED = dt.datetime(2026, 3, 9, 9, tzinfo=dt.UTC)
SAID = {
    "discussion": "Each agency said what it holds.",
    "rationale": "Without it nobody could keep her safe.",
    "decision": Decision.KEEP_OPEN,
    "decision_reason": "The plan needs more time.",
    "rating": "significant",
}


def planned_meeting(
    cast: Cast,
    case: Case | None = None,
    *,
    panel: str = "pre_mace",
    starts_at: dt.datetime = HELD,
    at: dt.datetime = PLANNED,
    by: str = "coordinator",
) -> Meeting:
    """A meeting planned by the coordinator, with the case on its agenda when there is one."""
    seat = cast[by]
    with acting_as(seat):
        meeting = plan_meeting(panel=cast.panels[panel], starts_at=starts_at, place="Town hall", by=seat, at=at)
        if case is not None:
            add_case_item(meeting=meeting, case=case, kind=ItemKind.NEW, minutes_allowed=10, by=seat, at=at)
    return meeting


def item_of(cast: Cast, meeting: Meeting, case: Case | None = None) -> AgendaItem:
    """The meeting's item about the case, or its only item."""
    with acting_as(cast["coordinator"]):
        items = AgendaItem.objects.filter(meeting=meeting).select_related("meeting__panel")
        return items.get(subject_id=case.pk) if case is not None else items.get()


def invited(
    cast: Cast,
    item: AgendaItem,
    agency: str = "police",
    *,
    scope: Scope = Scope.SUMMARY,
    at: dt.datetime = PLANNED,
) -> ItemInvitation:
    """An agency invited by the coordinator for one item."""
    with acting_as(cast["coordinator"]):
        return invite_agency(
            item=item,
            agency=cast.agencies[agency],
            scope=scope,
            purpose="To say what they hold",
            lawful_basis=LawfulBasis.PUBLIC_TASK,
            necessity="They may know where she is found",
            told=True,
            told_reason="",
            by=cast["coordinator"],
            at=at,
        )


def published_meeting(
    cast: Cast,
    case: Case,
    *,
    invite: tuple[str, ...] = ("police",),
    scope: Scope = Scope.SUMMARY,
    panel: str = "pre_mace",
    starts_at: dt.datetime = HELD,
    at: dt.datetime = PLANNED,
) -> Meeting:
    """A meeting whose agenda is published, with agencies invited for the case."""
    meeting = planned_meeting(cast, case, panel=panel, starts_at=starts_at, at=at)
    for agency in invite:
        invited(cast, item_of(cast, meeting), agency, scope=scope, at=at)
    with acting_as(cast["coordinator"]):
        return publish_agenda(meeting=meeting, by=cast["coordinator"], at=at)


def started_meeting(cast: Cast, meeting: Meeting, *, at: dt.datetime = HELD) -> Meeting:
    """The chair begins a published meeting, with the agencies of the quorum present."""
    seat = cast["chair"]
    with acting_as(seat):
        meeting = start_meeting(meeting=meeting, by=seat, at=at)
        for agency in ("social_care", "police", "health"):
            record_attendance(
                meeting=meeting, agency=cast.agencies[agency], presence=Presence.PRESENT, who="A person", by=seat
            )
    return meeting


def minuted(cast: Cast, item: AgendaItem, *, by: str = "chair", at: dt.datetime = HELD, **changes: str) -> Minute:
    """One item minuted in full, as if for the first time."""
    seat = cast[by]
    with acting_as(seat):
        if changes.get("decision") == "escalate":
            save_criteria(item=item, ticked=STUCK, version=0, by=seat, at=at)
        return save_minute(item=item, version=0, operation="", by=seat, at=at, **(SAID | changes))  # type: ignore[arg-type]


def drafted_meeting(cast: Cast, meeting: Meeting, *, at: dt.datetime = HELD, **changes: str) -> Meeting:
    """A published meeting held: every item minuted alike, then finished."""
    meeting = started_meeting(cast, meeting, at=at)
    with acting_as(cast["chair"]):
        items = list(AgendaItem.objects.filter(meeting=meeting).exclude(subject=None))
    for item in items:
        minuted(cast, item, at=at, **changes)
    with acting_as(cast["chair"]):
        return finish_meeting(meeting=meeting, by=cast["chair"], at=at)


def approved_meeting(
    cast: Cast,
    case: Case,
    *,
    invite: tuple[str, ...] = ("police",),
    scope: Scope = Scope.SUMMARY,
    panel: str = "pre_mace",
    starts_at: dt.datetime = HELD,
    at: dt.datetime = PLANNED,
    **changes: str,
) -> Meeting:
    """A meeting with the case minuted and the minutes approved. ``changes``: what is minuted, ``decision="close"``."""
    meeting = published_meeting(cast, case, invite=invite, scope=scope, panel=panel, starts_at=starts_at, at=at)
    meeting = drafted_meeting(cast, meeting, at=starts_at, **changes)
    with acting_as(cast["chair"]):
        return approve_minutes(meeting=meeting, by=cast["chair"], at=starts_at + dt.timedelta(hours=2))
