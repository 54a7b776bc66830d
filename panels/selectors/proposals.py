"""What the agenda builder proposes, and what else can be put on an agenda."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from mace.core.forms import long_date
from panels.enums import ItemKind, MeetingStatus, Strand
from panels.models import AgendaItem, Meeting
from panels.rules import DISCUSSED_BETWEEN_MEETINGS_DAYS, TIER_OF
from panels.selectors.meetings import VOLT_MODELS, label, subject_of_case
from referrals.enums import ReviewStatus
from referrals.models import Case, Review, TierPeriod

USUAL_MINUTES: dict[str, int] = {ItemKind.NEW.value: 10, ItemKind.REVIEW.value: 5, ItemKind.UPDATE.value: 5}
"""Proposed: ten minutes for a new child, five for a review."""
MOST_CHOICES = 300


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something for the agenda and why. ``reference`` is a case's or a VOLT record's."""

    title: str
    reference: str
    record_id: int
    strand: str
    kind: str
    why: str
    minutes: int
    rating: str = ""
    review: str = ""


def proposals_for(meeting: Meeting) -> list[Proposal]:
    """Cases at this panel's tier that it has not discussed, reviews due, and what a cancelled meeting left."""
    here = set(AgendaItem.objects.filter(meeting=meeting).exclude(subject=None).values_list("subject_id", flat=True))
    tier = TIER_OF.get(meeting.panel.kind, "")
    periods = (
        TierPeriod.objects.filter(tier=tier, to_on=None, case__closed_on=None)
        .exclude(case_id__in=here)
        .select_related("case__child__identity", "case__summary")
        .order_by("from_on", "pk")
    )
    open_here = {period.case_id: period for period in periods}
    earlier = set(
        AgendaItem.objects.filter(meeting__panel_id=meeting.panel_id, subject__in=open_here)
        .exclude(meeting__status=MeetingStatus.CANCELLED)
        .values_list("subject_id", flat=True)
    )
    found = [*_reviews(meeting, open_here), *_carried_over(meeting, here)]
    taken = {proposal.reference for proposal in found}
    for case_id, period in open_here.items():
        if case_id in earlier or period.case.reference in taken:
            continue
        subject = subject_of_case(period.case)
        found.append(
            Proposal(
                title=subject.name,
                reference=subject.reference,
                record_id=case_id,
                strand=Strand.VICTIM.value,
                kind=ItemKind.NEW.value,
                why=f"Open at this tier since {long_date(period.from_on)}, not discussed yet",
                minutes=USUAL_MINUTES[ItemKind.NEW.value],
                rating=subject.rating,
            )
        )
    return found


def _reviews(meeting: Meeting, open_here: dict[int, TierPeriod]) -> list[Proposal]:
    """Open 12-week reviews that fall due before the panel is likely to meet again, and are on no other agenda."""
    until = meeting.held_on + dt.timedelta(days=DISCUSSED_BETWEEN_MEETINGS_DAYS)
    waiting = (
        Review.objects.filter(
            status__in=[ReviewStatus.DUE, ReviewStatus.ANSWERED], case_id__in=open_here, due_on__lte=until
        )
        .exclude(items__meeting__status__in=[MeetingStatus.PLANNED, MeetingStatus.PUBLISHED, MeetingStatus.IN_PROGRESS])
        .order_by("due_on", "pk")
    )
    found = []
    for review in waiting:
        subject = subject_of_case(open_here[review.case_id].case)
        state = "answered" if review.status == ReviewStatus.ANSWERED else "waiting for the lead professional"
        found.append(
            Proposal(
                title=subject.name,
                reference=subject.reference,
                record_id=review.case_id,
                strand=Strand.VICTIM.value,
                kind=ItemKind.REVIEW.value,
                why=f"12-week review due {long_date(review.due_on)}, {state}",
                minutes=USUAL_MINUTES[ItemKind.REVIEW.value],
                rating=subject.rating,
                review=review.reference,
            )
        )
    return found


def _carried_over(meeting: Meeting, here: set[int]) -> list[Proposal]:
    """Items of the panel's cancelled meetings whose subject has been on no agenda since."""
    left = list(
        AgendaItem.objects.filter(meeting__panel_id=meeting.panel_id, meeting__status=MeetingStatus.CANCELLED)
        .exclude(subject=None)
        .exclude(subject__in=here)
        .select_related("meeting")
        .order_by("-meeting__starts_at", "position")[:MOST_CHOICES]
    )
    since: dict[int, dt.datetime] = {}
    for subject_id, starts_at in (
        AgendaItem.objects.filter(meeting__panel_id=meeting.panel_id, subject__in=[item.subject_id for item in left])
        .exclude(meeting__status=MeetingStatus.CANCELLED)
        .values_list("subject_id", "meeting__starts_at")
    ):
        assert subject_id is not None
        since[subject_id] = max(starts_at, since.get(subject_id, starts_at))
    found: dict[str, Proposal] = {}
    for line in label(left):
        item, subject = line.item, line.subject
        done = item.subject_id in since and since[item.subject_id] >= item.meeting.starts_at
        closed = subject.case is not None and subject.case.closed_on is not None
        if done or closed or item.subject_id is None or not subject.reference or subject.reference in found:
            continue
        found[subject.reference] = Proposal(
            title=subject.name,
            reference=subject.reference,
            record_id=item.subject_id,
            strand=item.strand,
            kind=item.kind if item.kind != ItemKind.REVIEW else ItemKind.UPDATE.value,
            why=f"Carried over from {item.meeting.reference}, which was cancelled",
            minutes=item.minutes_allowed,
            rating=subject.rating,
        )
    return list(found.values())


def case_choices(meeting: Meeting) -> tuple[list[tuple[str, str]], list[int]]:
    """Open cases that are not on the agenda yet: reference, and name with reference; and their records."""
    cases = (
        Case.objects.filter(closed_on=None)
        .exclude(pk__in=AgendaItem.objects.filter(meeting=meeting, strand=Strand.VICTIM).values("subject_id"))
        .select_related("child__identity", "summary")
        .order_by("child__identity__name_key", "pk")[:MOST_CHOICES]
    )
    return [(case.reference, f"{subject_of_case(case).name} ({case.reference})") for case in cases], [
        case.pk for case in cases
    ]


def volt_choices(meeting: Meeting) -> tuple[list[tuple[str, list[tuple[str, str]]]], list[int]]:
    """Persons of concern, locations and themes that are not on the agenda yet, by strand; and their records."""
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    records: list[int] = []
    for strand, model in VOLT_MODELS.items():
        rows = model.objects.exclude(
            pk__in=AgendaItem.objects.filter(meeting=meeting, strand=strand).values("subject_id")
        ).order_by("name_key", "pk")[:MOST_CHOICES]
        if choices := [(row.reference, f"{row.name} ({row.reference})") for row in rows]:
            groups.append((f"{Strand(strand).label}s", choices))
            records += [row.pk for row in rows]
    return groups, records


def volt_record(reference: str) -> tuple[int, Strand] | None:
    """Record and strand of a VOLT record that the seat may see, by its reference."""
    for strand, model in VOLT_MODELS.items():
        pk = model.objects.filter(reference=reference).values_list("pk", flat=True).first()
        if pk is not None:
            return int(pk), Strand(strand)
    return None
