"""Reading actions. Row-level security says which; these say in what order and with what beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from django.db.models import F, Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse

from mace.access.selectors import after_parts
from mace.accounts.models import Holding, Membership, Role
from mace.accounts.selectors import SEAT_JOINS, current, seats_in
from mace.core.seat import Seat
from mace.core.templatetags.components import due_words
from mace.core.together import told
from mace.notifications.models import Message
from mace.notifications.selectors import inbox
from panels.enums import ActionStatus, MeetingStatus, PanelKind
from panels.models import Action, ActionUpdate, Chaser, ChaseStep, Meeting, Panel
from panels.rules_actions import Whose
from panels.rules_chasing import Step
from referrals.models import Case

PASSED_OVER = "passed over"
JOINS = ("record", "owner_agency", "owner__user", "owner__team")
MOST = 100
SOON = dt.timedelta(days=7)
SHOWS: Final = {"overdue": "Overdue", "soon": "Due in the next 7 days", "later": "Due later", "closed": "Closed lately"}
"""The parts of the list of one's work; ``closed`` by itself."""


def _with_history(rows: QuerySet[Action]) -> QuerySet[Action]:
    return rows.select_related(*JOINS).prefetch_related(
        Prefetch("chasers", queryset=Chaser.objects.order_by("chased_on", "pk"))
    )


def chased_actions(rows: QuerySet[Action]) -> list[Action]:
    """These actions with whose they are and how they were chased, the open ones first, then by their day."""
    return list(_with_history(rows).order_by(F("closed_on").asc(nulls_first=True), "due_on", "pk"))


def action_parts() -> dict[str, QuerySet[Any]]:
    """What ``with_history`` puts together, for ``Together``: all that the seat sees below the record told."""
    record = told("record")
    rows = Action.objects.filter(record_id=record).annotate(
        agency_name=F("owner_agency__name"), owner_name=F("owner__user__name")
    )
    return {
        "actions": rows.order_by(F("closed_on").asc(nulls_first=True), "due_on", "pk"),
        "updates": ActionUpdate.objects.filter(record_id=record).order_by("-written_at", "-pk"),
        "chasers": Chaser.objects.filter(record_id=record).order_by("chased_on", "pk"),
    }


ACTION_PARTS = ("actions", "updates", "chasers")


def with_history(found: dict[str, list[Any]]) -> tuple[list[Action], dict[int, list[ActionUpdate]]]:
    """Actions, each with ``agency_name``, ``owner_name`` and ``chased``, and what was reported on each."""
    chased: dict[int, list[Chaser]] = {}
    for chaser in found["chasers"]:
        chased.setdefault(chaser.action_id, []).append(chaser)
    updates: dict[int, list[ActionUpdate]] = {}
    for update in found["updates"]:
        updates.setdefault(update.action_id, []).append(update)
    for action in found["actions"]:
        action.chased = chased.get(action.pk, [])
    return found["actions"], updates


def newest_actions(seat: Seat, *, after: str = "", size: int) -> tuple[str, list[Any]]:
    """SQL, with its parameters, that seeks the newest actions of the seat: moments and keys, for ``sought_rows``.

    Raises ``ValueError`` for an ``after`` that no page gave.
    """
    key = after_parts(after)
    if seat.role in (Role.COORDINATOR, Role.CHAIR, Role.SYSTEM):
        of_partnership = "select sort_at, record_id from panels_seek_actions_of(%s, %s, %s, %s)"
        return of_partnership, [seat.partnership_id, *key, size + 1]
    return "select sort_at, record_id from panels_seek_actions(%s, %s, %s)", [*key, size + 1]


def chasers_of(action: Action) -> list[Chaser]:
    """The steps taken for an action, in their order, from what was read with it."""
    known: list[Chaser] | None = getattr(action, "chased", None)
    return list(action.chasers.all()) if known is None else known


def action_by_reference(reference: str) -> Action:
    """The action and its chasers; ``Http404`` when there is none, or none that the seat may see."""
    return get_object_or_404(_with_history(Action.objects.all()), reference=reference)


def actions_for(seat: Seat) -> QuerySet[Action]:
    """The actions that are the seat's work.

    A lead's are the agency's, a manager's the team's, a coordinator's and a chair's all that they may see, everybody
    else's their own.
    """
    if seat.role in (Role.COORDINATOR, Role.CHAIR, Role.SYSTEM):
        return Action.objects.filter(partnership_id=seat.partnership_id)
    mine = Q(owner_principal=seat.principal)
    if seat.role == Role.AGENCY_LEAD:
        mine |= Q(owner_agency_principal=seat.agency_principal)
    if seat.role == Role.MANAGER and seat.team_id is not None:
        mine |= Q(owner__team_id=seat.team_id)
    return Action.objects.filter(mine)


def open_actions_for(seat: Seat, on: dt.date, *, most: int = MOST) -> list[Action]:
    """Open actions that are the seat's work, the most overdue first, at most so many; ``on`` orders nothing away."""
    del on
    rows = _with_history(actions_for(seat).filter(status=ActionStatus.OPEN)).order_by("due_on", "pk")
    return list(rows[:most])


def by_due_date(found: Iterable[Action], today: dt.date) -> dict[str, list[Action]]:
    """Open actions by the part of the list that each stands in, in the order given."""
    rows = list(found)
    return {
        "overdue": [action for action in rows if action.due_on < today],
        "soon": [action for action in rows if today <= action.due_on <= today + SOON],
        "later": [action for action in rows if action.due_on > today + SOON],
    }


def closed_actions_for(seat: Seat, *, most: int = 25) -> list[Action]:
    """The latest closed actions of the seat's work."""
    rows = _with_history(actions_for(seat).exclude(status=ActionStatus.OPEN)).order_by("-closed_on", "-pk")
    return list(rows[:most])


def updates_of(action: Action) -> list[ActionUpdate]:
    """What was reported on an action, the newest first."""
    return list(ActionUpdate.objects.filter(action=action).order_by("-written_at", "-pk"))


def written_by_agency(seat: Seat, *, most: int = MOST) -> list[ActionUpdate]:
    """What the seat wrote itself, and a lead's whole agency, newest first; it stays when a case is no longer shared."""
    own = Q(written_by_principal=seat.principal)
    if seat.role == Role.AGENCY_LEAD:
        own |= Q(written_by_agency_principal=seat.agency_principal)
    return list(ActionUpdate.objects.filter(own).order_by("-written_at", "-pk")[:most])


def cases_of(actions: Iterable[Action]) -> dict[int, Case]:
    """The cases that actions serve, by record, with the child's name, for a seat that may see them at any scope."""
    records = {action.record_id for action in actions}
    rows = Case.objects.filter(pk__in=records).select_related("child__identity")
    return {case.pk: case for case in rows}


def case_beside(action: Action) -> Case | None:
    """The case of one action with what its identity bar shows, as far as the seat's scope goes."""
    return (
        Case.objects.filter(pk=action.record_id)
        .select_related("child__identity", "summary", "lead_professional__user")
        .first()
    )


def whose(action: Action) -> Whose:
    """Whose the action is, for the rules. Needs ``owner`` loaded to be cheap."""
    owner = action.owner
    return Whose(
        agency_id=action.owner_agency_id,
        owner_id=owner.pk if owner else None,
        owner_team_id=owner.team_id if owner else None,
    )


def overdue_words(action: Action, on: dt.date) -> str:
    """``9 days overdue, the owner told on 3 May``; for a closed action how it ended. Needs its chasers read with it."""
    if action.status != ActionStatus.OPEN:
        return f"{ActionStatus(action.status).label}, {day_words(action.closed_on)}"
    words = due_words(action.due_on, on)
    steps = [row for row in chasers_of(action) if row.due_on == action.due_on and row.told != PASSED_OVER]
    if steps:
        words += f", {steps[-1].told} told on {day_words(steps[-1].chased_on)}"
    return words


def day_words(day: dt.date | None) -> str:
    """``3 May``."""
    return f"{day.day} {day:%B}" if day else ""


def colleagues_for(action: Action, seat: Seat, *, on: dt.date) -> list[Membership]:
    """To whom the seat may give the action: current members of the owner agency; a manager's, of the own team."""
    rows = seats_in(
        action.partnership_id,
        on=on,
        agency_id=action.owner_agency_id,
        roles=(Role.PRACTITIONER, Role.MANAGER, Role.AGENCY_LEAD, Role.AGENCY_MEMBER, Role.COORDINATOR, Role.CHAIR),
    )
    if seat.role == Role.MANAGER:
        rows = rows.filter(team_id=seat.team_id or 0)
    return list(rows)


def escalated_to(seat: Seat) -> list[Message]:
    """What a board member was told of actions long overdue: references, never a case."""
    return list(inbox(seat).filter(dedupe_key__startswith="chase:")[:MOST])


# --- The ladder and whom it tells ------------------------------------------------------------------------------------


def ladder_of(partnership_id: int) -> list[Step]:
    """A partnership's own ladder, from its first step to its last."""
    return [
        Step(
            code=row.code,
            days=row.days_after_due,
            owner=row.tells_owner,
            manager=row.tells_manager,
            agency_lead=row.tells_agency_lead,
            chairs=row.tells_chairs,
            board=row.tells_board,
        )
        for row in ChaseStep.objects.filter(partnership_id=partnership_id).order_by("days_after_due", "pk")
    ]


def panel_of(action: Action) -> Panel | None:
    """The panel that gave the action; the pre-MACE panel for one given outside a meeting."""
    if action.item_id is not None:
        found = Panel.objects.filter(meetings__items=action.item_id).first()
        if found is not None:
            return found
    return Panel.objects.filter(partnership_id=action.partnership_id, kind=PanelKind.PRE_MACE).first()


def holders_of(principal: int, *, partnership_id: int, on: dt.date) -> list[Membership]:
    """Who holds a principal on a date, for instance chairs a panel."""
    held = Holding.objects.filter(Q(until_on__isnull=True) | Q(until_on__gte=on), principal=principal, from_on__lte=on)
    rows = Membership.objects.filter(current(on), partnership_id=partnership_id, pk__in=held.values("membership"))
    return list(rows.select_related(*SEAT_JOINS).order_by("user__name", "pk"))


def next_meeting_on(panel: Panel | None, *, after: dt.date) -> dt.date | None:
    """The date of the panel's next meeting that the seat knows of."""
    if panel is None:
        return None
    return (
        Meeting.objects.filter(panel=panel, held_on__gt=after)
        .exclude(status=MeetingStatus.CANCELLED)
        .order_by("held_on")
        .values_list("held_on", flat=True)
        .first()
    )


def action_path(action: Action) -> str:
    """Where the action is, for a message."""
    return reverse("panels:action", args=[action.reference])
