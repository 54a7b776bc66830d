"""Who sees a sharing decision, or that it was looked at again: who works on the case, and of a decision its agency."""

from __future__ import annotations

import pytest

from mace.accounts.models import Role
from mace.core.seat import Seat, acting_as
from tests.access.locks import owner, owner_rows, rows, undone
from tests.access.test_locks_conditions import ROLES, as_role
from tests.access.test_locks_functions import hold, moment, record
from tests.factories.cast import Cast

DECIDE = {Role.PRACTITIONER, Role.MANAGER, Role.COORDINATOR, Role.CHAIR, Role.SYSTEM}


def decision(rec: int, to: Seat, by: Seat) -> int:
    ((made,),) = owner_rows(
        "insert into access_disclosure (record_id, agency_id, agency_principal, scope, purpose, lawful_basis, "
        "necessity, told, told_reason, decided_by_id, starts_at, withdrawn_reason) "
        "values (%s, %s, %s, 2, 'Safety', 'public_task', 'They know the family', true, '', %s, now(), '') returning id",
        *(rec, to.agency_id, to.agency_principal, by.membership_id),
    )
    return int(made)


def seen(seat: Seat) -> dict[str, set[int]]:
    """What ``access_disclosure`` shows of it in each role."""
    found = {}
    for role in ROLES:
        with undone(), acting_as(as_role(seat, role)):
            found[role] = {row[0] for row in rows("select id from access_disclosure")}
    return found


@pytest.mark.parametrize("scope", [1, 2, 3])
def test_access_disclosure_shows_a_decision_to_who_decides_and_to_its_agencys_lead(cast: Cast, scope: int) -> None:
    seat, lead = cast["police_member"], cast["police_lead"]
    rec, other = record(seat), record(seat)
    to_police, to_health = decision(rec, lead, cast["coordinator"]), decision(rec, cast["health_lead"], lead)
    decision(other, lead, cast["coordinator"])
    nothing: dict[str, set[int]] = {role: set() for role in ROLES}
    assert seen(seat) == nothing
    hold(seat.principal, rec, scope)
    both = {role: {to_police, to_health} for role in DECIDE} if scope == 3 else {}
    assert seen(seat) == nothing | both | {Role.AGENCY_LEAD: {to_police}}
    hold(seat.principal, rec, scope, moment(-1))
    assert seen(seat) == nothing


def test_access_disclosure_shows_an_agencys_own_decision_by_what_the_agency_holds(cast: Cast) -> None:
    seat = cast["police_lead"]
    rec = record(seat)
    made = decision(rec, seat, cast["coordinator"])
    hold(seat.agency_principal, rec, 1)
    assert seen(seat) == {role: {made} if role == Role.AGENCY_LEAD else set() for role in ROLES}
    owner("delete from access_grant where record_id = %s", rec)
    assert seen(seat)[Role.AGENCY_LEAD] == set()


@pytest.mark.parametrize("scope", [1, 2, 3])
def test_casework_sharinglookedat_is_shown_to_who_works_on_the_case_and_to_no_agency(cast: Cast, scope: int) -> None:
    seat = cast["police_member"]
    rec, other = record(seat), record(seat)
    for each in (rec, other):
        owner(
            "insert into casework_sharinglookedat (record_id, looked_on, words, by_id, operation) "
            "values (%s, current_date, 'It goes on', %s, '')",
            *(each, cast["coordinator"].membership_id),
        )
    hold(seat.principal, rec, scope)
    found = {}
    for role in ROLES:
        with undone(), acting_as(as_role(seat, role)):
            found[role] = rows("select record_id from casework_sharinglookedat")
    assert found == {role: [(rec,)] if scope == 3 and role in DECIDE else [] for role in ROLES}
