"""How lists, counts and one case are read in a seat: every statement of theirs, and what goes on inside the seeks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from mace.access.models import Kind
from mace.access.selectors import visible_count
from mace.casework.api.selectors import action_page, case_page, referral_page
from mace.casework.selectors.case_list import case_lines
from mace.core.seat import Seat, acting_as
from referrals.selectors import case_by_reference
from tests.benchmarks.shapes import Shape, inner_shape, shape_of

FIRST_PAGE = {"before_key": "null::bigint", "before": "null::timestamptz", "most": "26"}
SEEKS: dict[str, dict[str, str]] = {
    "access_seek": {"wanted": "'case'", "lowest": "1", **FIRST_PAGE},
    "access_seek_count": {"wanted": "'case'", "lowest": "1", "cap": "1001"},
    "referrals_seek": FIRST_PAGE,
    "panels_seek_actions": FIRST_PAGE,
    "panels_seek_actions_of": {"partnership": "1", **FIRST_PAGE},
}
MOST_FOR_A_PAGE, MOST_FOR_ONE, MOST_IN_A_SEEK, MOST_IN_A_COUNT = 4_000, 2_500, 400, 1_500
"""Buffers, whatever the number of cases."""


@dataclass(frozen=True, slots=True)
class Look:
    """One reading: its plans, and how many buffers they may touch together."""

    what: str
    shapes: tuple[Shape, ...]
    most: int

    @property
    def buffers(self) -> int:
        return sum(shape.buffers for shape in self.shapes)

    @property
    def text(self) -> str:
        return "\n".join(shape.text for shape in self.shapes)

    def problems(self) -> list[str]:
        """What is wrong with it; a reading that asked nothing is wrong too."""
        found = [problem for shape in self.shapes for problem in shape.problems]
        if not self.shapes:
            found.append("asks nothing")
        if self.buffers >= self.most:
            found.append(f"touches {self.buffers} buffers, {self.most} or more")
        return found


def shapes(seat: Seat, read: Callable[[], Any]) -> list[Shape]:
    """How each statement of a selector ran, in a seat, as the role that the policies bind. In a transaction."""
    with acting_as(seat):
        read()
        with CaptureQueriesContext(connection) as caught:
            read()
            statements = [query["sql"] for query in caught.captured_queries]
        return [
            shape_of(sql.replace("%", "%%"), []) for sql in statements if not sql.startswith(("SAVEPOINT", "RELEASE"))
        ]


def readings(seat: Seat) -> dict[str, Callable[[], Any]]:
    return {
        "list": case_lines,
        "count": lambda: visible_count(Kind.CASE),
        "page of the API": lambda: case_page(""),
        "referrals of the API": lambda: referral_page(""),
        "actions of the API": lambda: action_page(seat, ""),
    }


def lists_and_counts(seat: Seat) -> Iterator[Look]:
    """Everything that seeks in the grants."""
    for what, read in readings(seat).items():
        yield Look(what, tuple(shapes(seat, read)), MOST_FOR_A_PAGE)
    for function, given in SEEKS.items():
        with acting_as(seat):
            inside = inner_shape(function, **given)
        problems = inside.problems
        if not function.startswith("panels") and "grant_seek" not in inside.indexes:
            problems = (*problems, "does not use grant_seek")
        most = MOST_IN_A_COUNT if function == "access_seek_count" else MOST_IN_A_SEEK
        yield Look(function, (Shape(problems, inside.indexes, inside.buffers, inside.text),), most)


def one_case(seat: Seat, reference: str) -> Look:
    """A case that is opened by its reference."""
    return Look("open", tuple(shapes(seat, lambda: case_by_reference(reference))), MOST_FOR_ONE)
