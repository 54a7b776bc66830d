"""Who is told of what happens to a referral or a review: by reference, never by name."""

from __future__ import annotations

import datetime as dt

from mace.accounts.models import Membership, Role
from mace.accounts.selectors import SEAT_JOINS, seats_in
from mace.core.clock import london_date
from mace.core.seat import Seat
from mace.notifications.services import notify


def tell_coordinators(*, subject: str, text: str, path: str, about: int, key: str, by: Seat, at: dt.datetime) -> None:
    """Tell each coordinator of the seat's partnership, except whoever did it. ``about``: the record it speaks of."""
    for to in seats_in(by.partnership_id, on=london_date(at), roles=[Role.COORDINATOR]):
        if to.pk != by.membership_id:
            _tell(to, subject=subject, text=text, path=path, about=about, key=key, by=by, at=at)


def tell(
    *, membership_id: int, subject: str, text: str, path: str, about: int, key: str, by: Seat, at: dt.datetime
) -> None:
    """Tell one seat, unless it is the one that did it."""
    if membership_id == by.membership_id:
        return
    to = Membership.objects.select_related(*SEAT_JOINS).get(pk=membership_id)
    _tell(to, subject=subject, text=text, path=path, about=about, key=key, by=by, at=at)


def _tell(
    to: Membership, *, subject: str, text: str, path: str, about: int, key: str, by: Seat, at: dt.datetime
) -> None:
    notify(to=to, subject=subject, text=text, path=path, about=about, dedupe_key=f"{key}:{to.pk}", by=by, at=at)
