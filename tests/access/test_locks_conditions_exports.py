"""What is taken away is its asker's alone, in that seat, and its file only while they see all that stands in it."""

from __future__ import annotations

from django.db import connection, transaction

from mace.core.seat import Seat, acting_as
from tests.access.locks import ALLOWED, NO_RIGHT, REFUSED, all_rows, attempt, copy_of, owner, undone
from tests.access.test_locks_conditions import copies, nobody
from tests.access.test_locks_rows import another_record, give
from tests.access.world import World

SEE, CHANGE = "select 1 from exporting_export", "update exporting_export set rows = rows + 1"
SEE_FILE = "select 1 from exporting_exportfile"


def asked_by(seat: Seat) -> None:
    owner("update exporting_export set asked_principal = %s, asked_by_id = %s", seat.principal, seat.membership_id)
    owner("update exporting_exportfile set asked_principal = %s", seat.principal)


def test_an_export_is_seen_and_changed_by_who_asked_for_it(world: World) -> None:
    seat, other = nobody(world), world.cast["coordinator"]
    asked_by(seat)
    add, values = copies("exporting_export", id=99, reference="Y-TEST-0001")

    def reached(by: Seat) -> tuple[str, str, str]:
        return attempt(by, SEE)[0], attempt(by, CHANGE)[0], attempt(by, add, *values)[0]

    assert reached(seat) == (ALLOWED,) * 3
    assert reached(other) == (REFUSED,) * 3
    # nor does it come to a seat by being made its own
    mine = "update exporting_export set asked_principal = %s"
    assert attempt(other, mine, other.principal)[0] == REFUSED
    assert attempt(seat, mine, other.principal)[0] == REFUSED


def test_an_export_of_a_case_is_seen_while_the_case_is(world: World) -> None:
    seat = nobody(world)
    asked_by(seat)
    record = another_record(seat)
    of_case = "update exporting_export set record_id = %s, what = 'case', format = 'pdf'"
    assert attempt(seat, of_case, record)[0] == REFUSED
    owner(of_case, record)
    add, values = copies("exporting_export", id=99, reference="Y-TEST-0001")
    for sql, given in ((SEE, ()), (CHANGE, ()), (add, values)):
        assert attempt(seat, sql, *given)[0] == REFUSED, sql
        with undone():
            give(seat, [another_record(seat)], 3)
            assert attempt(seat, sql, *given)[0] == REFUSED, sql
        with undone():
            give(seat, [record], 1)
            assert attempt(seat, sql, *given)[0] == ALLOWED, sql


def test_a_file_is_its_askers_while_they_see_as_much_as_stands_in_it(world: World) -> None:
    seat, other = nobody(world), world.cast["police_lead"]
    asked_by(seat)
    records = [another_record(seat) for _ in range(2)]
    owner("update exporting_exportfile set records = %s::bigint[], scopes = '{3,2}'", records)
    add, values = copy_of("exporting_exportfile", all_rows("exporting_exportfile")[0])

    def reached(by: Seat) -> tuple[str, str]:
        seen = attempt(by, SEE_FILE)[0]
        with undone():
            owner("delete from exporting_exportfile")
            return seen, attempt(by, add, *values)[0]

    assert reached(seat) == (REFUSED, REFUSED)
    give(seat, records, 3)
    give(other, records, 3)
    assert reached(seat) == (ALLOWED, ALLOWED)
    assert reached(other) == (REFUSED, REFUSED)
    for place, record in enumerate(records):
        with undone():
            owner("delete from access_grant where principal = %s and record_id = %s", seat.principal, record)
            assert reached(seat) == (REFUSED, REFUSED), place
        with undone():
            give(seat, [record], 2 - place)
            assert reached(seat) == (REFUSED, REFUSED), place
    with undone():
        give(seat, records[1:], 2)
        assert reached(seat) == (ALLOWED, ALLOWED)


def test_nobody_changes_or_removes_a_file(world: World) -> None:
    seat = world.cast["coordinator"]
    for sql in ("update exporting_exportfile set scopes = '{}'", "delete from exporting_exportfile"):
        assert attempt(seat, sql)[0] == NO_RIGHT, sql
    with acting_as(seat), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SEE_FILE)
        assert cursor.fetchall() == [(1,)]
