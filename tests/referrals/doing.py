"""What the tests of referrals and cases share."""

from __future__ import annotations

import datetime as dt
from typing import Any

from mace.core.seat import acting_as
from mace.notifications.models import Message
from referrals.models import (
    Referral,
)
from referrals.services import (
    accept_referral,
    decline_referral,
    redirect_referral,
    return_referral,
)
from tests.factories.cast import Cast
from tests.factories.referrals import MONDAY

LATER = MONDAY + dt.timedelta(days=7)
ROLES_WITHOUT = ("board", "analyst", "ig", "admin")


def inbox_of(cast: Cast, name: str) -> list[str]:
    with acting_as(cast[name]):
        return list(
            Message.objects.filter(recipient_principal=cast[name].principal)
            .order_by("created_at", "subject")
            .values_list("subject", flat=True)
        )


def decide(cast: Cast, how: str, referral: Referral, by: str = "coordinator", **more: Any) -> Any:
    verbs: dict[str, Any] = {
        "accept": lambda **k: accept_referral(lead_professional=None, **k),
        "return": return_referral,
        "redirect": lambda **k: redirect_referral(to="Early help", **k),
        "decline": decline_referral,
    }
    with acting_as(cast[by]):
        return verbs[how](**{"referral": referral, "reason": "Because", "by": cast[by], "at": LATER} | more)
