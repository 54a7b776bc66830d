"""Choosing a period."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dashboards.rules import year_before
from mace.core import clock
from mace.core.forms import GovukDateField, GovukForm

EARLIEST = dt.date(2000, 1, 1)
LONGEST_DAYS = 3660


class PeriodForm(GovukForm):
    """From one day to another, both included; the last twelve months unless something else is asked for."""

    mark_optional = False
    start = GovukDateField(label="From", not_before=EARLIEST)
    end = GovukDateField(label="To", not_after=dt.date(2100, 1, 1))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        start, end = said.get("start"), said.get("end")
        if start and end and end < start:
            self.add_error("end", "To must be on or after the first day")
        elif start and end and (end - start).days > LONGEST_DAYS:
            self.add_error("start", "Choose a period of ten years or less")
        return said

    @staticmethod
    def default() -> tuple[dt.date, dt.date]:
        today = clock.today()
        return year_before(today), today
