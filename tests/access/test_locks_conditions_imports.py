"""Who reads spreadsheets on their way in, and what became of them: the coordinators of the partnership alone."""

from __future__ import annotations

from mace.access.models import Scope
from mace.access.services import restrict
from mace.accounts.models import Role
from mace.core.seat import acting_as
from tests.access.locks import attempt, owner
from tests.access.test_locks_conditions import copies, nobody, who_may
from tests.access.world import World

THEIRS = {Role.COORDINATOR, Role.SYSTEM}


def test_imports_and_spellings_are_the_coordinators_of_the_partnership(world: World) -> None:
    seat, stranger = nobody(world), world.cast["stranger_practitioner"]
    for table, changes, change in (
        ("importing_import", {"reference": "F-NEW"}, "name = 'x'"),
        ("importing_spelling", {"written": "sig"}, "code = ''"),
    ):
        add, values = copies(table, id=99, **changes)
        for sql, given in ((f"select 1 from {table}", ()), (f"update {table} set {change}", ()), (add, values)):
            assert who_may(seat, sql, *given) == THEIRS, sql
            assert who_may(stranger, sql, *given) == set(), sql
        away = f"update {table} set partnership_id = %s"
        assert who_may(seat, away, world.cast.other_partnership.pk) == set()
        assert attempt(world.cast["stranger_coordinator"], away, world.cast.other_partnership.pk)[1] == 0
        assert who_may(seat, f"delete from {table}") == set()


def test_rows_are_seen_by_them_unless_the_case_is_shut_to_them(world: World) -> None:
    seat, stranger = nobody(world), world.cast["stranger_practitioner"]
    see = "select 1 from importing_importedrow"
    add, values = copies("importing_importedrow", id=99, row=77)
    assert who_may(seat, see) == who_may(seat, add, *values) == THEIRS
    assert who_may(stranger, see) == who_may(stranger, add, *values) == set()
    with acting_as(world.cast["chair"]):
        people = {world.cast.memberships["chair"]: Scope.FULL}
        restrict(record_id=world.case.pk, people=people, reason="An operation", by=world.cast["chair"])
    assert who_may(seat, see) == set()
    owner("update importing_importedrow set record_id = null, outcome = 'left_out'")
    assert who_may(seat, see) == THEIRS
