"""What the database does by itself around children: pairs, addresses, questions. Each as the seat that sets it off."""

from __future__ import annotations

import pytest

from mace.core.seat import acting_as
from tests.access.locks import attempt, owner, owner_rows, undone
from tests.access.test_locks_conditions import ROLES, as_role
from tests.access.test_locks_functions import REFUSED, called, hold
from tests.access.test_locks_functions_cases import made_case
from tests.access.test_locks_functions_merging import said_apart
from tests.access.test_locks_functions_reading import merge
from tests.access.test_locks_rows import give
from tests.factories.cast import Cast

NOTE = "referrals_note_pair(%s, %s, now())"
KEPT = "select address, to_on is null from referrals_childaddress where child_id = %s order by id"
PROTECT = (
    "insert into referrals_protectedaddress (record_id, child_id, address, reason, since_on, written_by_id) "
    "values (%s, %s, %s, 'x', current_date, %s)"
)


def test_referrals_note_pair_is_for_the_worker_with_two_children_of_its_own_that_it_holds(cast: Cast) -> None:
    seat, stranger = cast["system"], cast["stranger_system"]
    one, other, less, foreign, merged_one, apart = (made_case(seat) for _ in range(6))
    foreign = made_case(stranger)
    for each in (one, other, foreign, merged_one, apart):
        hold(seat.principal, each.child, 3)
    hold(seat.principal, one.case, 3)
    hold(seat.principal, less.child, 2)
    merge(seat, merged_one.child, one.child)
    said_apart(cast["coordinator"], one.child, apart.child)
    for wrong in (one.child, one.case, less.child, foreign.child, merged_one.child, apart.child):
        assert called(seat, NOTE, one.child, wrong) is False, wrong
    for role in set(ROLES) - {"system"}:
        with undone():
            assert called(as_role(seat, role), NOTE, one.child, other.child) == REFUSED, role
    assert called(seat, NOTE, other.child, one.child) is True
    assert called(seat, NOTE, one.child, other.child) is False
    assert owner_rows("select a_id, b_id, decision from referrals_possiblepair") == [
        (*sorted([one.child, other.child]), "")
    ]


def test_referrals_pair_decided_writes_what_is_decided_and_unwrites_it(cast: Cast) -> None:
    seat = cast["coordinator"]
    one, other, third = (made_case(seat).child for _ in range(3))
    for pair in ((one, other), (one, third)):
        owner("insert into referrals_possiblepair (a_id, b_id, found_at, decision) values (%s, %s, now(), '')", *pair)

    def decided() -> list[str]:
        return [row[0] for row in owner_rows("select decision from referrals_possiblepair order by id")]

    made = said_apart(seat, other, one)
    assert decided() == ["apart", ""]
    owner(
        "update referrals_childrenapart set taken_back_at = now(), taken_back_by_id = %s, taken_back_reason = 'x' "
        "where id = %s",
        *(seat.membership_id, made),
    )
    assert decided() == ["", ""]
    merge(seat, third, one)
    assert decided() == ["", "merged"]


def test_referrals_compare_again_queues_who_is_new_or_says_something_else_of_who_the_child_is(cast: Cast) -> None:
    child = made_case(cast["practitioner"]).child
    waiting = "select 1 from referrals_childtocompare where record_id = %s"
    assert owner_rows(waiting, child) == [(1,)]
    for column, value, queued in (("address", "2 Road", False), ("surname", "Zu", True), ("local_id", "7", True)):
        owner("delete from referrals_childtocompare")
        owner(f"update referrals_childidentity set {column} = %s where record_id = %s", value, child)
        assert bool(owner_rows(waiting, child)) is queued, column


@pytest.mark.django_db
def test_referrals_same_address_is_told_though_one_goes_on_with_the_town() -> None:
    for one, other, same in (
        ("2 Hidden Row", "2, hidden row", True),
        ("2 Hidden Row", "2 Hidden Row, Anytown AB1 2CD", True),
        ("2 Hidden Row, Anytown", "2 Hidden Row", True),
        ("2 Hidden Row", "12 Hidden Row", False),
        ("2 Hidden Row", "3 Hidden Row", False),
        ("2 H", "2 Hidden Row", False),
    ):
        assert owner_rows("select referrals_same_address(%s, %s)", one, other) == [(same,)], (one, other)


def test_referrals_keep_address_keeps_the_former_with_its_last_day(cast: Cast) -> None:
    seat = cast["practitioner"]
    child = made_case(seat).child
    owner("update referrals_childidentity set address = '1 Road' where record_id = %s", child)
    with acting_as(seat):
        owner("update referrals_childidentity set address = '2 Road' where record_id = %s", child)
    assert owner_rows(KEPT, child)[-2:] == [("1 Road", False), ("2 Road", True)]
    owner("update referrals_childidentity set address = '2 Road', surname = 'x' where record_id = %s", child)
    owner("update referrals_childidentity set address = '' where record_id = %s", child)
    assert owner_rows(KEPT, child)[-2:] == [("1 Road", False), ("2 Road", False)]


def test_referrals_never_protected_and_referrals_out_of_addresses_keep_it_out_of_records_merged_with_it_too(
    cast: Cast,
) -> None:
    seat = cast["practitioner"]
    one, other, apart = (made_case(seat) for _ in range(3))
    merge(seat, other.child, one.child)
    give(seat, [one.child], 3)
    for each in (one, other, apart):
        owner("update referrals_childidentity set address = '2 Hidden Row' where record_id = %s", each.child)
    owner(PROTECT, one.item, one.child, "2 Hidden Row, Anytown", seat.membership_id)
    for each, kept in ((one, False), (other, False), (apart, True)):
        assert (("2 Hidden Row", True) in owner_rows(KEPT, each.child)) is kept
        owner("update referrals_childidentity set address = '' where record_id = %s", each.child)
        owner("update referrals_childidentity set address = '2 hidden row' where record_id = %s", each.child)
        assert (("2 hidden row", True) in owner_rows(KEPT, each.child)) is kept


def test_referrals_child_goes_takes_along_what_the_program_wrote(cast: Cast) -> None:
    seat = cast["practitioner"]
    made, other = made_case(seat), made_case(seat)
    owner(
        "insert into referrals_knownelsewhere (record_id, child_id, elsewhere_id, found_at) values (%s, %s, %s, now())",
        *(made.child, made.child, cast.other_partnership.pk),
    )
    owner(
        "insert into referrals_possiblepair (a_id, b_id, found_at, decision) values (%s, %s, now(), '')",
        *sorted([made.child, other.child]),
    )
    for table, column in (
        *(("referrals_case", "child_id"), ("referrals_childidentity", "record_id"), ("referrals_child", "record_id")),
    ):
        owner(f"delete from {table} where {column} = %s", made.child)
    for table in ("referrals_knownelsewhere", "referrals_possiblepair"):
        assert owner_rows(f"select 1 from {table}") == [], table
    assert owner_rows("select record_id from referrals_childtocompare") == [(other.child,)]


def test_the_worker_alone_reads_and_takes_whom_it_compares_next(cast: Cast) -> None:
    seat = cast["system"]
    made = made_case(seat)
    take = "delete from referrals_childtocompare where record_id = %s"
    assert attempt(seat, take, made.child)[1] == 0
    hold(seat.principal, made.child, 3)
    assert {role for role in ROLES if attempt(as_role(seat, role), take, made.child)[1] == 1} == {"system"}
