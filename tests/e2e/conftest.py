"""A browser and the running product. A missing browser is a failure, not a skip."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.browser import FLAGS, chromium
from tests.e2e.product import Product, running
from tests.seeded import seeded


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Web and worker on a fresh copy of the seeded data, for one module of tests."""
    folder: Path = tmp_path_factory.mktemp("product")
    with running("mace_e2e_" + os.environ.get("PYTEST_XDIST_WORKER", "main"), 50, folder, template=seeded()[0]) as it:
        yield it


@pytest.fixture
def context(browser: Browser, product: Product) -> Iterator[BrowserContext]:
    made = browser.new_context(base_url=product.url, viewport={"width": 1280, "height": 900}, locale="en-GB")
    made.set_default_timeout(15_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
