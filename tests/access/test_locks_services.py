"""What each service asks of the seat before anything else, against a list written by hand (``services.txt``).

Views ask the same already. A service is also called by tasks, by other services and by views yet to be written.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mace.access.policy import Capability, can
from mace.accounts.models import Role
from mace.core.errors import NotAllowed
from mace.core.seat import Seat
from tests.factories.cast import Cast

LIST = Path(__file__).with_name("services.txt")
PACKAGES = ("mace", "referrals", "volt", "panels", "dashboards")


def listed() -> dict[str, str]:
    """The capability that each service asks; nothing where it gives a reason for asking none."""
    found = {}
    for line in LIST.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, asked, *reason = line.split(maxsplit=2)
            assert (asked == "-") == bool(reason), name
            found[name] = "" if asked == "-" else asked
    return found


ASKING = {name: asked for name, asked in listed().items() if asked}


def services() -> set[str]:
    """Every function of a module of services that acts ``by`` a seat."""
    found = set()
    for package in PACKAGES:
        for info in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if ".services" in info.name and not info.name.startswith("mace.demo"):
                module = importlib.import_module(info.name)
                found |= {
                    f"{info.name}.{name}"
                    for name, one in vars(module).items()
                    if inspect.isfunction(one) and one.__module__ == info.name and not name.startswith("_")
                    if "by" in inspect.signature(one).parameters
                }
    return found


def service(name: str) -> Callable[..., Any]:
    module, _, function = name.rpartition(".")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found


def call(name: str, by: Seat) -> None:
    """With nothing to work on: whatever it did besides asking would fail otherwise."""
    needed = inspect.signature(service(name)).parameters.values()
    service(name)(**{each.name: object() for each in needed if each.default is each.empty} | {"by": by})


def as_each_role(seat: Seat) -> list[Seat]:
    return [replace(seat, role=role, may_refer=False, agency_kind="voluntary") for role in Role.values]


def test_every_service_is_in_the_list() -> None:
    assert services() == set(listed())


@pytest.mark.parametrize("name", ASKING)
def test_who_lacks_what_a_service_asks_is_refused_before_anything_else(cast: Cast, name: str) -> None:
    asked = Capability[ASKING[name]]
    lacking = [seat for seat in as_each_role(cast["coordinator"]) if not can(seat, asked)]
    assert lacking
    for seat in lacking:
        with pytest.raises(NotAllowed) as refused:
            call(name, seat)
        assert refused.value.args == (asked,), seat.role
