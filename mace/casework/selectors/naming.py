"""Who is named on a record, and who could be."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from mace.access.models import NamedPerson
from mace.access.policy import ALLOWED, Capability
from mace.access.selectors import holders_of
from mace.accounts.models import Membership, Role
from mace.accounts.selectors import SEAT_JOINS, seats_in
from mace.casework.selectors.sharing_subject import Subject
from mace.casework.selectors.sharing_viewers import until_words


@dataclass(frozen=True, slots=True)
class Named:
    """A seat of somebody named on the record."""

    seat: Membership
    sees: str
    until: str


def people_named(subject: Subject) -> list[Named]:
    """The seats through which people named on the record see it, by name."""
    named = set(NamedPerson.objects.filter(content_object_id=subject.record_id).values_list("user_id", flat=True))
    holders = holders_of(subject.record_id)
    keys = {holder.membership_id for holder in holders}
    seats = Membership.objects.filter(pk__in=keys, user_id__in=named).select_related(*SEAT_JOINS)
    own = {holder.principal: holder for holder in holders}
    return [
        Named(seat, subject.scope_names[own[seat.principal].scope], until_words(own[seat.principal].until))
        for seat in seats.order_by("user__name", "pk")
        if seat.principal in own
    ]


def people_who_could_be_named(subject: Subject, *, on: dt.date) -> list[Membership]:
    """The current seats of the partnership whose role can open such a record at all, by agency and name."""
    needed = Capability.READ_CASES if subject.case else Capability.READ_VOLT
    roles = ALLOWED[needed] - {Role.SYSTEM.value}
    return list(seats_in(subject.partnership_id, on=on, roles=roles).order_by("agency__name", "user__name", "pk"))
