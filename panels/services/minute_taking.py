"""Giving one meeting to a minute-taker, and taking it back."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from mace.access.models import Scope
from mace.access.policy import Capability, require
from mace.access.services import end_of_day, name_person, share, unname_person, unshare
from mace.accounts.models import Membership, Role
from mace.accounts.selectors import seats_in
from mace.core.clock import london_date
from mace.core.errors import RuleBroken
from mace.core.seat import Seat
from panels.models import AgendaItem, Meeting
from panels.selectors.minute_takers import minute_takers_of
from panels.services.planning import lock_meeting
from panels.transitions import FIXED


@transaction.atomic
def give_meeting(*, meeting: Meeting, to: Membership, by: Seat, at: dt.datetime) -> None:
    """Let a minute-taker see one meeting and write the drafts of its items, until their role ends.

    They see the items, not the cases behind them; of a restricted case not even the item. Raises ``RuleBroken`` for
    anybody else than a current minute-taker, and once the minutes are approved.
    """
    require(by, Capability.BUILD_AGENDA)
    found = lock_meeting(meeting)
    if found.status in FIXED:
        raise RuleBroken("The minutes are approved: nobody writes on them any more")
    takers = seats_in(by.partnership_id, on=london_date(at), roles=[Role.MINUTE_TAKER])
    if not takers.filter(pk=to.pk).exists():
        raise RuleBroken("Choose a minute-taker of this partnership", field="person")
    until = end_of_day(to.until_on)
    name_person(record_id=found.pk, membership=to, scope=Scope.FULL, by=by, until=until)
    for pk in AgendaItem.objects.filter(meeting=found).values_list("pk", flat=True):
        share(record_id=pk, principal=to.principal, scope=Scope.FULL, until=until)


@transaction.atomic
def take_meeting_back(*, meeting: Meeting, seat: Membership, by: Seat) -> None:
    """End what a minute-taker sees of a meeting, at once."""
    require(by, Capability.BUILD_AGENDA)
    found = lock_meeting(meeting)
    if seat.role != Role.MINUTE_TAKER:
        raise RuleBroken("This is nobody who takes minutes")
    for pk in AgendaItem.objects.filter(meeting=found).values_list("pk", flat=True):
        unshare(record_id=pk, principal=seat.principal)
    unname_person(record_id=found.pk, membership=seat, by=by)


def open_to_minute_takers(item: AgendaItem, meeting: Meeting) -> None:
    """Whoever takes the minutes of a meeting sees what comes onto its agenda later, too."""
    for seat in minute_takers_of(meeting):
        share(record_id=item.pk, principal=seat.principal, scope=Scope.FULL, until=end_of_day(seat.until_on))
