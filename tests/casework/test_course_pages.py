"""Escalating and closing a case on its pages, the handover notes, the history with its filters."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest

from mace.access.models import Scope
from mace.casework.selectors.timeline import KINDS
from mace.core import clock
from mace.core.clock import london_time
from mace.core.seat import acting_as
from panels.enums import Strand
from panels.services.actions import create_action, report_on_action
from referrals.models import Case, CaseClosure, CriterionMet, TierPeriod
from referrals.services import close_tier, hand_over_case
from referrals.services.reviews import hold_review, make_review
from tests.factories.cast import Cast
from tests.factories.panels import approved_meeting
from tests.factories.referrals import MONDAY, every_criterion, open_case
from tests.factories.sharing import shared

NOW = MONDAY + dt.timedelta(days=30)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def words(page: bytes | str) -> str:
    """A page's text as it is read."""
    text = page.decode() if isinstance(page, bytes) else page
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def read(cast: Cast, name: str, path: str) -> str:
    answer = cast.client(name).get(path)
    assert answer.status_code == 200, (name, path, answer.status_code)
    return words(answer.content)


def test_a_case_is_escalated_with_its_criteria_and_the_page_says_so(cast: Cast) -> None:
    case = open_case(cast)
    client, path = cast.client("coordinator"), f"/cases/{case.reference}/escalate/"
    assert "Escalate to MACE" in read(cast, "coordinator", f"/cases/{case.reference}/")
    with acting_as(cast["coordinator"]):
        none_met, met = every_criterion("escalation_criterion"), every_criterion("escalation_criterion", "stuck")
    refused = client.post(path, none_met | {"reason": "Stuck", "keep": "yes"})
    assert refused.status_code == 422
    assert "At least one criterion must be met" in words(refused.content)
    bare = client.post(path, met | {"criterion_stuck_note": "", "reason": "Stuck", "keep": "yes"})
    assert "Say what shows that the criterion is met" in words(bare.content)
    assert client.post(path, met | {"reason": "Stuck", "keep": "no"}).status_code == 302
    with acting_as(cast["coordinator"]):
        rows = TierPeriod.objects.order_by("pk").values_list("tier", "outcome", "to_on")
        assert list(rows) == [("pre_mace", "escalated", NOW.date()), ("mace", "", None)]
        assert CriterionMet.objects.count() == 5
    page = read(cast, "practitioner", f"/cases/{case.reference}/")
    assert "Met: The case is stuck: the plan has not reduced the risk" in page
    assert "(As told)" in page
    again = client.post(path, met | {"reason": "Stuck"})
    assert "open at MACE already" in words(again.content)


def test_who_has_the_summary_only_sees_the_tier_and_no_criterion(cast: Cast) -> None:
    case = open_case(cast)
    shared(cast, case.pk, "police", Scope.SUMMARY)
    approved_meeting(cast, case, decision="escalate", decision_reason="Several adults")
    page = read(cast, "police_lead", f"/cases/{case.reference}/")
    assert "Opened at MACE" in page
    assert "Criteria" not in page
    assert "Criteria for escalation to MACE" in read(cast, "coordinator", f"/cases/{case.reference}/")


def test_closing_on_the_page_tells_whom_it_proposes_or_leaves_out_with_a_reason(cast: Cast) -> None:
    case = open_case(cast)
    shared(cast, case.pk, "police", Scope.SUMMARY)
    shared(cast, case.pk, "health", Scope.IDENTITY)
    client, path = cast.client("coordinator"), f"/cases/{case.reference}/close/"
    page = words(client.get(path).content)
    for name in ("Practitioner", "Anytown Police", "Anytown NHS Trust", "Anytown Children’s Services"):
        assert f"Is {name} told?" in page, name
    keys = {name: f"agency_{cast.agencies[name].pk}" for name in ("police", "health", "social_care")}
    sent = {
        "tier": "pre_mace",
        "outcome": "closed",
        "reason": "No episode since May",
        "view": "",
        "no_view_because": "",
        "plan_after": "Her school",
        f"person_{cast['practitioner'].membership_id}": "tell",
        keys["police"]: "tell",
        keys["social_care"]: "tell",
        keys["health"]: "leave_out",
    }
    refused = words(client.post(path, sent).content)
    assert "Say what they think of closing, or why they were not asked" in refused
    assert "Say why Anytown NHS Trust is left out" in refused
    full = sent | {"view": "I am glad", f"{keys['health']}_why": "Only made an appointment"}
    assert client.post(path, full).status_code == 302
    page = read(cast, "practitioner", f"/cases/{case.reference}/")
    assert "I am glad" in page
    assert "Anytown NHS Trust: Only made an appointment" in page
    assert "is closed" in read(cast, "police_lead", "/inbox/")
    assert client.get(path).status_code == 302  # closed already


def test_a_closing_decided_in_a_meeting_waits_on_the_coordinator_s_page(cast: Cast) -> None:
    case = open_case(cast)
    approved_meeting(cast, case, decision="close", decision_reason="Safe now")
    path = f"/cases/{case.reference}/closing/"
    assert f"Give the closing details of {case.reference}" in read(cast, "coordinator", "/")
    assert "Closing details are to be completed" in read(cast, "coordinator", f"/cases/{case.reference}/")
    client = cast.client("coordinator")
    asks = client.get(path).content.decode()
    assert "Safe now" in asks
    proposed = set(re.findall(r'name="((?:agency|person)_\d+)"', asks))
    told = dict.fromkeys(proposed, "tell")
    assert client.post(path, told | {"plan_after": "School", "no_view_because": "She moved away"}).status_code == 302
    with acting_as(cast["coordinator"]):
        closure = CaseClosure.objects.get()
        assert (closure.no_view_because, closure.completed_at) == ("She moved away", NOW)
    assert "Give the closing details" not in read(cast, "coordinator", "/")
    assert client.get(path).status_code == 302


def test_the_new_lead_reads_the_notes_and_the_coordinator_sees_whether_they_did(cast: Cast) -> None:
    case = open_case(cast)
    page = f"/cases/{case.reference}/"
    asks = read(cast, "coordinator", f"{page}hand-over/")
    assert "Step of the plan, School, by 9 March 2026: Taxi to and from school" in asks
    with acting_as(cast["coordinator"]):
        hand_over_case(
            case=case,
            to=cast.memberships["other_practitioner"],
            reason="Moved",
            note="She trusts her coach",
            by=cast["coordinator"],
            at=NOW,
        )
    assert "Other Practitioner has not said yet that the handover notes" in read(cast, "coordinator", page)
    assert f"Handover notes of {case.reference} not read yet" in read(cast, "coordinator", "/")
    new = cast.client("other_practitioner")
    assert "She trusts her coach" in words(new.get(page).content)
    assert cast.client("coordinator").post(f"{page}hand-over/read/").status_code == 403
    assert new.post(f"{page}hand-over/read/").status_code == 302
    assert "I have read these notes" not in words(new.get(page).content)
    assert "not read yet" not in read(cast, "coordinator", "/")


# --- The history -----------------------------------------------------------------------------------------------------


def titles(page: str) -> list[str]:
    return [words(title).strip() for title in re.findall(r'app-timeline__title">(.*?)</h[23]>', page, re.DOTALL)]


def with_an_action(cast: Cast, case: Case, reports: int = 0) -> None:
    seat = cast["coordinator"]
    with acting_as(seat):
        action = create_action(
            record_id=case.pk,
            item=None,
            strand=Strand.VICTIM,
            text="Visit the flat",
            measure="",
            owner_agency=cast.agencies["police"],
            owner=cast.memberships["police_member"],
            due_on=dt.date(2026, 4, 20),
            by=seat,
            at=MONDAY,
        )
        for at in range(reports):
            report_on_action(
                action=action, text=f"Report {at}", operation=f"r{at}", by=seat, at=MONDAY + dt.timedelta(minutes=at)
            )


def test_never_more_than_fifty_entries_at_once_and_all_can_be_reached(cast: Cast) -> None:
    case = open_case(cast)
    with_an_action(cast, case, reports=60)
    client, path = cast.client("coordinator"), f"/cases/{case.reference}/history/"
    first = client.get(path).content.decode()
    assert len(titles(first)) == 50
    later = client.get(f"{path}?earlier=50").content.decode()
    rest = titles(later)
    assert 0 < len(rest) <= 50
    assert f"of {50 + len(rest)}, the newest first" in words(first)
    assert "Show earlier entries" in first
    assert "Show earlier entries" not in later
    assert "Show later entries" in later
    only = client.get(f"{path}?kind=action").content.decode()
    assert len(titles(only)) == 50
    assert "?kind=action&amp;earlier=50" in only
    for nonsense in ("-1", "x", "5000", "9999999999"):
        assert titles(client.get(f"{path}?earlier={nonsense}").content.decode()) == titles(first)


def test_each_entry_says_who_can_see_it(cast: Cast) -> None:
    case = open_case(cast)
    shared(cast, case.pk, "police", Scope.SUMMARY)
    with_an_action(cast, case)
    page = cast.client("practitioner").get(f"/cases/{case.reference}/history/").content.decode()
    entries = [words(entry) for entry in re.findall(r'<li class="app-timeline__entry">(.*?)</li>', page, re.DOTALL)]
    said = {
        "Opened at Pre-MACE": "seen by whoever has the summary or the whole case",
        "Led by Practitioner": "seen only by whoever has the whole case",
        "Action given to Anytown Police": "and by Anytown Police, whose action it is",
        "Shared with Anytown Police": "seen by whoever runs or leads the case, and by Anytown Police",
        "sent": "seen only by whoever has the whole case, and by who wrote it",
    }
    for title, seen in said.items():
        assert any(title in entry and seen in entry for entry in entries), title
    assert all("seen" in entry for entry in entries)


def test_the_history_is_narrowed_by_kind_period_and_whose_it_is(cast: Cast) -> None:
    case = open_case(cast)
    shared(cast, case.pk, "police", Scope.FULL, at=NOW - dt.timedelta(days=10))
    with_an_action(cast, case)
    path = f"/cases/{case.reference}/history/"

    def shown_to(name: str, query: str) -> list[str]:
        answer = cast.client(name).get(f"{path}?{query}")
        assert answer.status_code == 200, query
        return titles(answer.content.decode())

    everything = shown_to("coordinator", "")
    assert shown_to("coordinator", "kind=tier") == ["Opened at Pre-MACE"]
    two = shown_to("coordinator", "kind=tier&kind=action")
    assert sorted(two) == ["Action given to Anytown Police", "Opened at Pre-MACE"]
    day = "since_day=20&since_month=3&since_year=2026"
    assert shown_to("coordinator", day) == ["Shared with Anytown Police: the whole case"]
    until = "until_day=20&until_month=3&until_year=2026"
    assert sorted(shown_to("coordinator", until) + shown_to("coordinator", day)) == sorted(everything)
    assert shown_to("police_member", "whose=mine") == ["Action given to Anytown Police"]
    assert "Action given to Anytown Police" in shown_to("police_lead", "whose=agency")
    assert "Shared with Anytown Police: the whole case" not in shown_to("practitioner", "whose=mine")
    chips = cast.client("coordinator").get(f"{path}?kind=tier&kind=action&{day}").content.decode()
    assert f'href="{path}?kind=action&amp;since_day=20&amp;since_month=3&amp;since_year=2026"' in chips


@pytest.mark.parametrize(
    "query", ["kind=nonsense", "whose=nobody", "since_day=40&since_month=3&since_year=2026", "since_day=1"]
)
def test_a_filter_that_cannot_be_is_said_to_be_wrong_and_the_page_is_there(cast: Cast, query: str) -> None:
    case = open_case(cast)
    answer = cast.client("coordinator").get(f"/cases/{case.reference}/history/?{query}")
    assert answer.status_code == 422
    assert "There is a problem" in words(answer.content)
    assert "Opened at Pre-MACE" in words(answer.content)


def test_every_kind_has_a_name(cast: Cast) -> None:
    case = open_case(cast)
    with_an_action(cast, case)
    page = cast.client("coordinator").get(f"/cases/{case.reference}/history/").content.decode()
    assert set(re.findall(r'name="kind"[^>]*value="([a-z]+)"', page)) == set(KINDS)


# --- Reviews that are late, and the bar ------------------------------------------------------------------------------


def test_the_chair_sees_which_reviews_are_late_and_who_has_not_answered(cast: Cast) -> None:
    case = open_case(cast)
    approved_meeting(cast, case, decision="keep_open", starts_at=london_time(dt.date(2026, 3, 10), 10))
    with acting_as(cast["coordinator"]):
        review = make_review(case=case, due_on=NOW.date() - dt.timedelta(days=12), by=cast["coordinator"], at=MONDAY)
        assert review is not None
    for name in ("chair", "coordinator"):
        listed = read(cast, name, "/reviews/")
        assert "Overdue and not answered (1)" in listed
        assert "overdue: 12 days" in listed
        assert "Not answered by: Practitioner" in listed
        home = read(cast, name, "/")
        assert "1 reviews overdue or not held" in home
        assert f"12-week review of {case.reference}" in home
    assert "To be answered" not in read(cast, "chair", f"/reviews/{review.reference}/")
    with acting_as(cast["coordinator"]):
        hold_review(review=review, by=cast["coordinator"], at=NOW)
    assert "No review is open" in read(cast, "chair", "/reviews/")


def test_the_bar_names_the_manager_and_says_that_the_case_is_a_repeat(cast: Cast) -> None:
    case = open_case(cast)
    path = f"/cases/{case.reference}/"

    def bar() -> str:
        page = cast.client("coordinator").get(path).content.decode()
        return words(page.split('class="app-identity"')[1].split("</section>")[0])

    assert "Lead professional Practitioner" in bar()
    assert "Manager Manager" in bar()
    assert "Repeat" not in bar()
    with acting_as(cast["coordinator"]):
        close_tier(case=case, tier="pre_mace", outcome="closed", reason="Safe", by=cast["coordinator"], at=MONDAY)
        child = case.child.reference
    again = open_case(cast, at=NOW, child={"same_as": child})
    path = f"/cases/{again.reference}/"
    assert "Repeat" in bar()
    assert f"Opened within 12 months after case {case.reference} closed" in read(cast, "coordinator", path)
    listed = cast.client("coordinator").get("/cases/?columns=case&columns=repeat").content.decode()
    assert words(listed).count(f"Repeat of {case.reference}") == 1
