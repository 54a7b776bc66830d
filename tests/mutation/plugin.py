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
    group.addoption("--mutation-trusting", action="store_true")
    group.addoption("--mutation-known", action="store_true")


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
            trusting=option("--mutation-trusting"),
            known=option("--mutation-known"),
        )
        if option("--mutation-list"):
            name_them(plan)
        else:
            session.testsfailed = run(plan, Trials(plan))
    return True


TOGETHER = 20
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

    def killed(self, trials: list[tuple[tuple[Mutant, ...], list[str]]]) -> Iterator[tuple[int, dict[str, Any]]]:
        """For each mutant (or several at once) the first of its tests that fails.

        What a mutant changes is taken back at the end of its trial, so a child tries many, and then whether the tests
        that failed still pass without any. Where they do not, or anything else went wrong, each is tried by itself.
        """
        items = self.plan.items
        asked = [(mutants, [items[nodeid] for nodeid in nodeids]) for mutants, nodeids in trials]
        order = sorted(range(len(asked)), key=lambda n: asked[n][0][0].category)
        left: list[int] = []
        batches = [order[at : at + TOGETHER] for at in range(0, len(order), TOGETHER)]
        work = [(batch, lambda slot, batch=batch: _try_all([asked[n] for n in batch], slot)) for batch in batches]
        for batch, answers in at_once(work, jobs=self.plan.jobs):
            known = answers if isinstance(answers, list) else []
            yield from zip(batch, known, strict=False)
            left += batch[len(known) :]  # the child came to grief on the first of these
        single = [
            (number, lambda slot, number=number: _try(asked[number][0], asked[number][1], slot)) for number in left
        ]
        yield from at_once(single, jobs=self.plan.jobs)


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
    from tests.prepared import PLAIN, kind_for  # noqa: PLC0415

    stage.own_cache(slot)
    kind = kind_for(item)
    for attempt in dict.fromkeys((kind, PLAIN)):
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
        by_kind.setdefault(_kind(item), []).append(item)
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


Trial = tuple[tuple["Mutant", ...], list[pytest.Item]]


def _try_all(trials: list[Trial], slot: int) -> list[dict[str, Any]]:
    """The answers of as many trials as went by without trouble, in their order."""
    from tests.mutation import stage  # noqa: PLC0415

    answers: list[dict[str, Any]] = [{"by": "", "seconds": 0.0, "tried": 0} for _ in trials]
    kinds = dict.fromkeys(_kind(item) for _, items in trials for item in items)
    sound = len(trials)
    for kind in kinds:
        stage.own_cache(slot)
        with stage.on(kind, slot, ()):
            for number, (mutants, items) in enumerate(trials[:sound]):
                mine = [item for item in items if _kind(item) == kind]
                if not mine or answers[number]["by"]:
                    continue
                try:
                    _one_of_many(mutants, mine, kind, answers[number])
                except Exception:  # noqa: BLE001 (tried again by itself, where it is told what went wrong)
                    sound = number
                    break
            if not _still_pass(trials[:sound], answers, kind):
                return []
    return answers[:sound]


def _still_pass(trials: list[Trial], answers: list[dict[str, Any]], kind: str) -> bool:
    """Whether the tests that failed for a mutant pass without one, where so many were tried before."""
    failed: dict[str, tuple[pytest.Item, str]] = {}
    for (mutants, items), answer in zip(trials, answers, strict=False):
        for item in items:
            if item.nodeid == answer["by"] and _kind(item) == kind:
                failed[item.nodeid] = (item, mutants[0].only)
    for item, only in failed.values():
        again: dict[str, Any] = {"seconds": 0.0, "tried": 0}
        _one_of_many((), [item], kind, again, only)
        if "by" in again:
            return False
    return True


def _one_of_many(
    mutants: tuple[Mutant, ...], items: list[pytest.Item], kind: str, answer: dict[str, Any], only: str = ""
) -> None:
    from django.core.cache import caches  # noqa: PLC0415

    from tests.mutation import stage  # noqa: PLC0415

    began = time.monotonic()
    os.environ["MACE_ONLY"] = next((mutant.only for mutant in mutants if mutant.only), only)
    caches["default"].clear()
    undo = [mutant.apply() for mutant in mutants]
    with stage.within(tuple(sql for mutant in mutants for sql in mutant.statements)):
        for item, following in zip(items, [*items[1:], None], strict=True):
            stage.furnish(kind)
            answer["tried"] += 1
            if why := _fails(item, following):
                answer |= {"by": item.nodeid, "why": why}
                item.session._setupstate.teardown_exact(None)  # what it shares with the next, which is not run
                break
    for back in reversed(undo):
        back()
    answer["seconds"] = round(answer["seconds"] + time.monotonic() - began, 2)


def _kind(item: pytest.Item) -> str:
    from tests.prepared import kind_for  # noqa: PLC0415

    return KINDS.get(item.nodeid) or kind_for(item)


KINDS: dict[str, str] = {}
"""The database that each test was found to pass on."""
