"""For whom a case can be made into a document: oneself, and those who see it because of a sharing decision."""

from __future__ import annotations

from dataclasses import dataclass

from mace.access.models import Disclosure
from mace.access.policy import AGENCY_ROLES, Capability, can
from mace.access.selectors import holders_of
from mace.accounts.models import Membership, Role
from mace.accounts.selectors import SEAT_JOINS
from mace.core.seat import Seat
from mace.exporting.models import Export


@dataclass(frozen=True, slots=True)
class Reader:
    """A seat that a sharing decision lets see the case, and at which scope."""

    member: Membership
    scope: int

    @property
    def words(self) -> str:
        """Who it is: `Ada Smith, Agency lead, Anytown Police`."""
        return f"{self.member.user.name}, {Role(self.member.role).label}, {self.member.agency.name}"


def readers_of(record_id: int) -> list[Reader]:
    """Leads and members of agencies with a sharing decision on the case in force, who see it now, by agency and name.

    For coordinators and chairs who see it in full; nobody for others (``holders_of``).
    """
    widest: dict[int, int] = {}
    for holder in holders_of(record_id):
        if holder.membership_id is not None:
            widest[holder.membership_id] = max(holder.scope, widest.get(holder.membership_id, 0))
    told = Disclosure.objects.filter(record_id=record_id, withdrawn_at__isnull=True)
    members = Membership.objects.filter(pk__in=widest, role__in=AGENCY_ROLES, agency__in=told.values("agency"))
    rows = members.select_related(*SEAT_JOINS).order_by("agency__name", "user__name", "pk")
    return [Reader(member=row, scope=widest[row.pk]) for row in rows]


def reader_of(record_id: int, membership_id: int) -> Reader | None:
    """One of those, by their seat."""
    return next((one for one in readers_of(record_id) if one.member.pk == membership_id), None)


def readers_for(record_id: int, seat: Seat) -> list[Reader]:
    """For whom the seat may have the case made into a document, beside itself."""
    return readers_of(record_id) if can(seat, Capability.DISCLOSE) else []


def still_reads(export: Export) -> bool:
    """Whether the reader of a document still sees the case at the scope at which it was made, or a wider one."""
    assert export.record_id is not None
    assert export.reader_id is not None
    found = reader_of(export.record_id, export.reader_id)
    return found is not None and found.scope >= export.scope
