"""How the database learns for itself who asks and what that seat holds: each condition, from both sides."""

from __future__ import annotations

import hashlib
import time
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from mace.accounts.models import Role
from mace.core.seat import Seat, acting_as, mint_token
from tests.access.locks import owner, owner_rows, rows, undone
from tests.access.test_locks_conditions import ROLES, as_role
from tests.access.test_locks_rows import another_record, bar
from tests.factories.cast import Cast

AGENCY = ("agency_lead",)
PARTNERSHIP = ("coordinator", "system")
TEAM = ("manager",)


def found(token: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("select set_config('mace.seat', %s, true)", [token])
        cursor.execute("select mace_seat(), mace_role(), mace_principals(), mace_barred()")
        return cursor.fetchone()


def seat_found(seat: Seat) -> Any:
    return found(seat.token())[0]


def principals(seat: Seat) -> set[int]:
    with acting_as(seat):
        return set(rows("select mace_principals()")[0][0] or ())


def test_a_token_is_good_only_whole_signed_and_in_time(cast: Cast) -> None:
    """What ``mace_seat`` takes for a seat."""
    member = cast["coordinator"].membership_id
    key, later = settings.SEAT_KEY, int(time.time()) + 600

    def signed(body: str) -> str:
        return f"{body}.{hashlib.sha256(key + hashlib.sha256(key + body.encode()).digest()).hexdigest()}"

    assert found(signed(f"{member}.{later}.n"))[:2] == (member, Role.COORDINATOR)
    assert found(mint_token(member, key=key, nonce="n", lifetime=-1))[0] is None
    for forged in (
        "",
        signed(f"{member}.{later}.n") + ".x",
        signed(f"{member}.{later}"),
        signed(f"x{member}.{later}.n"),
        signed(f"{member}.x{later}.n"),
        signed(f"{member}.{later}.n")[:-1] + "x",
        f"{member}.{later}.n.",
        signed(f"{member}.{later}.n").replace(f"{member}.", f"{cast['chair'].membership_id}.", 1),
        signed(f"{member}.{later}.n").replace(f"{later}", f"{later + 600}"),
    ):
        assert found(forged) == (None, None, None, []), forged
    with undone():
        owner("delete from accounts_seatkey")
        assert found(signed(f"{member}.{later}.n"))[0] is None
        plain = hashlib.sha256(hashlib.sha256(f"{member}.{later}.n".encode()).digest()).hexdigest()
        assert found(f"{member}.{later}.n.{plain}")[0] is None


@pytest.mark.parametrize(
    ("dates", "current"),
    [
        ("from_on = current_date, until_on = null", True),
        ("from_on = current_date, until_on = current_date", True),
        ("from_on = current_date - 9, until_on = current_date + 9", True),
        ("from_on = current_date + 1, until_on = null", False),
        ("from_on = current_date + 1, until_on = current_date + 9", False),
        ("from_on = current_date - 9, until_on = current_date - 1", False),
    ],
)
def test_a_seat_is_one_while_its_dates_last(cast: Cast, dates: str, current: bool) -> None:
    """``mace_seat`` on the first and on the last day."""
    seat = cast["practitioner"]
    owner(f"update accounts_membership set {dates} where id = %s", seat.membership_id)
    assert seat_found(seat) == (seat.membership_id if current else None)
    assert bool(principals(seat)) == current


def test_who_has_left_has_no_seat_and_the_system_needs_no_account(cast: Cast) -> None:
    """``mace_seat`` asks whether the account is open."""
    seat, system = cast["practitioner"], cast["system"]
    owner("update accounts_user set is_active = false where id in (%s, %s)", seat.user_id, system.user_id)
    assert (seat_found(seat), seat_found(system)) == (None, system.membership_id)
    owner("update accounts_user set is_active = true where id in (%s, %s)", seat.user_id, system.user_id)
    assert (seat_found(seat), seat_found(system)) == (seat.membership_id, system.membership_id)


def test_each_role_holds_its_own_principals_and_no_others(cast: Cast) -> None:
    """``mace_principals`` by role."""
    seat = cast["manager"]
    team = owner_rows("select team_id from accounts_membership where id = %s", seat.membership_id)[0][0]
    owner("delete from accounts_holding")
    for role in ROLES:
        with undone():
            as_role(seat, role)
            owner("update accounts_membership set team_id = %s where id = %s", team, seat.membership_id)
            expected = {seat.principal}
            expected |= {seat.agency_principal} if role in AGENCY else set()
            expected |= {seat.partnership_principal} if role in PARTNERSHIP else set()
            expected |= {seat.team_principal or 0} if role in TEAM else set()
            assert principals(seat) == expected, role
            with acting_as(seat):
                assert rows("select mace_role()") == [(role,)]


@pytest.mark.parametrize(
    ("terms", "held"),
    [
        ("current_date, null, null", True),
        ("current_date - 9, current_date, null", True),
        ("current_date - 9, null, now() + interval '1 hour'", True),
        ("current_date + 1, null, null", False),
        ("current_date - 9, current_date - 1, null", False),
        ("current_date - 9, null, now() - interval '1 second'", False),
        ("current_date - 9, null, now()", False),
    ],
)
def test_what_a_seat_holds_for_a_time_it_holds_for_that_time(cast: Cast, terms: str, held: bool) -> None:
    """``mace_principals`` with what is held besides."""
    seat, other = cast["practitioner"], cast["health_lead"]
    owner(
        f"insert into accounts_holding (membership_id, principal, from_on, until_on, until_at) select %s, 99999, "
        f"{terms}",
        seat.membership_id,
    )
    assert (99999 in principals(seat), 99999 in principals(other)) == (held, False)


def test_a_person_is_barred_from_the_record_and_all_around_it_until_the_bar_is_lifted(cast: Cast) -> None:
    seat, other = cast["practitioner"], cast["health_lead"]
    case, child, item, apart = (another_record(seat) for _ in range(4))
    elsewhere = another_record(seat)
    owner("update access_record set kind = 'child' where id = %s", child)
    owner("update access_record set kind = 'case', about_id = %s where id = %s", child, case)
    owner("update access_record set kind = 'item', within_id = %s where id = %s", case, item)

    def barred(of: Seat) -> set[int]:
        with acting_as(of):
            return set(rows("select mace_barred()")[0][0])

    assert (barred(seat), barred(other)) == (set(), set())
    bar(seat, [case])
    assert (barred(seat), barred(other)) == ({case, child, item}, set())
    bar(other, [apart])
    assert (barred(seat), barred(other)) == ({case, child, item}, {apart})
    owner("update access_bar set lifted_at = now(), lifted_reason = 'x' where user_id = %s", seat.user_id)
    assert (barred(seat), barred(other)) == (set(), {apart})
    assert elsewhere not in barred(other)
