"""The review clock: making 12-week reviews in time for their meeting, and chasing the answers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max, Q
from django.urls import reverse

from mace.access.policy import Capability, require
from mace.accounts.models import Membership, Role
from mace.accounts.selectors import SEAT_JOINS, current, seats_in
from mace.core.clock import london_date
from mace.core.forms import long_date
from mace.core.seat import Seat
from mace.notifications.services import notify
from panels.enums import ItemKind, MeetingStatus, PanelKind
from panels.models import AgendaItem, Meeting
from panels.rules_chasing import REVIEW_STEPS, Step, review_made_on, review_meeting, step_to_take
from panels.services.agenda import add_case_item
from panels.services.chasing import state_words
from referrals.enums import ReviewStatus, Tier
from referrals.models import Case, Review
from referrals.rules import review_due
from referrals.services import make_review

MINUTES_FOR_REVIEW = 5
"""Agenda template: reviews 3 x 5 minutes."""
PANEL_OF_TIER: dict[str, str] = {
    Tier.MACE.value: PanelKind.OPERATIONAL.value,
    Tier.OVER_18.value: PanelKind.OVER_18.value,
    Tier.PRE_MACE.value: PanelKind.PRE_MACE.value,
}
"""In this order: a case that is open at two tiers is reviewed by the higher panel."""


def make_due_reviews(*, by: Seat, at: dt.datetime) -> int:
    """Make every review whose day has come in the seat's partnership; answers how many are new.

    A review is due 84 days after its case opened or was last reviewed. It is made three weeks before the last meeting
    of the case's panel on or before that day, or before the day itself when there is no such meeting. Side effects,
    beside ``make_review``'s: it is put on that meeting's agenda while this is still planned and the case is not on it;
    otherwise the agenda's builder proposes it. One per due date, whatever crashes and however often this runs.
    """
    require(by, Capability.SCREEN)
    on = london_date(at)
    with transaction.atomic():
        waiting = _waiting(by.partnership_id, on=on)
    return sum(_make_one(case_id, due_on, meeting_id, by=by, at=at) for case_id, due_on, meeting_id in waiting)


def _waiting(partnership_id: int, *, on: dt.date) -> list[tuple[int, dt.date, int | None]]:
    """Cases without their review although it is time: case, due date and the meeting it belongs to, if there is one."""
    meetings = _meetings(partnership_id)
    rows = (
        Case.objects.filter(partnership_id=partnership_id, closed_on__isnull=True)
        .annotate(last_held=Max("reviews__held_on", filter=Q(reviews__status=ReviewStatus.HELD)))
        .prefetch_related("tiers")
        .order_by("opened_on", "pk")
    )
    made = set(
        Review.objects.filter(case__partnership_id=partnership_id, case__closed_on__isnull=True).values_list(
            "case_id", "due_on"
        )
    )
    found = []
    for case in rows:
        due_on = review_due(case.opened_on, case.last_held)
        days = meetings.get(_panel_kind(case), {})
        meeting_on = review_meeting(due_on=due_on, meetings=list(days))
        if on >= review_made_on(due_on=due_on, meeting_on=meeting_on) and (case.pk, due_on) not in made:
            found.append((case.pk, due_on, days[meeting_on] if meeting_on else None))
    return found


def _meetings(partnership_id: int) -> dict[str, dict[dt.date, int]]:
    """The meetings that are not cancelled, by kind of panel and date."""
    found: dict[str, dict[dt.date, int]] = defaultdict(dict)
    rows = Meeting.objects.filter(partnership_id=partnership_id).exclude(status=MeetingStatus.CANCELLED)
    for kind, held_on, pk in rows.order_by("starts_at").values_list("panel__kind", "held_on", "pk"):
        found[kind][held_on] = pk
    return found


def _panel_kind(case: Case) -> str:
    tiers = {period.tier for period in case.tiers.all() if period.to_on is None}
    return next((kind for tier, kind in PANEL_OF_TIER.items() if tier in tiers), PanelKind.PRE_MACE.value)


@transaction.atomic
def _make_one(case_id: int, due_on: dt.date, meeting_id: int | None, *, by: Seat, at: dt.datetime) -> bool:
    case = (
        Case.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk=case_id, closed_on__isnull=True)
        .first()
    )
    if case is None:
        return False
    review = make_review(case=case, due_on=due_on, by=by, at=at)
    if review is None:
        return False
    meeting = Meeting.objects.filter(pk=meeting_id, status=MeetingStatus.PLANNED, held_on__gte=london_date(at)).first()
    if meeting is not None and not AgendaItem.objects.filter(meeting=meeting, subject_id=case.pk).exists():
        add_case_item(
            meeting=meeting,
            case=case,
            kind=ItemKind.REVIEW,
            minutes_allowed=MINUTES_FOR_REVIEW,
            by=by,
            at=at,
            review=review,
        )
    return True


def chase_reviews(*, by: Seat, at: dt.datetime) -> int:
    """Chase unanswered reviews 7 days before they are due, on the day and 7 days after; answers how many were chased.

    The lead professional is told, at the last step the manager of the case's team as well. The message's own key keeps
    each step to once for a review; of several steps reached at once only the highest is taken.
    """
    require(by, Capability.SCREEN)
    on = london_date(at)
    with transaction.atomic():
        reviews = list(
            Review.objects.filter(
                case__partnership_id=by.partnership_id,
                case__closed_on__isnull=True,
                status=ReviewStatus.DUE,
                due_on__lte=on - dt.timedelta(days=min(step.days for step in REVIEW_STEPS)),
            )
            .select_related("case")
            .order_by("due_on", "pk")
        )
    return sum(_chase_review(review, by=by, at=at) for review in reviews)


@transaction.atomic
def _chase_review(review: Review, *, by: Seat, at: dt.datetime) -> bool:
    on = london_date(at)
    found = step_to_take(due_on=review.due_on, on=on, ladder=REVIEW_STEPS, taken=(), since=review.made_on)
    if found is None:
        return False
    told = [
        notify(
            to=person,
            subject=f"Review {review.reference} {state_words(review.due_on, on)}",
            text=f"The 12-week review of case {review.case.reference} has the due date {long_date(review.due_on)} "
            "and is not answered yet.",
            path=reverse("panels:review", args=[review.reference]),
            about=review.case_id,
            dedupe_key=f"review-chase:{review.reference}:{found.step.code}:{person.pk}",
            by=by,
            at=at,
        )
        for person in _whom(review.case, found.step, on=on)
    ]
    return any(told)


def _whom(case: Case, step: Step, *, on: dt.date) -> Iterable[Membership]:
    """The lead professional while they hold the seat, and the manager of the case's team; else the coordinators."""
    people = list(Membership.objects.filter(current(on), pk=case.lead_professional_id).select_related(*SEAT_JOINS))
    if step.manager or not people:
        managers = seats_in(case.partnership_id, on=on, roles=(Role.MANAGER,)).filter(team_id=case.team_id or 0)
        people += [person for person in managers if person not in people]
    return people or list(seats_in(case.partnership_id, on=on, roles=(Role.COORDINATOR,)))
