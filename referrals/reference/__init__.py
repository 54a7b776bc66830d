"""The code lists that an installation starts with, one file for each; ``referrals_code`` holds what is in force.

``proposed`` marks wording of ours that no published source fixes. A partnership changes its lists without a developer.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


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
        with path.open(encoding="utf-8", newline="") as lines:
            for position, row in enumerate(csv.DictReader(lines)):
                yield Entry(path.stem, row["code"], row["label"], row["group"], position, row["proposed"] == "yes")
