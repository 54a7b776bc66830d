"""What the functions that add people, end their seats and close their accounts ask, one condition at a time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mace.accounts.models import Role
from tests.access.locks import owner, owner_rows, undone
from tests.access.test_locks_functions import REFUSED, called, callers
from tests.accounts.test_seats_database_giving import membership
from tests.factories.cast import SINCE, Cast

ADD = "accounts_add_person(%s, %s)"
END = "accounts_end_seat(%s, %s)"
SET = "accounts_set_active(%s, %s)"
KEEPERS = {Role.ADMINISTRATOR, Role.AGENCY_LEAD}
DONE = ""
TODAY, DAY = dt.date.today, dt.timedelta(1)


# --- Who keeps people ------------------------------------------------------------------------------------------------


def test_accounts_keeper_is_an_administrator_or_a_lead(cast: Cast) -> None:
    assert callers(cast["board"], ADD, "new@example.org", "New") == KEEPERS
    assert callers(cast["practitioner"], ADD, "new@example.org", "New") == KEEPERS
    assert called(None, ADD, "new@example.org", "New") == REFUSED  # type: ignore[arg-type]


def test_accounts_looks_after_says_whose_seats_one_gives_and_ends(cast: Cast) -> None:
    """A lead after the agency's members and leads, a deputy after its members, an administrator after all."""
    seats = {name: seat.membership_id for name, seat in cast.seats.items()}
    terms = {"role": "agency_lead", "agency_id": cast.agencies["police"].pk}
    leave = {"deputy_for_id": seats["police_lead"], "until_on": TODAY() + DAY, "purpose": "Leave"}
    seats["second_lead"] = membership(cast, "education_lead", **terms)
    seats["deputy"] = membership(cast, "analyst", **terms, **leave)
    seats["second_admin"] = membership(cast, "manager", role="admin")
    seats["elsewhere"] = membership(cast, "health_lead", **terms, partnership_id=cast.other_partnership.pk)
    names = {key: name for name, key in seats.items()}
    found: dict[str, set[str]] = {name: set() for name in seats}
    for me, other in owner_rows(
        "select a.id, b.id from accounts_membership a, accounts_membership b where accounts_looks_after(a, b)"
    ):
        found[names[me]].add(names[other])
    # nobody after another seat of their own, wherever that is
    whole = {name for name, seat in cast.seats.items() if seat.partnership_id == cast.partnership.pk} - {"system"}
    whole |= {"second_lead", "deputy", "second_admin"}
    expected = {
        "admin": whole - {"admin"},
        "second_admin": whole - {"second_admin", "manager"},
        "police_lead": {"police_member", "second_lead", "deputy"},
        "second_lead": {"police_member", "police_lead", "deputy"},
        "deputy": {"police_member"},
    }
    assert found == {name: expected.get(name, set()) for name in seats}


# --- Adding people ---------------------------------------------------------------------------------------------------


def test_accounts_add_person_makes_an_account_without_a_password(cast: Cast) -> None:
    made = called(cast["police_lead"], ADD, "New.Person@Example.org", "New Person")
    ((email, name, password, *flags),) = owner_rows(
        "select email, name, password, is_active, is_staff, is_superuser from accounts_user where id = %s", made
    )
    assert (email, name, password[0], flags) == ("new.person@example.org", "New Person", "!", [True, False, False])


def test_accounts_add_person_finds_who_is_known_already_by_their_address(cast: Cast) -> None:
    counted = owner_rows("select count(*) from accounts_user")
    for name in ("board", "stranger_police", "practitioner"):
        ((email,),) = owner_rows("select email from accounts_user where id = %s", cast[name].user_id)
        assert called(cast["admin"], ADD, email.upper(), "Somebody") == cast[name].user_id
    owner("update accounts_user set email = 'Mixed@Example.org' where id = %s", cast["board"].user_id)
    assert called(cast["admin"], ADD, "mixed@example.org", "Somebody") == cast["board"].user_id
    assert owner_rows("select count(*) from accounts_user") == counted
    assert owner_rows("select name from accounts_user where id = %s", cast["board"].user_id) == [("Board",)]


def test_accounts_add_person_does_not_find_who_has_left_nor_the_system(cast: Cast) -> None:
    assert called(cast["admin"], ADD, "board@example.org", "Board") == cast["board"].user_id
    owner("update accounts_user set is_active = true where id = %s", cast["system"].user_id)
    assert called(cast["admin"], ADD, "system@example.org", "System") == REFUSED
    owner("update accounts_user set is_active = false where id = %s", cast["board"].user_id)
    assert called(cast["admin"], ADD, "board@example.org", "Board") == REFUSED


# --- Ending seats ----------------------------------------------------------------------------------------------------


def test_accounts_end_seat_ends_the_seat_and_those_of_its_deputies_and_no_other(cast: Cast) -> None:
    lead, police = cast["police_lead"].membership_id, cast.agencies["police"].pk
    today = TODAY()
    terms: dict[str, Any] = {"role": "agency_lead", "agency_id": police, "purpose": "Leave"}

    def deputy(of: int, until: dt.date, **more: Any) -> int:
        return membership(cast, "analyst", **terms, deputy_for_id=of, until_on=until, **more)

    other = cast["health_lead"].membership_id
    expected = {
        lead: (SINCE, today),
        deputy(lead, today + DAY): (SINCE, today),
        deputy(lead, today): (SINCE, today),
        deputy(lead, today - DAY): (SINCE, today - DAY),
        deputy(lead, today + 9 * DAY, from_on=today + DAY): (today, today),
        deputy(other, today + DAY): (SINCE, today + DAY),
        other: (SINCE, None),
    }
    assert called(cast["admin"], END, lead, today) == DONE
    found = owner_rows("select id, from_on, until_on from accounts_membership")
    assert {key: (since, until) for key, since, until in found if key in expected} == expected
    assert {until for key, _, until in found if key not in expected} == {None}


@pytest.mark.parametrize(("days", "moved"), [(None, True), (1, True), (0, False), (-1, False)])
def test_accounts_end_seat_moves_an_end_forward_only(cast: Cast, days: int | None, moved: bool) -> None:
    seat, today = cast["police_member"].membership_id, TODAY()
    until = None if days is None else today + days * DAY
    owner("update accounts_membership set until_on = %s where id = %s", until, seat)
    assert called(cast["police_lead"], END, seat, today) == DONE
    ((ends,),) = owner_rows("select until_on from accounts_membership where id = %s", seat)
    assert ends == (today if moved else until)


def test_accounts_end_seat_is_refused_for_who_is_not_looked_after_and_for_no_seat(cast: Cast) -> None:
    today, seat = TODAY(), cast["police_member"].membership_id
    assert callers(cast["police_lead"], END, seat, today) == KEEPERS
    for by, whom in (
        ("police_lead", 0),
        ("admin", 0),
        ("police_lead", cast["health_lead"].membership_id),
        ("police_lead", cast["board"].membership_id),
        ("police_lead", cast["police_lead"].membership_id),
        ("admin", cast["stranger_police"].membership_id),
        ("admin", cast["system"].membership_id),
    ):
        assert called(cast[by], END, whom, today) == REFUSED, (by, whom)
    assert called(cast["admin"], END, seat, today) == DONE


# --- Closing accounts ------------------------------------------------------------------------------------------------


def active(cast: Cast, name: str) -> bool:
    return bool(owner_rows("select is_active from accounts_user where id = %s", cast[name].user_id)[0][0])


def test_accounts_set_active_closes_and_opens_the_account_of_a_person_of_the_partnership(cast: Cast) -> None:
    admin, person = cast["admin"], cast["police_member"].user_id
    assert callers(admin, SET, person, False) == {Role.ADMINISTRATOR}
    assert called(admin, SET, person, False) == DONE
    assert [active(cast, name) for name in ("police_member", "police_lead", "admin")] == [False, True, True]
    assert called(admin, SET, person, True) == DONE
    assert active(cast, "police_member")
    assert called(admin, SET, admin.user_id, False) == REFUSED


def test_accounts_set_active_leaves_strangers_and_the_system_alone(cast: Cast) -> None:
    admin, stranger = cast["admin"], cast["stranger_police"]
    nobody = owner_rows(
        "insert into accounts_user (email, name, password, is_active, is_staff, is_superuser, date_joined) "
        "values ('nobody@example.org', 'Nobody', '!', true, false, false, now()) returning id"
    )[0][0]
    for person in (nobody, stranger.user_id, cast["system"].user_id, 0):
        assert called(admin, SET, person, False) == REFUSED, person
    with undone():  # who has left the other partnership is still nobody's of this one
        owner("update accounts_membership set until_on = current_date - 1 where id = %s", stranger.membership_id)
        assert called(admin, SET, stranger.user_id, False) == REFUSED
    with undone():
        membership(cast, "system", role="board")
        assert called(admin, SET, cast["system"].user_id, True) == REFUSED


@pytest.mark.parametrize(
    ("until", "answer"),
    [("null", REFUSED), ("current_date + 1", REFUSED), ("current_date", REFUSED), ("current_date - 1", DONE)],
)
def test_accounts_set_active_waits_until_a_seat_elsewhere_has_ended(cast: Cast, until: str, answer: str) -> None:
    admin, seat = cast["admin"], cast["police_member"]
    assert called(admin, SET, seat.user_id, False) == DONE
    other = membership(cast, "police_member", partnership_id=cast.other_partnership.pk)
    owner(f"update accounts_membership set until_on = {until} where id = %s", other)
    assert called(admin, SET, seat.user_id, True) == answer
