"""While the meeting is held: attendance, and the minutes of each item as people speak."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from mace.access.policy import Capability, require
from mace.agencies.models import Agency, Participation
from mace.core.errors import Conflict, NotAllowed, RuleBroken
from mace.core.seat import Seat
from panels.enums import Decision, MeetingStatus, Presence, Strand
from panels.models import AgendaItem, Attendance, Meeting, Minute
from panels.rules import TIER_OF, decisions_for
from panels.services.planning import lock_meeting, set_status
from panels.transitions import FIXED, MINUTING
from referrals.enums import Rating, Tier
from referrals.models import TierPeriod

MINUTED = ("discussion", "rationale", "decision", "decision_reason", "rating")


@transaction.atomic
def start_meeting(*, meeting: Meeting, by: Seat, at: dt.datetime) -> Meeting:
    """Begin a meeting whose agenda is published, once the confidentiality statement has been read out."""
    require(by, Capability.MINUTE)
    del at
    found = lock_meeting(meeting)
    set_status(found, MeetingStatus.IN_PROGRESS)
    found.statement_read = True
    found.save(update_fields=["statement_read"])
    return found


@transaction.atomic
def record_attendance(*, meeting: Meeting, agency: Agency, presence: Presence | str, who: str, by: Seat) -> Attendance:
    """Say whether an agency is there, and by whom; saying it again replaces what was said."""
    require(by, Capability.DRAFT_MINUTES)
    found = lock_meeting(meeting)
    if found.status not in MINUTING | {MeetingStatus.PUBLISHED.value}:
        raise RuleBroken("Attendance is recorded from when the agenda is published until the minutes are approved")
    if not Participation.objects.filter(agency=agency, partnership_id=by.partnership_id).exists():
        raise RuleBroken(f"{agency.name} does not take part in this partnership")
    attendance, _ = Attendance.objects.update_or_create(
        meeting=found,
        agency=agency,
        defaults={"record_id": found.pk, "presence": Presence(presence), "who": who.strip()},
    )
    return attendance


@transaction.atomic
def save_minute(
    *,
    item: AgendaItem,
    discussion: str,
    rationale: str,
    decision: Decision | str,
    decision_reason: str,
    rating: Rating | str,
    version: int,
    operation: str,
    by: Seat,
    at: dt.datetime,
    draft: bool = False,
) -> Minute:
    """Write down one item. ``version`` is what the page was made from (0: nothing was minuted yet).

    A save with the ``operation`` of the last one answers it again. With ``draft`` (a save while typing) text may stand
    without what it needs yet, and a decision is kept back until its rationale is there.
    Raises ``Conflict`` when somebody else saved in between, and ``RuleBroken`` for a discussion or decision without the
    rationale for sharing (Lewisham report 2024, 5.34), or a decision without its reason.
    """
    require(by, Capability.DRAFT_MINUTES)
    text = {
        "discussion": discussion.strip(),
        "rationale": rationale.strip(),
        "decision": str(decision),
        "decision_reason": decision_reason.strip(),
        "rating": str(rating),
    }
    held = (
        AgendaItem.objects.select_for_update(of=("self",)).select_related("meeting__panel").filter(pk=item.pk).first()
    )
    if held is None:
        raise NotAllowed(Capability.DRAFT_MINUTES)
    if held.meeting.status in FIXED:
        raise RuleBroken("These minutes are approved and fixed.")
    if held.meeting.status not in MINUTING:
        raise RuleBroken("The meeting has not begun.")
    if text["decision"] and text["decision"] not in decisions_for(held.strand, held.meeting.panel.kind):
        raise RuleBroken("This panel cannot decide that on this item", field="decision")
    if held.strand != Strand.VICTIM:
        text["rating"] = ""
    if draft and not (text["rationale"] and text["decision_reason"]):
        text["decision"] = ""
    if not draft:
        _check(held, text)
    minute = Minute.objects.filter(item=held).first()
    if minute is None:
        return Minute.objects.create(
            record_id=held.pk, item=held, saved_at=at, saved_by_id=by.membership_id, operation=operation, **text
        )
    if operation and minute.operation == operation:
        return minute
    if minute.version != version:
        raise Conflict(version=minute.version, theirs={name: getattr(minute, name) for name in MINUTED})
    for name, value in text.items():
        setattr(minute, name, value)
    minute.saved_at, minute.saved_by_id, minute.operation = at, by.membership_id, operation
    minute.version += 1
    minute.save()
    return minute


def _check(item: AgendaItem, text: dict[str, str]) -> None:
    """What a finished entry must say, and whether the case stands so that the decision can be put into effect."""
    if item.strand == Strand.STANDING:
        return
    if (text["discussion"] or text["decision"]) and not text["rationale"]:
        raise RuleBroken("Say why it was right to share this information", field="rationale")
    if text["decision"] and not text["decision_reason"]:
        raise RuleBroken("Give the reason for the decision", field="decision_reason")
    if text["decision"] not in (Decision.ESCALATE, Decision.CLOSE):
        return
    tiers = set(TierPeriod.objects.filter(case=item.subject_id, to_on=None).values_list("tier", flat=True))
    if text["decision"] == Decision.ESCALATE and Tier.MACE in tiers:
        raise RuleBroken("This case is open at MACE already. Keep it open or close it at this tier.", field="decision")
    if text["decision"] == Decision.CLOSE and TIER_OF.get(item.meeting.panel.kind) not in tiers:
        raise RuleBroken("This case is not open at this panel’s tier, so it cannot be closed here.", field="decision")


@transaction.atomic
def finish_meeting(*, meeting: Meeting, by: Seat, at: dt.datetime) -> Meeting:
    """The meeting is over; its minutes are a draft that can be written on until the chair approves them."""
    require(by, Capability.MINUTE)
    del at
    found = lock_meeting(meeting)
    set_status(found, MeetingStatus.DRAFTED)
    return found
