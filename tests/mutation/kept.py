"""Results as they come in, so that a run that is ended loses nothing: the next one goes on where it stood.

A result stands while the mutant is the same and so are the tests that decided it: the one that failed, or all that did
not.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from tests.mutation.mutant import Mutant

Group = tuple[tuple[Mutant, ...], list[str]]


@cache
def _file(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _of_mutants(mutants: tuple[Mutant, ...]) -> str:
    modules = {where.split(":")[0] for mutant in mutants for where in mutant.code}
    sources = sorted(str(getattr(importlib.util.find_spec(module), "origin", "")) for module in modules)
    return _digest([*(sql for mutant in mutants for sql in mutant.statements), *map(_file, sources)])


def _of_tests(nodeids: Iterable[str]) -> str:
    return _digest(_file(path) for path in sorted({nodeid.split("::")[0] for nodeid in nodeids}))


def _tried(nodeids: list[str]) -> str:
    """Other tests of the same files may notice what these did not."""
    return _digest([_of_tests(nodeids), *sorted(nodeids)])


def name_of(group: Group) -> str:
    return " + ".join(mutant.name for mutant in group[0])


class Kept:
    """One line of JSON to each result, written at once; the last of a name counts."""

    def __init__(self, nodeids: Iterable[str], *, fresh: bool, trusting: bool = False) -> None:
        for path in {nodeid.split("::")[0] for nodeid in nodeids}:
            _file(path)  # as they are now: they may be written on while this runs
        self.path = Path(os.environ.get("MACE_MUTATION_RESULTS", "var/mutation-results.jsonl"))
        self.path.parent.mkdir(exist_ok=True)
        self.trusting = trusting
        if fresh:
            self.path.unlink(missing_ok=True)
        self.killed: dict[str, dict[str, Any]] = {}
        self.left: dict[tuple[str, str], dict[str, Any]] = {}
        for line in self.path.read_text().splitlines() if self.path.exists() else ():
            self._note(json.loads(line))

    def _note(self, entry: dict[str, Any]) -> None:
        if entry["by"]:
            self.killed[entry["name"]] = entry
        else:
            self.left[entry["name"], entry["tests"]] = entry

    def add(self, group: Group, answer: dict[str, Any]) -> None:
        tests = _of_tests([answer["by"]]) if answer["by"] else _tried(group[1])
        entry = answer | {"name": name_of(group), "mutant": _of_mutants(group[0]), "tests": tests}
        with self.path.open("a") as out:
            out.write(json.dumps(entry) + "\n")
        self._note(entry)

    def known(self, group: Group) -> dict[str, Any] | None:
        """What came of the same mutant with the same tests."""
        name, mutant = name_of(group), _of_mutants(group[0])
        killed = self.killed.get(name)
        if killed and killed["mutant"] == mutant and self._stands(killed):
            return killed
        left = self.left.get((name, _tried(group[1])))
        return left if left and left["mutant"] == mutant and group[1] else None

    def _stands(self, killed: dict[str, Any]) -> bool:
        there = Path(killed["by"].split("::")[0]).exists()
        return there and (self.trusting or killed["tests"] == _of_tests([killed["by"]]))

    def hints(self) -> dict[str, str]:
        """The test that noticed each mutant, whether or not it has changed since."""
        return {name: entry["by"] for name, entry in self.killed.items()}
