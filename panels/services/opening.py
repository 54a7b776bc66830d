"""Opening items and meetings to those who come: chairs, lead professionals, invited agencies; and telling them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.urls import reverse

from mace.access.models import Kind, Record, Scope
from mace.access.services import grants_on, share
from mace.accounts.models import Membership, Role
from mace.accounts.selectors import seats_in
from mace.agencies.models import Agency
from mace.core.clock import london_date
from mace.core.forms import long_date
from mace.core.seat import Seat
from mace.notifications.services import notify
from panels.enums import Strand
from panels.models import AgendaItem, ItemInvitation, Meeting
from panels.selectors.actions import holders_of
from referrals.models import Case
from volt.rules import VOLT_KINDS
from volt.selectors import links_at, other_end


def invited_principals(meeting: Meeting) -> set[int]:
    """The principals of the agencies invited for any item, whose sharing decision is in force."""
    rows = ItemInvitation.objects.filter(item__meeting=meeting, disclosure__withdrawn_at=None)
    return set(rows.values_list("agency_principal", flat=True))


def open_meeting(meeting: Meeting, principal: int) -> None:
    """A principal sees that the meeting is, and the titles of its standing items, which name nobody."""
    share(record_id=meeting.pk, principal=principal, scope=Scope.IDENTITY)
    for pk in AgendaItem.objects.filter(meeting=meeting, strand=Strand.STANDING).values_list("pk", flat=True):
        share(record_id=pk, principal=principal, scope=Scope.IDENTITY)


def open_to_chairs(item: AgendaItem, meeting: Meeting) -> None:
    """Whoever chairs the panel sees the item and its subject, with what that contains or is linked to, in full.

    Of a restricted case nothing opens: a chair who is to run it is named on it.
    """
    principal = meeting.panel.principal
    share(record_id=item.pk, principal=principal, scope=Scope.FULL)
    if item.subject_id is None:
        return
    if not share(record_id=item.subject_id, principal=principal, scope=Scope.FULL):
        return
    for inner in Record.objects.filter(within_id=item.subject_id, kind=Kind.REFERRAL).values_list("pk", flat=True):
        share(record_id=inner, principal=principal, scope=Scope.FULL)
    for link in links_at(item.subject_id):
        other = other_end(link, item.subject_id)
        if other.kind in VOLT_KINDS:
            share(record_id=other.pk, principal=principal, scope=Scope.FULL)


def open_to_lead(item: AgendaItem, meeting: Meeting, *, by: Seat, at: dt.datetime) -> None:
    """The lead professional and their team see their child's item in full, and the meeting."""
    if item.strand != Strand.VICTIM:
        return
    case = Case.objects.select_related("lead_professional__partnership", "team").get(pk=item.subject_id)
    for principal in {case.lead_professional.principal, *([case.team.principal] if case.team else [])}:
        if share(record_id=item.pk, principal=principal, scope=Scope.FULL):
            open_meeting(meeting, principal)
    _tell(
        case.lead_professional,
        meeting,
        text=f"Case {case.reference} is on the agenda of {meeting.panel.name} on {long_date(meeting.held_on)}.",
        about=case.pk,
        key=item.reference,
        by=by,
        at=at,
    )


def spoken_of(subjects: Sequence[int], meeting: Meeting) -> int:
    """The record that a message is about: the one case, person or place; of several, the meeting that they are on."""
    return subjects[0] if len(set(subjects)) == 1 else meeting.pk


def tell_agency(
    agency: Agency, meeting: Meeting, subjects: Sequence[int], *, by: Seat, at: dt.datetime, key: str
) -> None:
    """Tell the agency's leads, or its members where it has none, that it is invited for these records.

    Of several it does not say how many: somebody barred from one of them would find one fewer.
    """
    for role in (Role.AGENCY_LEAD, Role.AGENCY_MEMBER):
        seats = list(seats_in(meeting.partnership_id, on=london_date(at), roles=[role], agency_id=agency.pk))
        if seats:
            break
    items = "1 item" if len(subjects) == 1 else "items"
    for seat in seats:
        _tell(
            seat,
            meeting,
            text=f"Your agency is invited to {items} of {meeting.panel.name} on {long_date(meeting.held_on)}.",
            about=spoken_of(subjects, meeting),
            key=key,
            by=by,
            at=at,
        )


def tell_chairs(meeting: Meeting, *, by: Seat, at: dt.datetime) -> None:
    """Tell whoever chairs the panel that its agenda is published; not with how many items, for the same reason."""
    chairs = holders_of(meeting.panel.principal, partnership_id=meeting.partnership_id, on=london_date(at))
    for chair in chairs:
        if chair.pk != by.membership_id:
            text = f"The agenda of {meeting.panel.name} on {long_date(meeting.held_on)} is published."
            _tell(chair, meeting, text=text, about=meeting.pk, key=meeting.reference, by=by, at=at)


def _tell(to: Membership, meeting: Meeting, *, text: str, about: int, key: str, by: Seat, at: dt.datetime) -> None:
    notify(
        to=to,
        subject=f"Agenda published: {meeting.reference}",
        text=text,
        path=reverse("panels:meeting", args=[meeting.reference]),
        about=about,
        dedupe_key=f"agenda:{meeting.reference}:{key}:{to.pk}",
        by=by,
        at=at,
    )


def open_meetings_to_lead(case: Case) -> None:
    """After a case was handed over: who leads it now sees the meetings of the items that they were given."""
    principals = {case.lead_professional.principal, *([case.team.principal] if case.team else [])}
    for item in AgendaItem.objects.filter(subject_id=case.pk).select_related("meeting"):
        for principal in (principals & grants_on(item.pk).keys()) - grants_on(item.meeting_id).keys():
            open_meeting(item.meeting, principal)
