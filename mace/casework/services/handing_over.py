"""Handing a case over, with the meetings that its new lead professional then needs."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from mace.accounts.models import Membership
from mace.core.seat import Seat
from panels.services.opening import open_meetings_to_lead
from referrals.models import Case
from referrals.services import hand_over_case


@transaction.atomic
def hand_over(*, case: Case, to: Membership, reason: str, by: Seat, at: dt.datetime) -> Case:
    """``hand_over_case``, and the meetings of the case's items open to who leads it now. Raises ``RuleBroken``."""
    handed = hand_over_case(case=case, to=to, reason=reason, by=by, at=at)
    open_meetings_to_lead(handed)
    return handed
