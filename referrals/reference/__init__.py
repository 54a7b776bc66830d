"""The code lists that an installation starts with, one file for each; ``referrals_code`` holds what is in force.

``nicknames.csv`` is no list to choose from: it says which first names are forms of one another, for matching.
``proposed`` marks wording of ours that no published source fixes. A partnership changes its lists without a developer.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mace.core.names import name_key

FOLDER = Path(__file__).parent
NICKNAMES = FOLDER / "nicknames.csv"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a file. ``group`` heads several entries, or names the source of one."""

    list_name: str
    code: str
    label: str
    group: str
    position: int
    proposed: bool


def entries() -> Iterator[Entry]:
    """Every entry of every list, in the order of the files."""
    for path in sorted(FOLDER.glob("*.csv")):
        if path == NICKNAMES:
            continue
        with path.open(encoding="utf-8", newline="") as lines:
            for position, row in enumerate(csv.DictReader(lines)):
                yield Entry(path.stem, row["code"], row["label"], row["group"], position, row["proposed"] == "yes")


@cache
def forms_of_names() -> dict[str, frozenset[str]]:
    """The full names that a first name may stand for, itself where it is one; all as ``name_key`` has them."""
    found: dict[str, set[str]] = {}
    with NICKNAMES.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            full = name_key(row["name"])
            for form in (full, *map(name_key, row["forms"].split())):
                found.setdefault(form, set()).add(full)
    return {form: frozenset(names) for form, names in found.items()}


def forms_of_one_name(one: str, other: str) -> bool:
    """Whether two first names, as ``name_key`` has them, may be forms of one: Kate and Katherine, Bill and Will."""
    forms = forms_of_names()
    return not forms.get(one, frozenset()).isdisjoint(forms.get(other, frozenset()))
