"""Who led a case from when until when, and the notes that a new lead professional is handed."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from mace.access.policy import Capability, require
from mace.accounts.models import Membership, Role
from mace.accounts.selectors import seats_in
from mace.core.clock import london_date
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import Seat
from referrals.models import Case, LeadPeriod
from referrals.services.locking import locked_case


def begin_lead(
    *, case: Case, lead: Membership, by: Seat, at: dt.datetime, why: str = "", note: str = "", outstanding: str = ""
) -> LeadPeriod:
    """The lead period that was open ends on that day and this one begins. The caller has locked the case.

    Who is handed a case by somebody is asked to read the notes; the first lead professional of a case is not.
    """
    day = london_date(at)
    was = LeadPeriod.objects.filter(case=case, to_on__isnull=True).first()
    if was is not None:
        was.to_on = max(day, was.from_on)
        was.save(update_fields=["to_on"])
    manager = (
        seats_in(case.partnership_id, on=day, roles=[Role.MANAGER]).filter(team_id=lead.team_id).first()
        if lead.team_id
        else None
    )
    return LeadPeriod.objects.create(
        record_id=case.record_id,
        case=case,
        lead=lead,
        manager=manager,
        from_on=day,
        why=why,
        note=note,
        outstanding=outstanding,
        handed_by_id=by.membership_id if was is not None else None,
    )


def end_lead(*, case: Case, on: dt.date) -> None:
    """Nobody leads a case that is closed."""
    for period in LeadPeriod.objects.filter(case=case, to_on__isnull=True):
        period.to_on = max(on, period.from_on)
        period.save(update_fields=["to_on"])


@transaction.atomic
def acknowledge_notes(*, case: Case, by: Seat, at: dt.datetime) -> LeadPeriod:
    """The lead professional says that they have read the notes they were handed. Saying it again changes nothing.

    Raises ``NotAllowed`` for anybody else, and ``RuleBroken`` where nothing was handed over.
    """
    require(by, Capability.ANSWER_REVIEW)
    locked = locked_case(case)
    if locked.lead_professional_id != by.membership_id:
        raise NotAllowed(Capability.ANSWER_REVIEW)
    period = LeadPeriod.objects.filter(case=locked, to_on__isnull=True, handed_by__isnull=False).first()
    if period is None:
        raise RuleBroken("There are no handover notes to read")
    if period.read_at is None:
        period.read_at = at
        period.save(update_fields=["read_at"])
    return period
