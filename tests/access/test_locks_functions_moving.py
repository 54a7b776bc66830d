"""What the functions that search cases, hand them over, join referrals to them and take away ask of who calls them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mace.accounts.models import Role
from mace.core.seat import Seat
from tests.access.locks import owner, owner_rows, undone
from tests.access.test_locks_conditions import ROLES, as_role
from tests.access.test_locks_functions import DECIDE, REFUSED, called, callers, end_of, held, hold, moment, record
from tests.access.test_locks_functions_cases import answered, made_case
from tests.access.test_locks_rows import bar, restrict
from tests.factories.cast import Cast

# --- Searching -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["reference", "number", "name"])
def test_casework_case_search_finds_only_what_the_seat_holds(cast: Cast, by: str) -> None:
    seat, other = cast["practitioner"], cast["police_member"]
    made, apart = made_case(seat), made_case(seat, name="quite different")
    wanted = {"reference": f"M-{made.case}", "number": f"{made.child:010d}", "name": "ann other"}
    arguments = [wanted[kind] if kind == by else "" for kind in ("reference", "number", "name")]

    def found(of: Seat) -> list[int]:
        return [row[1] for row in answered(of, "casework_case_search(%s, %s, %s, %s, 10)", *arguments, "no such name")]

    hold(seat.principal, apart.case, 3)
    hold(other.principal, made.case, 3)
    assert (found(seat), found(other)) == ([], [made.case])
    hold(seat.principal, made.case, 1, moment(-1))
    assert found(seat) == []
    hold(seat.principal, made.case, 1, moment(1))
    assert found(seat) == [made.case]
    hold(seat.principal, made.case, 1)
    assert found(seat) == [made.case]
    bar(other, [made.case])
    assert (found(seat), found(other)) == ([made.case], [])
    assert found(replace(seat, membership_id=0)) == []


# --- Handing over, joining -------------------------------------------------------------------------------------------

HAND_OVER = "referrals_hand_over(%s, %s::int[], %s::int[])"


def test_referrals_hand_over_is_for_who_decides_and_holds_a_case_in_full(cast: Cast) -> None:
    seat, to = cast["coordinator"], cast["other_practitioner"]
    made = made_case(seat)
    for scope in (1, 2):
        hold(seat.principal, made.case, scope)
        assert called(seat, HAND_OVER, made.case, [], [to.principal]) == REFUSED
    hold(seat.principal, made.case, 3)
    assert callers(seat, HAND_OVER, made.case, [], [to.principal]) == DECIDE
    hold(seat.principal, made.referral, 3)
    assert called(seat, HAND_OVER, made.referral, [], [to.principal]) == REFUSED
    with undone():
        owner("update accounts_membership set until_on = '2020-12-31' where id = %s", seat.membership_id)
        assert called(seat, HAND_OVER, made.case, [], [to.principal]) == REFUSED
    workers = {Role.PRACTITIONER, Role.MANAGER, Role.COORDINATOR}
    taking = set()
    for role in ROLES:
        with undone():
            as_role(cast["police_member"], role)
            if called(seat, HAND_OVER, made.case, [], [cast["police_member"].principal]) != REFUSED:
                taking.add(role)
    assert taking == workers
    foreign_team = owner_rows(
        "insert into agencies_team (agency_id, name) values (%s, 'Theirs') returning principal",
        cast["stranger_police"].agency_id,
    )[0][0]
    for principal in (cast["stranger_practitioner"].principal, foreign_team, seat.partnership_principal, 1):
        assert called(seat, HAND_OVER, made.case, [], [to.principal, principal]) == REFUSED, principal
    with undone():
        assert called(seat, HAND_OVER, made.case, [], [cast["manager"].team_principal]) != REFUSED


@pytest.mark.parametrize("restricted", [False, True])
def test_referrals_hand_over_gives_the_case_its_referrals_and_what_was_discussed(cast: Cast, restricted: bool) -> None:
    seat, leaving, to, other = cast["coordinator"], cast["practitioner"], cast["other_practitioner"], cast["manager"]
    made, apart = made_case(seat), made_case(seat)
    hold(seat.principal, made.case, 3)
    items = {name: record(seat, "item", within_id=made.case) for name in ("given", "kept", "aside")}
    for rec in (made.case, made.referral, items["given"], apart.case):
        hold(leaving.principal, rec, 3)
    hold(other.principal, items["kept"], 3)
    hold(leaving.principal, made.address, 3)
    for rec, principal in ((items["kept"], 9), (made.case, leaving.principal)):
        owner("insert into access_setaside (record_id, principal, scope) values (%s, %s, 2)", rec, principal)
    hold(to.principal, made.referral, 1, moment(1))
    for rec, principal in ((items["aside"], leaving.principal), (items["aside"], other.principal), (apart.case, 9)):
        owner("insert into access_setaside (record_id, principal, scope) values (%s, %s, 2)", rec, principal)
    owner("insert into access_setaside (record_id, principal, scope) values (%s, %s, 1)", apart.case, leaving.principal)
    if restricted:
        restrict(seat, made.around)
    assert called(seat, HAND_OVER, made.case, [leaving.principal], [to.principal]) != REFUSED
    table = "access_setaside" if restricted else "access_grant"
    given = {rec for rec in (*made.around, *items.values(), *apart.around) if held(rec, table).get(to.principal) == 3}
    about = set() if restricted else {made.child}
    assert given == {made.case, made.referral, items["given"], items["aside"], *about}
    left = {rec for rec in (*made.around, *items.values()) for name in ("access_grant", "access_setaside")
            if leaving.principal in held(rec, name)}  # fmt: skip
    assert (left, held(apart.case)) == (set(), {leaving.principal: 3})
    assert held(apart.case, "access_setaside") == {9: 2, leaving.principal: 1}
    assert (other.principal in held(items["kept"]), other.principal in held(items["aside"], "access_setaside")) == (
        True,
        True,
    )
    if restricted:
        assert held(made.case).keys() == {seat.principal}
        named = cast["chair"]
        hold(named.principal, made.case, 3)
        with undone():
            as_role(named, "coordinator")
            assert called(seat, HAND_OVER, made.case, [], [named.principal]) != REFUSED
            assert named.principal not in held(made.referral, "access_setaside")
    else:
        assert end_of(made.referral, to.principal) is None


def test_referrals_join_case_puts_a_referral_into_a_case_that_is_held_in_full_too(cast: Cast) -> None:
    seat, other, third = cast["coordinator"], cast["practitioner"], cast["police_member"]
    made, apart, join = made_case(seat), made_case(seat), "referrals_join_case(%s, %s)"
    referral = record(seat, "referral")
    later = moment(3)
    hold(other.principal, made.case, 3, later)
    hold(third.principal, made.case, 2)
    hold(cast["board"].principal, made.case, 3)
    hold(cast["health_lead"].principal, made.case, 3, moment(-1))
    hold(cast["education_lead"].principal, apart.case, 3)
    for here, there in ((3, 2), (2, 3), (0, 3), (3, 0)):
        with undone():
            for rec, scope in ((referral, here), (made.case, there)):
                if scope:
                    hold(seat.principal, rec, scope)
            assert called(seat, join, referral, made.case) == REFUSED, (here, there)
    for rec in (referral, made.case, made.item):
        hold(seat.principal, rec, 3)
    assert callers(seat, join, referral, made.case) == DECIDE
    with undone():
        owner("update accounts_membership set until_on = '2020-12-31' where id = %s", seat.membership_id)
        assert called(seat, join, referral, made.case) == REFUSED
    for one, two in ((made.case, referral), (made.item, made.case), (referral, made.item)):
        assert called(seat, join, one, two) == REFUSED
    with undone():
        restrict(seat, [made.case])
        assert called(seat, join, referral, made.case) != REFUSED
        assert held(referral) == {
            seat.principal: 3,
            other.principal: 3,
            third.principal: 2,
            cast["board"].principal: 3,
            cast["health_lead"].principal: 3,
        }
    assert called(seat, join, referral, made.case) != REFUSED
    assert held(referral) == {seat.principal: 3, other.principal: 3, cast["board"].principal: 3}
    assert (end_of(referral, other.principal), end_of(referral, seat.principal)) == (later, None)
    assert owner_rows("select within_id from access_record where id = %s", referral) == [(made.case,)]
    assert owner_rows("select within_id from access_record where id = %s", apart.case) == [(None,)]


# --- Taking away -----------------------------------------------------------------------------------------------------


def test_access_unshare_is_for_who_decides_ones_own_agencys_lead_and_who_holds_an_address(cast: Cast) -> None:
    seat, partner, member = cast["police_lead"], cast["health_lead"], cast["police_member"]
    rec = record(seat)
    take = "access_unshare(%s, %s)"
    for each in (partner, member):
        hold(each.principal, rec, 3)
    assert called(cast["coordinator"], take, rec, member.principal) == REFUSED
    hold(seat.principal, rec, 1)
    assert callers(seat, take, rec, partner.principal) == DECIDE
    assert callers(seat, take, rec, member.principal) == {*DECIDE, Role.AGENCY_LEAD}
    with undone():
        owner("update access_record set kind = 'address' where id = %s", rec)
        for scope in (1, 2):
            hold(seat.principal, rec, scope)
            assert callers(seat, take, rec, partner.principal) == DECIDE
        hold(seat.principal, rec, 3)
        assert callers(seat, take, rec, partner.principal) == set(ROLES)
    hold(seat.principal, rec, 3)
    record(seat, "address")
    assert callers(seat, take, rec, partner.principal) == DECIDE
    other = record(seat)
    hold(partner.principal, other, 2)
    for aside in (rec, other):
        for each in (partner, member):
            owner("insert into access_setaside (record_id, principal, scope) values (%s, %s, 3)", aside, each.principal)
    hold(cast["coordinator"].principal, rec, 1)
    assert called(cast["coordinator"], take, rec, partner.principal) != REFUSED
    assert (set(held(rec)), set(held(rec, "access_setaside"))) == (
        {seat.principal, member.principal, cast["coordinator"].principal},
        {member.principal},
    )
    assert (held(other), len(held(other, "access_setaside"))) == ({partner.principal: 2}, 2)


def test_access_withdraw_agency_ends_what_the_agency_and_its_people_hold_there_and_within(cast: Cast) -> None:
    seat = cast["coordinator"]
    case = record(seat, "case")
    item, other = record(seat, "item", within_id=case), record(seat, "case")
    take, police = "access_withdraw_agency(%s, %s)", cast.agencies["police"].pk
    theirs = {cast["police_lead"].agency_principal, cast["police_lead"].principal, cast["police_member"].principal}
    kept = {cast["board"].principal, cast["health_lead"].agency_principal, cast["health_lead"].principal}
    for rec in (case, item, other):
        for principal in (*theirs, *kept):
            hold(principal, rec, 2)
            owner("insert into access_setaside (record_id, principal, scope) values (%s, %s, 3)", rec, principal)
    for scope in (1, 2):
        hold(seat.principal, case, scope)
        assert called(seat, take, case, police) == REFUSED
    hold(seat.principal, case, 3)
    assert callers(seat, take, case, police) == DECIDE
    with undone():
        for role in ("auditor", "agency_lead", "agency_member"):
            with undone():
                as_role(cast["board"], role)
                assert called(seat, take, case, police) == 2 * len({*theirs, cast["board"].principal}), role
    with undone():  # who is named on a restricted one stays; what they had before does not come back
        owner("update access_record set restricted = true where id in (%s, %s)", case, item)
        assert called(seat, take, case, police) == 2
        for rec in (case, item):
            assert set(held(rec)) - {seat.principal} == {*theirs, *kept} - {cast["police_lead"].agency_principal}
            assert set(held(rec, "access_setaside")) == kept
    assert called(seat, take, case, police) == 2 * len(theirs)
    for rec, gone in ((case, theirs), (item, theirs), (other, set())):
        for table in ("access_grant", "access_setaside"):
            assert held(rec, table).keys() - {seat.principal} == {*theirs, *kept} - gone, (rec, table)
