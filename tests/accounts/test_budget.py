"""What signing in costs each request: one statement, and few enough calls for an empty page to stay under 5,000."""

from __future__ import annotations

import cProfile
import pstats

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mace.accounts.models import Membership, Role
from mace.accounts.selectors import MAY_REFER, SEAT_JOINS, seat_of, signed_in
from mace.core import clock
from mace.core.postgresql.base import DatabaseWrapper
from tests.factories.cast import SINCE, Cast
from tests.factories.owner import as_owner

EMPTY = "/accessibility/"
CALLS = 5_000


def statements(client: Client, path: str) -> list[str]:
    """What was asked of the database, without the savepoints that only a test's own transaction makes necessary."""
    with CaptureQueriesContext(connection) as said:
        assert client.get(path).status_code == 200
        return [query["sql"].split()[0].lower() for query in said.captured_queries if "SAVEPOINT" not in query["sql"]]


def more_seats(cast: Cast, name: str, number: int) -> None:
    with as_owner():
        for _ in range(number):
            Membership.objects.create(
                user=cast.memberships[name].user,
                agency=cast.agencies["police"],
                partnership=cast.partnership,
                role=Role.AGENCY_MEMBER,
                from_on=SINCE,
            )


def test_an_empty_page_asks_who_it_is_and_for_unread_messages_and_nothing_else(cast: Cast) -> None:
    client = cast.client("coordinator")
    client.get(EMPTY)
    assert statements(client, EMPTY) == ["select", "select"]
    more_seats(cast, "coordinator", 24)
    assert statements(client, EMPTY) == ["select", "select"]


def test_the_seat_is_announced_once_in_each_transaction(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    announced = []
    true = DatabaseWrapper.announce_seat

    def counted(self: DatabaseWrapper) -> None:
        announced.append(1)
        true(self)

    client = cast.client("coordinator")
    client.get(EMPTY)
    monkeypatch.setattr(DatabaseWrapper, "announce_seat", counted)
    client.get(EMPTY)
    assert len(announced) == 2  # in and out of the seat, because a test's transaction is open already


def test_a_page_without_a_person_asks_nothing(cast: Cast) -> None:
    assert statements(Client(), EMPTY) == []


def test_an_empty_page_stays_within_its_calls(cast: Cast) -> None:
    client = cast.client("coordinator")
    for _ in range(3):
        client.get(EMPTY)
    profile = cProfile.Profile()
    profile.enable()
    client.get(EMPTY)
    profile.disable()
    calls: int = pstats.Stats(profile).total_calls  # type: ignore[attr-defined]
    assert 1_000 < calls <= CALLS


@pytest.mark.parametrize("name", ["practitioner", "manager", "coordinator", "voluntary_member", "police_lead", "admin"])
def test_the_seat_of_the_one_statement_is_the_seat_of_the_models(cast: Cast, name: str) -> None:
    user = cast.memberships[name].user
    found = signed_in(user.pk, on=clock.today())
    assert found is not None
    rows = Membership.objects.filter(user=user).select_related(*SEAT_JOINS).annotate(may_refer=MAY_REFER)
    assert found.seats == tuple(map(seat_of, rows))
    for field in type(user)._meta.concrete_fields:
        stored = type(user).objects.get(pk=user.pk)
        assert getattr(found.user, field.attname) == getattr(stored, field.attname), field.name


def test_the_person_of_the_one_statement_is_none_for_a_closed_account_and_has_no_seat_without_one(cast: Cast) -> None:
    assert signed_in(0, on=clock.today()) is None
    system = signed_in(cast["system"].user_id, on=clock.today())
    assert system is None
    with as_owner():
        Membership.objects.filter(pk=cast["analyst"].membership_id).update(until_on=SINCE)
    found = signed_in(cast["analyst"].user_id, on=clock.today())
    assert found is not None
    assert (found.seats, found.second_factor) == ((), False)


def test_a_second_factor_that_is_taken_away_is_missed_at_the_next_request(cast: Cast) -> None:
    client = cast.client("coordinator")
    assert client.get("/cases/").status_code == 200
    user = cast.memberships["coordinator"].user
    Authenticator.objects.filter(user=user).delete()
    assert client.get("/cases/").headers["Location"] == "/accounts/2fa/totp/activate/"
