"""A pytest plugin that runs no test once, but the chosen ones for every mutant (``python -m tests.mutation``)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.runner import runtestprotocol

from tests.mutation.children import at_once, in_child

if TYPE_CHECKING:
    from tests.mutation.mutant import Mutant
    from tests.mutation.running import Plan


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mutation")
    group.addoption("--mutants", default="", help="only mutants whose name holds this")
    group.addoption("--mutation-jobs", type=int, default=2)
    group.addoption("--mutation-answer", default="", help="where the result is written")
    group.addoption("--mutation-sample", type=int, default=0)
    group.addoption("--mutation-quick", action="store_true")
    group.addoption("--mutation-list", action="store_true")
    group.addoption("--mutation-fresh", action="store_true")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    from pytest_django.plugin import blocking_manager_key  # noqa: PLC0415 (Django is not ready before)

    from tests.mutation.running import Plan, name_them, run  # noqa: PLC0415

    option = session.config.getoption
    with session.config.stash[blocking_manager_key].unblock():
        plan = Plan(
            items={item.nodeid: item for item in session.items},
            only=option("--mutants"),
            jobs=option("--mutation-jobs"),
            sample=option("--mutation-sample"),
            answer=option("--mutation-answer"),
            quick=option("--mutation-quick") or bool(option("--mutation-sample")),
            fresh=option("--mutation-fresh"),
        )
        if option("--mutation-list"):
            name_them(plan)
        else:
            session.testsfailed = run(plan, Trials(plan))
    return True


LONGEST = 30
"""Seconds that a test may take, slowed down by being watched; a longer one is not asked."""


class Trials:
    """Runs tests in children, for a mutant or for none."""

    def __init__(self, plan: Plan) -> None:
        from tests.mutation import stage  # noqa: PLC0415

        self.plan = plan
        stage.prepare(plan.jobs, in_child)

    def clean(self, nodeids: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each test once without any mutant: whether it passes, how long it takes, and the functions that it ran."""
        items = self.plan.items
        work = [(nodeid, lambda slot, nodeid=nodeid: _clean(items[nodeid], slot)) for nodeid in nodeids]
        yield from at_once(work, jobs=self.plan.jobs, limit=LONGEST)

    def killed(self, trials: list[tuple[tuple[Mutant, ...], list[str]]]) -> Any:
        """For each mutant (or several at once) the first of its tests that fails."""
        items = self.plan.items
        work = [
            (number, lambda slot, mutants=mutants, nodeids=nodeids: _try(mutants, [items[n] for n in nodeids], slot))
            for number, (mutants, nodeids) in enumerate(trials)
        ]
        yield from at_once(work, jobs=self.plan.jobs)


def _fails(item: pytest.Item, following: pytest.Item | None) -> str:
    """Why the test failed, or nothing."""
    for report in runtestprotocol(item, nextitem=following, log=False):
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            return str(getattr(crash, "message", report.longrepr)).split("\n")[0][:200] or "failed"
    return ""


def _clean(item: pytest.Item, slot: int) -> dict[str, Any]:
    from tests.mutation import stage  # noqa: PLC0415
    from tests.mutation.covering import watched  # noqa: PLC0415

    stage.own_cache(slot)
    kind = stage.kind_for(item)
    for attempt in dict.fromkeys((kind, stage.PLAIN)):
        with stage.on(attempt, slot, ()):
            stage.furnish(attempt)
            began = time.monotonic()
            with watched() as ran:
                why = _fails(item, None)
            if not why:
                return {"kind": attempt, "seconds": round(time.monotonic() - began, 3), "ran": ran.names()}
    return {"why": why}


def _try(mutants: tuple[Mutant, ...], items: list[pytest.Item], slot: int) -> dict[str, Any]:
    from tests.mutation import stage  # noqa: PLC0415

    began = time.monotonic()
    only = next((mutant.only for mutant in mutants if mutant.only), "")
    os.environ["MACE_ONLY"] = only
    try:
        for mutant in mutants:
            mutant.apply()
    except Exception as error:  # noqa: BLE001 (told to the parent)
        return {"crashed": f"{type(error).__name__}: {error}"}
    statements = tuple(sql for mutant in mutants for sql in mutant.statements)
    by_kind: dict[str, list[pytest.Item]] = {}
    for item in items:
        by_kind.setdefault(KINDS.get(item.nodeid) or stage.kind_for(item), []).append(item)
    tried = 0
    stage.own_cache(slot)
    for kind, group in by_kind.items():
        with stage.on(kind, slot, statements):
            for item, following in zip(group, [*group[1:], None], strict=True):
                stage.furnish(kind)
                tried += 1
                if why := _fails(item, following):
                    return {
                        "by": item.nodeid,
                        "why": why,
                        "seconds": round(time.monotonic() - began, 2),
                        "tried": tried,
                    }
    return {"by": "", "seconds": round(time.monotonic() - began, 2), "tried": tried}


KINDS: dict[str, str] = {}
"""The database that each test was found to pass on."""
