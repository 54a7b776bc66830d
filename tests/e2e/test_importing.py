"""A coordinator brings in a spreadsheet, the real worker checks and imports it, and it is taken back as a whole."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import people
from tests.e2e.answering import fill
from tests.e2e.journey import Journey
from tests.e2e.product import Product
from tests.importing.sheets import row, tracker

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def journey(request: pytest.FixtureRequest, browser: Browser, product: Product) -> Iterator[Journey]:
    product.manage("demo_clock", "--reset")
    made = Journey(browser, product, request.param, "", "", dt.date.min)
    yield made
    made.close()


def once_done(page: Page, here: str, journey: Journey) -> None:
    """Load the page again until the worker has finished, as a person would."""
    for _ in range(240):
        journey.go(page, here)
        if not re.search(r"being checked|rows are done", page.locator("main").inner_text()):
            return
        time.sleep(0.5)
    raise AssertionError("the worker never came to the end")


def test_a_spreadsheet_is_brought_in_and_taken_back(journey: Journey, tmp_path: Path) -> None:
    file = tmp_path / "tracker.xlsx"
    given = row(
        "Marla Quillfeather", "04/05/2011", referred="02/02/2025", pre="09/02/2025", rating="RED", comments="An aunt"
    )
    file.write_bytes(tracker(given, row("Tobin Ashgrove", "about 15", referred="02/02/2025", pre="09/02/2025")))
    page = journey.as_(people.COORDINATOR)
    journey.go(page, "/cases/")
    page.get_by_role("link", name="Bring in a spreadsheet").click()
    page.set_input_files("input[type=file]", file)
    journey.press(page, "Continue")
    here = re.sub(r"^https?://[^/]+", "", page.url)
    for rest in ("sheets/1/", "values/rating/"):
        journey.go(page, here + rest)
    journey.go(page, here)
    journey.press(page, "Check the file")
    once_done(page, here, journey)
    expect(page.locator("main")).to_contain_text("Must be corrected")
    journey.go(page, here + "cells/1/B4/")
    fill(page, {"text": "5 June 2012"})
    journey.press(page, "Save")
    journey.press(page, "Check the file")
    once_done(page, here, journey)
    expect(page.locator("main")).to_contain_text("2 children new here")
    journey.press(page, "Import")
    once_done(page, here, journey)
    journey.go(page, here + "rows/")
    case = page.locator("td a").first.inner_text()
    journey.go(page, f"/cases/{case}/")
    expect(page.locator("main")).to_contain_text("Not rated yet")
    journey.go(page, f"/cases/{case}/spreadsheet/")
    expect(page.locator("main")).to_contain_text("An aunt")
    journey.go(page, here + "undo/")
    fill(page, {"reason": "Only a trial"})
    journey.press(page, "Undo the import")
    expect(page.locator("main")).to_contain_text("Only a trial")
    journey.go(page, f"/cases/{case}/", 404)
