"""What the worker is told of files, past the service: the system's seat alone, of its own partnership alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from mace.accounts.models import Role
from mace.accounts.selectors import system_seat
from mace.core.seat import Seat, acting_as
from tests.access.locks import owner, owner_rows, undone
from tests.access.test_locks_conditions import ROLES, as_role
from tests.access.world import World

NOW = "2026-05-01T10:00Z"
SCAN = "select id, reference, file, size, sha256 from attachments_to_scan(25)"
VERDICT = "select reference, file, record_id, added_by_id from attachments_scanned(%s, %s, %s)"
KEPT = "select file from attachments_kept(%s)"


def asked(seat: Seat, statement: str, *given: Any) -> list[tuple[Any, ...]]:
    with acting_as(seat), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())


def row(world: World) -> tuple[Any, ...]:
    (found,) = owner_rows(
        "select scan, scanned_at is null, removed_at is null, removed_by_id, removed_reason "
        "from attachments_attachment where id = %s",
        world.file.pk,
    )
    return found


def test_attachments_own_partnership_to_scan_scanned_and_kept_answer_the_system_alone(world: World) -> None:
    file = world.file
    before = row(world)
    seat = world.cast["coordinator"]
    for statement, given in ((SCAN, ()), (VERDICT, (file.pk, "clean", NOW)), (KEPT, ([file.file],))):
        for role in ROLES:
            with undone():
                if role != Role.SYSTEM:
                    with pytest.raises(DatabaseError, match="for the service itself"):
                        asked(as_role(seat, role), statement, *given)
    with pytest.raises(DatabaseError, match="permission denied"):
        asked(seat, "select attachments_own_partnership()")
    assert row(world) == before
    system = system_seat(world.cast.partnership.pk)
    assert asked(system, SCAN) == [(file.pk, file.reference, file.file, file.size, file.sha256)]
    assert asked(system, KEPT, [file.file]) == [(file.file,)]


def test_attachments_to_scan_names_what_waits_in_its_own_partnership_the_longest_first(world: World) -> None:
    own, other = (system_seat(at.pk) for at in (world.cast.partnership, world.cast.other_partnership))
    assert asked(other, SCAN) == []
    for scan, waits in (("waiting", True), ("failed", True), ("not_scanned", True), ("clean", False)):
        owner("update attachments_attachment set scan = %s", scan)
        assert bool(asked(own, SCAN)) == waits, scan
    owner("update attachments_attachment set scan = 'failed', scanned_at = %s", NOW)
    copied = (
        "insert into attachments_attachment (reference, record_id, partnership_id, file, kind, title, name, type, "
        "size, sha256, added_by_id, added_by_principal, added_at, scan, scanned_at, removed_reason, operation) select "
        "reference || %s, record_id, partnership_id, gen_random_uuid(), kind, title, name, type, size, sha256, "
        "added_by_id, added_by_principal, added_at, scan, %s, '', '' from attachments_attachment where id = %s"
    )
    owner(copied, "a", "2026-04-01T10:00Z", world.file.pk)
    owner(copied, "b", None, world.file.pk)
    first = world.file.reference
    assert [found[1] for found in asked(own, SCAN)] == [f"{first}b", f"{first}a", first]
    assert len(asked(own, "select * from attachments_to_scan(2)")) == 2
    owner("update attachments_attachment set removed_at = now(), removed_by_id = added_by_id, removed_reason = 'x'")
    assert asked(own, SCAN) == []


def test_attachments_scanned_writes_a_verdict_once_and_removes_what_is_infected(world: World) -> None:
    file = world.file
    own, other = (system_seat(at.pk) for at in (world.cast.partnership, world.cast.other_partnership))
    before = row(world)
    for verdict in ("waiting", "not_scanned", "x", None):
        with pytest.raises(DatabaseError, match="no such verdict"):
            asked(own, VERDICT, file.pk, verdict, NOW)
    assert asked(other, VERDICT, file.pk, "infected", NOW) == []
    assert row(world) == before
    assert asked(own, VERDICT, file.pk, "failed", NOW) == []
    assert row(world) == ("failed", False, True, None, "")
    told = (file.reference, file.file, file.record_id, file.added_by_id)
    assert asked(own, VERDICT, file.pk, "infected", NOW) == [told]
    after = ("infected", False, False, own.membership_id, "A virus was found")
    assert row(world) == after
    for verdict in ("infected", "clean"):
        assert asked(own, VERDICT, file.pk, verdict, NOW) == []
    assert row(world) == after


def test_attachments_scanned_leaves_what_is_clean_as_it_is(world: World) -> None:
    own = system_seat(world.cast.partnership.pk)
    assert asked(own, VERDICT, world.file.pk, "clean", NOW) == []
    assert row(world) == ("clean", False, True, None, "")
    assert asked(own, VERDICT, world.file.pk, "infected", NOW) == []
    assert row(world)[0] == "clean"


def test_attachments_kept_names_files_of_its_own_partnership_that_are_not_removed(world: World) -> None:
    own, other = (system_seat(at.pk) for at in (world.cast.partnership, world.cast.other_partnership))
    nothing = "00000000-0000-0000-0000-000000000000"
    assert asked(own, "select file from attachments_kept(%s::uuid[])", [str(world.file.file), nothing]) == [
        (world.file.file,)
    ]
    assert asked(other, KEPT, [world.file.file]) == []
    owner("update attachments_attachment set removed_at = now(), removed_by_id = added_by_id, removed_reason = 'x'")
    assert asked(own, KEPT, [world.file.file]) == []
