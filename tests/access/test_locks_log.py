"""Who reads which entries of the access log in the database itself, and who adds what to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mace.accounts.models import Role
from mace.core.seat import Seat, acting_as
from tests.access.locks import ALLOWED, attempt, owner, rows, undone
from tests.access.test_locks_conditions import ROLES, as_role
from tests.access.test_locks_functions import hold, record
from tests.access.test_locks_rows import bar, restrict
from tests.factories.cast import Cast

ADD = (
    "insert into audit_readentry (action, record_id, reference, records, rows, kind) values (%s, %s, '', %s, 1, 'page')"
)


def entry(by: Seat, action: str, *records: int) -> None:
    with acting_as(by):
        rows(ADD, action, records[0] if records else None, list(records))


def read(by: Seat) -> set[str]:
    with acting_as(by):
        return {row[0] for row in rows("select action from audit_readentry")}


@pytest.fixture
def log(cast: Cast) -> dict[str, int]:
    """What the police, health and a stranger looked at: a case, another case, and nothing of anybody's."""
    one, other = record(cast["practitioner"]), record(cast["practitioner"])
    entry(cast["police_lead"], "police one", one)
    entry(cast["police_member"], "police none")
    entry(cast["health_lead"], "health one", one)
    entry(cast["health_lead"], "health both", other, one)
    entry(cast["stranger_police"], "stranger none")
    entry(cast["stranger_police"], "stranger one", one)
    return {"one": one, "other": other}


ALL = {"police one", "police none", "health one", "health both", "stranger one"}
ONE = {"police one", "health one", "health both", "stranger one"}


def test_audit_readentry_shows_each_role_the_entries_that_it_answers_for(cast: Cast, log: dict[str, int]) -> None:
    seat = cast["voluntary_member"]
    elsewhere, own = replace(seat, partnership_id=cast["stranger_police"].partnership_id), {"own"}
    entry(seat, "own")

    def seen(of: Seat = seat) -> dict[str, set[str]]:
        found = {}
        for role in ROLES:
            with undone():
                found[role] = read(as_role(of, role)) - own
        return found

    nothing: dict[str, set[str]] = {role: set() for role in ROLES}
    assert seen() == nothing | {Role.INFORMATION_GOVERNANCE: ALL}
    assert read(seat) == own
    for scope in (1, 2, 3):
        with undone():
            hold(seat.principal, log["one"], scope)
            decide = {role: ONE if scope == 3 else set() for role in (Role.COORDINATOR, Role.CHAIR)}
            assert seen() == nothing | {Role.INFORMATION_GOVERNANCE: ALL} | decide, scope
    with undone():
        hold(seat.principal, log["other"], 3)
        assert seen()[Role.COORDINATOR] == {"health both"}
    police = {"police one", "police none"}
    with undone():
        owner("update accounts_membership set agency_id = %s where id = %s", cast["police_lead"].agency_id,
              seat.membership_id)  # fmt: skip
        assert seen() == nothing | {Role.INFORMATION_GOVERNANCE: ALL, Role.AGENCY_LEAD: police}
        with undone():
            restrict(seat, [log["one"]])
            assert seen()[Role.AGENCY_LEAD] == {"police none"}
            hold(seat.principal, log["one"], 1)
            assert seen()[Role.AGENCY_LEAD] == police
        with undone():  # the same agency in another partnership
            owner(
                "update accounts_membership set partnership_id = %s where id = %s",
                *(cast["stranger_police"].partnership_id, seat.membership_id),
            )
            assert seen(elsewhere)[Role.AGENCY_LEAD] == set()
    hold(seat.principal, log["one"], 3)
    bar(seat, [log["other"]])
    assert seen()[Role.INFORMATION_GOVERNANCE] == ALL - {"health both"}
    assert seen()[Role.CHAIR] == ONE - {"health both"}
    entry(cast["stranger_practitioner"], "stranger own")
    with undone():
        owner(
            "update accounts_membership set partnership_id = %s where id = %s",
            *(cast["stranger_police"].partnership_id, seat.membership_id),
        )
        assert seen(elsewhere)[Role.INFORMATION_GOVERNANCE] == {"stranger none", "stranger one", "stranger own"}


def test_audit_readentry_shows_nobody_their_own_entries_about_what_they_are_barred_from(
    cast: Cast, log: dict[str, int]
) -> None:
    seat = cast["police_lead"]
    assert read(seat) == {"police one", "police none"}
    bar(seat, [log["one"]])
    assert read(seat) == {"police none"}


def test_audit_readentry_takes_entries_from_a_seat_in_its_own_name(cast: Cast, log: dict[str, int]) -> None:
    seat = cast["health_lead"]
    assert attempt(seat, ADD, "looked", log["one"], [log["one"]])[0] == ALLOWED
    for column in ("membership_id", "principal", "partnership_id", "agency_id", "at", "xid"):
        statement = f"insert into audit_readentry (action, {column}) values ('looked', null)"
        assert attempt(seat, statement)[0] == "no right", column
    with undone():
        owner("alter table audit_readentry disable trigger user")
        owner("grant insert on audit_readentry to mace_app")
        ownership = (
            "insert into audit_readentry (at, membership_id, principal, action, reference, records, rows, kind, "
            "refused, xid) values (now(), %s, 1, 'forged', '', '{}', 1, 'page', false, 1)"
        )
        assert attempt(seat, ownership, cast["chair"].membership_id)[0] == "refused"
        assert attempt(seat, ownership, seat.membership_id)[0] == ALLOWED
