"""Who changes files, past the service: seats that read for an audit, a study or a review do not."""

from __future__ import annotations

from mace.accounts.models import Role
from tests.access.locks import owner
from tests.access.test_locks_conditions import copies, nobody, who_may
from tests.access.test_locks_rows import give
from tests.access.world import World

READS_ONLY = {Role.AUDITOR, Role.ANALYST, Role.ANALYST_IDENTIFIABLE, Role.INFORMATION_GOVERNANCE, Role.ADMINISTRATOR}

COORDINATES = {Role.COORDINATOR, Role.SYSTEM}
"""By the partnership's own grant."""


def test_who_reads_for_an_audit_or_a_study_sees_files_and_changes_none(world: World) -> None:
    seat = nobody(world)
    see, change = "select 1 from attachments_attachment", "update attachments_attachment set title = 'x'"
    add, values = copies("attachments_attachment", id=99, reference="T-NEW", file="0" * 32)
    for statement, given in ((see, ()), (change, ()), (add, values)):
        assert who_may(seat, statement, *given) == COORDINATES, statement
    give(seat, [world.case.pk], 3)
    everybody = set(Role.values)
    assert who_may(seat, see) == everybody
    assert who_may(seat, change) == who_may(seat, add, *values) == everybody - READS_ONLY


def test_the_author_sees_a_file_without_a_grant_and_changes_nothing(world: World) -> None:
    seat = nobody(world)
    see, change = "select 1 from attachments_attachment", "update attachments_attachment set title = 'x'"
    owner("update attachments_attachment set added_by_principal = %s", seat.principal)
    assert who_may(seat, see) == set(Role.values)
    assert who_may(seat, change) == COORDINATES
