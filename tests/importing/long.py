"""A tracker of 5,000 rows and some twenty columns, each row another child."""

from __future__ import annotations

import datetime as dt

from tests.importing.chance import made_tracker

ROWS = 5_000
COLUMNS = 19
TODAY = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)


def long_tracker(rows: int = ROWS) -> bytes:
    """A workbook; what a row says and how is drawn by chance, from the first seed that gives enough columns."""
    for seed in range(400):
        made = made_tracker(seed, people=40)
        if made.name.endswith("xlsx") and len(next(iter(made.truth.values()))) >= COLUMNS:
            return made_tracker(seed, people=rows).content
    raise AssertionError("no seed gives as many columns")
