"""The parts of the bench that look at plans and at pages, on the bench's own databases."""

from __future__ import annotations

from django.db import connection, transaction
from django.test.utils import setup_test_environment, teardown_test_environment

from mace.core.seat import acting_as
from mace.embedded.testing import Cluster
from tests.benchmarks.budgets import PAGES, Costs, desk
from tests.benchmarks.plans import lists_and_counts, one_case
from tests.benchmarks.store import PAGES as PAGES_DATABASE
from tests.benchmarks.store import at, connect
from tests.benchmarks.timing import Place
from tests.factories.cast import make_cast


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
