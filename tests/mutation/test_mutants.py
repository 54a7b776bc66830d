"""Every lock is in one of the lists, and a fixed sample of the mutants is noticed. ``make mutate`` tries them all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.mutation.lists import EQUIVALENT, PRESENTATIONAL, entries, known_killers, still_open
from tests.mutation.mutant import Mutant
from tests.mutation.running import Plan, all_mutants, run, sampled
from tests.mutation.sql import narrower_and_wider, without_conditions

SIZE = 24
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def mutants() -> dict[str, Mutant]:
    return {mutant.name: mutant for mutant in all_mutants()}


def test_every_mutant_is_noticed_or_listed_with_a_reason(mutants: dict[str, Mutant]) -> None:
    """A new lock, or one that was reworded, is tried with ``make mutate ONLY=…``, which adds it to killed.txt."""
    listed = [*entries(EQUIVALENT), *entries(PRESENTATIONAL)]
    known = {*known_killers(), *still_open()}
    assert [n for n in mutants if n not in known and not any(entry.matches(n) for entry in listed)] == []


def test_what_is_still_open_is_not_noticed_meanwhile_and_not_gone(mutants: dict[str, Mutant]) -> None:
    """What ``make mutate`` shows to be noticed goes from the list of what is owed."""
    owed = still_open()
    assert sorted(set(owed)) == owed
    assert [name for name in owed if name not in mutants or name in known_killers()] == []


def test_what_is_no_matter_of_access_is_not_said_to_be_noticed() -> None:
    left_out = entries(PRESENTATIONAL)
    assert [name for name in known_killers() if any(entry.matches(name) for entry in left_out)] == []


def test_the_lists_name_nothing_that_is_gone(mutants: dict[str, Mutant]) -> None:
    assert sorted(set(known_killers()) - set(mutants)) == []
    for entry in (*entries(EQUIVALENT), *entries(PRESENTATIONAL)):
        assert any(entry.matches(name) for name in mutants), entry.pattern


def test_what_noticed_a_mutant_is_still_there() -> None:
    assert [path for path in {by.split("::")[0] for by in known_killers().values()} if not (ROOT / path).exists()] == []


@pytest.mark.deep
def test_a_sample_of_each_kind_is_noticed(mutants: dict[str, Mutant], tmp_path: Path) -> None:
    chosen = sampled(list(mutants.values()), SIZE)
    kinds = {name.split(":")[0] for name in known_killers()}
    assert {mutant.category for mutant in chosen} == kinds
    killers = known_killers()
    answer = tmp_path / "answer.json"
    command = [sys.executable, "-m", "tests.mutation", "--sample", str(SIZE), "--jobs", "1", "--answer", str(answer)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environ |= {
        "PYTEST_XDIST_WORKER": "gw20",  # a database of its own on the servers of this run (tests/cluster.py)
        "MACE_MUTATION_COVER": str(tmp_path / "cover.json"),
        "MACE_MUTATION_RESULTS": str(tmp_path / "results.jsonl"),
    }
    files = sorted({killers[mutant.name].split("::")[0] for mutant in chosen})
    done = subprocess.run([*command, *files], cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    found = json.loads(answer.read_text())
    assert (found["survived"], found["broken"], found["unsound"]) == ([], {}, {}), done.stdout
    assert set(found["killed"]) == {mutant.name for mutant in chosen}


class Idle:
    """Trials in which no test ever notices anything."""

    def clean(self, nodeids: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        for nodeid in nodeids:
            yield nodeid, {"kind": "plain", "seconds": 0.1, "ran": []}

    def killed(self, trials: list[Any]) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, _ in enumerate(trials):
            yield number, {"by": "", "seconds": 0.1, "tried": 1}


def test_a_run_in_which_nothing_is_noticed_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MACE_MUTATION_COVER", str(tmp_path / "cover.json"))
    monkeypatch.setenv("MACE_MUTATION_RESULTS", str(tmp_path / "results.jsonl"))
    answer = tmp_path / "answer.json"
    items = dict.fromkeys(by for by in known_killers().values() if (ROOT / by.split("::")[0]).exists())
    plan = Plan(items=dict(items), only="", jobs=1, sample=SIZE, answer=str(answer), quick=True)
    assert run(plan, Idle()) >= SIZE
    assert len(json.loads(answer.read_text())["survived"]) >= SIZE


def test_of_a_condition_every_member_is_taken_away_once() -> None:
    found = {change.what: change.sql for change in without_conditions("select 1 where a = 1 and (b = 2 or c = 3)")}
    assert list(found) == ["without or b = 2", "without or c = 3", "without and a = 1", "without and (b = 2 or c = 3)"]
    assert "(true or ( a = 1 ))" in found["without and a = 1"]
    assert "(false and (b = 2 ))" in found["without or b = 2"]
    assert [change.what for change in without_conditions("if held < 3 then return; end if;")] == ["without if held < 3"]
    assert [change.what for change in without_conditions("if a is distinct from b or c then return; end if;")] == [
        "without or a is distinct from b",
        "without or c",
    ]
    assert [change.what for change in without_conditions("select 1")] == []
    assert [c.what for c in narrower_and_wider("g.scope >= 2 and r in ('board', 'chair')")] == [
        "one lower: scope >= 2",
        "without role 'board' of 'board', 'chair'",
        "without role 'chair' of 'board', 'chair'",
    ]
