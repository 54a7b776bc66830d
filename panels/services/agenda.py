"""Building an agenda: items, invitations, publication. What is on it discloses, so every step says to whom."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F

from mace.access.models import Kind, LawfulBasis, Record, Scope
from mace.access.policy import Capability, require
from mace.access.services import disclose, end_of_day, open_record, share, unshare
from mace.agencies.models import Agency, Participation
from mace.core.errors import RuleBroken
from mace.core.seat import Seat
from panels.enums import ItemKind, MeetingStatus, Strand
from panels.models import Action, AgendaItem, ItemInvitation, Meeting, Minute
from panels.rules import place_for
from panels.services.minute_taking import open_to_minute_takers
from panels.services.opening import (
    invited_principals,
    open_meeting,
    open_to_chairs,
    open_to_lead,
    tell_agency,
    tell_chairs,
)
from panels.services.planning import lock_meeting, next_meeting_of, set_status
from panels.transitions import BEFORE, MINUTING
from referrals.models import Case, Review
from volt.models import PersonOfConcern

RECORD_OF_STRAND: dict[str, Kind] = {
    Strand.OFFENDER.value: Kind.PERSON,
    Strand.LOCATION.value: Kind.LOCATION,
    Strand.THEME.value: Kind.THEME,
}
SEEN_BY_THE_INVITED = frozenset({MeetingStatus.PUBLISHED.value, *MINUTING})


def lock_agenda(meeting: Meeting) -> Meeting:
    """The meeting, locked, while its agenda can change; raises ``RuleBroken`` afterwards."""
    found = lock_meeting(meeting)
    if found.status not in BEFORE:
        raise RuleBroken("The agenda cannot change any more: the meeting has begun or was cancelled.")
    return found


def _place_item(
    *,
    meeting: Meeting,
    strand: Strand,
    kind: ItemKind,
    minutes_allowed: int,
    by: Seat,
    at: dt.datetime,
    subject_id: int | None = None,
    title: str = "",
    review: Review | None = None,
) -> AgendaItem:
    """Put one item in its place on a locked meeting's agenda and grant it to the coordinators."""
    if minutes_allowed < 1:
        raise RuleBroken("Minutes must be 1 or more", field="minutes_allowed")
    if subject_id is not None and AgendaItem.objects.filter(meeting=meeting, subject_id=subject_id).exists():
        raise RuleBroken("This is on the agenda already")
    items = list(AgendaItem.objects.filter(meeting=meeting).order_by("position", "pk"))
    place = place_for([item.strand for item in items], strand)
    for number, item in enumerate(items, 1):
        wanted = number + (number > place)
        if item.position != wanted:
            AgendaItem.objects.filter(pk=item.pk).update(position=wanted)
    record_id = open_record(kind=Kind.ITEM, at=at, within=subject_id if subject_id is not None else meeting.pk)
    made = AgendaItem.objects.create(
        record_id=record_id,
        meeting=meeting,
        strand=strand,
        kind=kind,
        subject_id=subject_id,
        title=title,
        position=place + 1,
        minutes_allowed=minutes_allowed,
        review=review,
    )
    share(record_id=record_id, principal=by.partnership_principal, scope=Scope.FULL)
    open_to_minute_takers(made, meeting)
    if meeting.status == MeetingStatus.PUBLISHED:
        open_to_chairs(made, meeting)
        open_to_lead(made, meeting, by=by, at=at)
        if strand == Strand.STANDING:
            for principal in invited_principals(meeting):
                share(record_id=record_id, principal=principal, scope=Scope.IDENTITY)
    return made


@transaction.atomic
def add_case_item(
    *,
    meeting: Meeting,
    case: Case,
    kind: ItemKind,
    minutes_allowed: int,
    by: Seat,
    at: dt.datetime,
    review: Review | None = None,
) -> AgendaItem:
    """Put a case on the agenda as a victim item.

    Side effects: a record of kind *item* within the case's, in full for the coordinators; when the agenda is published
    already, for the chairs and the lead professional too.
    """
    require(by, Capability.BUILD_AGENDA)
    found = lock_agenda(meeting)
    if case.closed_on is not None:
        raise RuleBroken("This case is closed. A new referral opens it again.")
    if review is not None and review.case_id != case.pk:
        raise RuleBroken("That review is of another case")
    return _place_item(
        meeting=found,
        strand=Strand.VICTIM,
        kind=ItemKind.REVIEW if review is not None else kind,
        minutes_allowed=minutes_allowed,
        by=by,
        at=at,
        subject_id=case.pk,
        review=review,
    )


@transaction.atomic
def add_volt_item(
    *, meeting: Meeting, record_id: int, strand: Strand, minutes_allowed: int, by: Seat, at: dt.datetime
) -> AgendaItem:
    """Put a person of concern, a location or a theme on the agenda as an item of its own strand.

    Somebody who is also a child with an open case comes as a victim first (Lewisham report 2024, 5.9): their case must
    be on the agenda before they can be on it as a person of concern.
    """
    require(by, Capability.BUILD_AGENDA)
    found = lock_agenda(meeting)
    record = Record.objects.filter(pk=record_id).first()
    if record is None or RECORD_OF_STRAND.get(strand) != record.kind:
        raise RuleBroken("Choose a person, a place or a theme that belongs to this part of the agenda", field="subject")
    if strand == Strand.OFFENDER:
        person = PersonOfConcern.objects.filter(pk=record_id).first()
        if person is not None and person.child_id is not None:
            case = Case.objects.filter(child_id=person.child_id, closed_on=None).first()
            if case is not None and not AgendaItem.objects.filter(meeting=found, subject_id=case.pk).exists():
                raise RuleBroken(
                    "This person is also a child known here. Put their case on the agenda first: they are discussed "
                    "as a victim first.",
                    field="subject",
                )
    return _place_item(
        meeting=found,
        strand=strand,
        kind=ItemKind.NEW,
        minutes_allowed=minutes_allowed,
        by=by,
        at=at,
        subject_id=record_id,
    )


@transaction.atomic
def add_standing_item(*, meeting: Meeting, title: str, minutes_allowed: int, by: Seat, at: dt.datetime) -> AgendaItem:
    """Put a standing item on the agenda: a title that names nobody. The same title again answers the first."""
    require(by, Capability.BUILD_AGENDA)
    found = lock_agenda(meeting)
    if not title.strip():
        raise RuleBroken("Enter a title", field="title")
    same = AgendaItem.objects.filter(meeting=found, strand=Strand.STANDING, title=title.strip()).first()
    if same is not None:
        return same
    return _place_item(
        meeting=found,
        strand=Strand.STANDING,
        kind=ItemKind.UPDATE,
        minutes_allowed=minutes_allowed,
        by=by,
        at=at,
        title=title.strip(),
    )


@transaction.atomic
def move_item(*, item: AgendaItem, up: bool, by: Seat) -> None:
    """Swap an item with its neighbour; at either end nothing happens."""
    require(by, Capability.BUILD_AGENDA)
    meeting = lock_agenda(item.meeting)
    ids = list(AgendaItem.objects.filter(meeting=meeting).order_by("position", "pk").values_list("pk", flat=True))
    place = ids.index(item.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(ids):
        return
    ids[place], ids[other] = ids[other], ids[place]
    for number, pk in enumerate(ids, 1):
        AgendaItem.objects.filter(pk=pk).exclude(position=number).update(position=number)


@transaction.atomic
def set_minutes_allowed(*, item: AgendaItem, minutes_allowed: int, by: Seat) -> None:
    """Give an item more or less time."""
    require(by, Capability.BUILD_AGENDA)
    lock_agenda(item.meeting)
    if minutes_allowed < 1:
        raise RuleBroken("Minutes must be 1 or more", field="minutes_allowed")
    AgendaItem.objects.filter(pk=item.pk).update(minutes_allowed=minutes_allowed)


@transaction.atomic
def remove_item(*, item: AgendaItem, by: Seat) -> None:
    """Take an item off the agenda. Sharing decisions made for it stand until they are ended on the case's sharing page.

    Side effects: its invitations go, and nobody sees the item's record any more.
    """
    require(by, Capability.BUILD_AGENDA)
    meeting = lock_agenda(item.meeting)
    if Minute.objects.filter(item=item).exists() or Action.objects.filter(item=item).exists():
        raise RuleBroken("This item has minutes or actions and stays on the agenda. Carry it over instead.")
    principals = [meeting.panel.principal, *item.invitations.values_list("agency_principal", flat=True)]
    if item.strand == Strand.VICTIM:
        case = Case.objects.select_related("lead_professional", "team").get(pk=item.subject_id)
        principals += [case.lead_professional.principal, *([case.team.principal] if case.team else [])]
    item.invitations.all().delete()
    for principal in principals:
        unshare(record_id=item.pk, principal=principal)
    AgendaItem.objects.filter(meeting=meeting, position__gt=item.position).update(position=F("position") - 1)
    AgendaItem.objects.filter(pk=item.pk).delete()


@transaction.atomic
def carry_over_item(*, item: AgendaItem, by: Seat, at: dt.datetime) -> Meeting:
    """Move an item that was not reached to the panel's next meeting, with its invitations; answers that meeting.

    Side effects: those who were invited for it see that meeting, if its agenda is published.
    """
    require(by, Capability.MINUTE)
    meeting = lock_meeting(item.meeting)
    if meeting.status not in MINUTING:
        raise RuleBroken("Only an item of a meeting that is being held or minuted is carried over")
    if Minute.objects.filter(item=item).exclude(decision="").exists():
        raise RuleBroken("This item has been decided and cannot be carried over.")
    later = lock_meeting(next_meeting_of(meeting))
    if item.subject_id and AgendaItem.objects.filter(meeting=later, subject_id=item.subject_id).exists():
        raise RuleBroken(f"It is on the agenda of {later.reference} already")
    last = (
        AgendaItem.objects.filter(meeting=later).order_by("-position").values_list("position", flat=True).first() or 0
    )
    AgendaItem.objects.filter(pk=item.pk).update(meeting=later, position=last + 1)
    item.meeting, item.position = later, last + 1
    share(record_id=item.pk, principal=later.panel.principal, scope=Scope.FULL)
    if later.status == MeetingStatus.PUBLISHED:
        open_to_chairs(item, later)
        open_to_lead(item, later, by=by, at=at)
        for invitation in item.invitations.filter(disclosure__withdrawn_at=None):
            open_meeting(later, invitation.agency_principal)
    return later


@transaction.atomic
def invite_agency(
    *,
    item: AgendaItem,
    agency: Agency,
    scope: Scope,
    purpose: str,
    lawful_basis: LawfulBasis | str,
    necessity: str,
    told: bool,
    told_reason: str,
    by: Seat,
    at: dt.datetime,
    ends_on: dt.date | None = None,
) -> ItemInvitation:
    """Invite an agency for one item, which is a sharing decision. Again: it widens, and mends one that was ended.

    Side effects: a disclosure on the subject's record (unless one as wide and as long was made for this item and is in
    force); the item's record at the same scope until the same day; once the agenda is published also the meeting's at
    *identity*, and a message. Raises ``RuleBroken`` for a restricted case: its people are named, agencies not invited.
    """
    require(by, Capability.DISCLOSE)
    meeting = lock_meeting(item.meeting)
    if meeting.status not in SEEN_BY_THE_INVITED | BEFORE:
        raise RuleBroken("The minutes are approved. Share the case itself instead.")
    if not Participation.objects.filter(agency=agency, partnership_id=by.partnership_id).exists():
        raise RuleBroken(f"{agency.name} does not take part in this partnership", field="agencies")
    if item.subject_id is None:
        raise RuleBroken("A standing item speaks of nobody, so nobody needs to be invited for it")
    before = ItemInvitation.objects.filter(item=item, agency=agency).select_related("disclosure").first()
    in_force = before is not None and before.disclosure is not None and before.disclosure.withdrawn_at is None
    if before is not None and before.disclosure is not None and in_force and before.scope >= scope:
        until = before.disclosure.ends_on
        if until is None or (ends_on is not None and until >= ends_on):
            return before
    decision = disclose(
        record_id=item.subject_id,
        agency=agency,
        scope=scope,
        purpose=purpose,
        lawful_basis=lawful_basis,
        necessity=necessity,
        told=told,
        told_reason=told_reason,
        by=by,
        at=at,
        ends_on=ends_on,
    )
    share(record_id=item.pk, principal=agency.principal, scope=scope, until=end_of_day(ends_on))
    invitation, _ = ItemInvitation.objects.update_or_create(
        item=item,
        agency=agency,
        defaults={
            "record_id": item.pk,
            "agency_principal": agency.principal,
            "scope": scope,
            "disclosure": decision,
            "invited_at": at,
        },
    )
    if meeting.status in SEEN_BY_THE_INVITED:
        open_meeting(meeting, agency.principal)
        tell_agency(agency, meeting, [item.subject_id], by=by, at=at, key=item.reference)
    return invitation


@transaction.atomic
def publish_agenda(*, meeting: Meeting, by: Seat, at: dt.datetime) -> Meeting:
    """Publish the agenda. Refuses an empty one.

    Side effects: whoever chairs the panel sees every subject and item in full; lead professionals and their teams their
    own item in full; invited agencies see that the meeting is; each of these gets one message with the reference only.
    """
    require(by, Capability.BUILD_AGENDA)
    found = lock_meeting(meeting)
    items = list(AgendaItem.objects.filter(meeting=found))
    if not items:
        raise RuleBroken("The agenda is empty. Add at least one item before you publish it.")
    set_status(found, MeetingStatus.PUBLISHED)
    invited: dict[Agency, list[int]] = {}
    subjects = {item.pk: item.subject_id for item in items}
    rows = ItemInvitation.objects.filter(item__in=items, disclosure__withdrawn_at=None).select_related("agency")
    for invitation in rows.order_by("agency__name"):
        if (subject := subjects[invitation.item_id]) is not None:
            invited.setdefault(invitation.agency, []).append(subject)
    for item in items:
        open_to_chairs(item, found)
        open_to_lead(item, found, by=by, at=at)
    for agency, invited_for in invited.items():
        open_meeting(found, agency.principal)
        tell_agency(agency, found, invited_for, by=by, at=at, key=found.reference)
    tell_chairs(found, by=by, at=at)
    return found
