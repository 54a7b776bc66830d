"""The invented people as they stand in the database."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from mace.accounts.models import Membership, Role
from mace.accounts.selectors import MAY_REFER, SEAT_JOINS
from mace.demo.people import PARTNERSHIPS, DemoPerson


@dataclass(frozen=True, slots=True)
class SeatedPerson:
    person: DemoPerson
    membership: Membership


@dataclass(frozen=True, slots=True)
class PeopleOfAgency:
    agency: str
    partnership: str
    people: list[SeatedPerson]


def _key(membership: Membership) -> tuple[str, str, str]:
    return membership.partnership.slug, membership.user.email, membership.role


def seated_people() -> dict[str, SeatedPerson]:
    """Every invented person who has a seat, by their short name; empty before the demonstration is seeded."""
    rows = (
        Membership.objects.filter(partnership__slug__in=[demo.slug for demo in PARTNERSHIPS], user__is_active=True)
        .exclude(role=Role.SYSTEM)
        .select_related(*SEAT_JOINS)
        .annotate(may_refer=MAY_REFER)
    )
    found = {_key(row): row for row in rows}
    return {
        person.key: SeatedPerson(person, found[demo.slug, person.address, person.role.value])
        for demo in PARTNERSHIPS
        for person in demo.people
        if (demo.slug, person.address, person.role.value) in found
    }


def people_by_agency() -> list[PeopleOfAgency]:
    """The same, in the order of the demonstration: agency by agency."""
    order = [(demo.slug, agency.name) for demo in PARTNERSHIPS for agency in demo.agencies]
    everybody = sorted(
        seated_people().values(),
        key=lambda seated: order.index((seated.membership.partnership.slug, seated.membership.agency.name)),
    )
    return [
        PeopleOfAgency(agency=agency, partnership=partnership, people=list(group))
        for (partnership, agency), group in groupby(
            everybody, key=lambda seated: (seated.membership.partnership.name, seated.membership.agency.name)
        )
    ]
