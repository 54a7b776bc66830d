"""The functions that match children across the partnership, and that say of two records that they are one child."""

from __future__ import annotations

from typing import Any

from mace.accounts.models import Role
from mace.core.seat import Seat, acting_as
from tests.access.locks import owner, owner_rows, undone
from tests.access.test_locks_conditions import ROLES, as_role
from tests.access.test_locks_functions import REFUSED, called, hold, record
from tests.access.test_locks_functions_cases import Made, answered, made_case
from tests.access.test_locks_functions_reading import merge
from tests.access.test_locks_rows import bar, restrict
from tests.factories.cast import Cast
from tests.factories.referrals import another_child, submitted_referral

BORN = "2011-03-27"
ASKED = "'Ann', 'Other', '', %s, true, '', '', ''"
LEAD = {Role.COORDINATOR, Role.CHAIR}
TAKEN_BACK = "update referrals_childmerge set undone_at = now(), undone_reason = 'x', undone_by_id = %s where id = %s"
HOLDING_ON = "set local statement_timeout = '1s'"
"""What goes round in a circle does not do so for ever."""


def by_owner(seat: Seat, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """What a function answers in that seat that no seat calls by itself."""
    with undone(), acting_as(seat):
        owner(HOLDING_ON)
        return owner_rows(statement, *parameters)


# --- Matching --------------------------------------------------------------------------------------------------------


def records(seat: Seat) -> list[int]:
    return [row[0] for row in by_owner(seat, f"select * from referrals_matching_records({ASKED})", BORN)]


def named(*made: Made) -> list[tuple[int, str]]:
    return [(each.child, f"C-{each.child}") for each in made]


def test_referrals_matching_records_finds_each_child_of_ones_own_partnership_once(cast: Cast) -> None:
    seat, stranger = cast["practitioner"], cast["stranger_practitioner"]
    made, foreign = made_case(seat), made_case(stranger)
    made_case(seat, name="quite different", born="2001-01-01")
    assert (records(seat), records(stranger)) == ([made.child], [foreign.child])
    found = set()
    for role in ROLES:
        with undone():
            found |= {role} if records(as_role(cast["police_member"], role)) == [made.child] else set()
    assert found == {*LEAD, "practitioner", "manager", "agency_lead", "agency_member", "system"}
    owner("update accounts_membership set until_on = '2020-12-31' where id = %s", seat.membership_id)
    assert records(seat) == []


def test_referrals_matching_records_leaves_out_what_is_shut_to_the_seat(cast: Cast) -> None:
    seat, other = cast["practitioner"], cast["police_member"]
    made, apart = made_case(seat), made_case(seat, name="quite different", born="2001-01-01")
    bar(seat, [apart.child])
    restrict(seat, [apart.child])
    assert records(seat) == [made.child]
    with undone():
        restrict(seat, [made.child])
        hold(other.principal, made.child, 1)
        assert (records(seat), records(other)) == ([], [made.child])
    bar(seat, [made.case])
    assert (records(seat), records(other)) == ([], [made.child])


def test_referrals_matching_records_tell_a_number_only_as_the_same_and_find_nothing_of_it_elsewhere(cast: Cast) -> None:
    seat, stranger = cast["practitioner"], cast["stranger_practitioner"]
    made, foreign = made_case(seat, name="quite different"), made_case(stranger, name="quite different")
    for column, value in (("nhs_number", "9990000018"), ("upn", "H801200001001")):
        nhs, upn = (value if column == name else "" for name in ("nhs_number", "upn"))
        call = f"select * from referrals_matching_records('Bo', 'Zu', '', %s, true, '{nhs}', '{upn}', '')"
        assert by_owner(seat, call, "1999-09-09") == []
        with undone():
            for each in (made, foreign):
                owner(f"update referrals_childidentity set {column} = %s where record_id = %s", value, each.child)
            assert [row[0] for row in by_owner(seat, call, "1999-09-09")] == [made.child], column
            assert [row[0] for row in by_owner(stranger, call, "1999-09-09")] == [foreign.child], column
            assert value not in repr(by_owner(seat, call, "1999-09-09"))
            restrict(seat, [made.child])
            assert by_owner(seat, call, "1999-09-09") == [], column


def test_referrals_matching_records_tell_a_number_as_the_same_only_where_both_are_given_and_alike(cast: Cast) -> None:
    """Of a child who is found by name: another number, or none, is not told as the same."""
    first = submitted_referral(cast, child={"local_id": "LS 77", "nhs_number": "9990000018"})
    owner("update referrals_childidentity set upn = 'H801200001001'")
    call = (
        "select child, same_nhs, other_nhs, same_upn, same_local "
        "from referrals_matching_records('Tamika', 'Brightwater', '', %s, true, %s, %s, %s)"
    )
    seat, child = cast["other_practitioner"], first.child_id
    for given, expected in (
        (("9990000018", "H801200001001", "LS77"), (True, False, True, True)),
        (("9990000026", "H801200001002", "LS78"), (False, True, False, False)),
        (("", "", ""), (False, False, False, False)),
    ):
        assert by_owner(seat, call, BORN, *given) == [(child, *expected)]
    owner("update referrals_childidentity set nhs_number = '', upn = '', local_id = ''")
    assert by_owner(seat, call, BORN, "", "", "") == [(child, False, False, False, False)]


def test_referrals_matching_records_take_no_local_number_of_another_child_of_the_agency(cast: Cast) -> None:
    first = submitted_referral(cast, child={"local_id": "LS 77"})
    second = submitted_referral(cast, child=another_child(3) | {"local_id": "LS 78"})
    owner("update referrals_referral set made_child = false where child_id = %s", first.child_id)
    call = "select child from referrals_matching_records('Bo', 'Zu', '', %s, true, '', '', %s)"
    assert by_owner(cast["other_practitioner"], call, "1999-09-09", "LS77") == []
    assert by_owner(cast["other_practitioner"], call, "1999-09-09", "LS78") == [(second.child_id,)]


def test_a_local_number_counts_at_the_agency_whose_referral_made_the_child(cast: Cast) -> None:
    first = submitted_referral(cast, child={"local_id": "ls 77"})
    again = "select child, same_local from referrals_matching_records('Bo', 'Zu', '', %s, true, '', '', 'LS77')"
    assert by_owner(cast["other_practitioner"], again, "1999-09-09") == [(first.child_id, True)]
    assert by_owner(cast["police_member"], again, "1999-09-09") == []
    owner("update referrals_referral set made_child = false")
    assert by_owner(cast["other_practitioner"], again, "1999-09-09") == []


def test_another_name_is_told_only_where_it_is_nearer_than_the_childs_own(cast: Cast) -> None:
    seat = cast["practitioner"]
    made = made_case(seat)  # also known as Lofty
    call = "select child, known_as from referrals_matching_records(%s, 'Other', '', %s, true, '', '', '')"
    assert by_owner(seat, call, "Lofty", BORN) == [(made.child, "Lofty Other")]
    assert by_owner(seat, call, "Ann", BORN) == [(made.child, "")]


def test_at_most_fifty_are_answered_the_likeliest_first_and_none_that_is_shut(cast: Cast) -> None:
    seat = cast["practitioner"]
    made = [made_case(seat, born="2011-03-28") for _ in range(52)]
    likeliest = made_case(seat)
    assert len(records(seat)) == 50
    assert records(seat)[0] == likeliest.child
    restrict(seat, [each.child for each in made[:20]])
    assert set(records(seat)) == {likeliest.child, *(each.child for each in made[20:])}


def matches(seat: Seat) -> list[tuple[Any, ...]]:
    return [row[:2] for row in answered(seat, f"referrals_child_matches({ASKED})", BORN)]


def test_referrals_child_matches_are_for_agencies_that_may_refer_here(cast: Cast) -> None:
    seat = cast["police_member"]
    made = made_case(cast["practitioner"])
    everybody = {*LEAD, "practitioner", "manager", "agency_lead", "agency_member", "system"}

    def found() -> set[str]:
        told = set()
        for role in ROLES:
            with undone():
                told |= {role} if matches(as_role(seat, role)) == named(made) else set()
        return told

    terms = "update agencies_participation set may_refer = %s where agency_id = %s and partnership_id = %s"
    owner(
        "insert into agencies_participation (agency_id, partnership_id, agreement_signed_on, may_refer) "
        "values (%s, %s, current_date, true)",
        *(seat.agency_id, cast.other_partnership.pk),
    )
    assert found() == everybody - {"agency_lead", "agency_member"}
    owner(terms, True, seat.agency_id, seat.partnership_id)
    assert found() == everybody


def test_referrals_child_matches_lead_to_the_record_that_stays(cast: Cast) -> None:
    seat = cast["practitioner"]
    gone, kept, apart = (made_case(seat) for _ in range(3))
    assert sorted(matches(seat)) == sorted(named(gone, kept, apart))
    merge(seat, gone.child, kept.child)
    assert sorted(matches(seat)) == sorted(named(kept, apart))


MEANT = "referrals_children_meant(%s::text[], %s::text[], %s::text[], %s::date[], %s::text[], %s::text[], %s::text[])"


def meant(seat: Seat, *wanted: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Place and child for each of those wanted: forename, surname, key, date of birth, NHS, UPN and local number."""
    found = answered(seat, MEANT, *([list(column) for column in zip(*wanted, strict=True)]))
    return sorted((place, child) for place, _, child, *_ in found)


ANN = ("Ann", "Other", "ann other", BORN, "", "", "")


def test_referrals_children_meant_are_of_ones_own_partnership_and_for_those_who_screen(cast: Cast) -> None:
    seat, stranger = cast["coordinator"], cast["stranger_coordinator"]
    made, foreign = made_case(cast["practitioner"]), made_case(cast["stranger_practitioner"])
    assert (meant(seat, ANN, ANN), meant(stranger, ANN)) == ([(1, made.child), (2, made.child)], [(1, foreign.child)])
    told = set()
    for role in ROLES:
        with undone():
            told |= {role} if meant(as_role(cast["police_member"], role), ANN) else set()
    assert told == {*LEAD, "system"}
    owner("update accounts_membership set until_on = '2020-12-31' where id = %s", seat.membership_id)
    assert meant(seat, ANN) == []


def test_referrals_children_meant_leave_out_what_is_shut_and_lead_to_the_record_that_stays(cast: Cast) -> None:
    seat = cast["coordinator"]
    gone, kept, other = (made_case(cast["practitioner"]) for _ in range(3))
    assert meant(seat, ANN) == [(1, each.child) for each in (gone, kept, other)]
    merge(seat, gone.child, kept.child)
    assert meant(seat, ANN) == [(1, kept.child), (1, other.child)]
    with undone():
        restrict(cast["practitioner"], [other.child])
        assert meant(seat, ANN) == [(1, kept.child)]
    bar(seat, [other.case])
    assert meant(seat, ANN) == [(1, kept.child)]


def test_referrals_children_meant_have_the_same_day_and_the_very_name_or_a_number(cast: Cast) -> None:
    """A number is told only as the same; a local one counts at the agency whose referral made the child."""
    first = submitted_referral(cast, child={"local_id": "LS 77", "nhs_number": "9990000018"})
    owner("update referrals_childidentity set upn = 'H801200001001'")
    seat, child = cast["coordinator"], first.child_id
    name, nobody = ("Tamika", "Brightwater", "tamika brightwater"), ("Bo", "Zu", "bo zu")
    nhs, upn, local = ("9990000018", "", ""), ("", "H801200001001", ""), ("", "", "LS77")
    none = ("", "", "")
    given = [(*name, BORN, *none), (*nobody, BORN, *nhs), (*nobody, BORN, *upn), (*nobody, BORN, *local)]
    given += [(*name, "2011-03-28", *nhs), (*nobody, BORN, *none), ("Tamika", "Bright", "tamika bright", BORN, *none)]
    assert meant(seat, *given) == [(1, child), (2, child), (3, child), (4, child)]
    with undone():
        owner("update referrals_referral set agency_id = %s", cast["police_member"].agency_id)
        assert meant(seat, *given) == [(1, child), (2, child), (3, child)]
    assert "9990000018" not in repr(answered(seat, MEANT, *([one] for one in given[1])))
    owner("update referrals_referral set made_child = false")
    assert meant(seat, given[3]) == []
    owner("update referrals_childidentity set nhs_number = '', upn = '', local_id = ''")
    assert meant(seat, *given) == [(1, child)]
    owner("update referrals_childidentity set birth_day_known = false, date_of_birth = '2011-03-15'")
    assert meant(seat, (*name, "2011-03-15", *none)) == []


def test_referrals_kept_child_follows_what_stands_as_far_as_it_is_not_shut(cast: Cast) -> None:
    seat, other = cast["practitioner"], cast["police_member"]
    first, second, last, apart, elsewhere = (record(seat, "child") for _ in range(5))
    for child in (first, second, last, apart, elsewhere):
        owner(
            "insert into referrals_child (record_id, reference, created_at) values (%s, %s, now())", child, f"{child}"
        )
    merge(seat, first, second)
    second_to_last = merge(seat, second, last)

    def kept(child: int, by: Seat = seat) -> int:
        return int(by_owner(by, "select referrals_kept_child(%s)", child)[0][0])

    assert [kept(child) for child in (first, second, last, apart)] == [last, last, last, apart]
    with undone():
        merge(seat, apart, elsewhere)
        assert [kept(child) for child in (first, apart)] == [last, elsewhere]
    with undone():
        restrict(seat, [last])
        hold(other.principal, last, 1)
        assert (kept(first), kept(first, other)) == (second, last)
        restrict(seat, [second])
        assert kept(first) == first
    owner(TAKEN_BACK, seat.membership_id, second_to_last)
    assert [kept(child) for child in (first, second)] == [second, second]


def test_referrals_one_child_is_both_ends_of_each_merge_that_stands(cast: Cast) -> None:
    seat = cast["practitioner"]
    one, into, gone, apart, other = (made_case(seat).child for _ in range(5))
    merge(seat, one, into)
    merge(seat, gone, one)
    owner(TAKEN_BACK, seat.membership_id, merge(seat, apart, one))
    merge(seat, apart, other)

    def same(child: int) -> list[int]:
        return sorted(owner_rows("select referrals_one_child(%s)", child)[0][0])

    assert [same(one), same(into), same(gone), same(apart)] == [
        sorted([one, into, gone]),
        sorted([one, into]),
        sorted([one, gone]),
        sorted([apart, other]),
    ]


# --- Other partnerships ----------------------------------------------------------------------------------------------

ELSEWHERE = "select * from referrals_find_elsewhere(%s, now())"


def test_referrals_find_elsewhere_is_for_the_worker_with_a_child_of_its_own_that_it_holds(cast: Cast) -> None:
    seat, stranger = cast["system"], cast["stranger_system"]
    own, foreign = made_case(seat), made_case(stranger)
    hold(seat.principal, own.child, 3)
    hold(seat.principal, foreign.child, 3)
    hold(seat.principal, own.case, 3)
    owner("update referrals_childidentity set nhs_number = ''")  # two that differ would speak against it
    assert by_owner(seat, ELSEWHERE, own.child) == [(stranger.partnership_id,)]
    for wrong in (foreign.child, own.case, 0):
        assert called(seat, "referrals_find_elsewhere(%s, now())", wrong) == REFUSED, wrong
    for role in set(ROLES) - {"system"}:
        with undone():
            assert called(as_role(seat, role), "referrals_find_elsewhere(%s, now())", own.child) == REFUSED, role
    hold(seat.principal, own.child, 2)
    assert called(seat, "referrals_find_elsewhere(%s, now())", own.child) == REFUSED


def test_referrals_find_elsewhere_notes_the_bare_fact_for_both_and_nothing_of_what_is_restricted(cast: Cast) -> None:
    seat, stranger = cast["system"], cast["stranger_system"]
    own, foreign, same_here = made_case(seat), made_case(stranger), made_case(seat)
    owner("update referrals_childidentity set nhs_number = ''")
    hold(seat.principal, own.child, 3)
    for restricted in (own, foreign):
        with undone():
            restrict(seat, [restricted.case])
            assert by_owner(seat, ELSEWHERE, own.child) == []
    with acting_as(seat):
        assert owner_rows(ELSEWHERE, own.child) == [(stranger.partnership_id,)]
        assert owner_rows(ELSEWHERE, own.child) == []
    assert owner_rows("select child_id, record_id, elsewhere_id from referrals_knownelsewhere order by 1") == sorted(
        [(own.child, own.child, stranger.partnership_id), (foreign.child, foreign.child, seat.partnership_id)]
    )
    assert same_here.child not in {row[0] for row in owner_rows("select child_id from referrals_knownelsewhere")}
