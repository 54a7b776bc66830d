"""What the functions that restrict a case, search it, tell who holds it and hand it over ask of who calls them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mace.accounts.models import Role
from mace.core.seat import Seat, acting_as
from tests.access.locks import owner, owner_rows, rows, undone
from tests.access.test_locks_conditions import ROLES, as_role
from tests.access.test_locks_functions import DECIDE, REFUSED, called, callers, end_of, held, hold, moment, record
from tests.access.test_locks_rows import bar, restrict
from tests.factories.cast import Cast

RESTRICT = "access_restrict(%s, %s::bigint[], %s::smallint[])"
LIFT = "access_lift_restriction(%s)"
LEAD = {Role.COORDINATOR, Role.CHAIR}


@dataclass
class Made:
    """A child, a case about it, and what lies within the case."""

    child: int
    case: int
    referral: int
    item: int
    address: int

    @property
    def around(self) -> list[int]:
        return [self.child, self.case, self.referral, self.item, self.address]


def made_case(seat: Seat, *, name: str = "ann other", born: str = "2011-03-27", opened: str = "2026-01-01") -> Made:
    child = record(seat, "child")
    case = record(seat, "case", about_id=child)
    number = f"{child:010d}"
    owner("insert into referrals_child (record_id, reference, created_at) values (%s, %s, now())", child, f"C-{child}")
    owner(
        "insert into referrals_childidentity (record_id, forename, surname, aliases, date_of_birth, nhs_number, "
        "address, name_key, child_id) values (%s, %s, %s, 'Lofty', %s, %s, 'At home', %s, %s)",
        *(child, *(name.title().split() or ("", "")), born, number, name, child),
    )
    owner(
        "insert into referrals_case (record_id, reference, opened_on, version, lead_agency_id, lead_professional_id, "
        "partnership_id, child_id) values (%s, %s, %s, 1, %s, %s, %s, %s)",
        *(case, f"M-{case}", opened, seat.agency_id, seat.membership_id, seat.partnership_id, child),
    )
    within = {kind: record(seat, kind, within_id=case) for kind in ("referral", "item", "address")}
    return Made(child, case, **within)


def answered(seat: Seat, function: str, *arguments: Any) -> list[tuple[Any, ...]]:
    with acting_as(seat):
        return rows(f"select * from {function}", *arguments)


def people(*seats: Seat) -> list[int]:
    return [seat.membership_id for seat in seats]


# --- Restricting -----------------------------------------------------------------------------------------------------


def test_access_restrict_is_for_coordinators_and_chairs_who_hold_a_case_in_full(cast: Cast) -> None:
    seat, chair = cast["coordinator"], cast["chair"]
    made = made_case(seat)
    arguments = (people(seat, chair), [3, 3])
    for scope in (1, 2):
        hold(seat.principal, made.case, scope)
        assert called(seat, RESTRICT, made.case, *arguments) == REFUSED
    hold(seat.principal, made.case, 3)
    with undone():
        # whoever calls, a coordinator and a chair are named; the caller's own role decides
        probe = cast["practitioner"]
        hold(probe.principal, made.case, 3)
        assert callers(probe, RESTRICT, made.case, *arguments) == LEAD
    for kind in ("child", "item"):
        other = record(seat, kind)
        hold(seat.principal, other, 3)
        assert called(seat, RESTRICT, other, *arguments) == REFUSED
    for kind in ("referral", "case"):
        other = record(seat, kind)
        hold(seat.principal, other, 3)
        with undone():
            assert called(seat, RESTRICT, other, *arguments) != REFUSED


def test_access_restrict_names_people_of_the_partnership_who_are_not_barred_each_at_a_scope(cast: Cast) -> None:
    seat, chair, partner = cast["coordinator"], cast["chair"], cast["police_member"]
    made = made_case(seat)
    hold(seat.principal, made.case, 3)

    def tried(named: list[int], scopes: list[int]) -> Any:
        with undone():
            return called(seat, RESTRICT, made.case, named, scopes)

    for named, scopes in (
        (people(seat, cast["stranger_coordinator"]), [3, 3]),
        (people(seat, cast["system"]), [3, 3]),
        (people(seat, partner), [3]),
        (people(seat), [3, 1]),
        (people(seat, partner), [3, 4]),
        (people(seat, partner), [3, 0]),
        (people(seat, partner, partner), [3, 1, 1]),
        ([*people(seat), 0], [3, 3]),
    ):
        assert tried(named, scopes) == REFUSED, (named, scopes)
    without_one = "23514"
    for named, scopes in ((people(partner), [3]), (people(seat, chair), [2, 2]), (people(seat, partner), [2, 3])):
        assert tried(named, scopes) == without_one, (named, scopes)
    assert {tried(people(chair), [3]), tried(people(seat, partner), [3, 1])} == {""}
    apart = record(seat)
    for rec, refused in ((made.child, True), (made.item, True), (made.case, True), (apart, False)):
        with undone():
            bar(partner, [rec])
            assert (tried(people(seat, partner), [3, 1]) == REFUSED) == refused
            assert tried(people(seat, chair), [3, 1]) != REFUSED
            owner("update access_bar set lifted_at = now(), lifted_reason = 'x', lifted_by_id = %s", seat.membership_id)
            assert tried(people(seat, partner), [3, 1]) != REFUSED


def test_access_restrict_leaves_the_case_and_all_around_it_to_those_named(cast: Cast) -> None:
    seat, chair, partner, other = cast["coordinator"], cast["chair"], cast["police_member"], cast["practitioner"]
    made, apart = made_case(seat), made_case(seat)
    later = moment(8)
    for rec in (*made.around, *apart.around):
        hold(seat.principal, rec, 2, later)
        hold(other.principal, rec, 3, later)
    hold(partner.principal, made.address, 3)
    hold(seat.principal, made.case, 3)
    held_before = {rec: held(rec) for rec in apart.around}
    owner(
        "insert into accounts_holding (membership_id, principal, from_on, until_at) values (%s, 77777, current_date, "
        "now() + interval '1 hour')",
        cast["manager"].membership_id,
    )
    hold(77777, made.case, 3)  # held for an emergency: that ends, and never comes back
    panel = cast.panels["pre_mace"].principal
    hold(panel, made.item, 3)  # held for as long as somebody chairs it
    third = cast["health_lead"]
    for who, where in (
        *((each, made.case) for each in (other, seat, partner)),
        *((each, apart.case) for each in (other, third)),
    ):
        owner(
            "insert into access_namedperson (permission_id, user_id, content_object_id) "
            "select min(id), %s, %s from auth_permission",
            *(who.user_id, where),
        )
    assert called(seat, RESTRICT, made.case, people(seat, chair, partner), [3, 2, 1]) != REFUSED
    named = {seat.principal: 3, chair.principal: 2, partner.principal: 1, cast["system"].principal: 3}
    for rec in (made.case, made.referral, made.item):
        assert held(rec) == named, rec
        assert end_of(rec, seat.principal) is None
    assert held(made.child) == named
    assert held(made.address) == {seat.principal: 2, partner.principal: 3}
    aside = {seat.principal: 2, other.principal: 3}
    assert held(made.item, "access_setaside") == aside | {panel: 3}
    assert held(made.case, "access_setaside") == aside | {seat.principal: 3}
    assert held(apart.case, "access_setaside") == {}
    assert {rec: held(rec) for rec in apart.around} == held_before
    shut = "select array_agg(id) from access_record where restricted"
    assert sorted(owner_rows(shut)[0][0]) == sorted(made.around)
    left = "select user_id from access_namedperson where content_object_id = %s"
    # who is named, or was and comes back when it is lifted, stays on the list
    assert {row[0] for row in owner_rows(left, made.case)} == {other.user_id, seat.user_id, partner.user_id}
    # restricted anew: who was set aside before stays so, and what those named held is not set aside a second time
    assert called(seat, RESTRICT, made.case, people(seat), [3]) != REFUSED
    assert held(made.item) == {seat.principal: 3, cast["system"].principal: 3}
    assert held(made.item, "access_setaside") == aside | {panel: 3}
    assert {row[0] for row in owner_rows(left, made.case)} == {other.user_id, seat.user_id}
    assert {row[0] for row in owner_rows(left, apart.case)} == {other.user_id, third.user_id}


def test_access_lift_restriction_gives_back_what_was_set_aside_and_has_not_ended(cast: Cast) -> None:
    seat, other, third, fourth = cast["coordinator"], cast["practitioner"], cast["manager"], cast["health_lead"]
    made, apart = made_case(seat), made_case(seat)
    everybody = seat.partnership_principal
    near, far = moment(2), moment(5)
    restrict(seat, [*made.around, *apart.around])
    for scope in (1, 2):
        hold(seat.principal, made.case, scope)
        assert called(seat, LIFT, made.case) == REFUSED
    hold(seat.principal, made.case, 3)
    assert callers(seat, LIFT, made.case) == LEAD
    for rec in (made.case, made.child, apart.case):
        for principal, until in ((other.principal, None), (third.principal, far), (fourth.principal, moment(-1))):
            owner(
                "insert into access_setaside (record_id, principal, scope, until) values (%s, %s, 2, %s)",
                *(rec, principal, until),
            )
    # what those named hold meanwhile is not narrowed, nor cut short
    held_now = {11: (1, far, near), 12: (3, near, near), 13: (2, near, far), 14: (2, None, None), 15: (2, far, far)}
    for principal, (scope, until, _) in held_now.items():
        hold(principal, made.item, scope, until)
        owner(
            "insert into access_setaside (record_id, principal, scope, until) values (%s, %s, 2, %s)",
            *(made.item, principal, near if principal in {11, 15} else far),
        )
    owner("insert into access_setaside (record_id, principal, scope) values (%s, 17, 3)", made.child)
    hold(16, made.item, 2, near)
    owner("insert into access_setaside (record_id, principal, scope) values (%s, 16, 2)", made.item)
    with undone():
        assert called(seat, LIFT, made.case) != REFUSED
        assert everybody not in held(made.referral)
    with undone():
        hold(everybody, made.case, 2)
        hold(seat.principal, apart.case, 3)
        hold(everybody, apart.case, 3)
        assert called(seat, LIFT, made.case) != REFUSED
        assert everybody not in held(made.referral)
    hold(everybody, made.case, 3)
    assert called(seat, LIFT, made.case) != REFUSED
    assert held(made.case) == {seat.principal: 3, other.principal: 2, third.principal: 2, everybody: 3}
    assert end_of(made.case, third.principal) == far
    assert (held(made.referral), held(made.address)) == ({everybody: 3}, {})
    assert {p: (scope, end_of(made.item, p)) for p, scope in held(made.item).items()} == {
        everybody: (3, None),
        **{p: (max(scope, 2), until) for p, (scope, _, until) in held_now.items()},
        16: (2, None),
    }
    assert held(made.child) == {seat.principal: 3, other.principal: 2, third.principal: 2, everybody: 3}
    assert (held(made.case, "access_setaside"), len(held(apart.case, "access_setaside"))) == ({}, 3)
    assert (held(apart.case), held(apart.referral)) == ({}, {})
    left = "select array_agg(id order by id) from access_record where restricted"
    assert owner_rows(left)[0][0] == sorted(apart.around)


# --- Who holds a record ----------------------------------------------------------------------------------------------


def test_access_grants_on_and_holders_are_told_to_who_holds_the_record_in_full(cast: Cast) -> None:
    seat, other = cast["health_lead"], cast["police_member"]
    made = made_case(cast["practitioner"])
    hold(other.principal, made.case, 1, moment(1))
    hold(cast["manager"].principal, made.case, 2, moment(-1))
    hold(cast["manager"].principal, made.item, 2)
    for scope in (0, 1, 2):
        if scope:
            hold(seat.principal, made.case, scope)
        for function in ("access_grants_on(%s)", "access_holders_of(%s)"):
            for role in ROLES:
                with undone():
                    assert answered(as_role(seat, role), function, made.case) == [], (scope, function, role)
    hold(seat.principal, made.case, 3)
    assert sorted(answered(seat, "access_grants_on(%s)", made.case)) == sorted(
        [(seat.principal, 3), (other.principal, 1)]
    )
    told = set()
    for role in ROLES:
        with undone():
            found = answered(as_role(seat, role), "access_holders_of(%s)", made.case)
            told |= {role} if found else set()
            if found:
                assert {(row[0], row[1]) for row in found} == {(seat.principal, 3), (other.principal, 1)}
    assert told == DECIDE
    lead = "update referrals_case set lead_professional_id = %s where record_id = %s"
    owner(lead, seat.membership_id, made_case(cast["practitioner"]).case)
    assert answered(seat, "access_holders_of(%s)", made.case) == []
    owner(lead, seat.membership_id, made.case)
    assert len(answered(seat, "access_holders_of(%s)", made.case)) == 2


def test_access_holders_of_names_the_seats_behind_each_grant(cast: Cast) -> None:
    seat = cast["chair"]
    made = made_case(cast["practitioner"])
    hold(seat.principal, made.case, 3)
    owner("delete from accounts_holding")

    def behind(principal: int | None) -> set[int]:
        with undone():
            hold(principal, made.case, 1)
            found = answered(seat, "access_holders_of(%s)", made.case)
            return {row[3] for row in found if row[0] == principal and row[3] is not None}

    lead, member = cast["police_lead"], cast["police_member"]
    team = cast["manager"].team_principal
    assert behind(member.principal) == {member.membership_id}
    assert behind(seat.partnership_principal or cast["coordinator"].partnership_principal) == {
        cast["coordinator"].membership_id
    }
    assert behind(lead.agency_principal) == {lead.membership_id}
    with undone():
        owner("update accounts_membership set role = 'manager' where id = %s", cast["other_practitioner"].membership_id)
        assert behind(team) == {cast["manager"].membership_id}
    with undone():
        owner("update accounts_user set is_active = true where id = %s", cast["system"].user_id)
        assert behind(cast["system"].principal) == set()
    for terms, counts in (
        ("current_date, null, null", True),
        ("current_date - 9, current_date, null", True),
        ("current_date - 9, null, now() + interval '1 hour'", True),
        ("current_date + 1, null, null", False),
        ("current_date - 9, current_date - 1, null", False),
        ("current_date - 9, null, now() - interval '1 second'", False),
    ):
        with undone():
            owner(
                f"insert into accounts_holding (membership_id, principal, from_on, until_on, until_at) "
                f"select %s, 88888, {terms}",
                member.membership_id,
            )
            assert behind(88888) == ({member.membership_id} if counts else set()), terms
    for change, counts in (
        ("from_on = current_date, until_on = current_date", True),
        ("from_on = current_date + 1", False),
        ("until_on = current_date - 1", False),
    ):
        with undone():
            owner(f"update accounts_membership set {change} where id = %s", member.membership_id)
            assert bool(behind(member.principal)) == counts, change
    with undone():
        owner("update accounts_user set is_active = false where id = %s", member.user_id)
        assert behind(member.principal) == set()
    with undone():
        bar(lead, [made.case])
        bar(member, [record(seat)])
        assert behind(member.principal) == {member.membership_id}
        bar(member, [made.item])
        assert behind(member.principal) == set()
        owner("update access_bar set lifted_at = now(), lifted_reason = 'x', lifted_by_id = %s", seat.membership_id)
        assert behind(member.principal) == {member.membership_id}


def test_access_may_be_told_keeps_from_the_barred_and_from_those_a_restriction_leaves_out(cast: Cast) -> None:
    system, member = cast["system"], cast["police_member"]
    case, apart = record(system), record(system)
    told = "access_may_be_told(%s, %s)"
    for name in ("coordinator", "chair", "police_member"):
        assert called(cast[name], told, member.membership_id, case) is False
    assert called(system, told, member.membership_id, case) is True
    with undone():
        bar(member, [apart])
        bar(cast["health_lead"], [case])
        assert called(system, told, member.membership_id, case) is True
        bar(member, [case])
        assert called(system, told, member.membership_id, case) is False
        owner("update access_bar set lifted_at = now(), lifted_reason = 'x', lifted_by_id = %s", system.membership_id)
        assert called(system, told, member.membership_id, case) is True
    restrict(system, [case])
    assert called(system, told, member.membership_id, case) is False
    assert called(system, told, member.membership_id, apart) is True
    hold(cast["health_lead"].principal, case, 3)
    hold(member.principal, apart, 3)
    assert called(system, told, member.membership_id, case) is False
    hold(member.principal, case, 1)
    assert called(system, told, member.membership_id, case) is True


def test_access_clear_ended_clears_what_has_ended_in_ones_own_partnership(cast: Cast) -> None:
    seat, stranger, other = cast["system"], cast["stranger_system"], cast["police_member"]
    own, foreign = record(seat), record(stranger)
    for rec in (own, foreign):
        for principal, until in ((1, None), (2, moment(1)), (3, moment(-1))):
            hold(principal, rec, 1, until)
    assert callers(other, "access_clear_ended()") == {Role.SYSTEM}
    assert called(seat, "access_clear_ended()") == 1
    assert (set(held(own)), set(held(foreign))) == ({1, 2}, {1, 2, 3})
