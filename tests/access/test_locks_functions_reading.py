"""The functions that every policy and every other function leans on: what is held, what stands around, what is shut."""

from __future__ import annotations

import pytest

from mace.accounts.models import Role
from mace.core.seat import Seat, acting_as
from tests.access.locks import owner, owner_rows, rows, undone
from tests.access.test_locks_functions import REFUSED, called, callers, held, hold, moment, record
from tests.access.test_locks_functions_cases import answered, made_case
from tests.access.test_locks_rows import bar, restrict
from tests.factories.cast import Cast


def around(*records: int) -> set[int]:
    return set(owner_rows("select access_around(%s)", list(records))[0][0])


def person_of_concern(seat: Seat, child: int | None) -> int:
    rec = record(seat, "person")
    owner(
        "insert into volt_personofconcern (record_id, reference, created_at, handling, version, name, name_key, "
        "child_id, created_by_id, partnership_id) values (%s, %s, now(), 'P', 1, 'Ann', 'ann', %s, %s, %s)",
        *(rec, f"P-{rec}", child, seat.membership_id, seat.partnership_id),
    )
    return rec


def merge(seat: Seat, gone: int, kept: int) -> int:
    ((made,),) = owner_rows(
        "insert into referrals_childmerge (child_id, into_id, reason, merged_by_id, merged_at, undone_reason) "
        "values (%s, %s, 'The same', %s, now(), '') returning id",
        *(gone, kept, seat.membership_id),
    )
    return int(made)


def test_access_around_finds_what_speaks_of_the_same_child_and_what_lies_within(cast: Cast) -> None:
    seat = cast["practitioner"]
    made, apart = made_case(seat), made_case(seat)
    alone = record(seat, "theme")
    whole = set(made.around)
    for rec in made.around:
        assert around(rec) == whole, rec
    assert around(alone) == {alone}
    assert around(made.item, alone) == {*whole, alone}
    assert around(made.case, apart.case) == {*whole, *apart.around}
    inner = record(seat, "theme", within_id=made.item)  # what lies within what lies within is not of the case
    assert around(made.case) == whole
    assert around(inner) == {inner}
    matter = record(seat, "referral", about_id=made.child)
    file = record(seat, "address", within_id=matter)
    whole |= {matter, file}
    assert around(made.case) == around(matter) == whole
    person, other = person_of_concern(seat, made.child), person_of_concern(seat, None)
    note = record(seat, "address", within_id=person)
    whole |= {person, note}
    assert around(made.case) == around(person) == around(note) == whole
    assert around(other) == {other}


def test_access_around_follows_children_who_were_found_to_be_the_same(cast: Cast) -> None:
    seat = cast["practitioner"]
    one, two, three, apart = (made_case(seat) for _ in range(4))
    merge(seat, one.child, two.child)
    joined = {*one.around, *two.around}
    assert around(one.case) == around(two.case) == joined
    assert (around(three.case), around(apart.case)) == (set(three.around), set(apart.around))
    undone_one = merge(seat, apart.child, two.child)
    assert around(one.case) == {*joined, *apart.around}
    take_back = (
        "update referrals_childmerge set undone_at = now(), undone_reason = 'x', undone_by_id = %s where id = %s"
    )
    owner(take_back, seat.membership_id, undone_one)
    assert around(one.case) == joined
    merge(seat, two.child, three.child)
    assert around(one.case) == around(three.case) == {*joined, *three.around}


def test_access_held_and_shut_say_what_the_seat_holds_now(cast: Cast) -> None:
    seat, other = cast["practitioner"], cast["police_member"]
    rec, apart = record(seat), record(seat)
    hold(other.principal, rec, 3)
    hold(seat.principal, apart, 3)

    def said(of: Seat) -> tuple[int, bool]:
        return called(of, "access_held(%s)", rec), called(of, "access_shut(%s)", rec)

    assert (said(seat), said(other)) == ((0, False), (3, False))
    for until, expected in ((None, 2), (moment(1), 2), (moment(-1), 0)):
        hold(seat.principal, rec, 2, until)
        assert said(seat) == (expected, False), until
    restrict(seat, [apart])
    assert said(seat) == (0, False)
    with undone():
        bar(seat, [rec])
        assert (said(seat), said(other)) == ((0, True), (3, False))
    restrict(seat, [rec])
    assert (said(seat), said(other)) == ((0, True), (3, False))
    hold(seat.principal, rec, 1)
    assert said(seat) == (1, False)
    bar(seat, [rec])
    assert (said(seat), said(other)) == ((0, True), (3, False))


def test_access_is_barred_is_told_to_who_holds_the_record(cast: Cast) -> None:
    seat, person = cast["coordinator"], cast["police_member"]
    made, apart = made_case(seat), made_case(seat)
    bar(person, [made.case])
    bar(cast["health_lead"], [apart.case])
    asked = "access_is_barred(%s, %s)"
    assert called(seat, asked, made.item, person.user_id) is False
    hold(seat.principal, made.item, 1)
    hold(seat.principal, apart.item, 1)
    assert called(seat, asked, made.item, person.user_id) is True
    assert called(seat, asked, apart.item, person.user_id) is False
    assert called(seat, asked, made.item, cast["health_lead"].user_id) is False
    owner("update access_bar set lifted_at = now(), lifted_reason = 'x', lifted_by_id = %s", seat.membership_id)
    assert called(seat, asked, made.item, person.user_id) is False


@pytest.mark.parametrize("scope", [2, 3])
def test_access_begin_emergency_opens_the_case_and_in_full_what_lies_within(cast: Cast, scope: int) -> None:
    seat = cast["other_practitioner"]
    record(cast["stranger_practitioner"])
    made, apart = made_case(cast["practitioner"]), made_case(cast["practitioner"])
    with acting_as(seat):
        owner("select access_begin_emergency(%s, %s::smallint, %s, 'E-TEST-0001', 'Missing', now(), current_date)",
              made.case, scope, scope == 2)  # fmt: skip
    ((own, by, where),) = owner_rows("select principal, membership_id, partnership_id from access_emergencyaccess")
    assert (by, where) == (seat.membership_id, seat.partnership_id)
    assert owner_rows("select membership_id from accounts_holding where principal = %s", own) == [(seat.membership_id,)]
    opened = {rec for rec in (*made.around, *apart.around) if own in held(rec)}
    inside = {made.referral, made.item} if scope == 3 else set()
    assert opened == {made.case, made.child, *inside}
    assert held(made.case) == {own: scope}
    assert owner_rows(
        "select distinct until - now() <= interval '3 hours' and until > now() from access_grant where principal = %s",
        own,
    ) == [(True,)]


def test_access_open_review_is_for_the_officer_of_the_partnership_who_did_not_use_it(cast: Cast) -> None:
    seat, other = cast["ig"], cast["police_member"]
    made = made_case(cast["practitioner"])
    accesses = []
    for number, by in enumerate((other, cast["health_lead"])):
        accesses.append(
            owner_rows(
                "insert into access_emergencyaccess (reference, record_id, partnership_id, membership_id, scope, "
                "reason, begun_at, ends_at, review_due_on, outcome, review_note) values (%s, %s, %s, %s, 3, 'x', "
                "now(), now(), current_date, '', '') returning id, principal",
                *(f"E-{number}", made.case, by.partnership_id, by.membership_id),
            )[0]
        )
    (access, own), (second, second_own) = accesses
    for principal in (own, second_own):
        hold(principal, made.case, 3, moment(-1))
    review = "access_open_review(%s)"
    assert callers(seat, review, access) == {Role.INFORMATION_GOVERNANCE}
    with undone():
        assert called(seat, review, access) != REFUSED
        with acting_as(seat):
            assert rows("select distinct principal from access_grant") == [(own,)]
        ended = "select until > now() from access_grant where principal = %s and record_id = %s"
        assert owner_rows(ended, second_own, made.case) == [(False,)]
    for column, value in (
        ("partnership_id", cast["stranger_police"].partnership_id),
        ("membership_id", seat.membership_id),
    ):
        with undone():
            owner(f"update access_emergencyaccess set {column} = %s where id = %s", value, access)
            assert called(seat, review, access) == REFUSED, column
            assert called(seat, review, second) != REFUSED
    with undone():
        owner(
            "update access_emergencyaccess set reviewed_at = now(), outcome = 'justified', reviewed_by_id = %s "
            "where id = %s",
            *(cast["chair"].membership_id, access),
        )
        assert called(seat, review, access) == REFUSED
    bar(seat, [made.child])
    assert called(seat, review, access) == REFUSED


def test_access_seek_finds_each_kind_that_the_seat_holds_at_a_scope(cast: Cast) -> None:
    seat, other = cast["manager"], cast["police_member"]
    cases = {scope: record(seat) for scope in (1, 2, 3)}
    theme, theirs, ours = record(seat, "theme"), record(seat), record(seat)
    for scope, rec in cases.items():
        hold(seat.principal, rec, scope)
    hold(seat.principal, theme, 3)
    hold(other.principal, theirs, 3)
    hold(seat.team_principal, ours, 3)
    hold(seat.principal, record(seat), 3, moment(-1))
    for lowest in (1, 2, 3):
        found = answered(seat, "access_seek('case', %s::smallint, null, null, 10)", lowest)
        expected = {rec for scope, rec in cases.items() if scope >= lowest} | {ours}
        assert {row[1] for row in found} == expected
        assert called(seat, "access_seek_count('case', %s::smallint, 10)", lowest) == len(expected)
