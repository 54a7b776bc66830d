"""What the database itself holds about people and seats, whatever SQL the web sends it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from psycopg.errors import InsufficientPrivilege

from mace.accounts.models import Membership, Role
from mace.accounts.selectors import SEAT_JOINS, seat_of
from mace.core.seat import acting_as
from tests.factories.cast import SINCE, Cast
from tests.factories.owner import as_owner

COPY = (
    "insert into accounts_membership (user_id, agency_id, partnership_id, role, from_on, job_title) "
    "select user_id, agency_id, partnership_id, 'admin', from_on, '' from accounts_membership limit 1"
)
LATER = dt.date(2999, 1, 1)
GIVE = "select accounts_give_seat(%s, %s, null, %s, '', %s, %s, %s, %s)"


def make(cast: Cast, **more: Any) -> Membership:
    with as_owner(), transaction.atomic():
        return Membership.objects.create(
            **{
                "user": cast.memberships["board"].user,
                "agency": cast.agencies["police"],
                "partnership": cast.partnership,
                "from_on": SINCE,
                **more,
            }
        )


def refused(sql: str, *parameters: Any) -> bool:
    """Whether the database says that this seat may not."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, list(parameters))
    except ProgrammingError as error:
        return isinstance(error.__cause__, InsufficientPrivilege)
    return False


@pytest.mark.parametrize("role", [Role.MINUTE_TAKER, Role.AUDITOR, Role.ANALYST_IDENTIFIABLE])
@pytest.mark.parametrize("more", [{}, {"until_on": LATER}, {"purpose": "The audit"}])
def test_a_seat_for_a_time_needs_its_end_and_its_purpose(cast: Cast, role: Role, more: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="time_limited_seat_ends_and_says_why"):
        make(cast, role=role, **more)


def test_a_deputy_needs_them_too_and_stands_in_for_a_chair_or_a_lead_only(cast: Cast) -> None:
    lead = cast.memberships["police_lead"]
    with pytest.raises(IntegrityError, match="time_limited_seat_ends_and_says_why"):
        make(cast, role=Role.AGENCY_LEAD, deputy_for=lead)
    with pytest.raises(IntegrityError, match="deputy_of_chair_or_lead"):
        make(cast, role=Role.COORDINATOR, deputy_for=lead, until_on=LATER, purpose="Leave")
    assert make(cast, role=Role.AGENCY_LEAD, deputy_for=lead, until_on=LATER, purpose="Leave").pk


@pytest.mark.parametrize(
    "sql",
    [
        COPY,
        "update accounts_membership set role = 'coordinator'",
        "delete from accounts_membership",
        "insert into accounts_holding (membership_id, principal, from_on) values (1, 1, current_date)",
        "update accounts_user set is_active = false",
        "update accounts_user set email = 'a@example.org'",
        "update accounts_user set is_staff = true",
        "insert into accounts_user (email) values ('a@example.org')",
        "update agencies_participation set may_refer = true",
        "select accounts_keeper()",
        "select accounts_looks_after(m, m) from accounts_membership m",
    ],
)
@pytest.mark.parametrize("name", ["admin", "police_lead"])
def test_the_web_writes_people_and_seats_through_the_functions_only(cast: Cast, name: str, sql: str) -> None:
    with acting_as(cast[name]):
        assert refused(sql)


def test_the_web_still_notes_a_sign_in_and_a_password(cast: Cast) -> None:
    user = cast.memberships["analyst"].user
    user.set_password("correct horse battery staple")
    user.save(update_fields=["password", "last_login"])
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("select count(*) from audit_change where table_name = 'accounts_user'")
        assert cursor.fetchone() == (0,)


def given(cast: Cast, person: str, agency: str, role: str, *, until: Any = None, why: str = "", to: Any = None) -> bool:
    """Whether the acting seat is refused to give that one."""
    user = cast.memberships[person].user_id
    return refused(GIVE, user, cast.agencies[agency].pk, role, SINCE, until, why, to)


def test_who_may_give_which_seat(cast: Cast) -> None:
    with acting_as(cast["admin"]):
        assert not given(cast, "board", "health", "coordinator")
        assert given(cast, "admin", "health", "agency_member")
        assert given(cast, "board", "other_police", "agency_member")
        assert given(cast, "board", "police", "system")
        assert given(cast, "system", "police", "agency_member")
    with acting_as(cast["police_lead"]):
        assert not given(cast, "board", "police", "agency_lead")
        assert not given(cast, "board", "police", "agency_member")
        for role in ("practitioner", "manager", "coordinator", "chair", "board", "analyst", "ig", "admin", "auditor"):
            assert given(cast, "board", "police", role, until=LATER, why="x"), role
        assert given(cast, "board", "health", "agency_member")
        assert given(cast, "police_lead", "police", "agency_member")
    for name in ("coordinator", "chair", "ig", "board", "police_member", "practitioner"):
        with acting_as(cast[name]):
            assert given(cast, "analyst", "police", "agency_member"), name
    assert given(cast, "analyst", "police", "agency_member")


def test_a_deputy_lead_names_members_and_no_lead(cast: Cast) -> None:
    lead = cast.memberships["police_lead"]
    deputy = make(cast, role=Role.AGENCY_LEAD, deputy_for=lead, until_on=LATER, purpose="Leave")
    seat = seat_of(Membership.objects.select_related(*SEAT_JOINS).get(pk=deputy.pk))
    assert seat.role_label == "Deputy agency lead"
    with acting_as(seat):
        assert not given(cast, "analyst", "police", "agency_member")
        assert given(cast, "analyst", "police", "agency_lead")
        assert refused("select accounts_end_seat(%s, current_date)", lead.pk)


def test_a_deputy_of_another_role_agency_or_longer_than_the_seat_is_refused(cast: Cast) -> None:
    chair, lead = cast.memberships["chair"], cast.memberships["police_lead"]
    with as_owner():
        Membership.objects.filter(pk=lead.pk).update(until_on=dt.date(2998, 1, 1))
    with acting_as(cast["admin"]):
        assert given(cast, "board", "police", "chair", until=LATER, why="x", to=chair.pk)
        assert given(cast, "board", "social_care", "manager", until=LATER, why="x", to=chair.pk)
        assert given(cast, "board", "police", "agency_lead", until=LATER, why="x", to=lead.pk)
        stranger = cast.memberships["stranger_police"].pk
        assert given(cast, "board", "police", "agency_lead", until=LATER, why="x", to=stranger)
        assert not given(cast, "board", "police", "agency_lead", until=dt.date(2997, 1, 1), why="x", to=lead.pk)


def test_who_may_end_which_seat(cast: Cast) -> None:
    end = "select accounts_end_seat(%s, current_date)"
    key = {name: row.pk for name, row in cast.memberships.items()}
    with acting_as(cast["police_lead"]):
        for name in ("practitioner", "board", "health_lead", "stranger_police", "police_lead", "admin", "system"):
            assert refused(end, key[name]), name
        assert not refused(end, key["police_member"])
    with acting_as(cast["admin"]):
        for name in ("stranger_police", "admin", "system"):
            assert refused(end, key[name]), name
        assert not refused(end, key["coordinator"])
    with acting_as(cast["coordinator"]):
        assert refused(end, key["analyst"])


def test_who_may_close_an_account_and_keep_an_agreement(cast: Cast) -> None:
    close = "select accounts_set_active(%s, false)"
    with acting_as(cast["police_lead"]):
        assert refused(close, cast["police_member"].user_id)
    with acting_as(cast["admin"]):
        for name in ("admin", "stranger_police", "system"):
            assert refused(close, cast[name].user_id), name
        assert not refused(close, cast["police_member"].user_id)
    keep = "select agencies_set_agreement((select min(id) from agencies_participation), null, null)"
    for name in ("police_lead", "chair", "stranger_coordinator"):
        with acting_as(cast[name]):
            assert refused(keep), name
    with acting_as(cast["coordinator"]):
        assert not refused(keep)
