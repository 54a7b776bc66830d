"""Who adds a version of a partnership's lists: its coordinators and chairs; everybody reads them."""

from __future__ import annotations

from mace.accounts.models import Role
from mace.core.seat import acting_as
from referrals.services.lists import save_list, standing
from tests.access.locks import attempt, owner
from tests.access.test_locks_conditions import ROLES, copies, nobody, who_may
from tests.access.world import World
from tests.referrals.listed import AT, worded

THEIRS = {Role.COORDINATOR, Role.CHAIR}


def test_lists_are_read_by_all_and_added_to_by_those_who_keep_them(world: World) -> None:
    keeper = world.cast["coordinator"]
    with acting_as(keeper):
        save_list(
            list_name="wider_factor",
            entries=worded(standing("wider_factor")),
            adopted=False,
            why="Agreed",
            version=0,
            by=keeper,
            at=AT,
        )
    seat, stranger = nobody(world), world.cast["stranger_practitioner"]
    see = "select 1 from referrals_listversion"
    add, values = copies("referrals_listversion", id=99, version=2)
    assert who_may(seat, see) == who_may(stranger, see) == set(ROLES)
    assert who_may(seat, add, *values) == THEIRS
    assert who_may(stranger, add, *values) == set()
    assert attempt(seat, "update referrals_listversion set why = 'x'")[0] == "no right"
    assert attempt(seat, "delete from referrals_listversion")[0] == "no right"
    owner("delete from referrals_listversion")
