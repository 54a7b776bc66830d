"""Who can be named on a restricted case, who would lose it, and who is barred from a record."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from mace.access.models import Bar
from mace.access.selectors import holders_of
from mace.accounts.models import Membership, Role, User
from mace.accounts.selectors import current, seats_in
from mace.casework.selectors.sharing_subject import Subject
from mace.casework.selectors.sharing_viewers import Viewer, viewers_of
from volt.models import PersonOfConcern

READS_CASES = (
    Role.PRACTITIONER.value,
    Role.MANAGER.value,
    Role.COORDINATOR.value,
    Role.CHAIR.value,
    Role.AGENCY_LEAD.value,
    Role.AGENCY_MEMBER.value,
)


def people_to_name(partnership_id: int, *, on: dt.date) -> list[Membership]:
    """The current seats of a partnership that can be named on a restricted case, by agency and name."""
    return list(seats_in(partnership_id, on=on, roles=READS_CASES).order_by("agency__name", "user__name", "pk"))


def named_now(subject: Subject) -> dict[int, int]:
    """The seats that see the record through a grant of their own, each with its scope."""
    holders = [holder for holder in holders_of(subject.record_id) if holder.membership_id is not None]
    own = dict(Membership.objects.filter(pk__in={h.membership_id for h in holders}).values_list("pk", "principal"))
    return {
        holder.membership_id: holder.scope
        for holder in holders
        if holder.membership_id is not None and own[holder.membership_id] == holder.principal
    }


@dataclass(frozen=True, slots=True)
class Losing:
    """Somebody, or whoever holds a post, who would no longer see the case."""

    who: str
    people: str
    sees: str
    why: str


def who_would_lose(subject: Subject, people: Mapping[int, int]) -> list[Losing]:
    """Each line of those who see the case now and are not among the seats named; emergency accesses among them."""
    found, viewers = [], viewers_of(subject)
    seats = {seat for viewer in viewers for seat in viewer.seats}
    names = dict(Membership.objects.filter(pk__in=seats).values_list("pk", "user__name"))
    for viewer in viewers:
        left = [seat for seat in viewer.seats if seat not in people]
        if viewer.seats and not left:
            continue
        found.append(Losing(viewer.who, _people(viewer, left, names), viewer.sees, viewer.why))
    return found


def _people(viewer: Viewer, left: list[int], names: Mapping[int, str]) -> str:
    if len(left) == len(viewer.seats):
        return viewer.people
    return ", ".join(dict.fromkeys(names[seat] for seat in left))


def bars_on(subject: Subject) -> list[Bar]:
    """The bars that keep people from the record, those in force first; with the other record of one child."""
    records = [subject.record_id, *(row.pk for row in also_of_concern(subject))]
    if subject.entry is not None and (child := getattr(subject.entry.row, "child", None)) is not None:
        records += list(child.cases.values_list("pk", flat=True))
    rows = Bar.objects.filter(record_id__in=records).select_related("user", "set_by__user", "lifted_by__user")
    return sorted(rows, key=lambda bar: (bar.lifted_at is not None, bar.user.name, bar.pk))


def also_of_concern(subject: Subject) -> list[PersonOfConcern]:
    """The records in which the child of a case is a person of concern: bars and restrictions hold around them too."""
    if subject.case is None:
        return []
    return list(PersonOfConcern.objects.filter(child_id=subject.case.child_id).order_by("pk"))


def people_to_bar(partnership_id: int, *, on: dt.date, but: int) -> list[tuple[str, list[User]]]:
    """Everybody with a current seat in the partnership, under their first agency, but for the person asking."""
    seats = Membership.objects.filter(current(on), partnership_id=partnership_id).exclude(role=Role.SYSTEM)
    grouped: defaultdict[str, list[User]] = defaultdict(list)
    met = {but}
    for seat in seats.select_related("user", "agency").order_by("agency__name", "user__name", "pk"):
        if seat.user_id not in met:
            met.add(seat.user_id)
            grouped[seat.agency.name].append(seat.user)
    return list(grouped.items())
