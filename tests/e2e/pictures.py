"""Makes the documentation's pictures of the running product: ``make pictures``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import cluster
from tests.e2e.browser import FLAGS, chromium
from tests.e2e.people import COORDINATOR, sign_in
from tests.e2e.product import running
from tests.seeded import seeded

PICTURES = cluster.ROOT / "docs" / "pictures"
PAGES: list[tuple[str, str, str, tuple[str, ...]]] = [
    ("home", COORDINATOR, "/", ()),
    ("dashboard", COORDINATOR, "/dashboard/", ()),
    ("who-can-see-this", COORDINATOR, "/cases/", ("main a[href^='/cases/C-']", "main a[href$='/sharing/']")),
]
"""Each picture's name, who looks, where they begin, and the links that they follow from there."""


def main() -> int:
    """Write each picture anew."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="mace-pictures-") as folder,
        sync_playwright() as playwright,
        running("mace_pictures", 60, Path(folder), template=seeded()[0]) as product,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for name, person, path, links in PAGES:
            context = browser.new_context(base_url=product.url, viewport={"width": 1200, "height": 900}, locale="en-GB")
            page = context.new_page()
            sign_in(page, person)
            page.goto(path)
            for link in links:
                page.locator(link).first.click()
            page.screenshot(path=str(PICTURES / f"{name}.png"))
            sys.stdout.write(f"docs/pictures/{name}.png\n")
            context.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
