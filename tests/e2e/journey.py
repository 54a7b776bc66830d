"""One child's case, from the referral to the figures, each step as the right person in a browser of their own."""

from __future__ import annotations

import datetime as dt
import io
import re
from dataclasses import dataclass, field

import pypdf
from playwright.sync_api import Browser, Page, expect

from tests.e2e import people
from tests.e2e.answering import answer_criteria, date_fields, fill, select_containing, told
from tests.e2e.product import Product


@dataclass
class Journey:
    browser: Browser
    product: Product
    javascript: bool
    forename: str
    surname: str
    today: dt.date
    time: str = "10:00"
    pages: dict[str, Page] = field(default_factory=dict)
    referral: str = ""
    case: str = ""
    meeting: str = ""
    action: str = ""

    def as_(self, person: str) -> Page:
        """That person's browser, signed in."""
        if person not in self.pages:
            context = self.browser.new_context(
                base_url=self.product.url,
                java_script_enabled=self.javascript,
                viewport={"width": 1280, "height": 900},
                locale="en-GB",
            )
            context.set_default_timeout(15_000)
            page = context.new_page()
            people.sign_in(page, person)
            self.pages[person] = page
        return self.pages[person]

    def close(self) -> None:
        for page in self.pages.values():
            page.context.close()

    def look(self, page: Page) -> None:
        """What every page on the way must hold."""
        expect(page.locator("h1")).to_have_count(1)
        if self.javascript:
            people.accessible(page)

    def go(self, page: Page, path: str, status: int = 200) -> None:
        response = page.goto(path)
        assert response is not None
        assert response.status == status, f"{path}: {response.status}"
        self.look(page)

    def press(self, page: Page, name: str) -> None:
        with page.expect_navigation():
            page.get_by_role("button", name=name, exact=False).first.click()
        self.look(page)

    # 1 -------------------------------------------------------------------------------------------------------------

    def refer(self) -> None:
        """A practitioner files a referral as a task list; closing the browser half-way loses nothing."""
        page = self.as_(people.PRACTITIONER)
        self.go(page, "/referrals/new/")
        self.press(page, "Start a referral")
        self.referral = page.url.rstrip("/").rsplit("/", 1)[-1]
        sections = told(self.forename, self.surname, self.today)
        first, *rest = sections
        self.go(page, f"/referrals/{self.referral}/pages/{first}/")
        fill(page, {"forename": self.forename, "surname": self.surname})
        if self.javascript:
            expect(page.locator(".app-saved")).to_contain_text("Saved at", timeout=10_000)
        else:
            self.press(page, "Save and come back later")
        page.close()
        page = self.pages[people.PRACTITIONER] = self.pages[people.PRACTITIONER].context.new_page()
        self.go(page, f"/referrals/{self.referral}/pages/{first}/")
        expect(page.locator('[name="forename"]')).to_have_value(self.forename)
        fill(page, sections[first])
        self.press(page, "Save and continue")
        for name in rest:
            self.go(page, f"/referrals/{self.referral}/pages/{name}/")
            fill(page, sections[name])
            self.press(page, "Save and continue")
            if name == "prerequisites":  # a missing prerequisite needs its reason, and what was typed is kept
                expect(page.locator(".govuk-error-summary")).to_be_visible()
                expect(page.locator('[name="strategy_discussion_on_year"]')).not_to_have_value("")
                fill(page, {"police_report_reason": "The report is being made today."})
                self.press(page, "Save and continue")
        self.go(page, f"/referrals/{self.referral}/check/")
        expect(page.locator("main")).to_contain_text("The report is being made today.")
        self.press(page, "Send the referral")
        expect(page.locator("main")).to_contain_text(self.referral)

    def a_possible_duplicate_is_shown_first(self) -> None:
        """The same sound and birth date as the child just accepted: asked about before a record is made."""
        page = self.as_(people.PRACTITIONER)
        self.go(page, "/referrals/new/")
        self.press(page, "Start a referral")
        reference = page.url.rstrip("/").rsplit("/", 1)[-1]
        self.go(page, f"/referrals/{reference}/pages/child/")
        child = told(self.forename, self.surname.replace("ck", "k"), self.today)["child"]
        fill(page, child)
        self.press(page, "Save and continue")
        expect(page.locator("main")).to_contain_text("same child")
        expect(page.locator('[name="same_as"]').first).to_be_attached()
        self.go(page, f"/referrals/{reference}/withdraw/")
        fill(page, {"reason": "Already referred"})
        self.press(page, "Withdraw the referral")

    # 2 -------------------------------------------------------------------------------------------------------------

    def screen(self) -> None:
        """The coordinator returns it with what is missing; it is mended; then it is accepted."""
        page = self.as_(people.COORDINATOR)
        self.go(page, "/")
        expect(page.locator("main")).to_contain_text("screen")
        self.go(page, f"/referrals/{self.referral}/screen/")
        fill(page, {"decision": "return"})
        self.press(page, "Record the decision")
        expect(page.locator(".govuk-error-summary")).to_be_visible()
        fill(page, {"decision": "return", "reason": "Say what the school has seen."})
        self.press(page, "Record the decision")
        practitioner = self.as_(people.PRACTITIONER)
        self.go(practitioner, f"/referrals/{self.referral}/")
        expect(practitioner.locator("main")).to_contain_text("Say what the school has seen.")
        self.go(practitioner, f"/referrals/{self.referral}/pages/concern/")
        fill(practitioner, {"account": "Found in a house 60 miles away. School saw her collected by an adult."})
        self.press(practitioner, "Save and continue")
        self.go(practitioner, f"/referrals/{self.referral}/check/")
        self.press(practitioner, "Send the referral")
        self.go(page, f"/referrals/{self.referral}/screen/")
        expect(page.locator("main")).to_contain_text("collected by an adult")
        answer_criteria(page)
        fill(page, {"decision": "accept", "reason": "Meets the criteria."})
        self.press(page, "Record the decision")
        self.go(page, f"/referrals/{self.referral}/")
        link = page.locator('a[href^="/cases/C-"]').first
        self.case = str(link.get_attribute("href")).split("/")[2]
        self.go(page, f"/cases/{self.case}/")
        expect(page.locator("h1, .app-identity").first).to_contain_text(self.surname)

    # 3 -------------------------------------------------------------------------------------------------------------

    def plan_meeting(self) -> None:
        """The coordinator plans a meeting, invites the police for the item and publishes the agenda."""
        page = self.as_(people.COORDINATOR)
        self.go(page, "/meetings/new/")
        page.get_by_label("Pre-MACE", exact=False).first.check()
        fill(page, {**date_fields("day", self.today), "time": self.time, "place": "Town hall"})
        self.press(page, "Plan the meeting")
        self.meeting = re.findall(r"M-[0-9A-Z]{4}-[0-9A-Z]{4}", page.url)[0]
        self.go(page, f"/meetings/{self.meeting}/agenda/add/case/")
        select_containing(page, "case", self.case)
        fill(page, {"kind": "new", "minutes": "12"})
        self.press(page, "Add to the agenda")
        self.go(page, f"/meetings/{self.meeting}/agenda/add/volt/")
        select_containing(page, "subject", f"{self.surname} Arcade")
        fill(page, {"minutes": "5"})
        self.press(page, "Add to the agenda")
        expect(page.locator("main")).to_contain_text(f"{self.surname} Arcade")
        page.locator('a[href*="/invite/"]').first.click()
        self.look(page)
        page.get_by_label("Eastmere Police", exact=False).check()
        fill(
            page,
            {
                "scope": "2",
                "purpose": "To say what the police hold",
                "lawful_basis": "public_task",
                "necessity": "They may know where she is found",
                "told": "yes",
            },
        )
        self.press(page, "Continue")
        self.press(page, "Share and invite")
        self.go(page, f"/meetings/{self.meeting}/agenda/publish/")
        self.press(page, "Publish the agenda")

    # 4 -------------------------------------------------------------------------------------------------------------

    def hold_meeting(self) -> None:
        """The chair runs it: attendance, discussion, rationale, decision, rating, an action; approves the minutes."""
        page = self.as_(people.CHAIR)
        self.go(page, f"/meetings/{self.meeting}/run/")
        page.locator('[name="read"]').check()
        self.press(page, "Begin the meeting")
        for box in page.locator("select").all():
            box.select_option("present")
        self.press(page, "Save attendance")
        page.locator('main a[href^="/items/"]').first.click()
        self.look(page)
        item = page.url
        fill(page, {"discussion": "Each agency said what it holds.", "decision": "escalate"})
        self.press(page, "Save")
        expect(page.locator(".govuk-error-summary")).to_be_visible()  # no rationale for sharing, no reason
        expect(page.locator('[name="discussion"]')).to_have_value("Each agency said what it holds.")
        fill(
            page,
            {
                "rationale": "Without it nobody could keep her safe.",
                "rating": "significant",
                "decision": "escalate",
                "decision_reason": "Several adults; the plan has not reduced the risk.",
            },
        )
        self.press(page, "Save")
        expect(page.locator(".govuk-error-summary")).to_have_count(0)
        self.go(page, item)  # its criteria stand open, because it escalates
        fill(page, {"criterion_stuck": "met", "criterion_stuck_note": "Two plans in five months, no change."})
        self.press(page, "Save the criteria")
        self.go(page, item)
        page.locator("summary", has_text="Give an action").click()
        fill(
            page,
            {"action-text": "Visit the flat and report what is found", **date_fields("action-due_on", self.today)},
        )
        select_containing(page, "action-who", "Eastmere Police")
        self.press(page, "Give the action")
        expect(page.locator("main")).to_contain_text("Visit the flat")
        self.action = re.findall(r"A-[0-9A-Z]{4}-[0-9A-Z]{4}", page.content())[0]
        self.go(page, f"/meetings/{self.meeting}/run/")
        self.press(page, "Finish the meeting")
        self.go(page, f"/meetings/{self.meeting}/approve/")  # the place has not been minuted yet
        self.press(page, "Approve the minutes")
        expect(page.locator(".govuk-error-summary")).to_be_visible()
        page.locator('main a[href^="/items/"]').filter(has_text=f"{self.surname} Arcade").first.click()
        self.look(page)
        fill(
            page,
            {
                "discussion": "Community safety will look at the lighting.",
                "rationale": "So that the place becomes safer for every child.",
                "decision": "note",
                "decision_reason": "A walk round is planned.",
            },
        )
        self.press(page, "Save")
        expect(page.locator(".govuk-error-summary")).to_have_count(0)
        self.go(page, f"/meetings/{self.meeting}/approve/")
        self.press(page, "Approve the minutes")
        self.go(page, f"/meetings/{self.meeting}/minutes/")
        expect(page.locator("main")).to_contain_text("Without it nobody could keep her safe.")
        self.go(page, f"/cases/{self.case}/")
        expect(page.locator("body")).to_contain_text("Significant")
        expect(page.locator("body")).to_contain_text("MACE")

    def minutes_as_pdf(self) -> str:
        """The PDF is made in the worker, for the seat that asked; answers its text."""
        page = self.as_(people.POLICE_LEAD)
        self.go(page, f"/meetings/{self.meeting}/minutes/")
        self.press(page, "Make a PDF of these minutes")
        for _ in range(60):
            link = page.get_by_role("button", name="Download the PDF").or_(
                page.get_by_role("link", name="Download the PDF")
            )
            if link.count():
                break
            page.wait_for_timeout(500)
            page.reload()
        answer = page.request.get(str(link.first.get_attribute("href")))
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/pdf"
        reader = pypdf.PdfReader(io.BytesIO(answer.body()))
        metadata = " ".join(str(value) for value in (reader.metadata or {}).values())
        assert self.surname not in metadata
        assert self.surname not in answer.headers["content-disposition"]
        return "\n".join(page.extract_text() for page in reader.pages)

    # 5 -------------------------------------------------------------------------------------------------------------

    def partner_works(self) -> None:
        """The police see the case at its scope and their own action, and hand it on; the colleague closes it."""
        lead = self.as_(people.POLICE_LEAD)
        self.go(lead, f"/cases/{self.case}/")
        expect(lead.locator("body")).to_contain_text(self.surname)
        expect(lead.locator("body")).to_contain_text("May be made to carry drugs")
        for hidden in ("I just want it to stop", "Her father may be involved", "collected by an adult"):
            expect(lead.locator("body")).not_to_contain_text(hidden)
        self.go(lead, f"/actions/{self.action}/")
        select_containing(lead, "colleague", "Joanna Pryce")
        self.press(lead, "Hand on")
        member = self.as_(people.POLICE_MEMBER)
        self.go(member, "/")
        expect(member.locator("main")).to_contain_text("Visit the flat")
        self.go(member, f"/actions/{self.action}/")
        fill(member, {"text": "Visited on Monday; nobody in."})
        self.press(member, "Save update")
        expect(member.locator("main")).to_contain_text("Visited on Monday; nobody in.")
        fill(member, {"status": "not_possible"})
        self.press(member, "Close action")
        expect(member.locator(".govuk-error-summary")).to_be_visible()
        fill(member, {"status": "not_possible", "note": "The flat is empty now."})
        self.press(member, "Close action")
        expect(member.locator("main")).to_contain_text("The flat is empty now.")

    def strangers_see_nothing(self) -> None:
        """Police of another partnership get what a page that does not exist gives."""
        for person in (people.STRANGER_POLICE, people.STRANGER_COORDINATOR):
            page = self.as_(person)
            for path in (f"/cases/{self.case}/", f"/actions/{self.action}/", f"/meetings/{self.meeting}/minutes/"):
                self.go(page, path, 404)
                assert self.surname not in page.content()

    def withdraw(self) -> None:
        """After the sharing ends the police read what they wrote and nothing else of the case."""
        page = self.as_(people.COORDINATOR)
        self.go(page, f"/cases/{self.case}/sharing/")
        expect(page.locator("main")).to_contain_text("Eastmere Police")
        self.go(page, f"/cases/{self.case}/sharing/end/")
        select_containing(page, "agency", "Eastmere Police") if page.locator("select[name=agency]").count() else (
            page.get_by_label("Eastmere Police", exact=False).first.check()
        )
        fill(page, {"reason": "The flat is empty; the police have no further part."})
        self.press(page, "Stop sharing")
        for person in (people.POLICE_LEAD, people.POLICE_MEMBER):
            partner = self.as_(person)
            self.go(partner, f"/cases/{self.case}/", 404)
            self.go(partner, f"/actions/{self.action}/", 404)
            self.go(partner, "/actions/written/")
            expect(partner.locator("main")).to_contain_text("Visited on Monday; nobody in.")
            assert self.surname not in partner.content()

    # 6 -------------------------------------------------------------------------------------------------------------

    def time_passes(self) -> str:
        """Twelve weeks go by: what is overdue is chased, the review is made; answers what the command printed."""
        return self.product.manage("demo_clock", "--advance", "84d")

    def answer_review(self) -> None:
        page = self.as_(people.PRACTITIONER)
        self.go(page, "/reviews/")
        row = page.locator("main li, main tr").filter(has_text=self.surname).first
        row.locator('a[href^="/reviews/W-"]').first.click()
        self.look(page)
        fill(
            page,
            {
                "progress": "The taxi worked; no missing episode since.",
                "voice": "I like college.",
                "rating": "emerging",
                "rating_reason": "No contact with the group for eight weeks.",
                "recommendation": "close",
                "reached_by": "Her tutor at college",
            },
        )
        for step in page.locator('[name^="step_"][value="done"]').all():
            step.check()
        self.press(page, "Send your answers")
        self.go(page, f"/cases/{self.case}/")
        expect(page.locator("body")).to_contain_text("I like college.")

    def review_goes_on_the_next_meeting(self) -> None:
        """The answered review is proposed to the next meeting and put on its agenda."""
        page = self.as_(people.COORDINATOR)
        self.go(page, "/meetings/new/")
        page.get_by_label("Pre-MACE", exact=False).first.check()
        fill(page, {**date_fields("day", self.today + dt.timedelta(days=86)), "time": self.time, "place": "Town hall"})
        self.press(page, "Plan the meeting")
        meeting = re.findall(r"M-[0-9A-Z]{4}-[0-9A-Z]{4}", page.url)[0]
        self.go(page, f"/meetings/{meeting}/agenda/")
        proposed = page.locator("main li.app-row").filter(has_text=self.case)
        expect(proposed).to_contain_text("review")
        with page.expect_navigation():
            proposed.get_by_role("button").click()
        self.look(page)
        row = page.locator("main table tr").filter(has_text=self.case)
        expect(row).to_contain_text("12-week review")

    # 7 -------------------------------------------------------------------------------------------------------------

    def link(self) -> None:
        """What the referral mentions becomes a person of concern, a place and a theme, linked with their source."""
        page = self.as_(people.COORDINATOR)
        self.go(page, f"/volt/mentions/{self.referral}/")
        for group in {
            str(radio.get_attribute("name")) for radio in page.locator('input[type="radio"][value="new"]').all()
        }:
            page.locator(f'[name="{group}"][value="new"]').check()
        fill(page, {"basis": "intelligence", "source_grade": "2", "assessment": "C", "handling": "P"})
        self.press(page, "Record and link")
        self.go(page, f"/cases/{self.case}/")
        expect(page.locator("body")).to_contain_text(f"Dex of {self.surname}")
        expect(page.locator("body")).to_contain_text(f"{self.surname} Arcade")
        self.go(page, "/volt/shared/")

    # 8 -------------------------------------------------------------------------------------------------------------

    def counted(self) -> int:
        """How many referrals the dashboard counts in the last twelve months."""
        page = self.as_(people.COORDINATOR)
        self.go(page, "/dashboard/")
        expect(page.locator("svg").first).to_be_visible()
        row = page.locator(".govuk-summary-list__row").filter(has=page.get_by_text("Referrals", exact=True))
        return int(row.locator("dd").first.inner_text())
