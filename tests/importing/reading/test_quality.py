"""Trackers made by chance, of which the truth is known: hardly anything is read wrong, and nothing is read wrong
in silence."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

import pytest

from mace.importing.reading import propose, read, read_book
from tests.importing.books import CODES, TODAY
from tests.importing.chance import made_tracker

BOOKS = 40


def read_made(seed: int, american: str = ""):
    made = made_tracker(seed, american=american)
    book = read_book(made.content, made.name)
    plan = propose(book, codes=CODES, remembered={})
    return made, plan, read(book, plan, codes=CODES, today=TODAY)


def got(row: Any, field: str) -> Any:
    if field == "actions":
        return [(action.text, action.who, action.due_on, action.done) for action in row.actions]
    value = row.value(field)
    return value.casefold() if field in {"forename", "surname"} and value else value


def wanted(truth: dict[str, Any], field: str) -> Any:
    value = truth[field]
    return value.casefold() if field in {"forename", "surname"} else value


def compared(seeds: range, american: str = "") -> tuple[Counter[str], Counter[str], list[str]]:
    """How many values of each field there are, how many are right, and every one that is wrong without a doubt."""
    total: Counter[str] = Counter()
    right: Counter[str] = Counter()
    silent: list[str] = []
    for seed in seeds:
        made, plan, reading = read_made(seed, american)
        rows = {(row.sheet, row.row): row for row in reading.people}
        silent += [f"seed {seed} {sheet.header_rows}" for sheet in plan.sheets if sheet.header_rows != (made.top,)]
        doubted = {(doubt.sheet, doubt.cell) for doubt in reading.doubts}
        unsure = {column.column for sheet in plan.sheets for column in sheet.columns if not column.sure}
        silent += [f"seed {seed} {place} is no row of a person" for place in made.truth.keys() - rows.keys()]
        silent += [f"seed {seed} {place} was made up" for place in rows.keys() - made.truth.keys()]
        for place in made.truth.keys() & rows.keys():
            for field in made.truth[place]:
                total[field] += 1
                cell = made.places[*place, field]
                if got(rows[place], field) == wanted(made.truth[place], field):
                    right[field] += 1
                    continue
                kept = any(entry.cell == cell for entry in rows[place].kept) and ord(cell[0]) - 64 in unsure
                if (place[0], cell) not in doubted and not (kept and not got(rows[place], field)):
                    silent.append(
                        f"seed {seed} {cell} {field}: {got(rows[place], field)} for {made.truth[place][field]}"
                    )
    return total, right, silent


@pytest.fixture(scope="module")
def results():
    return compared(range(BOOKS))


def test_hardly_a_value_is_wrong(results, capsys):
    total, right, _ = results
    with capsys.disabled():
        sys.stdout.write("\n")
        for field in sorted(total, key=lambda name: right[name] / total[name]):
            sys.stdout.write(
                f"  {field:18} {right[field]:6} of {total[field]:6} right, {right[field] / total[field]:.4f}\n"
            )
        sys.stdout.write(
            f"  all {sum(right.values()) / sum(total.values()):.4f} of {sum(total.values())} values in {BOOKS} books\n"
        )
    assert sum(total.values()) > 10_000
    assert sum(right.values()) / sum(total.values()) >= 0.97
    assert min(right[field] / total[field] for field in total) >= 0.9


def test_nothing_is_wrong_in_silence(results):
    assert results[2] == []


def test_dates_with_the_month_first_are_never_taken_in_silence():
    total, right, silent = compared(range(100, 112), american="referred_on")
    assert silent == []
    assert right["referred_on"] < total["referred_on"]


def test_what_is_compared_can_be_wrong():
    """The comparison sees a value that is wrong: a truth that is changed is found."""
    made, _, reading = read_made(1)
    place = next(iter(made.truth))
    row = next(row for row in reading.people if (row.sheet, row.row) == place)
    assert got(row, "surname") == wanted(made.truth[place], "surname")
    assert got(row, "surname") != wanted({"surname": "Another"}, "surname")
