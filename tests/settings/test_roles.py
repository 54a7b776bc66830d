"""The role of a command comes from one table, which goes before the environment."""

from __future__ import annotations

import pytest

from mace.settings.roles import ROLE_OF_COMMAND, ROLES, role_for


@pytest.mark.parametrize(
    ("arguments", "asked", "role"),
    [
        (["migrate"], None, "owner"),
        (["migrate", "core", "zero"], "web", "owner"),
        (["--verbosity=0", "bootstrap"], None, "owner"),
        (["import_referrals", "migrate"], None, "worker"),
        (["check", "--deploy"], None, "web"),
        (["shell"], "worker", "worker"),
        ([], None, "web"),
    ],
)
def test_role_for(arguments: list[str], asked: str | None, role: str) -> None:
    assert role_for(arguments, asked) == role


def test_the_table_names_roles_that_exist() -> None:
    assert set(ROLE_OF_COMMAND.values()) <= set(ROLES)
