"""Chasing actions by a partnership's ladder: rows with due dates, scanned; nothing waits in a queue for its day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import F, Q, Value
from django.urls import reverse

from mace.access.policy import Capability, require
from mace.access.selectors import holders_of as record_holders
from mace.access.selectors import may_be_told
from mace.accounts.models import Membership, Role
from mace.accounts.selectors import SEAT_JOINS, current, seats_in
from mace.core.clock import london_date
from mace.core.forms import long_date
from mace.core.seat import Seat
from mace.notifications.services import notify
from panels.enums import ActionStatus
from panels.models import Action, Chaser
from panels.rules_chasing import Step, Taken, days_words, step_to_take
from panels.selectors.actions import PASSED_OVER, action_path, holders_of, ladder_of, panel_of


def chase_partnership(*, by: Seat, at: dt.datetime) -> int:
    """Take every step of the ladder that is due in the seat's partnership; answers how many actions were chased.

    Each step is taken at most once for an action and due date, however often, late or many at once this runs: an action
    is locked, looked at again and chased in a transaction of its own, and one that somebody else holds is left to them.
    When several steps were reached since the last run, only the highest sends messages; the lower ones are put on
    record as *passed over*, so that it shows that they were not forgotten.
    """
    require(by, Capability.MINUTE)
    on = london_date(at)
    ladder = ladder_of(by.partnership_id)
    with transaction.atomic():
        waiting = _waiting(by.partnership_id, on=on, ladder=ladder)
    return sum(_chase_one(pk, ladder=ladder, by=by, at=at) for pk in waiting)


def _waiting(partnership_id: int, *, on: dt.date, ladder: Sequence[Step]) -> list[int]:
    """Open actions that have a step to take, the most overdue first; one statement."""
    if not ladder:
        return []
    earliest = min(step.days for step in ladder)
    codes = ArrayAgg("chasers__step", filter=Q(chasers__due_on=F("due_on")), default=Value([]))
    rows = (
        Action.objects.filter(
            partnership_id=partnership_id, status=ActionStatus.OPEN, due_on__lte=on - dt.timedelta(days=earliest)
        )
        .annotate(taken=codes)
        .order_by("due_on", "pk")
        .values_list("pk", "due_on", "created_at", "taken")
    )
    return [
        pk
        for pk, due_on, created_at, taken in rows
        if step_to_take(due_on=due_on, on=on, ladder=ladder, taken=taken, since=london_date(created_at))
    ]


@transaction.atomic
def _chase_one(pk: int, *, ladder: Sequence[Step], by: Seat, at: dt.datetime) -> bool:
    action = (
        Action.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("owner_agency", "owner__user", "owner__partnership")
        .filter(pk=pk, status=ActionStatus.OPEN)
        .first()
    )
    if action is None:
        return False
    on = london_date(at)
    taken = set(Chaser.objects.filter(action=action, due_on=action.due_on).values_list("step", flat=True))
    found = step_to_take(due_on=action.due_on, on=on, ladder=ladder, taken=taken, since=london_date(action.created_at))
    if found is None:
        return False
    told = _whom(action, found.step, on=on)
    _record(action, found, told=told.words, on=on)
    for person in told.people:
        notify(
            to=person,
            subject=f"Action {action.reference} {state_words(action.due_on, on)}",
            text=_text(action, person, told=told.words),
            path=reverse("panels:actions") if person.role == Role.BOARD else action_path(action),
            about=action.record_id,
            dedupe_key=f"chase:{action.reference}:{found.step.code}:{action.due_on}:{person.pk}",
            by=by,
            at=at,
        )
    return True


def _record(action: Action, found: Taken, *, told: str, on: dt.date) -> None:
    steps = [(step, PASSED_OVER) for step in found.passed_over] + [(found.step, told)]
    for step, words in steps:
        Chaser.objects.create(
            record_id=action.record_id,
            action=action,
            step=step.code,
            due_on=action.due_on,
            chased_on=on,
            told=words[:400],
        )


def state_words(due_on: dt.date, on: dt.date) -> str:
    """``is due in 7 days``, ``is due today``, ``is 9 days overdue``."""
    days = (due_on - on).days
    if days < 0:
        return f"is {days_words(-days)} overdue"
    return f"is due in {days_words(days)}" if days else "is due today"


def _text(action: Action, person: Membership, *, told: str) -> str:
    due = f"It was given to {action.owner_agency.name} and has the due date {long_date(action.due_on)}."
    if person.role == Role.BOARD:
        return f"{due} The coordinator can say what stands in the way."
    return f"{due} Open it to report on it or to close it. Told of this: {told}."[:400]


# --- Who is told -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Told:
    """The seats that a step tells, each once, and in words who that was: no names, because a message quotes them.

    Whoever may not be told of the record does not count: the next in line is told instead.
    """

    record_id: int
    people: list[Membership] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def add(self, people: Sequence[Membership], words: str) -> bool:
        """Add seats under a description; says whether there were any."""
        reached = may_be_told(self.record_id, [person.pk for person in people]) if people else set()
        people = [person for person in people if person.pk in reached]
        if people and words not in self.parts:
            self.parts.append(words)
        known = {person.pk for person in self.people}
        self.people += [person for person in people if person.pk not in known]
        return bool(people)

    @property
    def words(self) -> str:
        return " and ".join([", ".join(self.parts[:-1]), self.parts[-1]] if len(self.parts) > 1 else self.parts)


def _whom(action: Action, step: Step, *, on: dt.date) -> Told:
    """Whom a step tells. Where nobody holds a part, the next does: owner and manager, agency lead, coordinators.

    An owner or lead from whom the record was withdrawn is not told how an action stands that they no longer see. Of a
    restricted case those who run it are told for all who are left out of it.
    """
    told = Told(action.record_id)
    see_it = {holder.membership_id for holder in record_holders(action.record_id)}
    agency = action.owner_agency.name
    partnership_id = action.partnership_id

    def leads() -> bool:
        return told.add(
            [
                lead
                for lead in seats_in(partnership_id, on=on, agency_id=action.owner_agency_id, roles=(Role.AGENCY_LEAD,))
                if lead.pk in see_it
            ],
            f"the lead of {agency}",
        )

    reached = [
        not step.owner
        or told.add([seat for seat in _owner(action, on=on) if seat.pk in see_it], "the owner")
        or leads()
    ]
    if step.manager:
        reached.append(told.add(_managers(action, on=on), "the team manager") or leads())
    if step.agency_lead:
        reached.append(leads())
    if step.chairs:
        panel = panel_of(action)
        chairs = holders_of(panel.principal, partnership_id=partnership_id, on=on) if panel else []
        reached.append(told.add(chairs, f"the chairs of {panel.name}" if panel else ""))
    if step.board:
        reached.append(told.add(list(seats_in(partnership_id, on=on, roles=(Role.BOARD,))), "the strategic board"))
    if not all(reached) or not told.people:
        coordinators = seats_in(partnership_id, on=on, roles=(Role.COORDINATOR,))
        if not told.add(list(coordinators), "the coordinators"):
            named = seats_in(partnership_id, on=on, roles=(Role.CHAIR,)).filter(pk__in=see_it)
            told.add(list(named), "those who run the case")
    return told


def _owner(action: Action, *, on: dt.date) -> list[Membership]:
    """The named person while they hold the seat; a leaver's action is chased with the agency's lead."""
    if action.owner_id is None:
        return []
    return list(Membership.objects.filter(current(on), pk=action.owner_id).select_related(*SEAT_JOINS))


def _managers(action: Action, *, on: dt.date) -> list[Membership]:
    """Managers of the owner's team; without a named owner or a team, of the agency."""
    rows = seats_in(action.partnership_id, on=on, agency_id=action.owner_agency_id, roles=(Role.MANAGER,))
    owner = action.owner
    if owner is not None and owner.team_id is not None:
        rows = rows.filter(team_id=owner.team_id)
    return list(rows)
