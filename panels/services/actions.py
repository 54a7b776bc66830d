"""Giving actions, handing them on, reporting on them and ending them. The only place where an action is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from mace.access.models import Disclosure, LawfulBasis, NamedPerson, Record, Scope
from mace.access.policy import Capability, require
from mace.access.selectors import is_barred
from mace.access.services import disclose, grants_on, name_person, unname_person, widest_in_force
from mace.accounts.models import Membership, Role
from mace.accounts.selectors import seats_in
from mace.agencies.models import Agency, Participation
from mace.core.clock import london_date
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.forms import long_date
from mace.core.seat import Seat
from mace.notifications.services import notify
from panels.enums import ActionStatus
from panels.models import Action, ActionUpdate, AgendaItem, Panel
from panels.rules_actions import may_assign, may_update, runs_the_panel
from panels.rules_chasing import default_due
from panels.selectors.actions import action_path, next_meeting_on, panel_of, whose
from referrals.models import Case

PURPOSE = "To carry out an action given by the panel"
NECESSITY = "The agency cannot carry out its action without knowing whom it concerns; it is told no more than that."
NOT_TOLD = "The action was given by the panel; the lead professional tells the child and family what is planned."
ENDINGS = frozenset(ActionStatus.values) - {ActionStatus.OPEN.value}
FOR_THE_PANEL = frozenset({ActionStatus.NOT_ACTED.value, ActionStatus.SUPERSEDED.value})


@transaction.atomic
def create_action(
    *,
    record_id: int,
    item: AgendaItem | None,
    strand: str,
    text: str,
    measure: str,
    owner_agency: Agency,
    owner: Membership | None,
    due_on: dt.date | None,
    by: Seat,
    at: dt.datetime,
    operation: str = "",
) -> Action:
    """Give an agency an action below a case, a VOLT record or a meeting; the same ``operation`` answers the first.

    Without a due date it is the earlier of the panel's next meeting and 28 days. Side effects: an agency that sees
    nothing of the record gets a sharing decision at scope *identity*; the named owner is named on the record for as
    long as their agency sees it; they, or without one the agency's leads, are told. Raises ``RuleBroken``.
    """
    require(by, Capability.MINUTE)
    if operation:
        same = Action.objects.filter(record_id=record_id, operation=operation).first()
        if same is not None:
            return same
    on = london_date(at)
    if not text.strip():
        raise RuleBroken("Enter what is to be done: a verb and an object", field="text")
    if not Participation.objects.filter(agency=owner_agency, partnership_id=by.partnership_id).exists():
        raise RuleBroken("Choose an agency of this partnership", field="owner_agency")
    if owner is not None:
        _check_colleague(owner, agency_id=owner_agency.pk, partnership_id=by.partnership_id, on=on, field="owner")
    elif not _leads(owner_agency.pk, by.partnership_id, on=on):
        raise RuleBroken("Name the person who is to do it: this agency has no lead to pass it on", field="owner")
    if due_on is not None and due_on < on:
        raise RuleBroken("The due date must be today or later", field="due_on")
    action = Action(
        record_id=record_id,
        partnership_id=by.partnership_id,
        item=item,
        strand=strand,
        text=text.strip(),
        measure=measure.strip(),
        owner_agency=owner_agency,
        owner_agency_principal=owner_agency.principal,
        owner=owner,
        owner_principal=owner.principal if owner else None,
        due_on=on,
        created_at=at,
        operation=operation,
    )
    action.due_on = due_on or default_due_on(panel=panel_of(action), on=on)
    grants = grants_on(record_id)
    restricted = Record.objects.filter(pk=record_id, restricted=True).exists()
    _check_may_hold(record_id, owner, grants, restricted=restricted)
    if not restricted and owner_agency.principal not in grants:
        _disclose_identity(record_id=record_id, agency=owner_agency, by=by, at=at)
        grants = grants_on(record_id)
    if owner is not None and owner.principal not in grants:
        shared = widest_in_force(record_id=record_id, agency=owner_agency, on=on)
        until = shared[1] if shared else None
        name_person(record_id=record_id, membership=owner, scope=Scope.IDENTITY, by=by, until=until)
    action.save(force_insert=True)
    _tell_owner(action, subject=f"New action {action.reference}", why="given", by=by, at=at)
    return action


def default_due_on(*, panel: Panel | None, on: dt.date) -> dt.date:
    """The due date that an action given today gets when nobody names one."""
    return default_due(given_on=on, next_meeting_on=next_meeting_on(panel, after=on))


@transaction.atomic
def assign_action(*, action: Action, to: Membership, by: Seat, at: dt.datetime) -> Action:
    """Give an open action to a person of its owner agency.

    Side effects: the person is named on the record at scope *identity*, if they do not see it yet; a member of the
    agency who had it before and has no other action there is named no more; an update says to whom it went; the person
    is told.
    """
    require(by, Capability.ASSIGN_ACTION)
    found = _open(action)
    if not may_assign(whose(found), by):
        raise NotAllowed(Capability.ASSIGN_ACTION)
    _check_colleague(
        to, agency_id=found.owner_agency_id, partnership_id=found.partnership_id, on=london_date(at), field="to"
    )
    if by.role == Role.MANAGER and to.team_id != by.team_id:
        raise RuleBroken("Choose somebody of your team", field="to")
    if found.owner_id == to.pk:
        return found
    if is_barred(found.record_id, to.user_id):
        raise RuleBroken(f"{to.user.name} cannot be given this action. Choose somebody else", field="to")
    before = found.owner
    if not _is_named(found.record_id, to):
        shared = widest_in_force(record_id=found.record_id, agency=found.owner_agency, on=london_date(at))
        until = shared[1] if shared else None
        name_person(record_id=found.record_id, membership=to, scope=Scope.IDENTITY, by=by, until=until)
    found.owner, found.owner_principal = to, to.principal
    _save(found, "owner", "owner_principal")
    if before is not None:
        _unname_if_done(found, before, by=by)
    _append(found, f"Given to {to.user.name}.", by=by, at=at)
    _tell_owner(found, subject=f"Action {found.reference} is now yours", why=f"assigned:{found.version}", by=by, at=at)
    return found


@transaction.atomic
def report_on_action(*, action: Action, text: str, by: Seat, at: dt.datetime, operation: str = "") -> ActionUpdate:
    """Append what was done so far. Chasing goes on: only completion or an agreed later date ends it."""
    require(by, Capability.UPDATE_ACTION)
    found = _locked(action)
    if operation:
        same = ActionUpdate.objects.filter(action=found, operation=operation).first()
        if same is not None:
            return same
    _check_open(found)
    if not may_update(whose(found), by):
        raise NotAllowed(Capability.UPDATE_ACTION)
    if not text.strip():
        raise RuleBroken("Enter what has been done so far", field="text")
    return _append(found, text.strip(), by=by, at=at, operation=operation)


@transaction.atomic
def close_action(*, action: Action, status: str, note: str, by: Seat, at: dt.datetime) -> Action:
    """End an open action: done, not possible, the agency did not act, or superseded. All but *done* need a note.

    The last two are the coordinator's or a chair's to say. Side effects: an update keeps how it ended and the note, so
    that the agency still reads it when the case is no longer shared.
    """
    require(by, Capability.UPDATE_ACTION)
    found = _open(action)
    if not may_update(whose(found), by):
        raise NotAllowed(Capability.UPDATE_ACTION)
    if status not in ENDINGS:
        raise RuleBroken("Select how the action ended", field="status")
    if status in FOR_THE_PANEL and not runs_the_panel(by):
        raise NotAllowed(Capability.MINUTE)
    if status != ActionStatus.DONE and not note.strip():
        raise RuleBroken("Say why it was not done", field="note")
    found.status = status
    found.closed_on = london_date(at)
    found.closing_note = note.strip()
    _save(found, "status", "closed_on", "closing_note")
    ending = f"{ActionStatus(status).label}."
    _append(found, f"{ending} {found.closing_note}".strip(), by=by, at=at)
    return found


@transaction.atomic
def extend_action(*, action: Action, due_on: dt.date, reason: str, by: Seat, at: dt.datetime) -> Action:
    """Agree a later due date, for the coordinator or a chair. Chasing begins anew for it.

    Side effects: an update keeps both dates and the reason; the owner, or the agency's leads, are told.
    """
    require(by, Capability.MINUTE)
    found = _open(action)
    if due_on <= found.due_on:
        raise RuleBroken(f"The new date must be after {long_date(found.due_on)}", field="due_on")
    if due_on < london_date(at):
        raise RuleBroken("The new date must be today or later", field="due_on")
    if not reason.strip():
        raise RuleBroken("Say why more time is agreed", field="reason")
    was, found.due_on = found.due_on, due_on
    _save(found, "due_on")
    _append(
        found, f"More time agreed: due {long_date(due_on)} instead of {long_date(was)}. {reason.strip()}", by=by, at=at
    )
    _tell_owner(found, subject=f"More time agreed for action {found.reference}", why=f"extended:{due_on}", by=by, at=at)
    return found


# --- What the services above share -----------------------------------------------------------------------------------


def _locked(action: Action) -> Action:
    """The action as it stands now, held until the transaction ends; a seat that may not see it is refused."""
    found = Action.objects.select_for_update(of=("self",)).select_related("owner__user").filter(pk=action.pk).first()
    if found is None:
        raise NotAllowed("this action is not the seat's to change")
    return found


def _open(action: Action) -> Action:
    found = _locked(action)
    _check_open(found)
    return found


def _check_open(action: Action) -> None:
    if action.status != ActionStatus.OPEN:
        raise RuleBroken(
            f"This action ended on {long_date(action.closed_on)}: {action.get_status_display().lower()}."
            if action.closed_on
            else "This action has ended."
        )


def _save(action: Action, *fields: str) -> None:
    action.version += 1
    action.save(update_fields=[*fields, "version"])


def _append(action: Action, text: str, *, by: Seat, at: dt.datetime, operation: str = "") -> ActionUpdate:
    """Add an update. What coordinator and chair write is the partnership's: their own agency's lead does not get it."""
    return ActionUpdate.objects.create(
        record_id=action.record_id,
        action=action,
        action_reference=action.reference,
        action_agency_principal=action.owner_agency_principal,
        action_principal=action.owner_principal,
        text=text,
        written_by_id=by.membership_id,
        written_by_name=f"{by.person_name}, {by.agency_name}"[:120],
        written_by_principal=by.principal,
        written_by_agency_principal=by.partnership_principal if runs_the_panel(by) else by.agency_principal,
        written_at=at,
        operation=operation,
    )


def _check_colleague(to: Membership, *, agency_id: int, partnership_id: int, on: dt.date, field: str) -> None:
    if not seats_in(partnership_id, on=on, agency_id=agency_id).filter(pk=to.pk).exists():
        raise RuleBroken("Choose somebody who works for this agency in this partnership now", field=field)


def _disclose_identity(*, record_id: int, agency: Agency, by: Seat, at: dt.datetime) -> None:
    """Let the owner agency know whom the action concerns; whether family was told is as the latest decision says."""
    latest = Disclosure.objects.filter(record_id=record_id, withdrawn_at=None).order_by("-starts_at", "-pk").first()
    disclose(
        record_id=record_id,
        agency=agency,
        scope=Scope.IDENTITY,
        purpose=PURPOSE,
        lawful_basis=LawfulBasis.PUBLIC_TASK,
        necessity=NECESSITY,
        told=latest.told if latest else False,
        told_reason=latest.told_reason if latest else NOT_TOLD,
        by=by,
        at=at,
    )


def _check_may_hold(record_id: int, owner: Membership | None, grants: Mapping[int, int], *, restricted: bool) -> None:
    """Nobody barred is given an action; on a restricted case only somebody named on it, never an agency as a whole."""
    if owner is not None and is_barred(record_id, owner.user_id):
        raise RuleBroken(f"{owner.user.name} cannot be given an action on it. Choose somebody else", field="owner")
    if restricted and (owner is None or owner.principal not in grants):
        raise RuleBroken("This case is restricted. Choose a person who is named on it", field="owner")


def _is_named(record_id: int, person: Membership) -> bool:
    """Whether a person sees the record already, so that naming them might narrow it.

    A seat that sees the record in full knows its grants; others know who is named on it.
    """
    grants: Mapping[int, int] = grants_on(record_id)
    if grants:
        return person.principal in grants
    return NamedPerson.objects.filter(content_object_id=record_id, user_id=person.user_id).exists()


def _unname_if_done(action: Action, person: Membership, *, by: Seat) -> None:
    """End the naming of an agency member for an action that went to somebody else; the lead professional's stays."""
    if person.role != Role.AGENCY_MEMBER or by.role == Role.MANAGER:
        return
    still = Action.objects.filter(record_id=action.record_id, owner=person, status=ActionStatus.OPEN).exists()
    if still or Case.objects.filter(pk=action.record_id, lead_professional=person).exists():
        return
    if NamedPerson.objects.filter(content_object_id=action.record_id, user_id=person.user_id).exists():
        unname_person(record_id=action.record_id, membership=person, by=by)


def _tell_owner(action: Action, *, subject: str, why: str, by: Seat, at: dt.datetime) -> None:
    """Tell the named owner, or the agency's leads when nobody is named; nobody is told of what they did themselves."""
    leads = _leads(action.owner_agency_id, action.partnership_id, on=london_date(at)) if action.owner is None else []
    told = [action.owner] if action.owner else leads
    for person in told:
        if person.pk == by.membership_id:
            continue
        notify(
            to=person,
            subject=subject,
            text=f"Action {action.reference} is due on {long_date(action.due_on)}. Open it to see what is to be done.",
            path=action_path(action),
            about=action.record_id,
            dedupe_key=f"action:{action.reference}:{why}:{person.pk}",
            by=by,
            at=at,
        )


def _leads(agency_id: int, partnership_id: int, *, on: dt.date) -> list[Membership]:
    return list(seats_in(partnership_id, on=on, agency_id=agency_id, roles=(Role.AGENCY_LEAD,)))
