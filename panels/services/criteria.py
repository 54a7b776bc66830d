"""The criteria for escalation, answered while a meeting speaks of a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from mace.access.policy import Capability, require
from mace.core.errors import Conflict, NotAllowed, RuleBroken
from mace.core.seat import Seat
from panels.models import AgendaItem, ItemCriteria
from panels.selectors.criteria import may_escalate
from panels.transitions import FIXED, MINUTING
from referrals.enums import Answered
from referrals.rules_cases import Ticked
from referrals.services.criteria import LONGEST


@transaction.atomic
def save_criteria(
    *, item: AgendaItem, ticked: Iterable[Ticked], version: int, by: Seat, at: dt.datetime
) -> ItemCriteria:
    """Keep how the criteria are answered. They become the case's when minutes that escalate it are approved.

    Raises ``Conflict`` when somebody else answered since the page was made (``version``), and ``RuleBroken`` once the
    minutes are fixed or where this panel cannot escalate.
    """
    require(by, Capability.DRAFT_MINUTES)
    held = (
        AgendaItem.objects.select_for_update(of=("self",)).select_related("meeting__panel").filter(pk=item.pk).first()
    )
    if held is None:
        raise NotAllowed(Capability.DRAFT_MINUTES)
    if held.meeting.status in FIXED:
        raise RuleBroken("These minutes are approved and fixed.")
    if held.meeting.status not in MINUTING:
        raise RuleBroken("The meeting has not begun.")
    if not may_escalate(held):
        raise RuleBroken("This panel cannot escalate this item.")
    answers = {one.code: [one.met, one.evidence.strip()[:LONGEST]] for one in ticked if one.met in Answered.values}
    kept = ItemCriteria.objects.filter(item=held).first()
    if kept is None:
        return ItemCriteria.objects.create(
            record_id=held.pk, item=held, answers=answers, saved_at=at, saved_by_id=by.membership_id
        )
    if kept.answers == answers:
        return kept
    if kept.version != version:
        raise Conflict(version=kept.version, theirs=kept.answers)
    kept.answers, kept.saved_at, kept.saved_by_id = answers, at, by.membership_id
    kept.version += 1
    kept.save()
    return kept
