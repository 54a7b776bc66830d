"""Who reads where a child lives and lived: full scope, and nobody while an address of the child is protected."""

from __future__ import annotations

from tests.access.locks import ALLOWED, attempt, owner
from tests.access.test_locks_conditions import copies, nobody
from tests.access.test_locks_functions import hold
from tests.access.world import World

SEE, CHANGE = "select 1 from referrals_childaddress", "update referrals_childaddress set source = 'x'"


def test_addresses_are_for_full_scope_and_for_nobody_while_one_is_protected(world: World) -> None:
    seat, child, member = nobody(world), world.child.pk, world.cast.memberships["coordinator"].pk
    owner("delete from referrals_protectedaddress where child_id = %s", child)
    owner(
        "insert into referrals_childaddress (record_id, child_id, kind, address, source, written_at) "
        "values (%s, %s, 'other', '9 Old Road', 'Her aunt', now())",
        *(child, child),
    )
    add, values = copies("referrals_childaddress", id=9999, kind="other")
    for scope, allowed in ((2, False), (3, True)):
        hold(seat.principal, child, scope)
        assert (attempt(seat, SEE)[1] > 0) == (attempt(seat, CHANGE)[1] > 0) == allowed
        assert (attempt(seat, add, *values)[0] == ALLOWED) == allowed
    owner(
        "insert into referrals_protectedaddress (record_id, child_id, address, reason, since_on, written_by_id) "
        "values (%s, %s, 'Refuge House', 'A threat', '2026-03-01', %s)",
        *(world.case.pk, child, member),
    )
    assert attempt(seat, SEE)[1] == attempt(seat, CHANGE)[1] == 0
    assert attempt(seat, add, *values)[0] != ALLOWED
