"""Planning a meeting, and calling it off."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from mace.access.models import Kind, Scope
from mace.access.policy import Capability, require
from mace.access.services import open_record, share
from mace.accounts.models import Holding, Role
from mace.core.clock import london_date
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import Seat
from panels.enums import MeetingStatus
from panels.models import Meeting, Panel
from panels.transitions import check_meeting


def lock_meeting(meeting: Meeting) -> Meeting:
    """The meeting as it stands now, held until the transaction ends. ``NotAllowed`` if the seat may not change it."""
    found = Meeting.objects.select_for_update(of=("self",)).select_related("panel").filter(pk=meeting.pk).first()
    if found is None:
        raise NotAllowed("this meeting is not the seat's to change")
    return found


def set_status(meeting: Meeting, to: MeetingStatus) -> None:
    """Move a locked meeting on. The only place where a meeting's status is written, apart from its making."""
    check_meeting(meeting.status, to)
    meeting.status = to
    meeting.version += 1
    meeting.save(update_fields=["status", "version", "approved_at", "approved_by"])


def may_plan_for(panel: Panel, by: Seat) -> bool:
    """Coordinators plan for every panel of their partnership, chairs for those they chair."""
    if panel.partnership_id != by.partnership_id:
        return False
    if by.role != Role.CHAIR:
        return True
    return Holding.objects.filter(membership_id=by.membership_id, principal=panel.principal).exists()


@transaction.atomic
def plan_meeting(*, panel: Panel, starts_at: dt.datetime, place: str, by: Seat, at: dt.datetime) -> Meeting:
    """Plan a meeting of a panel. Planning the same time twice answers the first.

    Side effects: a record of kind *meeting*, in full for the coordinators and for whoever chairs the panel.
    """
    require(by, Capability.BUILD_AGENDA)
    if not may_plan_for(panel, by):
        raise NotAllowed(Capability.BUILD_AGENDA)
    Panel.objects.select_for_update().get(pk=panel.pk)
    same = Meeting.objects.filter(panel=panel, starts_at=starts_at).exclude(status=MeetingStatus.CANCELLED).first()
    if same is not None:
        return same
    del at  # lists sort meetings by when they are held
    record_id = open_record(kind=Kind.MEETING, at=starts_at)
    meeting = Meeting.objects.create(
        record_id=record_id,
        partnership_id=by.partnership_id,
        panel=panel,
        starts_at=starts_at,
        held_on=london_date(starts_at),
        place=place.strip(),
    )
    share(record_id=record_id, principal=by.partnership_principal, scope=Scope.FULL)
    share(record_id=record_id, principal=panel.principal, scope=Scope.FULL)
    return meeting


@transaction.atomic
def cancel_meeting(*, meeting: Meeting, by: Seat, at: dt.datetime) -> Meeting:
    """Call a meeting off before it begins. Its items are proposed again for the panel's next meeting."""
    require(by, Capability.BUILD_AGENDA)
    del at
    found = lock_meeting(meeting)
    set_status(found, MeetingStatus.CANCELLED)
    return found


def next_meeting_of(meeting: Meeting) -> Meeting:
    """The panel's next meeting whose agenda can still change. Raises ``RuleBroken`` when none is planned."""
    later = (
        Meeting.objects.filter(
            panel_id=meeting.panel_id,
            starts_at__gt=meeting.starts_at,
            status__in=[MeetingStatus.PLANNED, MeetingStatus.PUBLISHED],
        )
        .select_related("panel")
        .order_by("starts_at")
        .first()
    )
    if later is None:
        raise RuleBroken("Plan the panel’s next meeting first; then the item can be carried over to it.")
    return later
