"""One mutation run: which mutants, which tests for each, and what came of it."""

from __future__ import annotations

import inspect
import json
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import psycopg

from tests.cluster import TEMPLATE, servers
from tests.mutation import database, doors, program
from tests.mutation.kept import Group, Kept, name_of
from tests.mutation.lists import (
    EQUIVALENT,
    KILLED,
    PRESENTATIONAL,
    entries,
    killed_lines,
    known_killers,
    matching,
)
from tests.mutation.mutant import Mutant

MOST_TRIED = 12
ALIKE = 2
"""Of a test that is run with many parameters, so many stand for all, but for the tests of the locks."""
ACCESS = "tests/access/"
FIRST = {
    "rls": ("test_locks_catalogue::test_every_table_of_ours",),
    "policy": ("test_locks_rows", "test_locks_conditions", "test_locks_log", "test_locks_catalogue::test_what_is_open"),
    "privilege": ("test_locks_catalogue",),
    "constraint": ("test_locks_constraints",),
    "trigger": ("test_locks_history", "test_locks_triggers", "test_locks_log"),
    "function": (
        "test_locks_functions",
        "test_locks_seat",
        "../accounts/test_seats_database",
        "../audit/test_",
        "../volt/test_with",
    ),
    "capability": ("test_policy_table::test_each_role",),
    "view": ("test_locks_doors",),
    "guard": ("test_locks_services::test_who_lacks",),
}
"""The tests that are tried first for each category."""
MADE_FOR = {
    "mace.access.gate": (
        "tests/access/test_locks_request",
        "tests/casework/test_sessions",
        "tests/casework/test_home",
        "tests/access/test_locks_doors",
    ),
    "mace.access.middleware": (
        "tests/access/test_locks_request",
        "tests/casework/test_sessions",
        "tests/casework/test_home",
        "tests/accounts/test_sign_in",
    ),
    "mace.access.sessions": ("tests/casework/test_sessions",),
    "mace.access.policy": ("tests/access/test_policy_table",),
    "mace.casework.selectors.work": ("tests/casework/test_home",),
    "mace.accounts.selectors": ("tests/access/test_locks_selectors",),
    "mace.casework.selectors.access_log": ("tests/audit/test_log_pages",),
    "mace.casework.api.views": ("tests/casework/test_api.py",),
}
"""Tests of modules that every page runs, so that who runs them says little."""
LAST = {"filter": (f"{ACCESS}test_pages_of_one.py",), "guard": (f"{ACCESS}test_pages_of_one.py",)}
"""Tests that walk over every page and take some seconds: asked when nothing else noticed."""
BY_NAME = (f"{ACCESS}test_locks_services.py::test_who_lacks", f"{ACCESS}test_locks_constraints")
NONE = ("no test",)
SEED = 20260302


@dataclass
class Plan:
    items: dict[str, Any]
    only: str
    jobs: int
    sample: int
    answer: str
    quick: bool
    fresh: bool = False
    trusting: bool = False
    known: bool = False


@dataclass
class Result:
    killed: dict[str, dict[str, Any]] = field(default_factory=dict)
    survived: list[str] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    equivalent: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    unsound: dict[str, str] = field(default_factory=dict)


def say(words: str) -> None:
    """A line for who waits."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def all_mutants() -> list[Mutant]:
    url = servers().database_url(TEMPLATE, "mace_owner")
    return [*database.mutants(url), *doors.mutants(), *program.mutants()]


def run(plan: Plan, trials: Any) -> int:
    began, result = time.monotonic(), Result()
    mutants = {mutant.name: mutant for mutant in all_mutants()}
    chosen = _chosen(plan, mutants, result)
    say(f"{len(mutants)} mutants, {len(chosen)} to try, {len(plan.items)} tests")
    kept = Kept(plan.items, fresh=plan.fresh, trusting=plan.trusting)
    hints = {name: test for name, test in (known_killers() | kept.hints()).items() if test in plan.items}
    trying = partial(_try, trials, result, kept)
    covered = _learned(sorted({hints[m.name] for m in chosen if m.name in hints}), trials, result)
    hints = {name: test for name, test in hints.items() if covered.passes(test)}
    left = trying([((m,), [hints[m.name]]) for m in chosen if m.name in hints], "as before")
    left += [((m,), []) for m in chosen if m.name not in hints]
    made_for = {group[0].name: _first(group[0], plan.items) for group, _ in left}
    covered = _learned(sorted({test for tests in made_for.values() for test in tests}), trials, result)
    groups = [(group, [t for t in made_for[group[0].name] if covered.passes(t)]) for group, _ in left]
    left = [group for group in groups if not group[1]]
    left += trying([group for group in groups if group[1]], "by the tests of the locks")
    if left and not plan.quick:
        wanted = [test for test in plan.items if test in _known()] if plan.known else _not_all_alike(plan.items)
        covered = _learned(wanted, trials, result)
        choices = [(group, _tests_for(group, plan.items, covered)) for group, _ in left]
        left = trying(choices, "by what runs it")
    _judge(plan, trying, result, [group[0] for group, _ in left], mutants)
    return _report(plan, result, mutants, time.monotonic() - began)


def name_them(plan: Plan) -> None:
    """What would be tried, by name."""
    for mutant in _chosen(plan, {mutant.name: mutant for mutant in all_mutants()}, Result()):
        say(mutant.name)


def _chosen(plan: Plan, mutants: dict[str, Mutant], result: Result) -> list[Mutant]:
    presentational = entries(PRESENTATIONAL)
    found = []
    for name, mutant in mutants.items():
        if plan.only and not any(matching(p, name) or p in name for p in plan.only.split(",")):
            continue
        reason = next((entry.reason for entry in presentational if entry.matches(name)), "")
        if reason:
            result.left_out[name] = reason
        else:
            found.append(mutant)
    return sampled(found, plan.sample) if plan.sample else found


def sampled(mutants: list[Mutant], size: int) -> list[Mutant]:
    """One of each category and some more, the same ones every time, of those that are known to be killed."""
    known = known_killers()
    mutants = [mutant for mutant in mutants if mutant.name in known]
    chance = random.Random(SEED)
    by_category: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in mutants:
        by_category[mutant.category].append(mutant)
    firsts = [chance.choice(group) for _, group in sorted(by_category.items())]
    rest = chance.sample(mutants, min(len(mutants), max(0, size - len(firsts))))
    return list({mutant.name: mutant for mutant in (*firsts, *rest)}.values())


def _try(trials: Any, result: Result, kept: Kept, groups: list[Group], why: str) -> list[Group]:
    """Answers those that were not killed."""
    left, new, began = [], [], time.monotonic()
    for group in groups:
        answer = kept.known(group)
        if answer is None:
            new.append(group)
        elif answer["by"]:
            result.killed[name_of(group)] = answer
        else:
            left.append(group)
    if groups:
        say(f"  {why}: {len(groups) - len(new)} known from before, {len(new)} to try")
    for done, (number, answer) in enumerate(trials.killed(new), 1):
        group = new[number]
        name = name_of(group)
        if "crashed" in answer:
            result.broken[name] = answer["crashed"]
            say(f"  could not be made: {name}")
        else:
            kept.add(group, answer)
            if answer["by"]:
                result.killed[name] = answer
            else:
                left.append(group)
                say(f"  not noticed {why}: {name}")
        if done % 50 == 0 or done == len(new):
            say(f"  {why}: {done} of {len(new)}, {time.monotonic() - began:.0f} s")
    return left


def _first(mutant: Mutant, items: dict[str, Any]) -> list[str]:
    """The tests made for its category; of those that try one thing by its name, the one that tries it."""
    files = [
        f"{ACCESS}{name}".replace("access/../", "").replace("::", ".py::") for name in FIRST.get(mutant.category, ())
    ]
    found = [
        nodeid
        for file in files
        for nodeid in items
        if nodeid.startswith(file) and (file not in BY_NAME or "[" not in nodeid or nodeid.endswith(f"[{mutant.only}]"))
        if mutant.category != "function" or _named(mutant.only, nodeid, items[nodeid])
    ]
    return [nodeid for nodeid in found if mutant.category != "policy" or _speaks_of(items[nodeid], mutant.only)]


def _speaks_of(item: Any, subject: str) -> bool:
    """Tests that walk over every table do, and those in whose text its name stands."""
    text = _text(item.function) if item is not None else ""
    return "only(" in text or subject in text


@cache
def _text(function: Any) -> str:
    return inspect.getsource(function)


def _named(function: str, nodeid: str, item: Any) -> bool:
    """Tests of the database's functions begin with the name of the one that they try, or speak of it."""
    return nodeid.split("::")[1].startswith((f"test_{function}_", f"test_{function}[")) or _speaks_of(item, function)


def _tests_for(group: tuple[Mutant, ...], items: dict[str, Any], covered: Covered) -> list[str]:
    """The tests made for it, then those that run what it changes, the quickest first."""
    wanted: dict[str, None] = {}
    for mutant in group:
        wanted |= dict.fromkeys(_first(mutant, items))
        functions = {*mutant.code, *(name for call in mutant.calls for name in covered.callers(call))}
        running = covered.who_runs(functions)
        for module, files in MADE_FOR.items():
            if any(name.startswith(f"{module}:") for name in functions):
                wanted |= dict.fromkeys(nodeid for nodeid in running if nodeid.startswith(files))
        wanted |= dict.fromkeys(_likeliest(covered, running))
        wanted |= dict.fromkeys(nodeid for nodeid in running if nodeid.startswith(LAST.get(mutant.category, NONE)))
    return [nodeid for nodeid in wanted if covered.passes(nodeid)]


def _not_all_alike(nodeids: Iterable[str]) -> list[str]:
    seen: dict[str, int] = defaultdict(int)
    found = []
    for nodeid in nodeids:
        seen[name := nodeid.split("[")[0]] += 1
        if seen[name] <= ALIKE or "test_locks_" in name or any(name.startswith(files) for files in LAST.values()):
            found.append(nodeid)
    return found


def _likeliest(covered: Covered, nodeids: list[str]) -> list[str]:
    """By turns the most particular of them, which run least else, and the quickest."""
    particular = sorted(nodeids, key=lambda nodeid: len(covered.sets[nodeid]))
    chosen = dict.fromkeys(one for pair in zip(particular, nodeids, strict=True) for one in pair)
    return list(chosen)[:MOST_TRIED]


class Covered:
    """What each test runs, how long it takes, and whether it passes at all."""

    def __init__(self, clean: dict[str, dict[str, Any]]) -> None:
        self.clean = {nodeid: entry for nodeid, entry in clean.items() if "ran" in entry}
        self.sets = {nodeid: set(entry["ran"]) for nodeid, entry in self.clean.items()}
        self._callers: dict[str, set[str]] = {}

    def passes(self, nodeid: str) -> bool:
        return nodeid in self.clean

    def by_time(self) -> list[str]:
        return sorted(self.clean, key=lambda nodeid: self.clean[nodeid]["seconds"])

    def who_runs(self, functions: Iterable[str]) -> list[str]:
        """A function is known by its name and those it stands in; of a constant, the whole module counts."""
        wanted = set(functions)
        modules = {name.split(":")[0] for name in wanted if name.split(":")[1].split(".")[-1].lstrip("_").isupper()}
        return [
            nodeid
            for nodeid in self.by_time()
            if any(
                name in wanted or name.split(":")[0] in modules or any(name.startswith(f"{w}.") for w in wanted)
                for name in self.sets[nodeid]
            )
        ]

    def callers(self, function: str) -> set[str]:
        """The functions of the program in whose text a function of the database is called, through others too."""
        if not self._callers:
            self._callers = dict(_callers())
        return self._callers.get(function, set())


def _callers() -> Iterator[tuple[str, set[str]]]:
    import ast  # noqa: PLC0415
    import importlib.util  # noqa: PLC0415

    texts: dict[str, str] = {}
    for module in program.modules():
        source = Path(str(getattr(importlib.util.find_spec(module), "origin", ""))).read_text()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                texts[f"{module}:{node.name}"] = ast.get_source_segment(source, node) or ""
    with psycopg.connect(servers().database_url(TEMPLATE, "mace_owner")) as connection:
        bodies: dict[str, str] = dict(
            connection.execute("select proname, prosrc from pg_proc where pronamespace = 'public'::regnamespace")
        )
    for name in bodies:
        called = {name}
        for _ in range(3):
            called |= {other for other, body in bodies.items() if any(f"{one}(" in body for one in called)}
        yield name, {where for where, text in texts.items() if any(f"{one}(" in text for one in called)}


def _cover() -> Path:
    return Path(os.environ.get("MACE_MUTATION_COVER", "var/mutation-cover.json"))


def _known() -> dict[str, dict[str, Any]]:
    """What earlier runs learned of each test."""
    found: dict[str, dict[str, Any]] = json.loads(_cover().read_text()) if _cover().exists() else {}
    return found


def _learned(nodeids: list[str], trials: Any, result: Result) -> Covered:
    """Each test once without a mutant. Kept for the next run, until the test's file changes."""
    kept, known = _cover(), _known()
    changed = {nodeid: Path(nodeid.split("::")[0]).stat().st_mtime for nodeid in nodeids}
    missing = [nodeid for nodeid, when in changed.items() if known.get(nodeid, {}).get("changed") != when]
    if missing:
        say(f"running {len(missing)} tests without any mutant ...")
        kept.parent.mkdir(exist_ok=True)
        for done, (nodeid, entry) in enumerate(trials.clean(missing), 1):
            known[nodeid] = entry | {"changed": changed[nodeid]}
            if done % 100 == 0:
                say(f"  {done} of {len(missing)}")
            if done % 20 == 0 or done == len(missing):
                kept.write_text(json.dumps(known))
    for nodeid in nodeids:
        if "ran" not in known[nodeid]:
            result.unsound[nodeid] = known[nodeid].get("why") or known[nodeid]["crashed"]
    from tests.mutation.plugin import KINDS  # noqa: PLC0415

    KINDS.update({nodeid: known[nodeid]["kind"] for nodeid in nodeids if "kind" in known[nodeid]})
    return Covered({nodeid: known[nodeid] for nodeid in nodeids})


def _judge(plan: Plan, trying: Any, result: Result, left: list[Mutant], mutants: dict[str, Mutant]) -> None:
    """Of those that no test noticed: which are listed as equivalent, and do both locks together matter?"""
    listed, pairs = entries(EQUIVALENT), []
    for mutant in left:
        entry = next((entry for entry in listed if entry.matches(mutant.name)), None)
        if entry is None:
            result.survived.append(mutant.name)
        elif entry.together_with:
            others = tuple(other for name, other in mutants.items() if entry.names_together(name))
            if not others:
                result.survived.append(f"{mutant.name} (nothing is called {entry.together_with})")
            else:
                pairs.append((entry, (mutant, *others)))
        else:
            result.equivalent[mutant.name] = entry.reason
    if pairs:
        groups = [(group, _first(group[0], plan.items)) for _, group in pairs]
        for group, _ in trying(groups, "both locks"):
            result.survived.append(" + ".join(mutant.name for mutant in group))
        for entry, group in pairs:
            result.equivalent[group[0].name] = entry.reason


def _report(plan: Plan, result: Result, mutants: dict[str, Mutant], seconds: float) -> int:
    say(
        f"{len(result.killed)} killed, {len(result.equivalent)} equivalent, {len(result.left_out)} no matter of "
        f"access, {len(result.survived)} survived, {len(result.broken)} could not be made; {seconds:.0f} s"
    )
    for title, group in (
        ("SURVIVED", dict.fromkeys(result.survived, "")),
        ("BROKEN", result.broken),
        ("UNSOUND TEST", result.unsound),
    ):
        for name, words in sorted(group.items()):
            say(f"{title} {name} {words.strip().splitlines()[-1] if words.strip() else ''}")
    if plan.answer:
        Path(plan.answer).write_text(json.dumps(vars(result), indent=1))
    if not plan.sample:
        _write(result, mutants)
    unnoticed = len(result.survived) + len(result.broken)
    say(
        f"{unnoticed} locks can be taken away unnoticed." if unnoticed else "Every lock that was taken away was missed."
    )
    return len(result.survived) + len(result.broken)


def _write(result: Result, mutants: dict[str, Mutant]) -> None:
    """What was tried in this run is written anew, the rest stays as it was, and what is gone goes."""
    lines = {name: line for name, line in killed_lines().items() if name in mutants and name not in result.survived}
    for name, answer in result.killed.items():
        if name in mutants:
            lines[name] = f"{name}\t{answer['by']}\t{answer['seconds']}"
    said = "# Every mutant and the first test that noticed it, with the seconds that took. Written by make mutate.\n"
    KILLED.write_text(said + "".join(f"{line}\n" for _, line in sorted(lines.items())))
