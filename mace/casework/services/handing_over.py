"""Handing a case over, with the meetings that its new lead professional then needs and what is linked to it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from mace.access.policy import Capability, require
from mace.accounts.models import Membership
from mace.core.seat import Seat
from panels.services.opening import open_meetings_to_lead
from referrals.models import Case
from referrals.services import hand_over_case
from referrals.services.locking import locked_case
from volt.services import follow_case


@transaction.atomic
def hand_over(
    *,
    case: Case,
    to: Membership,
    reason: str,
    by: Seat,
    at: dt.datetime,
    note: str = "",
    outstanding: str = "",
) -> Case:
    """``hand_over_case``; the meetings of the case's items and what is linked to it open to who leads it now.

    Raises ``RuleBroken``.
    """
    require(by, Capability.DISCLOSE)
    was = locked_case(case)
    former = [was.lead_professional.principal, *([was.team.principal] if was.team else [])]
    handed = hand_over_case(case=case, to=to, reason=reason, by=by, at=at, note=note, outstanding=outstanding)
    open_meetings_to_lead(handed)
    follow_case(case=handed, former=former, by=by)
    return handed
