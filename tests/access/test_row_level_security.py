"""The second lock on its own: what the database shows each seat, whatever the program asks."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from mace.access.models import Grant, Kind, Record, Scope
from mace.access.selectors import visible_count, visible_page
from mace.access.services import disclose, open_record, set_about, share, withdraw
from mace.core import clock
from mace.core.seat import acting_as, mint_token
from referrals.models import Child, ChildIdentity
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import open_case
from tests.factories.sharing import shared

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def make_child_and_matter(cast: Cast) -> tuple[int, int]:
    """A practitioner's matter about a new child, shared with the partnership's coordinators."""
    with acting_as(cast["practitioner"]):
        matter = open_record(kind=Kind.REFERRAL, at=NOW)
        child = open_record(kind=Kind.CHILD, at=NOW)
        Child.objects.create(record_id=child, created_at=NOW)
        ChildIdentity.objects.create(
            record_id=child,
            child_id=child,
            forename="Test",
            surname="Child",
            date_of_birth=dt.date(2011, 3, 27),
            name_key="test child",
        )
        set_about(record_id=matter, child_id=child)
        share(record_id=matter, principal=cast["coordinator"].partnership_principal, scope=Scope.FULL)
    return child, matter


def test_no_seat_no_rows(cast: Cast) -> None:
    make_child_and_matter(cast)
    with acting_as(cast["practitioner"]):
        assert ChildIdentity.objects.count() == 1
    assert ChildIdentity.objects.count() == Record.objects.count() == Grant.objects.count() == 0


def test_grant_on_a_matter_reaches_its_child_and_ends_with_it(cast: Cast) -> None:
    child, matter = make_child_and_matter(cast)
    with acting_as(cast["police_lead"]):
        assert not ChildIdentity.objects.exists()
    shared(cast, matter, "police", Scope.IDENTITY, at=NOW)
    with acting_as(cast["police_lead"]):
        assert ChildIdentity.objects.get().record_id == child
        assert visible_page(Kind.REFERRAL).ids == [matter]
        assert visible_count(Kind.REFERRAL) == 1
        assert visible_count(Kind.REFERRAL, scope=Scope.SUMMARY) == 0
    with acting_as(cast["coordinator"]):
        assert (
            withdraw(record_id=matter, agency=cast.agencies["police"], reason="Done", by=cast["coordinator"], at=NOW)
            == 1
        )
    for name in ("police_lead", "stranger_coordinator", "stranger_police", "other_practitioner", "admin", "ig"):
        with acting_as(cast[name]):
            assert not ChildIdentity.objects.exists(), name
            assert not Record.objects.exists(), name


@pytest.mark.parametrize("name", ["police_lead", "stranger_coordinator", "board", "analyst", "ig", "admin"])
def test_nobody_grants_himself_a_record(cast: Cast, name: str) -> None:
    _, matter = make_child_and_matter(cast)
    seat = cast[name]
    with acting_as(seat):
        for attempt in (
            lambda: share(record_id=matter, principal=seat.principal, scope=Scope.FULL),
            lambda: Grant.objects.bulk_create(
                [Grant(record_id=matter, principal=seat.principal, kind="referral", scope=3, sort_at=NOW)]
            ),
            lambda: set_about(record_id=matter, child_id=matter),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                attempt()
        assert not Record.objects.exists()


@pytest.mark.parametrize(
    "token",
    [
        "",
        "1",
        "a.b.c.d",
        "1.9999999999.x.0000",
        "1.9999999999.x." + "0" * 64,
        "999999999999999999999.1.x." + "0" * 64,
    ],
)
def test_forged_token_is_nobody(cast: Cast, token: str) -> None:
    make_child_and_matter(cast)
    with connection.cursor() as cursor:
        cursor.execute("select set_config('mace.seat', %s, true)", [token])
        cursor.execute("select mace_seat(), mace_principals()")
        assert cursor.fetchone() == (None, None)
        cursor.execute("select count(*) from referrals_childidentity")
        assert cursor.fetchone() == (0,)


def test_token_of_another_key_or_time_is_nobody(cast: Cast) -> None:
    member = cast["coordinator"].membership_id
    with connection.cursor() as cursor:
        for token, expected in (
            (cast["coordinator"].token(), member),
            (mint_token(member, key=b"x" * 32, nonce="n"), None),
            (mint_token(member, key=bytes(range(32)), nonce="n", lifetime=-5), None),
        ):
            cursor.execute("select set_config('mace.seat', %s, true)", [token])
            cursor.execute("select mace_seat()")
            assert cursor.fetchone() == (expected,)
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute("select key from accounts_seatkey")


def test_an_agency_reads_its_own_line_of_who_sees_a_case_whatever_its_scope(cast: Cast) -> None:
    """By raw SQL too; those whose partnership it is read every line."""
    case = open_case(cast)
    with acting_as(cast["coordinator"]):
        for name, scope in (("police", Scope.FULL), ("health", Scope.IDENTITY)):
            disclose(
                record_id=case.pk,
                agency=cast.agencies[name],
                scope=scope,
                purpose="Checks",
                lawful_basis="public_task",
                necessity="It holds records",
                told=True,
                by=cast["coordinator"],
                at=clock.now(),
            )
    lines = "select a.name from access_disclosure d join agencies_agency a on a.id = d.agency_id order by 1"
    every = ["Anytown Children’s Services", "Anytown NHS Trust", "Anytown Police"]
    wanted = {"police_lead": every[2:], "health_lead": every[1:2], "coordinator": every, "practitioner": every}
    for name, expected in wanted.items():
        with acting_as(cast[name]), connection.cursor() as cursor:
            cursor.execute(lines)
            assert [row[0] for row in cursor.fetchall()] == expected, name


def test_history_is_written_and_cannot_be_read_or_altered(cast: Cast) -> None:
    make_child_and_matter(cast)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "select membership_id, operation, after ->> 'surname' from audit_change "
            "where table_name = 'referrals_childidentity'"
        )
        assert cursor.fetchall() == [(cast["practitioner"].membership_id, "insert", "Child")]
    with acting_as(cast["coordinator"]), connection.cursor() as cursor:
        for sql in (
            "select * from audit_change",
            "delete from audit_change",
            "delete from audit_readentry",
            "update audit_readentry set refused = true",
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(sql)
