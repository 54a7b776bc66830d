"""After the meetings: the coordinator gives what closings still lack, but for the latest."""

from __future__ import annotations

import datetime as dt
from itertools import cycle

from mace.demo.services.stage import Stage, on_stage
from referrals.selectors.course import closures_to_complete
from referrals.services.closing import ClosingDetails, Informed, complete_closure

SAID = (
    ("She is glad that it ends, and wants to keep seeing the youth worker.", ""),
    ("He says that he is safe now and does not want to talk about it again.", ""),
    ("", "Moved to another area the week before; the new social worker will ask."),
    ("“I know who to ring now.”", ""),
)
AFTERWARDS = (
    "The family support worker visits once a fortnight for three months; school keeps the safe adult.",
    "Child in need plan continues with the same social worker. The police keep the marker for six months.",
    "Early help until the summer; the youth club on Thursdays. Contact with the front door is agreed.",
)
LEFT_OPEN_DAYS = 21
"""Closings of the last three weeks wait for whoever tries the demonstration."""


def schedule_closing_details(stage: Stage, *, coordinator: str, since_days: int) -> None:
    """Every second week, a little after each meeting, up to three weeks ago."""
    told = zip(cycle(SAID), cycle(AFTERWARDS), strict=False)

    def catch_up(at: dt.datetime) -> None:
        with on_stage(stage.seat(coordinator)) as seat:
            for closure in closures_to_complete():
                (view, why_none), plan_after = next(told)
                lead = closure.case.lead_professional_id
                details = ClosingDetails(plan_after, view, why_none, informed=(Informed(True, "", membership_id=lead),))
                complete_closure(closure=closure, details=details, by=seat, at=at)

    for days_ago in range(since_days, LEFT_OPEN_DAYS, -14):
        stage.at(stage.when(days_ago, 15), catch_up)
