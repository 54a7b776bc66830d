"""Reading meetings and their agendas. The policies decide which rows; drafts are for those who write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from django.db.models import Max, Q
from django.shortcuts import get_object_or_404
from django.urls import reverse

from mace.access.models import Grant, Kind, Scope
from mace.access.selectors import PAGE, by_ids, visible_page
from mace.accounts.models import Holding, Role
from mace.agencies.models import Agency
from mace.core.forms import in_sentence
from mace.core.seat import Seat
from panels.enums import ItemKind, MeetingStatus, Strand
from panels.models import Action, AgendaItem, Attendance, CoreAgency, ItemInvitation, Meeting, Minute, Panel
from panels.rules import Balance, Quorum, balance_of, quorum_of
from panels.transitions import FIXED
from referrals.models import Case
from volt.models import Location, PersonOfConcern, Theme

VOLT_MODELS: dict[str, type[PersonOfConcern | Location | Theme]] = {
    Strand.OFFENDER.value: PersonOfConcern,
    Strand.LOCATION.value: Location,
    Strand.THEME.value: Theme,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What an item speaks of, as far as the seat may see it."""

    name: str
    reference: str = ""
    page: str = ""
    rating: str = ""
    note: str = ""
    case: Case | None = None

    @property
    def url(self) -> str:
        """Where its own page is; empty where it has none that this seat may open."""
        return reverse(self.page, args=[self.reference]) if self.page else ""


@dataclass(slots=True)
class AgendaLine:
    """One item of an agenda as the seat may see it. ``number`` counts its own lines, so that no gap tells of others."""

    item: AgendaItem
    number: int
    subject: Subject
    minute: Minute | None = None
    invitations: list[ItemInvitation] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)

    @property
    def title(self) -> str:
        return self.subject.name

    @property
    def is_standing(self) -> bool:
        return self.item.strand == Strand.STANDING

    @property
    def kind_words(self) -> str:
        """Strand and kind in words: `Victim, 12-week review`; only victims have a kind."""
        strand = Strand(self.item.strand).label
        if self.item.strand != Strand.VICTIM:
            return strand
        return f"{strand}, {in_sentence(ItemKind(self.item.kind).label)}"

    @property
    def records(self) -> list[int]:
        """The item's record, and its subject's where the line says what that is."""
        known = self.item.subject_id is not None and self.subject.reference
        return [self.item.pk, self.item.subject_id] if known else [self.item.pk]  # type: ignore[list-item]


def records_of(lines: Iterable[AgendaLine]) -> list[int]:
    """All records that these lines show something of."""
    return [record for line in lines for record in line.records]


@dataclass(frozen=True, slots=True)
class Seen:
    """One page of meetings, newest first."""

    meetings: list[Meeting]
    next_after: str


def meetings_page(*, after: str = "", size: int = PAGE) -> Seen:
    """A page of the meetings that the seat may see, the latest first."""
    page = visible_page(Kind.MEETING, after=after, size=size)
    return Seen(meetings=by_ids(Meeting.objects.select_related("panel"), page.ids), next_after=page.next_after)


def meetings_visible(*, on: dt.date) -> list[Meeting]:
    """Meetings that are to come, or whose minutes are not approved yet, the soonest first; no cancelled ones."""
    wanted = Q(held_on__gte=on) | ~Q(status__in=[*FIXED, MeetingStatus.CANCELLED])
    return list(
        Meeting.objects.filter(wanted)
        .exclude(status=MeetingStatus.CANCELLED)
        .select_related("panel")
        .order_by("starts_at", "pk")[:50]
    )


def meeting_by_reference(reference: str) -> Meeting:
    """404 for a meeting that is hidden or does not exist."""
    found: Meeting = get_object_or_404(
        Meeting.objects.select_related("panel", "approved_by__user"), reference=reference
    )
    return found


def item_by_reference(reference: str) -> AgendaItem:
    """404 for an item that is hidden or does not exist."""
    found: AgendaItem = get_object_or_404(AgendaItem.objects.select_related("meeting__panel"), reference=reference)
    return found


def panels_to_plan_for(seat: Seat) -> list[Panel]:
    """The panels that the seat may plan meetings for: a chair's own, a coordinator's whole partnership's."""
    panels = Panel.objects.filter(partnership_id=seat.partnership_id).order_by("pk")
    if seat.role == Role.CHAIR:
        held = Holding.objects.filter(membership_id=seat.membership_id).values("principal")
        panels = panels.filter(principal__in=held)
    return list(panels)


EVERYTHING = frozenset({"minutes", "invitations", "actions"})


def items_of(meeting: Meeting, *, drafts: bool = False, beside: AbstractSet[str] = EVERYTHING) -> list[AgendaLine]:
    """The agenda as the seat may see it, with what is wanted ``beside`` it: minutes, invitations, actions.

    Minutes that are not approved yet come with ``drafts`` only, which is for seats that write them.
    """
    items = list(AgendaItem.objects.filter(meeting=meeting).select_related("review").order_by("position", "pk"))
    lines = label(items)
    by_item = {line.item.pk: line for line in lines}
    if "minutes" in beside and (drafts or meeting.status in FIXED):
        for minute in Minute.objects.filter(item__in=items).select_related("saved_by__user"):
            by_item[minute.item_id].minute = minute
    if "invitations" in beside:
        rows = ItemInvitation.objects.filter(item__in=items, disclosure__withdrawn_at=None).select_related("agency")
        for invitation in rows.order_by("agency__name"):
            by_item[invitation.item_id].invitations.append(invitation)
    if "actions" in beside:
        actions = Action.objects.filter(item__in=items).select_related("owner_agency", "owner__user")
        for action in actions.order_by("due_on", "pk"):
            if action.item_id is not None:
                by_item[action.item_id].actions.append(action)
    return lines


def line_of(item: AgendaItem) -> AgendaLine:
    """One item by itself, with what it speaks of."""
    return label([item])[0]


def label(items: list[AgendaItem]) -> list[AgendaLine]:
    """Lines for these items, numbered in their order, each with what the seat may know of its subject."""
    wanted: dict[str, list[int]] = {}
    for item in items:
        if item.subject_id is not None:
            wanted.setdefault(item.strand, []).append(item.subject_id)
    subjects: dict[int, Subject] = {}
    if ids := wanted.get(Strand.VICTIM):
        for case in Case.objects.filter(pk__in=ids).select_related("child__identity", "summary"):
            subjects[case.pk] = subject_of_case(case)
    for strand, model in VOLT_MODELS.items():
        if ids := wanted.get(strand):
            for row in model.objects.filter(pk__in=ids):
                subjects[row.pk] = Subject(
                    name=row.name,
                    reference=row.reference,
                    page="volt:record",
                    note="Also a child known here: a victim first" if getattr(row, "child_id", None) else "",
                )
    return [
        AgendaLine(item=item, number=number, subject=_subject(item, subjects)) for number, item in enumerate(items, 1)
    ]


def _subject(item: AgendaItem, subjects: dict[int, Subject]) -> Subject:
    if item.subject_id is None:
        return Subject(name=item.title)
    hidden = Subject(
        name=f"{Strand(item.strand).label} item {item.reference}", note="What it is about is not shared with your role"
    )
    return subjects.get(item.subject_id, hidden)


def subject_of_case(case: Case) -> Subject:
    """A case by its child's name; needs ``child__identity`` and ``summary`` loaded."""
    identity, summary = getattr(case.child, "identity", None), getattr(case, "summary", None)
    return Subject(
        name=identity.full_name if identity else case.reference,
        reference=case.reference,
        page="casework:case",
        rating=summary.rating if summary else "",
        case=case,
    )


def balance(meeting: Meeting, lines: Iterable[AgendaLine]) -> Balance:
    """Minutes by strand of an agenda that the seat sees whole."""
    return balance_of(
        ((line.item.strand, line.item.minutes_allowed) for line in lines), meeting.panel.minutes_available
    )


@dataclass(frozen=True, slots=True)
class Expected:
    """An agency expected at a meeting, and what is known of its presence."""

    agency: Agency
    needed: bool
    attendance: Attendance | None


def expected_at(meeting: Meeting) -> list[Expected]:
    """The panel's core agencies, those invited for an item, and any that came all the same, by name."""
    core = {row.agency_id: row for row in CoreAgency.objects.filter(panel_id=meeting.panel_id).select_related("agency")}
    there = {row.agency_id: row for row in Attendance.objects.filter(meeting=meeting).select_related("agency")}
    agencies = {pk: row.agency for pk, row in core.items()} | {pk: row.agency for pk, row in there.items()}
    invited = ItemInvitation.objects.filter(item__meeting=meeting, disclosure__withdrawn_at=None)
    for invitation in invited.select_related("agency"):
        agencies.setdefault(invitation.agency_id, invitation.agency)
    return [
        Expected(agency=agency, needed=pk in core and core[pk].quorum, attendance=there.get(pk))
        for pk, agency in sorted(agencies.items(), key=lambda pair: pair[1].name)
    ]


def quorum(expected: Iterable[Expected]) -> Quorum:
    """Whether the agencies that the panel needs are there, from what is recorded so far."""
    rows = list(expected)
    return quorum_of(
        {row.agency.pk: row.agency.name for row in rows if row.needed},
        {row.agency.pk: row.attendance.presence for row in rows if row.attendance},
    )


def scopes_on(record_ids: Iterable[int]) -> dict[int, int]:
    """The widest scope that the seat holds on each of these records; those it does not see are left out."""
    rows = Grant.objects.filter(record_id__in=list(record_ids)).values("record_id").annotate(widest=Max("scope"))
    return {row["record_id"]: row["widest"] for row in rows.order_by()}


def readable_items(lines: Iterable[AgendaLine]) -> list[AgendaLine]:
    """The lines whose minutes the seat's scope covers: from *summary* on."""
    found = list(lines)
    scopes = scopes_on(line.item.pk for line in found)
    return [line for line in found if scopes.get(line.item.pk, 0) >= Scope.SUMMARY]
