"""The main job in a browser, with scripts and without."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser

from tests.e2e.journey import Journey
from tests.e2e.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.mark.parametrize(
    ("javascript", "forename", "surname"),
    [(True, "Tamika", "Wickbright"), (False, "Solveig", "Brackwater")],
    ids=["with scripts", "without scripts"],
)
def test_one_case_through_everything(
    browser: Browser, product: Product, javascript: bool, forename: str, surname: str
) -> None:
    product.manage("demo_clock", "--reset")
    today = dt.datetime.now(ZoneInfo("Europe/London")).date()
    journey = Journey(browser, product, javascript, forename, surname, today, time="10:00" if javascript else "11:30")
    try:
        before = journey.counted()
        journey.refer()
        journey.screen()
        journey.a_possible_duplicate_is_shown_first()
        journey.link()
        journey.plan_meeting()
        journey.hold_meeting()
        text = journey.minutes_as_pdf()
        assert "Without it nobody could keep her safe." in text.replace("\n", " ")
        assert "OFFICIAL-SENSITIVE" in text
        journey.partner_works()
        journey.strangers_see_nothing()
        journey.withdraw()
        assert journey.counted() == before + 1
        printed = journey.time_passes()
        assert surname not in printed
        journey.answer_review()
        journey.review_goes_on_the_next_meeting()
        mails = product.mails()
        assert mails
        assert [mail for mail in mails if surname in mail or forename in mail] == []
        assert "Traceback" not in product.log("web") + product.log("worker")
        assert surname not in product.log("web") + product.log("worker")
    finally:
        journey.close()
