"""Being one of the invented people, and what every page on the way must hold."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

PRACTITIONER = "priya"
MANAGER = "grace"
COORDINATOR = "daniel"
CHAIR = "helen"
POLICE_LEAD = "marcus"
POLICE_MEMBER = "joanna"
HEALTH_LEAD = "amara"
STRANGER_POLICE = "ivan"
STRANGER_COORDINATOR = "kofi"
BOARD = "catherine"


def sign_in(page: Page, person: str) -> None:
    """Sign in through the demonstration's page, as its visitor does."""
    page.goto("/demo/")
    page.locator(f'button[name="person"][value="{person}"]').click()
    expect(page.locator("h1")).to_be_visible()


def accessible(page: Page) -> None:
    """Axe finds nothing on the page as it stands."""
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    found = [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in results.response["violations"]
        for node in violation["nodes"]
    ]
    assert found == [], f"{page.url}: " + "\n".join(found)
