"""What a row of a long spreadsheet costs: statements and calls, which a busy machine does not change."""

from __future__ import annotations

import cProfile
import os
import sys
import time
from collections.abc import Callable

import pytest

from mace.core.seat import acting_as
from mace.importing.enums import ImportStatus
from mace.importing.services.bringing import run_import
from mace.importing.services.checking import check
from mace.importing.services.planning import start
from tests.factories.cast import Cast
from tests.importing.ground import brought
from tests.importing.long import ROWS, TODAY, long_tracker
from tests.importing.test_going_on import counted

STATEMENTS, CALLS = 1.0, 12_500
"""At most so many for a row, each for the check and for the import; reading the file is among the calls."""


def cost(name: str, work: Callable[[], object]) -> tuple[float, float]:
    """Statements and calls for a row, said together with what they took on this machine."""
    profile, began, busy = cProfile.Profile(), time.perf_counter(), time.process_time()
    with counted() as said:
        profile.enable()
        assert work()
        profile.disable()
    took, busy = time.perf_counter() - began, time.process_time() - busy
    statements, calls = len(said) / ROWS, sum(entry.callcount for entry in profile.getstats()) / ROWS
    sys.stdout.write(
        f"\n  {name} of {ROWS} rows under the profiler: {statements:.2f} statements and {calls:,.0f} calls a row, "
        f"{took:.0f} s, of which {busy:.0f} s Python; load {os.getloadavg()[0]:.1f}\n"
    )
    return statements, calls


@pytest.mark.deep
@pytest.mark.timeout(1800)
def test_a_row_of_five_thousand_costs_no_more_than_that(cast: Cast) -> None:
    file, seat = brought(cast, long_tracker()), cast["coordinator"]
    costs = []
    with acting_as(seat):
        going = start(file=file, status=ImportStatus.CHECKING, by=seat, queue=False)
        costs.append(cost("the check", lambda: check(file=going, by=seat, at=TODAY)))
        file.refresh_from_db()
        assert file.found["counts"]["cases"] > ROWS * 0.9
        going = start(file=file, status=ImportStatus.IMPORTING, by=seat, queue=False)
        costs.append(cost("the import", lambda: run_import(file=going, by=seat, at=TODAY)))
        file.refresh_from_db()
    assert file.rows_done == ROWS
    assert [one for one in costs if one[0] > STATEMENTS or one[1] > CALLS] == []
