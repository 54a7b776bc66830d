"""What the functions that give and take grants ask of the seat that calls them, each condition tried from both sides.

They cross the line that the policies draw, and are called with whatever the program sends, so each checks the seat.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from mace.accounts.models import Role
from mace.core.seat import Seat, acting_as
from tests.access.locks import owner, owner_rows, rows, undone
from tests.access.test_locks_conditions import ROLES, as_role
from tests.access.test_locks_rows import bar, restrict
from tests.factories.cast import Cast

REFUSED = "42501"
DECIDE = {Role.COORDINATOR, Role.CHAIR, Role.SYSTEM}
SHARE = "access_share(%s, %s, %s::smallint, %s)"


def called(seat: Seat, function: str, *arguments: Any) -> Any:
    """What the function answers in that seat, or the code of its refusal."""
    with acting_as(seat):
        try:
            with transaction.atomic():
                return rows(f"select {function}", *arguments)[0][0]
        except DatabaseError as error:
            return getattr(error.__cause__, "sqlstate", "")


def record(seat: Seat, kind: str = "case", **columns: Any) -> int:
    """A record of the seat's partnership that nobody holds."""
    more = {"partnership_id": seat.partnership_id, "restricted": False} | columns
    ((made,),) = owner_rows(
        f"insert into access_record (kind, sort_at, {', '.join(more)}) values "
        f"(%s, now(), {', '.join(['%s'] * len(more))}) returning id",
        *(kind, *more.values()),
    )
    return int(made)


def hold(principal: int | None, rec: int, scope: int, until: dt.datetime | None = None) -> None:
    owner(
        "insert into access_grant (record_id, principal, kind, scope, sort_at, until) "
        "select id, %s, kind, %s, sort_at, %s from access_record where id = %s "
        "on conflict (record_id, principal) do update set scope = excluded.scope, until = excluded.until",
        *(principal, scope, until, rec),
    )


def held(rec: int, table: str = "access_grant") -> dict[int, int]:
    """Principal to scope, as it stands in the table, ended or not."""
    return dict(owner_rows(f"select principal, scope from {table} where record_id = %s", rec))


def end_of(rec: int, principal: int | None) -> Any:
    return owner_rows("select until from access_grant where record_id = %s and principal = %s", rec, principal)[0][0]


def moment(hours: int) -> dt.datetime:
    return owner_rows("select date_trunc('second', now()) + %s * interval '1 hour'", hours)[0][0]


def callers(seat: Seat, function: str, *arguments: Any) -> set[str]:
    """The roles in which it is not refused. Nothing of it stays."""
    found = set()
    for role in ROLES:
        with undone():
            if called(as_role(seat, role), function, *arguments) != REFUSED:
                found.add(role)
    return found


# --- Opening a record ------------------------------------------------------------------------------------------------

OPEN = "access_open_record(%s, now(), %s, %s)"


def test_access_open_record_asks_the_role_the_container_and_the_child(cast: Cast) -> None:
    seat, stranger = cast["practitioner"], cast["stranger_practitioner"]
    writers = {Role.PRACTITIONER, Role.MANAGER, Role.COORDINATOR, Role.CHAIR, Role.AGENCY_LEAD, Role.AGENCY_MEMBER}
    assert callers(seat, OPEN, "referral", None, None) == {*writers, Role.SYSTEM}
    with undone():
        owner("update accounts_membership set until_on = '2020-12-31' where id = %s", seat.membership_id)
        assert called(seat, OPEN, "referral", None, None) == REFUSED
    shared, other = record(seat, "case"), record(seat, "case")
    hold(seat.principal, shared, 1)
    assert called(seat, OPEN, "referral", None, other) == REFUSED
    within = called(seat, OPEN, "referral", None, shared)
    assert held(within) == {seat.principal: 3}
    child, no_child, foreign = record(seat, "child"), record(seat, "case"), record(stranger, "child")
    shut = record(seat, "child", restricted=True)
    for wrong in (no_child, foreign, shut):
        assert called(seat, OPEN, "referral", wrong, None) == REFUSED
    made = called(seat, OPEN, "referral", child, None)
    assert (held(made), held(child)) == ({seat.principal: 3}, {seat.principal: 3})
    bar(seat, [child])
    assert called(seat, OPEN, "referral", child, None) == REFUSED


def test_access_follow_restriction_leaves_a_new_record_to_those_named_around_it(cast: Cast) -> None:
    seat, named, other = cast["coordinator"], cast["chair"], cast["practitioner"]
    child = record(seat, "child")
    case = record(seat, "case", about_id=child)
    for principal, scope in ((seat.principal, 3), (named.principal, 2)):
        hold(principal, case, scope)
    later = moment(5)
    hold(named.principal, case, 2, later)
    apart = record(seat, "case")
    hold(other.principal, apart, 3)
    restrict(seat, [case])
    with undone():
        owner("delete from access_grant where record_id = %s and principal = %s", case, seat.principal)
        hold(seat.principal, child, 3)
        made = called(seat, OPEN, "referral", child, None)
        assert (held(made), held(made, "access_setaside")) == ({named.principal: 2}, {seat.principal: 3})
    with undone():  # who made it keeps it
        assert held(called(named, OPEN, "item", None, case)) == {seat.principal: 3, named.principal: 3}
    made = called(seat, OPEN, "item", None, case)
    assert held(made) == {seat.principal: 3, named.principal: 2}
    assert (held(apart), held(apart, "access_setaside")) == ({other.principal: 3}, {})
    assert owner_rows("select restricted from access_record where id = %s", apart) == [(False,)]
    assert (end_of(made, named.principal), end_of(made, seat.principal)) == (later, None)
    assert owner_rows("select restricted from access_record where id = %s", made) == [(True,)]
    address = called(seat, OPEN, "address", None, case)
    assert held(address) == {seat.principal: 3}
    # what stands restricted within a case restricts nothing else of it
    open_case = record(seat, "case")
    hold(seat.principal, open_case, 3)
    record(seat, "item", within_id=open_case, restricted=True)
    beside = called(seat, OPEN, "item", None, open_case)
    assert owner_rows("select restricted from access_record where id = %s", beside) == [(False,)]
    # of two that are restricted, the one around it says who is named
    matter, second = record(seat, "referral", restricted=True), record(seat, "child")
    hold(seat.principal, record(seat, "case", about_id=second, restricted=True), 3)
    for principal in (seat.principal, other.principal):
        hold(principal, matter, 3)
    assert called(seat, "access_set_about(%s, %s)", matter, second) != REFUSED
    assert (held(matter), held(matter, "access_setaside")) == ({seat.principal: 3}, {other.principal: 3})


def test_access_set_about_asks_for_the_record_in_full_and_for_a_child_of_ones_own_partnership(cast: Cast) -> None:
    seat, stranger = cast["practitioner"], cast["stranger_practitioner"]
    matter, child = record(seat, "referral"), record(seat, "child")
    about = "access_set_about(%s, %s)"
    for scope in (1, 2):
        hold(seat.principal, matter, scope)
        assert called(seat, about, matter, child) == REFUSED
    hold(seat.principal, matter, 3)
    for wrong in (record(seat, "case"), record(stranger, "child"), record(seat, "child", restricted=True)):
        assert called(seat, about, matter, wrong) == REFUSED
    with undone():
        bar(seat, [child])
        assert called(seat, about, matter, child) == REFUSED
    theirs = record(stranger, "referral")
    hold(stranger.principal, theirs, 3)
    assert called(stranger, about, theirs, record(stranger, "child")) != REFUSED
    assert called(seat, about, matter, child) != REFUSED
    assert held(child) == {seat.principal: 3}
    other = record(seat, "child")
    assert called(seat, about, matter, other) != REFUSED
    assert (held(child), held(other)) == ({}, {seat.principal: 3})
    assert called(seat, about, matter, other) != REFUSED
    assert held(other) == {seat.principal: 3}


def test_access_settle_child_gives_the_widest_and_longest_of_what_is_held_about_the_child(cast: Cast) -> None:
    seat, other = cast["practitioner"], cast["manager"]
    child = record(seat, "child")
    first, second, apart = (record(seat, "case", about_id=about) for about in (child, child, None))
    near, far = moment(2), moment(4)
    hold(seat.principal, apart, 3)
    assert held(child) == {}
    owner("update access_record set sort_at = '2020-01-01' where id = %s", child)
    hold(other.principal, first, 2)
    hold(seat.principal, first, 1)
    assert owner_rows("select distinct sort_at::date::text from access_grant where record_id = %s", child) == [
        ("2020-01-01",)
    ]
    hold(other.principal, second, 3)
    assert held(child) == {seat.principal: 1, other.principal: 3}
    hold(seat.principal, second, 2, near)
    assert (held(child)[seat.principal], end_of(child, seat.principal)) == (2, near)
    hold(seat.principal, first, 2, far)
    assert end_of(child, seat.principal) == far
    hold(seat.principal, second, 2)
    assert end_of(child, seat.principal) is None
    hold(seat.principal, second, 3, moment(-1))  # ended: what is left is less, and has an end
    assert (held(child)[seat.principal], end_of(child, seat.principal)) == (2, far)
    owner("delete from access_grant where principal = %s and record_id in (%s, %s)", seat.principal, first, second)
    assert (held(child), held(apart)) == ({other.principal: 3}, {seat.principal: 3})


# --- Sharing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", [0, 1, 2, 3])
def test_access_share_gives_no_more_than_the_seat_holds(cast: Cast, scope: int) -> None:
    seat, other = cast["coordinator"], cast["practitioner"]
    rec = record(seat)
    if scope:
        hold(seat.principal, rec, scope)
    given = {asked for asked in (-1, 0, 1, 2, 3, 4) if called(seat, SHARE, rec, other.principal, asked, None) is True}
    assert given == set(range(1, scope + 1))
    assert held(rec).get(other.principal, 0) == scope


def test_access_share_hands_on_within_ones_own_agency_and_to_the_partnership(cast: Cast) -> None:
    seat = cast["practitioner"]
    partner, foreign = cast["police_member"], cast["stranger_coordinator"]
    social_care, team = cast["manager"].agency_id, cast["manager"].team_principal
    their_team = owner_rows(
        "insert into agencies_team (agency_id, name) values (%s, 'Theirs') returning principal", partner.agency_id
    )[0][0]
    elsewhere = owner_rows(
        "insert into accounts_membership (user_id, agency_id, partnership_id, role, job_title, from_on, purpose) "
        "values (%s, %s, %s, 'practitioner', '', current_date, '') returning principal",
        *(foreign.user_id, social_care, foreign.partnership_id),
    )[0][0]
    assert seat.agency_id == social_care
    targets = {
        "itself": seat.principal,
        "partnership": cast["coordinator"].partnership_principal,
        "colleague": cast["other_practitioner"].principal,
        "team": team,
        "agency": cast["social_care_lead"].agency_principal,
        "other team": their_team,
        "partner": partner.principal,
        "other partnership": foreign.partnership_principal,
        "colleague elsewhere": elsewhere,
    }
    own = {"itself", "partnership", "colleague", "team"}
    expected = {role: {"itself"} for role in ROLES} | {
        **{role: set(targets) for role in DECIDE},
        Role.PRACTITIONER: own,
        Role.MANAGER: own,
        Role.AGENCY_LEAD: {*own, "agency"},
        Role.AGENCY_MEMBER: {"itself", "partnership", "team"},
    }
    for kind in ("case", "referral", "child", "item"):
        rec = record(seat, kind)
        for scope in (2, 3):
            hold(seat.principal, rec, scope)
            for role in ROLES:
                with undone():
                    acting = as_role(seat, role)
                    may = {name for name, to in targets.items() if called(acting, SHARE, rec, to, scope, None) is True}
                wanted = expected[role]
                if role == Role.AGENCY_MEMBER and (scope < 3 or kind == "item"):
                    wanted = wanted - {"team"}
                assert may == wanted, (kind, scope, role)


def test_access_share_shows_a_protected_address_to_people_of_its_partnership_only(cast: Cast) -> None:
    seat, partner = cast["practitioner"], cast["police_member"]
    rec = record(seat, "address")
    hold(seat.principal, rec, 2)
    assert called(seat, SHARE, rec, partner.principal, 2, None) == REFUSED
    hold(seat.principal, rec, 3)
    assert called(seat, SHARE, rec, partner.principal, 3, None) is True
    decides = cast["coordinator"]
    hold(decides.principal, rec, 3)
    others = (
        seat.team_principal,
        cast["police_lead"].agency_principal,
        decides.partnership_principal,
        cast["stranger_police"].principal,
        cast.panels["pre_mace"].principal,
    )
    for principal in others:
        for by in (seat, decides):
            assert called(by, SHARE, rec, principal, 3, None) == REFUSED
    assert called(decides, SHARE, rec, cast["health_lead"].principal, 1, None) is True
    assert held(rec).keys() == {seat.principal, partner.principal, decides.principal, cast["health_lead"].principal}


def test_access_share_hands_on_for_no_longer_than_it_is_held(cast: Cast) -> None:
    seat, other = cast["manager"], cast["practitioner"]
    rec = record(seat)
    near, later, far = moment(2), moment(3), moment(9)
    hold(seat.principal, rec, 3, later)
    for asked, lasts in ((None, later), (far, later), (near, near)):
        assert called(seat, SHARE, rec, other.principal, 3, asked) is True
        assert end_of(rec, other.principal) == lasts, asked
    hold(other.principal, rec, 3)  # what others hold makes it no longer
    assert called(seat, SHARE, rec, cast["social_care_lead"].principal, 3, None) is True
    assert end_of(rec, cast["social_care_lead"].principal) == later
    hold(seat.team_principal, rec, 1)  # nor what is held of less
    assert called(seat, SHARE, rec, other.principal, 3, None) is True
    assert end_of(rec, other.principal) == later
    assert called(seat, SHARE, rec, other.principal, 1, None) is True
    assert end_of(rec, other.principal) is None
    hold(seat.team_principal, rec, 3)
    assert called(seat, SHARE, rec, other.principal, 3, None) is True
    assert end_of(rec, other.principal) is None
    owner("delete from access_grant where principal = %s", seat.team_principal)
    for own in (seat.principal, seat.team_principal):  # nor does anybody prolong what they hold
        assert called(seat, SHARE, rec, own, 3, None) is True
        assert end_of(rec, own) == later
    elsewhere = record(seat)
    hold(seat.principal, elsewhere, 3)  # nor what is held of something else
    hold(seat.team_principal, rec, 1)
    assert called(seat, SHARE, rec, other.principal, 3, None) is True
    assert end_of(rec, other.principal) == later
    for name in ("coordinator", "chair", "system"):
        hold(cast[name].principal, rec, 3, near)
        assert called(cast[name], SHARE, rec, other.principal, 3, far) is True
        assert end_of(rec, other.principal) == far, name


def test_access_share_sets_aside_what_a_restriction_refuses_and_caps_the_rest(cast: Cast) -> None:
    seat, named, other = cast["coordinator"], cast["chair"], cast["practitioner"]
    child = record(seat, "child")
    case = record(seat, "case", about_id=child)
    item = record(seat, "item", within_id=case)
    apart = record(seat, "case", restricted=True)
    for rec in (case, item):
        hold(seat.principal, rec, 3)
    hold(named.principal, case, 2)
    hold(other.principal, apart, 3)
    restrict(seat, [child, case, item])
    assert called(seat, SHARE, item, other.principal, 2, None) is False
    assert (held(item), held(item, "access_setaside")) == ({seat.principal: 3}, {other.principal: 2})
    with undone():
        hold(other.principal, child, 3)
        hold(other.principal, item, 3)
        assert called(seat, SHARE, item, other.principal, 2, None) is False
    with undone():
        hold(other.principal, record(seat, "case", about_id=child), 3)
        assert called(seat, SHARE, item, other.principal, 2, None) is False
    assert called(seat, SHARE, item, named.principal, 3, None) is True
    assert held(item)[named.principal] == 2
    assert called(seat, SHARE, item, named.principal, 1, None) is True
    assert held(item)[named.principal] == 1
    assert called(seat, SHARE, item, cast["system"].principal, 3, None) is True
    open_case = record(seat)
    hold(seat.principal, open_case, 3)
    assert called(seat, SHARE, open_case, other.principal, 3, None) is True
    with undone():
        owner("update access_record set restricted = false")
        assert called(seat, SHARE, item, other.principal, 3, None) is True
