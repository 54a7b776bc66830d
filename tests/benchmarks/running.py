"""All that the bench finds out, on databases that are filled, and what of it falls short."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction
from django.test.utils import setup_test_environment, teardown_test_environment

from mace.core.seat import acting_as
from mace.embedded.testing import Cluster
from tests.benchmarks import report
from tests.benchmarks.budgets import PAGES, Costs, desk
from tests.benchmarks.places import at, connect
from tests.benchmarks.plans import lists_and_counts, one_case
from tests.benchmarks.store import PAGES as PAGES_DATABASE
from tests.benchmarks.timing import FEWEST, Measured, Place, ReadLog, all_questions, read_log
from tests.factories.cast import make_cast

READ_LOG_AT_MOST = 0.6
"""Milliseconds that an entry in the read log may add to a request."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the bench found out at the sizes of ``places``."""

    places: tuple[Place, ...]
    plans: list[str]
    questions: list[Measured]
    log: ReadLog

    def missed(self) -> list[str]:
        """All that was wanted and not reached."""
        missed = [miss for one in self.questions for miss in one.misses()]
        if self.log.added > READ_LOG_AT_MOST:
            missed.append(f"read log: an entry adds {self.log.added:.2f} ms, wanted {READ_LOG_AT_MOST} ms")
        return missed + self.plans

    def paragraphs(self) -> list[list[str]]:
        """As plain text."""
        return [
            report.filled(self.places),
            report.times(self.questions, self.places),
            report.read_log(self.log, wanted=READ_LOG_AT_MOST),
            [f"Plan shapes: {len(self.plans) or 'no'} problems."],
        ]


def find_out(places: tuple[Place, ...], tell: Callable[[str], None], *, seconds: float, fewest: int = FEWEST) -> Found:
    """Look at plans, take the times of all questions, and of the read log at the larger size."""
    tell("Looking at plans ...")
    plans = [problem for of in places for problem in plan_problems(of)]
    questions = []
    for one in all_questions(places, seconds=seconds, fewest=fewest):
        tell(f"{one.seat}: {one.question.name}, asked {len(one.times[0].plain)} times of each")
        questions.append(one)
    tell("Read log ...")
    return Found(places, plans, questions, read_log(places[-1], seconds=seconds, fewest=fewest))


def plan_problems(of: Place) -> list[str]:
    """What is wrong with the plans of lists, counts and one case, in every seat."""
    problems = []
    with at(of.restricted):
        for name, seat in of.seats.items():
            with acting_as(seat), transaction.atomic():
                looks = [*lists_and_counts(seat), one_case(seat, of.asked[name].references[0])]
                problems += [
                    f"{look.what}, {name}, {of.size.cases:,} cases: {problem}"
                    for look in looks
                    for problem in look.problems()
                ]
    return problems


def page_costs(of: Cluster) -> dict[str, Costs]:
    """What each page costs in a database of its own rows, which are taken back afterwards."""
    found = {}
    setup_test_environment()
    try:
        with at(connect(of, PAGES_DATABASE, "mace_owner", as_role="mace_web")):
            for name, cost in PAGES.items():
                with transaction.atomic():
                    found[name] = cost(desk(make_cast()))
                    transaction.set_rollback(True)
            connection.close()
    finally:
        teardown_test_environment()
    return found
