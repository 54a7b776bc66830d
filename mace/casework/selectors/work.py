"""What needs a seat today, in sections by urgency. The lower apps say which rows; this says in what words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from django.urls import reverse

from mace.access.policy import Capability, can
from mace.accounts.models import Role
from mace.casework.selectors.work_decisions import to_complete, to_decide
from mace.casework.selectors.work_rows import WorkRow, WorkSection, ago, days_words
from mace.core.clock import london_date
from mace.core.seat import Seat
from mace.core.templatetags.components import due_words, short_date, uk_datetime
from panels.enums import MeetingStatus, PanelKind
from panels.models import Action, Meeting
from panels.selectors.actions import cases_of, escalated_to, open_actions_for, overdue_words
from panels.selectors.meetings import meetings_visible, panels_to_plan_for
from referrals.enums import ReferralStatus, ReviewStatus
from referrals.models import Referral, Review
from referrals.selectors import open_reviews_for, referrals_of, waiting_referrals
from referrals.selectors.reviews import late_words

WEEK = 7
ESCALATED_AFTER_DAYS = 14
ROWS_SHOWN = 25


@dataclass(frozen=True, slots=True)
class ListedSection:
    """A section as the page of all lists shows it: ``above`` of its rows stand in a list further up already."""

    section: WorkSection
    rows: list[WorkRow]
    more: int = 0
    above: int = 0


def all_lists(sections: Iterable[WorkSection]) -> list[ListedSection]:
    """Every list that has rows, each row once, where it comes first; long lists are cut."""
    listed, seen = [], set[str]()
    for section in sections:
        rows = [row for row in section.rows if row.url not in seen]
        seen |= {row.url for row in section.rows}
        if section.rows:
            more, above = max(0, len(rows) - ROWS_SHOWN), len(section.rows) - len(rows)
            listed.append(ListedSection(section, rows[:ROWS_SHOWN], more, above))
    return listed


def work_of(seat: Seat, *, on: dt.date) -> list[WorkSection]:
    """Everything that waits for the seat: first what waits by itself, then by date."""
    undated: list[WorkSection] = []
    dated: list[WorkRow] = []
    reviews = open_reviews_for(seat) if can(seat, Capability.READ_REVIEWS) else []
    if seat.role == Role.COORDINATOR:
        undated.append(_to_screen(on))
    if can(seat, Capability.FILE_REFERRAL):
        undated += _own_referrals(seat, on)
    if seat.role == Role.BOARD:
        return [_escalated_to_board(seat)]
    if can(seat, Capability.ASSESS):
        undated += to_decide(seat, on)
    if can(seat, Capability.READ_ACTIONS):
        actions = open_actions_for(seat, on, most=500)
        undated += _action_sections(seat, actions, on)
        dated += _action_rows(actions, on)
    if can(seat, Capability.ANSWER_REVIEW):
        dated += [_review_row(review, seat, on) for review in reviews if review.status == ReviewStatus.DUE]
    if can(seat, Capability.SCREEN):
        undated += [_late_reviews(reviews, on), *([to_complete(on)] if seat.role == Role.COORDINATOR else [])]
    if can(seat, Capability.READ_MEETINGS):
        meetings = meetings_visible(on=on)
        undated += _meeting_sections(seat, meetings, on)
        dated += [_meeting_row(meeting) for meeting in meetings if on <= meeting.held_on and _is_dated(meeting, seat)]
    return [*undated, *_by_date(dated, on)]


def _by_date(rows: Iterable[WorkRow], on: dt.date) -> list[WorkSection]:
    """Overdue, due today, this week, later; each in the order of its dates."""
    sections = [
        WorkSection("overdue", "Overdue", "overdue", urgent=True),
        WorkSection("today", "Due today", "due today"),
        WorkSection("week", "Due in the next 7 days", "due in the next 7 days"),
        WorkSection("later", "Later", "due later"),
    ]
    for row in sorted(rows, key=lambda row: (row.due_on or dt.date.max, row.title)):
        days = ((row.due_on or dt.date.max) - on).days
        place = 0 if days < 0 else 1 if days == 0 else 2 if days <= WEEK else 3
        sections[place].rows.append(row)
    return sections


# --- Referrals -------------------------------------------------------------------------------------------------------


def _to_screen(on: dt.date) -> WorkSection:
    """Oldest first, with the days each has waited."""
    rows = []
    for referral in sorted(waiting_referrals(), key=lambda r: (r.submitted_on or on, r.pk)):
        waited = (on - (referral.submitted_on or on)).days
        rows.append(
            WorkRow(
                title=f"Screen referral {referral.reference}",
                url=reverse("referrals:screen", args=[referral.reference]),
                record_id=referral.pk,
                meta=f"From {referral.agency.name}",
                state=f"waiting for {days_words(waited)}" if waited else "came today",
                urgent=waited >= WEEK,
            )
        )
    return WorkSection(
        "screen",
        "Referrals waiting to be screened",
        "waiting to be screened",
        rows,
        urgent=any(row.urgent for row in rows),
        all_url=reverse("referrals:list"),
        all_text="All referrals",
    )


def _own_referrals(seat: Seat, on: dt.date) -> list[WorkSection]:
    returned, drafts, sent, approve = [], [], [], []
    for referral in referrals_of(seat):
        if seat.role == Role.COORDINATOR and referral.written_by_principal != seat.principal:
            continue
        if referral.status == ReferralStatus.RETURNED:
            returned.append(_referral_row(referral, "Mend and send again", "returned", referral.decided_on, on))
        elif referral.status == ReferralStatus.DRAFT:
            drafts.append(_referral_row(referral, "Finish draft", "begun", london_date(referral.created_at), on))
        elif referral.status == ReferralStatus.WITH_MANAGER and can(seat, Capability.APPROVE_REFERRAL):
            approve.append(_to_approve(referral, on))
        elif referral.status in (ReferralStatus.SUBMITTED, ReferralStatus.WITH_MANAGER):
            day = london_date(referral.submitted_at) if referral.submitted_at else None
            sent.append(_referral_row(referral, "Sent: referral", "sent", day, on))
    sections = [
        WorkSection(
            "returned", "Referrals that came back for information", "came back for information", returned, urgent=True
        ),
        WorkSection("drafts", "Drafts of referrals", "drafts of referrals", drafts),
    ]
    if approve:
        sections.insert(0, WorkSection("approve", "Referrals to approve", "to approve", approve, urgent=True))
    if seat.role != Role.COORDINATOR:
        sections.append(
            WorkSection("sent", "Referrals sent, waiting for the coordinator", "waiting for the coordinator", sent)
        )
    always = ("returned", "drafts") if seat.role in (Role.PRACTITIONER, Role.MANAGER) else ()
    return [section for section in sections if section.rows or section.key in always]


def _to_approve(referral: Referral, on: dt.date) -> WorkRow:
    waited = (on - london_date(referral.submitted_at)).days if referral.submitted_at else 0
    return WorkRow(
        title=f"Approve referral {referral.reference}",
        url=reverse("referrals:approve", args=[referral.reference]),
        record_id=referral.pk,
        meta=f"From {referral.referrer.user.name}",
        state=f"waiting for {days_words(waited)}" if waited else "came today",
        urgent=True,
    )


def _referral_row(referral: Referral, verb: str, done: str, day: dt.date | None, on: dt.date) -> WorkRow:
    return WorkRow(
        title=f"{verb} {referral.reference}",
        url=reverse("referrals:tasks", args=[referral.reference]),
        record_id=referral.pk,
        state=ago(done, day, on),
        note=referral.decision_reason if referral.status == ReferralStatus.RETURNED else "",
    )


def _review_row(review: Review, seat: Seat, on: dt.date) -> WorkRow:
    own = review.case.lead_professional_id == seat.membership_id
    return WorkRow(
        title=f"{'Answer' if own else 'Not answered yet:'} 12-week review of {review.case.reference}",
        url=reverse("panels:review", args=[review.reference]),
        record_id=review.case_id,
        meta="" if own else f"Lead professional: {review.case.lead_professional.user.name}",
        state=due_words(review.due_on, on),
        urgent=review.due_on < on,
        due_on=review.due_on,
    )


def _late_reviews(reviews: Iterable[Review], on: dt.date) -> WorkSection:
    """Reviews that are overdue, and those answered that no panel has held yet."""
    late = [review for review in reviews if review.status == ReviewStatus.ANSWERED or review.due_on < on]
    rows = [
        WorkRow(
            title=f"12-week review of {review.case.reference}",
            url=reverse("panels:review", args=[review.reference]),
            record_id=review.case_id,
            meta=f"Lead professional: {review.case.lead_professional.user.name}",
            state=late_words(review, on),
            urgent=review.due_on < on,
        )
        for review in late
    ]
    return WorkSection(
        "reviews",
        "12-week reviews overdue or not held",
        "reviews overdue or not held",
        rows,
        urgent=any(row.urgent for row in rows),
        all_url=reverse("panels:reviews"),
        all_text="All open reviews",
    )


# --- Actions ---------------------------------------------------------------------------------------------------------


def _action_rows(actions: list[Action], on: dt.date) -> list[WorkRow]:
    cases = cases_of(actions) if actions else {}
    rows = []
    for action in actions:
        case = cases.get(action.record_id)
        who = action.owner.user.name if action.owner else "nobody named yet"
        parts = [action.reference, f"case {case.reference}" if case else "", f"{action.owner_agency.name}, {who}"]
        rows.append(
            WorkRow(
                title=action.text,
                url=reverse("panels:action", args=[action.reference]),
                record_id=action.record_id,
                meta=" · ".join(part for part in parts if part),
                state=overdue_words(action, on),
                urgent=action.due_on < on,
                due_on=action.due_on,
            )
        )
    return rows


def _action_sections(seat: Seat, actions: list[Action], on: dt.date) -> list[WorkSection]:
    if seat.role == Role.AGENCY_LEAD:
        rows = _action_rows([action for action in actions if action.owner_id is None], on)
        return [WorkSection("unassigned", "Actions to give to somebody", "to give to somebody", rows, urgent=True)]
    if seat.role == Role.CHAIR:
        late = [action for action in actions if (on - action.due_on).days >= ESCALATED_AFTER_DAYS]
        return [
            WorkSection(
                "escalated",
                "Actions two weeks overdue or more",
                "two weeks overdue or more",
                _action_rows(late, on),
                urgent=True,
                all_url=reverse("panels:actions"),
                all_text="All actions",
            )
        ]
    return []


def _escalated_to_board(seat: Seat) -> WorkSection:
    rows = [
        WorkRow(
            title=message.subject,
            url=reverse("casework:inbox"),
            record_id=message.about,
            state=short_date(message.created_at),
            note=message.text,
        )
        for message in escalated_to(seat)
    ]
    return WorkSection(
        "escalated", "Actions that were escalated to the board", "escalated to the board", rows, urgent=True
    )


# --- Meetings --------------------------------------------------------------------------------------------------------


def _meeting_row(meeting: Meeting, *, title: str = "", name: str = "panels:meeting", urgent: bool = False) -> WorkRow:
    return WorkRow(
        title=title or f"{meeting.panel.name} {meeting.reference}",
        url=reverse(name, args=[meeting.reference]),
        meta=f"{uk_datetime(meeting.starts_at)}{', ' + meeting.place if meeting.place else ''}",
        state=meeting.get_status_display(),
        urgent=urgent,
        due_on=meeting.held_on,
    )


def _is_dated(meeting: Meeting, seat: Seat) -> bool:
    """Meetings that are still to be held; those that have a section of their own are left to it."""
    if meeting.status == MeetingStatus.PLANNED:
        return not can(seat, Capability.BUILD_AGENDA)
    return meeting.status == MeetingStatus.PUBLISHED


def _meeting_sections(seat: Seat, meetings: list[Meeting], on: dt.date) -> list[WorkSection]:
    sections = []
    drafted = [m for m in meetings if m.status == MeetingStatus.DRAFTED]
    if can(seat, Capability.APPROVE_MINUTES):
        running = [
            m
            for m in meetings
            if m.status == MeetingStatus.IN_PROGRESS
            or (m.status == MeetingStatus.PUBLISHED and (m.held_on - on).days <= WEEK)
        ]
        sections += [
            WorkSection(
                "run",
                "Meetings to run",
                "to run now",
                [_meeting_row(m, title=f"Run {m.panel.name} {m.reference}", urgent=m.held_on < on) for m in running],
            ),
            WorkSection(
                "approve",
                "Minutes to approve",
                "minutes to approve",
                [
                    _meeting_row(m, title=f"Approve minutes of {m.panel.name} {m.reference}", name="panels:minutes")
                    for m in drafted
                ],
                urgent=True,
            ),
        ]
    if seat.role == Role.COORDINATOR:
        planned = [
            _meeting_row(
                m,
                title=f"Build and publish the agenda of {m.panel.name} {m.reference}",
                name="panels:agenda",
                urgent=(m.held_on - on).days <= WEEK,
            )
            for m in meetings
            if m.status == MeetingStatus.PLANNED
        ]
        rows = [*planned, *_panels_without_meeting(seat, meetings, on)]
        sections.append(WorkSection("agendas", "Meetings to plan and agendas to publish", "agendas to publish", rows))
    return sections


def _panels_without_meeting(seat: Seat, meetings: list[Meeting], on: dt.date) -> list[WorkRow]:
    ahead = {meeting.panel_id for meeting in meetings if meeting.held_on >= on}
    return [
        WorkRow(
            title=f"Plan the next meeting of {panel.name}", url=reverse("panels:meeting_new"), state="none is planned"
        )
        for panel in panels_to_plan_for(seat)
        if panel.pk not in ahead and panel.kind != PanelKind.STRATEGIC
    ]


def count_of(sections: Iterable[WorkSection]) -> int:
    """How many rows there are altogether."""
    return len(list(chain.from_iterable(section.rows for section in sections)))
