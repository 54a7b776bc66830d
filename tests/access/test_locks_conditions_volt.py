"""What persons of concern, locations, themes and links ask besides a grant: how each is handled, and both ends."""

from __future__ import annotations

import pytest

from mace.accounts.models import Role
from mace.core.seat import acting_as
from tests.access.locks import ALLOWED, REFUSED, all_rows, attempt, copy_of, owner, owner_rows, undone
from tests.access.test_locks_conditions import ROLES, as_role, copies, nobody, who_may
from tests.access.test_locks_rows import another_record, every_record, give
from tests.access.world import World
from tests.factories.panels import HELD
from volt.services import record_group

READ_ONLY = {"auditor", "analyst", "analyst_identifiable", "ig", "admin"}
"""Whose changes the history's trigger refuses, whatever the policies say."""
LEADS = {Role.AGENCY_LEAD.value, Role.AGENCY_MEMBER.value}
TEAM = {Role.COORDINATOR.value, Role.CHAIR.value, Role.SYSTEM.value}


@pytest.fixture(autouse=True)
def group(world: World) -> None:
    """A peer group beside the persons, locations and themes of the world."""
    with acting_as(world.cast["coordinator"]):
        record_group(name="Crew", by=world.cast["coordinator"], at=HELD)


def tight(table: str, handling: str, world: World) -> None:
    """Every row of the table handled so; what is for the police only comes with a wording."""
    owner(f"update \"{table}\" set handling = %s where handling <> 'T'", handling if handling != "T" else "P")
    if handling == "T":
        for row in all_rows(table):
            key = "id" if "id" in row else "record_id"
            owner(
                f'update "{table}" set handling = \'T\', wording_id = %s where "{key}" = %s', wording(world), row[key]
            )


def wording(world: World) -> int:
    """What may be said of an entry instead."""
    ((made,),) = owner_rows(
        "insert into volt_wording (reference, words, none_because, written_at, record_id, written_by_id) "
        "values ('W-TEST-0001', 'May be said', '', now(), %s, %s) returning id",
        *(world.person.pk, world.cast["coordinator"].membership_id),
    )
    return int(made)


@pytest.mark.parametrize(
    "table", ["volt_personofconcern", "volt_location", "volt_peergroup", "volt_theme", "volt_link"]
)
@pytest.mark.parametrize("handling", ["P", "C", "T"])
def test_what_is_handled_tightly_is_told_to_those_it_is_meant_for(world: World, table: str, handling: str) -> None:
    seat, agencies = nobody(world), world.cast.agencies
    give(seat, every_record(), 3)
    tight(table, handling, world)
    is_link = table == "volt_link"
    everybody = set(ROLES) - {Role.SYSTEM.value}
    told = {"P": everybody, "C": everybody - LEADS if is_link else everybody, "T": TEAM - {"system"}}[handling]
    for agency in ("voluntary", "police"):
        expected = everybody if (agency, handling) == ("police", "T") else told
        owner("update accounts_membership set agency_id = %s where id = %s", agencies[agency].pk, seat.membership_id)
        roles = [role for role in ROLES if role != Role.SYSTEM]
        add = copies(table)
        assert who_may(seat, f'select 1 from "{table}"', roles=roles) == expected, agency
        assert (
            who_may(
                seat,
                f"update \"{table}\" set operation = 'x'" if not is_link else "update volt_link set note = 'x'",
                roles=roles,
            )
            == expected - READ_ONLY
        ), agency
        assert who_may(seat, *add[:1], *add[1], roles=roles) == expected, agency
        # handled less tightly by who may not be told, it would come to light; more tightly, it would be a trap
        if handling == "P" and agency == "voluntary":
            up = f"update \"{table}\" set handling = 'T', wording_id = %s"
            assert who_may(seat, up, wording(world), roles=roles) == TEAM - {"system"}
            if is_link:
                assert (
                    who_may(seat, "update volt_link set handling = 'C'", roles=roles) == everybody - LEADS - READ_ONLY
                )
        else:
            assert who_may(seat, f"update \"{table}\" set handling = 'P'", roles=roles) == expected - READ_ONLY
    with undone():
        assert attempt(as_role(seat, Role.SYSTEM), f'select 1 from "{table}"')[0] == ALLOWED


def test_the_system_is_told_what_is_handled_tightly(world: World) -> None:
    """It works for all of the partnership, and sends what it is asked to make to nobody else."""
    for table in ("volt_personofconcern", "volt_location", "volt_peergroup", "volt_theme", "volt_link"):
        with undone():
            tight(table, "T", world)
            system, add = world.cast["system"], copies(table)
            give(system, every_record(), 3)
            assert attempt(system, f'select 1 from "{table}"')[0] == ALLOWED
            assert attempt(system, *add[:1], *add[1])[0] == ALLOWED
            column = "note" if table == "volt_link" else "operation"
            assert attempt(system, f"update \"{table}\" set {column} = 'x'")[0] == ALLOWED


@pytest.mark.parametrize(
    ("account", "entry"),
    [
        ("volt_personaccount", "volt_personofconcern"),
        ("volt_locationaccount", "volt_location"),
        ("volt_peergroupaccount", "volt_peergroup"),
        ("volt_themeevidence", "volt_theme"),
    ],
)
def test_an_account_is_seen_where_its_entry_is(world: World, account: str, entry: str) -> None:
    seat = nobody(world)
    give(seat, every_record(), 3)
    see, change, add = (
        f'select 1 from "{account}"',
        f'update "{account}" set record_id = record_id + 0',
        copies(account),
    )
    assert [attempt(seat, see)[0], attempt(seat, *add[:1], *add[1])[0]] == [ALLOWED] * 2
    row = all_rows(entry)[0] | {"record_id": another_record(seat), "reference": "V-TEST-0001", "operation": "own"}
    statement, parameters = copy_of(entry, row)
    owner(statement, *parameters)  # another that the seat does see
    give(seat, [row["record_id"]], 3)
    owner(
        f"update \"{entry}\" set handling = 'T', wording_id = %s where record_id <> %s",
        wording(world),
        row["record_id"],
    )
    outcomes = [attempt(seat, see)[0], attempt(seat, change)[0], attempt(seat, *add[:1], *add[1])[0]]
    assert outcomes == [REFUSED] * 3
    take = f'update "{account}" set record_id = %s'
    assert attempt(seat, take, row["record_id"])[0] == REFUSED
    owner(f'update "{account}" set record_id = %s', row["record_id"])
    assert attempt(seat, take, world.person.pk)[0] == REFUSED


def test_the_wording_of_a_link_needs_both_ends(world: World) -> None:
    seat = nobody(world)
    here, there = another_record(seat), another_record(seat)
    ((said,),) = owner_rows(
        "insert into volt_wording (reference, words, none_because, written_at, record_id, other_id, written_by_id) "
        "values ('', 'May be said', '', now(), %s, %s, %s) returning id",
        *(here, there, world.cast["coordinator"].membership_id),
    )
    see = "select 1 from volt_wording"
    for scopes, expected in (
        ((3, 3), ALLOWED),
        ((3, 2), REFUSED),
        ((2, 3), REFUSED),
        ((3, 0), REFUSED),
        ((0, 3), REFUSED),
    ):
        with undone():
            for record, scope in zip((here, there), scopes, strict=True):
                if scope:
                    give(seat, [record], scope)
            assert attempt(seat, see)[0] == expected, scopes
    with undone():
        owner("update volt_wording set other_id = null, reference = 'W-TEST-0001' where id = %s", said)
        give(seat, [there], 3)
        assert attempt(seat, see)[0] == REFUSED
        give(seat, [here], 1)
        assert attempt(seat, see)[0] == ALLOWED
