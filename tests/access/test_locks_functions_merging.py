"""The functions of referrals by which children are merged, and said to be different."""

from __future__ import annotations

from mace.core.seat import Seat
from tests.access.locks import owner, owner_rows, undone
from tests.access.test_locks_conditions import ROLES, as_role
from tests.access.test_locks_functions import REFUSED, called, callers, hold
from tests.access.test_locks_functions_cases import Made, answered, made_case
from tests.access.test_locks_functions_children import ASKED, BORN, LEAD, by_owner
from tests.access.test_locks_functions_reading import merge
from tests.access.test_locks_rows import restrict
from tests.factories.cast import Cast

# --- Merging ---------------------------------------------------------------------------------------------------------

MAY = "referrals_may_merge(%s, %s)"
MERGE = "referrals_merge_children(%s, %s, 'The same birth', now())"
UNDO = "referrals_undo_merge(%s, 'Cousins', now())"


def pair(seat: Seat, by: Seat, *, one: int = 3, other: int = 3) -> tuple[Made, Made]:
    """Two children, held at those scopes."""
    made = made_case(seat), made_case(seat)
    for each, scope in zip(made, (one, other), strict=True):
        if scope:
            hold(by.principal, each.child, scope)
    return made


def test_referrals_may_merge_is_for_coordinators_and_chairs_who_hold_both_in_full(cast: Cast) -> None:
    seat = cast["coordinator"]
    made_case(seat)
    for one, other, may in ((3, 3, True), (2, 3, False), (0, 3, False), (3, 2, False), (3, 0, False)):
        first, second = pair(seat, seat, one=one, other=other)
        assert called(seat, MAY, first.child, second.child) is may, (one, other)
    probe = cast["police_member"]
    first, second = pair(seat, probe)
    found = set()
    for role in ROLES:
        with undone():
            found |= {role} if called(as_role(probe, role), MAY, first.child, second.child) else set()
    assert found == LEAD


def test_referrals_may_merge_asks_for_two_children_of_the_partnership_who_are_open(cast: Cast) -> None:
    seat, stranger = cast["coordinator"], cast["stranger_coordinator"]
    first, second = pair(seat, seat)
    foreign, apart = made_case(stranger), made_case(seat)
    restrict(seat, apart.around)
    for rec in (first.case, foreign.child):
        hold(seat.principal, rec, 3)
    may = {rec: called(seat, MAY, first.child, rec) for rec in (second.child, first.child, first.case, foreign.child)}
    assert may == {second.child: True, first.child: False, first.case: False, foreign.child: False}
    assert called(seat, MAY, foreign.child, first.child) is False
    for rec in (first.child, first.item, second.case):
        with undone():
            restrict(seat, [rec])
            hold(seat.principal, rec, 3)
            assert called(seat, MAY, first.child, second.child) is False, rec


def test_referrals_merge_children_asks_whether_they_may_be_and_closes_no_circle(cast: Cast) -> None:
    seat = cast["coordinator"]
    first, second = pair(seat, seat)
    third, less = pair(seat, seat, other=2)
    assert called(seat, MERGE, first.child, less.child) == REFUSED
    assert called(seat, MERGE, first.child, first.child) == REFUSED
    made = called(seat, MERGE, first.child, second.child)
    assert owner_rows("select id, child_id, into_id, reason, merged_by_id, undone_at from referrals_childmerge") == [
        (made, first.child, second.child, "The same birth", seat.membership_id, None)
    ]
    for gone, kept in ((first, second), (second, first)):
        assert called(seat, MERGE, gone.child, kept.child) == REFUSED
    assert called(seat, MERGE, second.child, third.child) not in {REFUSED, made}
    assert called(seat, MERGE, third.child, first.child) == REFUSED


def test_referrals_undo_merge_takes_back_that_one_once_and_asks_whether_it_may_be(cast: Cast) -> None:
    seat, probe = cast["coordinator"], cast["police_member"]
    theirs = merge(seat, *(each.child for each in pair(seat, cast["chair"])))
    first, second = pair(seat, seat)
    own = merge(seat, first.child, second.child)
    other = merge(seat, *(each.child for each in pair(seat, seat)))
    for wrong in (theirs, 0, None):
        assert called(seat, UNDO, wrong) == REFUSED, wrong
    for each in (first, second):
        hold(probe.principal, each.child, 3)
    assert callers(probe, UNDO, own) == LEAD
    with undone():
        hold(seat.principal, second.child, 2)
        assert called(seat, UNDO, own) == REFUSED
    assert called(seat, UNDO, own) != REFUSED
    assert called(seat, UNDO, own) == REFUSED
    assert owner_rows(
        "select id, undone_at = now(), undone_by_id, undone_reason from referrals_childmerge order by id"
    ) == [(theirs, None, None, ""), (own, True, seat.membership_id, "Cousins"), (other, None, None, "")]


# --- Saying that they are different ----------------------------------------------------------------------------------

COMPARE = "select referrals_may_compare(%s, %s)"
APART = "referrals_say_apart(%s, %s, 'Two births', now())"
TAKE_BACK = "referrals_take_back_apart(%s, 'Perhaps one', now())"


def said_apart(seat: Seat, one: int, other: int) -> int:
    ((made,),) = owner_rows(
        "insert into referrals_childrenapart (a_id, b_id, reason, said_by_id, said_at, taken_back_reason) "
        "values (least(%s, %s), greatest(%s, %s), 'x', %s, now(), '') returning id",
        *(one, other, one, other, seat.membership_id),
    )
    return int(made)


def test_referrals_may_compare_is_for_who_runs_both_cases_and_holds_both_in_full_restricted_or_not(cast: Cast) -> None:
    seat, stranger, probe = cast["coordinator"], cast["stranger_coordinator"], cast["police_member"]
    for one, other, may in ((3, 3, True), (2, 3, False), (0, 3, False), (3, 2, False), (3, 0, False)):
        first, second = pair(seat, seat, one=one, other=other)
        assert by_owner(seat, COMPARE, first.child, second.child) == [(may,)], (one, other)
    first, second = pair(seat, seat)
    foreign = made_case(stranger)
    for rec in (first.case, foreign.child):
        hold(seat.principal, rec, 3)
        assert by_owner(seat, COMPARE, first.child, rec) == [(False,)]
    assert by_owner(seat, COMPARE, first.child, first.child) == [(False,)]
    with undone():
        restrict(seat, first.around)
        assert by_owner(seat, COMPARE, first.child, second.child) == [(True,)]
    for each in (first, second):
        hold(probe.principal, each.child, 3)
    found = set()
    for role in ROLES:
        with undone():
            told = by_owner(as_role(probe, role), COMPARE, first.child, second.child)
            found |= {role} if told == [(True,)] else set()
    assert found == LEAD


def test_referrals_said_apart_of_either_and_of_what_is_merged_with_them_until_taken_back(cast: Cast) -> None:
    seat = cast["coordinator"]
    one, other, merged_one, third = (made_case(seat).child for _ in range(4))
    merge(seat, merged_one, one)

    def said(a: int, b: int) -> bool:
        return bool(owner_rows("select referrals_said_apart(%s, %s)", a, b)[0][0])

    assert not said(one, other)
    made = said_apart(seat, other, one)
    assert [said(*each) for each in ((one, other), (other, one), (merged_one, other), (other, merged_one))] == [
        True
    ] * 4
    assert not any(said(*each) for each in ((one, third), (third, other), (merged_one, one)))
    owner(
        "update referrals_childrenapart set taken_back_at = now(), taken_back_by_id = %s, taken_back_reason = 'x' "
        "where id = %s",
        *(seat.membership_id, made),
    )
    assert not said(one, other)


def test_referrals_say_apart_asks_whether_they_may_be_compared_and_not_of_one_child_or_twice(cast: Cast) -> None:
    seat, probe = cast["coordinator"], cast["police_member"]
    first, second = pair(seat, seat)
    third, less = pair(seat, seat, other=2)
    assert called(seat, APART, first.child, less.child) == REFUSED
    assert called(seat, APART, first.child, first.child) == REFUSED
    with undone():
        merge(seat, third.child, first.child)
        assert called(seat, APART, first.child, third.child) == REFUSED
    for each in (first, third):
        hold(probe.principal, each.child, 3)
    assert callers(probe, APART, first.child, third.child) == LEAD
    made = called(seat, APART, second.child, first.child)
    assert owner_rows("select id, a_id, b_id, reason, said_by_id, taken_back_at from referrals_childrenapart") == [
        (made, *sorted([first.child, second.child]), "Two births", seat.membership_id, None)
    ]
    assert called(seat, APART, first.child, second.child) == REFUSED
    assert called(seat, MERGE, first.child, second.child) == REFUSED
    assert called(seat, MERGE, first.child, third.child) != REFUSED


def test_referrals_take_back_apart_of_that_one_once_by_who_may_compare_them(cast: Cast) -> None:
    seat, probe = cast["coordinator"], cast["police_member"]
    theirs = said_apart(seat, *(each.child for each in pair(seat, cast["chair"])))
    first, second = pair(seat, seat)
    own = said_apart(seat, first.child, second.child)
    for wrong in (theirs, 0, None):
        assert called(seat, TAKE_BACK, wrong) == REFUSED, wrong
    for each in (first, second):
        hold(probe.principal, each.child, 3)
    assert callers(probe, TAKE_BACK, own) == LEAD
    assert called(seat, TAKE_BACK, own) != REFUSED
    assert called(seat, TAKE_BACK, own) == REFUSED
    assert owner_rows(
        "select id, taken_back_by_id, taken_back_reason, taken_back_at = now() from referrals_childrenapart order by id"
    ) == [(theirs, None, "", None), (own, seat.membership_id, "Perhaps one", True)]


def test_referrals_child_matches_leave_out_besides_a_child_of_ones_own_who_is_said_to_be_somebody_else(
    cast: Cast,
) -> None:
    seat = cast["practitioner"]
    own, other, merged_one = (made_case(seat) for _ in range(3))
    merge(seat, merged_one.child, own.child)
    said_apart(cast["coordinator"], own.child, other.child)
    asked = ASKED + ", %s"

    def found(besides: int | None) -> set[int]:
        return {row[0] for row in answered(seat, f"referrals_child_matches({asked})", BORN, besides)}

    assert found(None) == found(own.child) == found(0) == {own.child, other.child}
    hold(seat.principal, own.child, 1)
    assert found(own.child) == set()
    assert found(other.child) == {own.child, other.child}
