"""Who reads that a child may be known in another partnership, and what the two ask each other: coordinators alone."""

from __future__ import annotations

from mace.accounts.models import Role
from tests.access.locks import ALLOWED, attempt, owner
from tests.access.test_locks_conditions import copies, nobody, who_may
from tests.access.test_locks_functions import hold
from tests.access.world import World

THEIRS = {Role.COORDINATOR, Role.SYSTEM}
SEEN = "select 1 from referrals_knownelsewhere"
ASKED = "select 1 from referrals_childquestion"


def known(world: World) -> None:
    owner(
        "insert into referrals_knownelsewhere (record_id, child_id, elsewhere_id, found_at) values (%s, %s, %s, now())",
        *(world.child.pk, world.child.pk, world.cast.other_partnership.pk),
    )


def test_known_elsewhere_is_read_by_coordinators_who_hold_the_child_in_full_and_marked_by_the_worker(
    world: World,
) -> None:
    known(world)
    seat = nobody(world)
    told = "update referrals_knownelsewhere set told_at = now()"
    assert who_may(seat, SEEN) - THEIRS == who_may(seat, told) - THEIRS == set()
    hold(seat.principal, world.child.pk, 2)
    assert who_may(seat, SEEN) - THEIRS == set()
    hold(seat.principal, world.child.pk, 3)
    assert who_may(seat, SEEN) == THEIRS
    assert who_may(seat, told) == {Role.SYSTEM}
    assert who_may(seat, "delete from referrals_knownelsewhere") == set()
    add, values = copies("referrals_knownelsewhere", id=99, elsewhere_id=world.cast.partnership.pk)
    assert who_may(seat, add, *values) == set()


def test_a_question_is_read_by_coordinators_who_ask_with_the_child_in_full_and_by_those_who_are_asked(
    world: World,
) -> None:
    asking, asked = nobody(world), world.cast["stranger_practitioner"]
    answer = (
        "update referrals_childquestion set answer = 'not_known', answered_at = now(), answered_by_id = asked_by_id"
    )
    assert who_may(asked, ASKED) == who_may(asked, answer) == THEIRS
    owner("delete from access_grant where record_id = %s", world.child.pk)
    assert who_may(asking, ASKED) == set()
    hold(asking.principal, world.child.pk, 2)
    assert who_may(asking, ASKED) == set()
    hold(asking.principal, world.child.pk, 3)
    assert who_may(asking, ASKED) == THEIRS
    assert who_may(asking, answer) == set()
    assert who_may(asked, "delete from referrals_childquestion") == set()


def test_a_question_is_put_by_coordinators_who_hold_the_child_in_full_for_their_own_partnership(world: World) -> None:
    asking, asked = nobody(world), world.cast["stranger_practitioner"]
    add, values = copies("referrals_childquestion", id=99, reference="Q-NEW")
    owner("delete from referrals_childquestion")
    owner("delete from access_grant where record_id = %s", world.child.pk)
    assert who_may(asking, add, *values) == set()
    hold(asking.principal, world.child.pk, 3)
    assert who_may(asking, add, *values) == THEIRS
    hold(asked.principal, world.child.pk, 3)
    assert who_may(asked, add, *values) == set()


def test_what_was_asked_is_not_changed_by_who_is_asked_nor_answered_twice(world: World) -> None:
    them = world.cast["stranger_coordinator"]
    for change in (
        "forename = 'x'",
        "reason = 'x'",
        "nhs_number = '9990000018'",
        "asked_at = now()",
        "asked_by_id = 1",
    ):
        assert attempt(them, f"update referrals_childquestion set {change}")[0] != ALLOWED, change
    assert attempt(them, "update referrals_childquestion set answer_reason = 'x'")[0] == ALLOWED
    owner("update referrals_childquestion set answer = 'not_known', answered_at = now(), answered_by_id = asked_by_id")
    assert attempt(them, "update referrals_childquestion set answer = 'will_contact'")[0] != ALLOWED
