"""5,000 rows through a real worker: how long that takes is said, how much memory it may take is held to."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest
from django.db import transaction

from mace.core.seat import acting_as
from mace.embedded.children import until
from mace.importing.enums import ImportStatus
from mace.importing.models import Import
from mace.importing.services.planning import bring_file, start
from tests.faults.conftest import Product
from tests.importing.long import ROWS, TODAY, long_tracker

MOST_MB = 300
PATIENCE = 1200.0


def megabytes(group: int) -> float:
    """The most that any process of the group ever held."""
    most = 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            if os.getpgid(int(status.parent.name)) == group and "VmHWM:" in (said := status.read_text()):
                most = max(most, int(said.split("VmHWM:")[1].split()[0]) / 1024)
        except (OSError, ValueError):
            continue  # it has ended
    return most


@pytest.mark.deep
@pytest.mark.timeout(1800)
def test_five_thousand_rows_are_checked_and_imported_in_little_memory(product: Product) -> None:
    seat = product.cast["coordinator"]
    worker = product.worker()

    def through(file: Import, going: ImportStatus, ended: str) -> float:
        began = time.monotonic()
        with acting_as(seat), transaction.atomic():
            start(file=file, status=going, by=seat)
        arrived = until(
            lambda: product.ask("select status from importing_import") == [(ended,)], seconds=PATIENCE, every=0.2
        )
        assert arrived, f"it never was {ended}"
        return time.monotonic() - began

    began = time.monotonic()
    with acting_as(seat), transaction.atomic():
        file = bring_file(content=long_tracker(), name="long.xlsx", by=seat, at=TODAY)
    read = time.monotonic() - began
    checked = through(file, ImportStatus.CHECKING, "checked")
    imported = through(file, ImportStatus.IMPORTING, "imported")
    most = megabytes(worker.pid)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    sys.stdout.write(
        f"\n  {ROWS} rows: brought in {read:.0f} s, checked in {checked:.0f} s, imported in {imported:.0f} s, "
        f"{most:.0f} MB; load {load}\n"
    )
    [(rows, cases)] = product.ask(
        "select (select count(*) from importing_importedrow), (select count(*) from referrals_case)"
    )
    assert rows == ROWS
    assert cases > ROWS * 0.9
    assert product.ask("select count(*) from notifications_message") == [(2,)]
    assert most < MOST_MB
