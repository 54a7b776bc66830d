"""What keeps a case narrower than usual, or opens it in an emergency, in a browser, with scripts and without."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import people
from tests.e2e.answering import date_fields, fill, select_containing
from tests.e2e.journey import Journey
from tests.e2e.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

PARTNER = "stuart"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass
class Guarded:
    """A case of the practitioner's that no health agency sees, and the people around it."""

    journey: Journey
    case: str = ""
    forename: str = ""
    surname: str = ""
    born: dt.date = dt.date.min

    def page(self, person: str) -> Page:
        return self.journey.as_(person)

    def status(self, person: str) -> int:
        """What somebody gets who opens the case."""
        answer = self.page(person).goto(f"/cases/{self.case}/")
        assert answer is not None
        return answer.status

    def choose(self, place: int) -> None:
        """A case that she leads whose sharing page names neither housing nor health; ``place`` among them."""
        practitioner, coordinator = self.page(people.PRACTITIONER), self.page(people.COORDINATOR)
        self.journey.go(practitioner, "/cases/")
        found = []
        for reference in dict.fromkeys(re.findall(r"/cases/(C-[0-9A-Z]{4}-[0-9A-Z]{4})/", practitioner.content())):
            self.journey.go(coordinator, f"/cases/{reference}/sharing/")
            bar = coordinator.locator(".app-identity").inner_text()
            if "Restricted" not in bar and "Priya" in bar:
                self.case = reference
                if [self.status(person) for person in (PARTNER, people.HEALTH_LEAD)] == [404, 404]:
                    found.append(reference)
            if len(found) > place:
                break
        self.case = found[place]
        self.journey.go(practitioner, f"/cases/{self.case}/")
        self.forename, self.surname = practitioner.locator(".app-identity__name").inner_text().strip().split(" ", 1)
        day, month, year = practitioner.locator(".app-identity__facts dd").nth(1).inner_text().split()[:3]
        self.born = dt.date(int(year), MONTHS.index(month[:3]) + 1, int(day))

    def share(self) -> None:
        """The page before says who will see what, and until it is confirmed nobody does."""
        page = self.page(people.COORDINATOR)
        self.journey.go(page, f"/cases/{self.case}/sharing/new/")
        self.journey.press(page, "Continue")
        expect(page.locator(".govuk-error-summary")).to_be_visible()
        select_containing(page, "agency", "Eastmere Homes")
        reasons = {"purpose": "To find the family another home", "necessity": "They decide about the tenancy"}
        fill(page, reasons | {"scope": "1", "lawful_basis": "public_task", "told": "yes"})
        self.journey.press(page, "Continue")
        expect(page.locator("h1")).to_contain_text("Check before you share")
        expect(page.locator("main")).to_contain_text("Stuart")
        assert self.status(PARTNER) == 404
        self.journey.press(page, "Share with")
        assert self.status(PARTNER) == 200
        self.journey.look(self.page(PARTNER))

    def bar(self) -> None:
        """Somebody who is barred gets what a page that does not exist gives, until the bar is lifted."""
        page = self.page(people.COORDINATOR)
        self.journey.go(page, f"/cases/{self.case}/bars/")
        select_containing(page, "person", "Stuart")
        fill(page, {"reason": "An uncle of the child."})
        self.journey.press(page, "Bar this person")
        expect(page.locator("main")).to_contain_text("An uncle of the child.")
        assert self.status(PARTNER) == 404
        self.page(PARTNER).goto("/cases/")
        assert self.case not in self.page(PARTNER).content()
        card = page.locator(".govuk-summary-card").filter(has_text="Stuart")
        card.locator('[name="lift-reason"]').fill("It was another Stuart.")
        with page.expect_navigation():
            card.get_by_role("button").click()
        self.journey.look(page)
        assert self.status(PARTNER) == 200

    def emergency(self) -> None:
        """Only by the exact name and birth date; the coordinator hears of it without the name and signs it off."""
        page = self.page(people.HEALTH_LEAD)
        assert self.status(people.HEALTH_LEAD) == 404
        self.journey.go(page, "/emergency/new/")
        who = {"forename": self.forename, **date_fields("born", self.born)}
        why = {"reason": "Brought in by ambulance this minute; the ward must know of any risk to her now."}
        fill(page, who | {"surname": f"{self.surname}x"} | why)
        self.journey.press(page, "Open the case")
        expect(page.locator("main")).to_contain_text("Nothing matched exactly")
        fill(page, who | {"surname": self.surname} | why)
        self.journey.press(page, "Open the case")
        assert self.status(people.HEALTH_LEAD) == 200
        expect(page.locator("body")).to_contain_text(self.surname)
        reviewer = self.page(people.COORDINATOR)
        self.journey.go(reviewer, "/inbox/")
        expect(reviewer.locator("main")).to_contain_text("mergency")
        assert self.surname not in reviewer.locator("main").inner_text()
        self.journey.go(reviewer, "/emergency/")
        reviewer.locator("main a[href^='/emergency/E-'], main a[href^='/emergency/']").filter(
            has_text=re.compile("[A-Z]-[0-9A-Z]{4}-[0-9A-Z]{4}")
        ).first.click()
        self.journey.look(reviewer)

    def protect_the_address(self) -> None:
        """The lead professional sees it, the coordinator reads that there is one."""
        page = self.page(people.PRACTITIONER)
        self.journey.go(page, f"/cases/{self.case}/address/new/")
        where = "7 Hidden Lane, Farport"
        fill(page, {"address": where, "reason": "Moved away from the group; they look for her."})
        self.journey.press(page, "Protect the address")
        expect(page.locator("main")).to_contain_text(where)
        coordinator = self.page(people.COORDINATOR)
        for path in ("", "address/", "changes/"):
            self.journey.go(coordinator, f"/cases/{self.case}/{path}")
            assert "Hidden Lane" not in coordinator.content(), path

    def restrict(self) -> None:
        """Left to two people: the page before says who loses it, and then all the others have lost it at once."""
        page = self.page(people.COORDINATOR)
        self.journey.go(page, f"/cases/{self.case}/restrict/")
        for name in ("Daniel", "Priya"):
            box = page.get_by_label(re.compile(f"^{name}")).first
            if not box.is_visible():
                page.locator("details", has=box).locator("summary").click()
            box.select_option("3")
        fill(page, {"reason": "The child of a colleague."})
        self.journey.press(page, "Continue")
        expect(page.locator("h1")).to_contain_text("Check who loses this case")
        expect(page.locator("main")).to_contain_text("Eastmere Homes")
        assert self.status(PARTNER) == 200
        self.journey.press(page, "Restrict the case")
        for person in (PARTNER, people.HEALTH_LEAD, people.MANAGER):
            assert self.status(person) == 404, person
        for person in (people.COORDINATOR, people.PRACTITIONER):
            assert self.status(person) == 200, person
        self.journey.go(page, f"/cases/{self.case}/sharing/")
        expect(page.locator("main")).to_contain_text("Priya")

    def who_looked(self) -> None:
        """It is all on record, for the coordinator of the case and for the officer."""
        page = self.page(people.COORDINATOR)
        for path in (f"/cases/{self.case}/access-log/", f"/access-log/?reference={self.case}"):
            self.journey.go(page, path)
            for name in ("Stuart", "Amara", "Priya"):
                expect(page.locator("main")).to_contain_text(name)
        officer = self.page("rowan")
        for path in (
            "/access-log/",
            "/access-log/people/",
            "/access-log/files/",
            "/access-log/refusals/",
            "/emergency/",
        ):
            self.journey.go(officer, path)
        self.journey.go(officer, f"/access-log/?reference={self.case}")
        expect(officer.locator("main")).to_contain_text("Stuart")
        self.journey.go(officer, f"/cases/{self.case}/", 403)


@pytest.mark.parametrize(
    "javascript",
    [pytest.param(True, id="with scripts"), pytest.param(False, id="without scripts", marks=pytest.mark.deep)],
)
def test_a_case_is_kept_to_those_who_should_see_it(browser: Browser, product: Product, javascript: bool) -> None:
    product.manage("demo_clock", "--reset")
    journey = Journey(browser, product, javascript, "", "", dt.date.min)
    guarded = Guarded(journey)
    try:
        guarded.choose(0 if javascript else 1)
        guarded.share()
        guarded.bar()
        guarded.emergency()
        guarded.protect_the_address()
        guarded.restrict()
        guarded.who_looked()
        assert guarded.surname not in product.log("web") + product.log("worker")
        assert "Traceback" not in product.log("web") + product.log("worker")
        assert [mail for mail in product.mails() if guarded.surname in mail] == []
    finally:
        journey.close()


def test_people_and_their_roles_are_kept_by_the_administrator(browser: Browser, product: Product) -> None:
    """A new colleague is given a role, which ends at once."""
    journey = Journey(browser, product, javascript=True, forename="", surname="", today=dt.date.min)
    try:
        page = journey.as_("gita")
        for path in ("/people/", "/agreements/"):
            journey.go(page, path)
        journey.go(page, "/people/new/")
        journey.press(page, "Add")
        expect(page.locator(".govuk-error-summary")).to_be_visible()
    finally:
        journey.close()
