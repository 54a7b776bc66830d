"""A case changes hands, somebody is named on one, two records turn out to be one child, an agreement is renewed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import people
from tests.e2e.answering import date_fields, fill, select_containing
from tests.e2e.journey import Journey
from tests.e2e.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

NEW_LEAD = "tom"
ADMINISTRATOR = "gita"


@pytest.fixture(
    params=[pytest.param(True, id="with scripts"), pytest.param(False, id="without scripts", marks=pytest.mark.deep)]
)
def journey(request: pytest.FixtureRequest, browser: Browser, product: Product) -> Iterator[Journey]:
    product.manage("demo_clock", "--reset")
    made = Journey(browser, product, request.param, "", "", dt.date.min)
    yield made
    made.close()


def cases_led(journey: Journey, person: str) -> list[str]:
    """The open cases that somebody leads, the last referred first."""
    page = journey.as_(person)
    journey.go(page, "/cases/?state=open&whose=mine")
    return list(dict.fromkeys(re.findall(r"/cases/(C-[0-9A-Z]{4}-[0-9A-Z]{4})/", page.locator("main").inner_html())))


def status(page: Page, path: str) -> int:
    answer = page.goto(path)
    assert answer is not None
    return answer.status


def test_a_case_changes_hands(journey: Journey) -> None:
    """The page says beforehand who loses it; the new lead is told and sees it at once, with what is linked to it."""
    case = cases_led(journey, people.PRACTITIONER)[0]
    path = f"/cases/{case}/"
    former, new, coordinator = map(journey.as_, (people.PRACTITIONER, NEW_LEAD, people.COORDINATOR))
    assert (status(former, path), status(new, path)) == (200, 404)
    journey.go(coordinator, f"{path}hand-over/")
    journey.press(coordinator, "Hand the case over")
    expect(coordinator.locator(".govuk-error-summary")).to_be_visible()
    select_containing(coordinator, "to", "Tom")
    expect(coordinator.locator('[name="outstanding"]')).not_to_be_empty()
    fill(coordinator, {"reason": "Priya is moving to another team.", "note": "She trusts her football coach."})
    journey.press(coordinator, "Hand the case over")
    expect(coordinator.locator(".app-identity")).to_contain_text("Tom")
    journey.go(new, path)
    expect(new.locator("main")).to_contain_text("She trusts her football coach.")
    journey.press(new, "I have read these notes")
    journey.go(new, "/inbox/")
    expect(new.locator("main")).to_contain_text(f"You lead case {case}")
    journey.go(former, path, 404)


def test_somebody_is_named_on_a_case_and_taken_off_again(journey: Journey) -> None:
    case = cases_led(journey, people.PRACTITIONER)[1]
    path = f"/cases/{case}/"
    coordinator, named = journey.as_(people.COORDINATOR), journey.as_(NEW_LEAD)
    assert status(named, path) == 404
    journey.go(coordinator, f"{path}named/")
    select_containing(coordinator, "person", "Tom")
    fill(coordinator, {"scope": "2", "reason": "Worked with the family before."})
    journey.press(coordinator, "Name them on it")
    journey.go(named, path)
    journey.go(coordinator, f"{path}sharing/")
    expect(coordinator.locator("main")).to_contain_text("Tom")
    journey.go(coordinator, f"{path}named/")
    card = coordinator.locator(".govuk-summary-card").filter(has_text="Tom")
    card.locator('[name="off-reason"]').fill("No longer needed.")
    with coordinator.expect_navigation():
        card.get_by_role("button").click()
    journey.look(coordinator)
    journey.go(named, path, 404)


def test_two_records_of_one_child_are_put_together_and_taken_apart(journey: Journey) -> None:
    page = journey.as_(people.COORDINATOR)
    children = []
    for case in cases_led(journey, people.COORDINATOR):
        journey.go(page, f"/cases/{case}/")
        found = re.search(r"/children/([A-Z]+-[0-9A-Z]{4}-[0-9A-Z]{4})/merge/", page.content())
        children += [found[1]] if found else []
        if len(children) == 2:
            break
    one, other = children
    journey.go(page, f"/children/{one}/merge/?other={other}")
    expect(page.locator("main")).to_contain_text("Nothing moves")
    page.locator('input[name="keep"]').first.check()
    fill(page, {"reason": "The same birth certificate."})
    journey.press(page, "They are one child")
    gave_way = other if page.url.endswith(f"/{one}/merge/") and "Undo this" in page.content() else one
    for reference in (gave_way, *children):
        journey.go(page, f"/children/{reference}/merge/")
        expect(page.locator("main")).to_contain_text("is the same child as")
        if page.get_by_role("button", name="They are two children after all").count():
            break
    fill(page, {"reason": "Two certificates after all."})
    journey.press(page, "They are two children after all")
    expect(page.locator("main")).to_contain_text("Undone by")


def test_an_agreement_is_renewed_and_a_colleague_is_given_a_role(journey: Journey) -> None:
    page = journey.as_(ADMINISTRATOR)
    journey.go(page, "/agreements/")
    page.locator("main a[href^='/agreements/']").first.click()
    journey.look(page)
    fill(page, date_fields("signed_on", dt.date(2026, 1, 5)) | date_fields("review_due_on", dt.date(2025, 1, 5)))
    page.locator("main form button[type=submit]").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    fill(page, date_fields("review_due_on", dt.date(2029, 1, 5)))
    page.locator("main form button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("5 January 2029")
    journey.look(page)
