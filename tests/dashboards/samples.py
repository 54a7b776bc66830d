"""The sample file of invented people whose totals are those that the Lewisham report 2024 prints."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from mace.core.seat import acting_as
from referrals.services.import_file import import_file
from tests.factories.cast import Cast

SAMPLE = Path(__file__).parents[1] / "samples" / "referrals_2024_jan_feb.csv"
START, END = dt.date(2024, 1, 1), dt.date(2024, 2, 29)
AT = dt.datetime(2024, 3, 4, 9, tzinfo=dt.UTC)


def import_sample(cast: Cast) -> None:
    """Import it for Anytown, as the command does."""
    with acting_as(cast["system"]):
        outcome = import_file(content=SAMPLE.read_bytes(), commit=True, by=cast["system"], at=AT)
    assert len(outcome.made) == 15
