"""Approving minutes, which puts what was decided into effect and fixes them; and closing a meeting's follow-up."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.db import transaction
from django.urls import reverse

from mace.access.models import Kind, Record
from mace.access.policy import Capability, require
from mace.access.services import unshare
from mace.accounts.models import Membership, Role
from mace.accounts.selectors import seats_in
from mace.core.clock import london_date
from mace.core.errors import RuleBroken
from mace.core.forms import long_date
from mace.core.seat import Seat
from mace.notifications.services import notify
from panels.enums import ActionStatus, Decision, MeetingStatus, Strand
from panels.models import Action, AgendaItem, ItemCriteria, ItemInvitation, Meeting, Minute
from panels.rules import TIER_OF, Said, gaps, listed
from panels.selectors.criteria import criteria_of, ticked_on
from panels.services.opening import spoken_of
from panels.services.planning import lock_meeting, set_status
from referrals.enums import Rating, ReviewStatus, Tier, TierOutcome
from referrals.models import Case, TierPeriod
from referrals.rules_cases import Ticked, check_escalation
from referrals.services.cases import agree_rating, escalate_case
from referrals.services.closing import close_tier
from referrals.services.reviews import hold_review

LIVE = (MeetingStatus.PUBLISHED, MeetingStatus.IN_PROGRESS, MeetingStatus.DRAFTED, MeetingStatus.APPROVED)


def said_of(item: AgendaItem, minute: Minute | None, criteria: ItemCriteria | None = None) -> Said:
    """What the rules need to know of one item's minutes, with the criteria that were answered on it."""
    if minute is None:
        return Said(strand=item.strand)
    return Said(
        strand=item.strand,
        discussion=minute.discussion,
        rationale=minute.rationale,
        decision=minute.decision,
        decision_reason=minute.decision_reason,
        criteria_met=_shows(ticked_on(criteria)),
    )


def _shows(ticked: list[Ticked]) -> bool:
    try:
        check_escalation(ticked)
    except RuleBroken:
        return False
    return True


@transaction.atomic
def approve_minutes(*, meeting: Meeting, by: Seat, at: dt.datetime) -> Meeting:
    """The chair approves the minutes. Refuses while an item lacks its discussion, rationale, decision or reason.

    An escalation needs a criterion that is met, with its evidence. Side effects, as of the day of the meeting: the
    rating agreed, the review held, the case escalated or closed at this panel's tier; a closing then waits for its
    details. Then the minutes are fixed, for this program by its rules and for any other by a trigger. Lead
    professionals and invited agencies get one message with the reference.
    """
    require(by, Capability.APPROVE_MINUTES)
    found = lock_meeting(meeting)
    items = list(AgendaItem.objects.filter(meeting=found).select_related("review").order_by("position", "pk"))
    minutes = {minute.item_id: minute for minute in Minute.objects.filter(item__in=items)}
    answered = criteria_of(pk for pk, minute in minutes.items() if minute.decision == Decision.ESCALATE)
    missing = [
        f"item {number} lacks {listed(lacking)}"
        for number, item in enumerate(items, 1)
        if (lacking := gaps(said_of(item, minutes.get(item.pk), answered.get(item.pk))))
    ]
    if missing:
        raise RuleBroken(f"The minutes cannot be approved yet: {'; '.join(missing)}.")
    for number, item in enumerate(items, 1):
        if item.strand != Strand.VICTIM:
            continue
        try:
            _apply(found, item, minutes[item.pk], ticked_on(answered.get(item.pk)), by=by, at=at)
        except RuleBroken as refusal:
            raise RuleBroken(f"Item {number}: {refusal.message}") from refusal
    found.approved_at, found.approved_by_id = at, by.membership_id
    set_status(found, MeetingStatus.APPROVED)
    _tell(found, items, by=by, at=at)
    return found


def _apply(
    meeting: Meeting, item: AgendaItem, minute: Minute, ticked: list[Ticked], *, by: Seat, at: dt.datetime
) -> None:
    """Put what was decided on one case into effect, as of the day of the meeting."""
    case = Case.objects.get(pk=item.subject_id)
    tier = TIER_OF.get(meeting.panel.kind)
    decided_at = min(meeting.starts_at, at)
    last_change = (
        TierPeriod.objects.filter(case=case, to_on=None).order_by("-from_on").values_list("from_on", flat=True)
    )
    if london_date(decided_at) < max([case.opened_on, *last_change]):
        decided_at = at
    if minute.rating:
        agree_rating(
            case=case, rating=Rating(minute.rating), source=f"Meeting {meeting.reference}", by=by, at=decided_at
        )
    if item.review is not None and item.review.status in (ReviewStatus.DUE, ReviewStatus.ANSWERED):
        hold_review(review=item.review, by=by, at=decided_at)
    if minute.decision == Decision.ESCALATE:
        escalate_case(case=case, reason=minute.decision_reason, criteria=ticked, by=by, at=decided_at)
    elif minute.decision == Decision.CLOSE and tier:
        close_tier(
            case=case, tier=Tier(tier), outcome=TierOutcome.CLOSED, reason=minute.decision_reason, by=by, at=decided_at
        )


def _tell(meeting: Meeting, items: list[AgendaItem], *, by: Seat, at: dt.datetime) -> None:
    subjects = {item.pk: item.subject_id for item in items if item.subject_id is not None}
    invited: defaultdict[int, list[int]] = defaultdict(list)
    for item_id, agency_id in ItemInvitation.objects.filter(
        item_id__in=subjects, disclosure__withdrawn_at=None
    ).values_list("item_id", "agency_id"):
        invited[agency_id].append(subjects[item_id])
    people: dict[Membership, list[int]] = {
        seat: list(invited[seat.agency_id])
        for seat in seats_in(meeting.partnership_id, on=london_date(at), roles=[Role.AGENCY_LEAD])
        if seat.agency_id in invited
    }
    victims = [item.subject_id for item in items if item.strand == Strand.VICTIM]
    for case in Case.objects.filter(pk__in=victims).select_related("lead_professional__partnership"):
        people.setdefault(case.lead_professional, []).append(case.pk)
    for person, concerned in people.items():
        notify(
            to=person,
            subject=f"Minutes approved: {meeting.reference}",
            text=f"The minutes of {meeting.panel.name} on {long_date(meeting.held_on)} are approved.",
            path=reverse("panels:minutes", args=[meeting.reference]),
            about=spoken_of(concerned, meeting),
            dedupe_key=f"minutes:{meeting.reference}:{person.pk}",
            by=by,
            at=at,
        )


@transaction.atomic
def close_meeting(*, meeting: Meeting, by: Seat, at: dt.datetime) -> Meeting:
    """Close a meeting whose actions are all closed.

    Side effects: whoever chairs the panel no longer sees the cases that are not open at its tier and on no other
    agenda of it whose follow-up is open.
    """
    require(by, Capability.MINUTE)
    del at
    found = lock_meeting(meeting)
    open_actions = Action.objects.filter(item__meeting=found, status=ActionStatus.OPEN).count()
    if open_actions:
        number = "1 action is" if open_actions == 1 else f"{open_actions} actions are"
        raise RuleBroken(f"{number} still open. The meeting is closed when all of its actions are.")
    set_status(found, MeetingStatus.CLOSED)
    on_it = AgendaItem.objects.filter(meeting=found, strand=Strand.VICTIM).values("subject_id")
    subjects = set(Case.objects.filter(pk__in=on_it).values_list("pk", flat=True))
    tier = TIER_OF.get(found.panel.kind, "")
    kept = set(
        TierPeriod.objects.filter(case__in=subjects, tier=tier, to_on=None).values_list("case_id", flat=True)
    ) | set(
        AgendaItem.objects.filter(
            subject__in=subjects, meeting__panel_id=found.panel_id, meeting__status__in=LIVE
        ).values_list("subject_id", flat=True)
    )
    for subject in subjects - kept:
        inner = Record.objects.filter(within_id=subject, kind=Kind.REFERRAL).values_list("pk", flat=True)
        for record in [*inner, subject]:
            unshare(record_id=record, principal=found.panel.principal)
    return found
