"""What each role may do, written by hand from the procedure and compared with the policy: neither narrower nor wider.

The table is ``policy.txt``; a capability or a role that it does not list fails.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mace.access.policy import ALLOWED, Capability, can, require
from mace.accounts.models import Role
from mace.core.errors import NotAllowed
from mace.core.seat import Seat
from tests.factories.cast import Cast

TABLE = Path(__file__).with_name("policy.txt")


def table() -> tuple[list[str], dict[str, list[str]]]:
    lines = [line.split() for line in TABLE.read_text().splitlines() if line.strip() and not line.startswith("#")]
    roles, rows = lines[0], lines[1:]
    assert len({row[0] for row in rows}) == len(rows)
    assert all(len(row) == len(roles) + 1 for row in rows)
    return roles, {row[0]: row[1:] for row in rows}


def as_role(seat: Seat, role: str, *, kind: str = "police", may_refer: bool = False) -> Seat:
    return replace(seat, role=role, agency_kind=kind, may_refer=may_refer)


def test_the_table_names_every_capability_and_every_role_of_a_person() -> None:
    roles, rows = table()
    assert sorted(roles) == sorted(set(Role.values) - {"system"})
    assert sorted(rows) == sorted(capability.name for capability in Capability)
    assert set(ALLOWED) == set(Capability)


def test_each_role_may_do_what_the_table_says_and_nothing_else(cast: Cast) -> None:
    roles, rows = table()
    seat, wrong = cast["coordinator"], []
    for name, row in rows.items():
        capability = Capability[name]
        for role, mark in zip(roles, row, strict=True):
            got = (
                can(as_role(seat, role), capability),
                can(as_role(seat, role, may_refer=True), capability),
                can(as_role(seat, role, kind="voluntary"), capability),
            )
            wanted = {
                "y": (True, True, True),
                "-": (False, False, False),
                "i": (False, True, False),
                "s": (True, True, False),
            }[mark]
            if got != wanted:
                wrong.append((name, role, mark, got))
    assert wrong == []


def test_nobody_without_a_seat_may_do_anything() -> None:
    assert [capability for capability in Capability if can(None, capability)] == []


def test_the_system_does_what_tasks_ask_and_opens_no_page(cast: Cast) -> None:
    assert [capability for capability in Capability if not can(cast["system"], capability)] == [Capability.WORK]


def test_a_deputy_may_do_what_the_role_may(cast: Cast) -> None:
    deputy = replace(cast["chair"], role_label="Deputy chair")
    assert [c for c in Capability if can(deputy, c)] == [c for c in Capability if can(cast["chair"], c)]


@pytest.mark.parametrize("role", ["auditor", "analyst_identifiable"])
def test_who_reads_for_a_sample_or_a_job_changes_nothing(cast: Cast, role: str) -> None:
    seat = as_role(cast["analyst"], role)
    reading = {Capability.WORK, Capability.READ_CASES, Capability.READ_ACTIONS}
    assert {capability for capability in Capability if can(seat, capability)} == reading
    for capability in set(Capability) - reading:
        with pytest.raises(NotAllowed):
            require(seat, capability)
