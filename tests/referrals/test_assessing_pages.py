"""The pages of assessments, plans, voice and the risk journey, as people use them."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mace.casework.selectors.emergency import last_plan
from mace.core import clock
from mace.core.clock import london_time
from mace.core.seat import acting_as
from referrals.models import Case, CaseDraft, ChildVoice, RiskAssessment, SafetyPlan
from referrals.selectors.codes import forget_codes
from referrals.services import agree_rating
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.panels import published_meeting
from tests.factories.referrals import another_child, open_case
from tests.referrals.assessed import LATER, PLANNED, RATED, all_scored, assess, own_list, plan, shipped
from tests.referrals.test_views import statements

TODAY = dt.date(2026, 3, 20)


@pytest.fixture(autouse=True)
def on_a_day(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(clock, "now", lambda: london_time(TODAY, 9))
    yield
    forget_codes()


@pytest.fixture
def case(cast: Cast) -> Case:
    return open_case(cast)


def words(answer: Any) -> str:
    body = answer.content.decode()
    main = body[body.index("<main") : body.index("</main>")]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)))


def at(case: Case, page: str) -> str:
    return f"/cases/{case.reference}/{page}"


def hidden(answer: Any) -> dict[str, str]:
    body = answer.content.decode()
    found = {name: re.search(rf'name="{name}" value="(\w*)"', body) for name in ("version", "operation")}
    return {name: match[1] for name, match in found.items() if match}


def links_to_one(client: Client, case: Case, what: str) -> list[str]:
    body = client.get(at(case, f"{what}/")).content.decode()
    return re.findall(rf'href="(/cases/[^"]+/{what}/[\w-]{{20,}}/)"', body)


# --- Assessments -----------------------------------------------------------------------------------------------------


def test_an_assessment_is_typed_kept_and_sent(cast: Cast, case: Case) -> None:
    client, url = cast.client("practitioner"), at(case, "assessments/new/")
    page = client.get(url)
    assert "Two episodes in February" in page.content.decode()  # from the last one
    sent = hidden(page) | {"rationale": "As before", "missing_score": "3", "missing_evidence": "Three nights"}
    answer = client.post(url, sent)
    assert answer.status_code == 422
    assert "Select" in words(answer) or "required" in words(answer)
    kept = client.get(url)
    assert "As before" in kept.content.decode()
    assert "Saved at" in words(kept)
    whole = sent | hidden(kept) | {"rating": "significant", "changes": "Three nights away"}
    assert client.post(url, whole).status_code == 302
    assert client.post(url, whole).status_code == 302  # a double click
    with acting_as(cast["practitioner"]):
        assert RiskAssessment.objects.count() == 2
        assert CaseDraft.objects.get().data == {}
    listed = words(client.get(at(case, "assessments/")))
    assert "20 Mar 2026 Significant not all scored Shipped Practitioner Counts" in listed
    one = words(client.get(links_to_one(client, case, "assessments")[0]))
    assert "Missing 3 Significant: Three nights" in one


def test_later_keeps_what_was_typed_and_asks_for_nothing(cast: Cast, case: Case) -> None:
    client, url = cast.client("practitioner"), at(case, "assessments/new/")
    answer = client.post(url, hidden(client.get(url)) | {"rationale": "Half", "later": "1"})
    assert answer.headers["Location"] == at(case, "")
    assert "Half" in client.get(url).content.decode()


def test_autosave_answers_with_version_and_tells_of_a_conflict(cast: Cast, case: Case) -> None:
    client, other, url = cast.client("practitioner"), cast.client("manager"), at(case, "assessments/new/save/")
    first = client.post(url, {"version": "0", "op": "a", "rationale": "Mine", "pull_ticks": ["money"]})
    assert (first.status_code, first.json()["version"]) == (200, 1)
    second = other.post(url, {"version": "0", "op": "b", "rationale": "Theirs"})
    assert second.status_code == 409
    assert second.json() == {"theirs": {"rationale": "Mine", "pull_ticks": "money"}, "version": 1}
    page = other.post(at(case, "assessments/new/"), RATED | {"version": "0", "operation": "c"})
    assert page.status_code == 409
    assert "Not saved: somebody else has changed this page" in words(page)
    assert "Mine" in words(page)
    assert RATED["rationale"] in page.content.decode()  # nor is one's own lost


def test_the_advice_stands_there_only_when_all_is_scored(cast: Cast, case: Case) -> None:
    client, url = cast.client("practitioner"), at(case, "assessments/new/")
    assert "The scores add up" not in words(client.get(url))
    with acting_as(cast["practitioner"]):
        typed = all_scored(21)
    client.post(url, {"version": "0", "operation": "a", "later": "1"} | typed)
    assert "The scores add up to 21 of 36, which suggests: Significant. This is advice." in words(client.get(url))


def test_the_manager_answers_on_the_page_of_the_assessment(cast: Cast, case: Case) -> None:
    assess(cast, case, rating="emerging", lowering_reason="Calmer")
    manager, practitioner = cast.client("manager"), cast.client("practitioner")
    assert "waits for the manager" in words(practitioner.get(at(case, "")))
    (url, _) = links_to_one(manager, case, "assessments")
    assert "Is the lower rating right?" in words(manager.get(url))
    assert "Is the lower rating right?" not in words(practitioner.get(url))
    assert practitioner.post(url + "decide/", {"outcome": "confirmed"}).status_code == 403
    assert cast.client("coordinator").post(url + "decide/", {"outcome": "confirmed"}).status_code == 403
    answer = manager.post(url + "decide/", {"outcome": "sent_back"})
    assert (answer.status_code, "Say why you send it back" in words(answer)) == (422, True)
    assert manager.post(url + "decide/", {"outcome": "sent_back", "reason": "Too early"}).status_code == 302
    said = words(practitioner.get(url))
    assert "Sent back" in said
    assert "Too early" in said
    assert manager.post(url + "decide/", {"outcome": "confirmed"}).status_code == 422
    assert "waits for the manager" not in words(practitioner.get(at(case, "")))


def test_two_are_compared_whichever_way_they_are_chosen(cast: Cast, case: Case) -> None:
    assess(cast, case, rating="significant")
    client = cast.client("practitioner")
    new, old = (link.split("/")[-2] for link in links_to_one(client, case, "assessments"))
    url = at(case, "assessments/compare/")
    said = words(client.get(url, {"one": new, "other": old}))
    assert "Rating Moderate Significant Higher: Moderate to significant" in said
    assert said == words(client.get(url, {"one": old, "other": new})) or "Higher: Moderate to significant" in words(
        client.get(url, {"one": old, "other": new})
    )
    assert client.get(url, {"one": new, "other": new}).status_code == 422
    assert client.get(url, {"one": new, "other": "nonsense"}).status_code == 422


def test_the_key_of_one_case_opens_nothing_of_another(cast: Cast, case: Case) -> None:
    other = open_case(cast, child=another_child(1))
    client = cast.client("practitioner")
    for what in ("assessments", "plans"):
        (link,) = links_to_one(client, other, what)
        key = link.split("/")[-2]
        assert client.get(at(other, f"{what}/{key}/")).status_code == 200
        assert client.get(at(case, f"{what}/{key}/")).status_code == 404
        assert client.get(at(case, f"{what}/nonsense/")).status_code == 404


# --- Levels kept apart -----------------------------------------------------------------------------------------------


def test_levels_stand_beside_the_rating_and_never_in_it(cast: Cast, case: Case) -> None:
    assess(cast, case, cse_level="red", cce_level="blue")
    client = cast.client("practitioner")
    said = words(client.get(links_to_one(client, case, "assessments")[0]))
    assert "Levels kept apart from the rating Sexual exploitation Red Criminal exploitation Blue" in said
    page = words(client.get(at(case, "")))
    assert "Sexual exploitation, apart from the rating Red" in page
    assert "Rating Moderate" in page
    journey = words(client.get(at(case, "journey/")))
    assert "Red" not in journey
    assert "Blue" not in journey


# --- Plans -----------------------------------------------------------------------------------------------------------


def test_a_plan_is_written_listed_and_asked_for_by_day(cast: Cast, case: Case) -> None:
    client, url = cast.client("practitioner"), at(case, "plans/new/")
    page = client.get(url)
    assert "Taxi to and from school" in page.content.decode()
    sent = hidden(page) | PLANNED
    assert client.post(url, sent | {"made_with_ticks": []}).status_code == 422
    sent |= hidden(client.get(url))
    answer = client.post(url, sent, follow=True)
    assert "Version 2 of the safety plan is in force" in words(answer)
    with acting_as(cast["practitioner"]):
        assert SafetyPlan.objects.count() == 2
    before = words(client.get(at(case, "plans/?on=2026-03-19")))
    assert "On 19 March 2026: version 1" in before
    assert "In force from 2 March 2026 until 20 March 2026, when another version took its place." in before
    boxes = {"on_day": "20", "on_month": "3", "on_year": "2026"}
    assert "On 20 March 2026: version 2" in words(client.get(at(case, "plans/"), boxes))
    assert "No safety plan was in force on 1 March 2026" in words(client.get(at(case, "plans/?on=2026-03-01")))
    assert client.get(at(case, "plans/"), boxes | {"on_day": "40"}).status_code == 422
    one = words(client.get(links_to_one(client, case, "plans")[0]))
    assert "A mentor Safe Harbour no date Under way" in one
    assert "made with The child; Parents or carers" in words(client.get(at(case, "")))


def test_more_steps_are_kept_and_added(cast: Cast, case: Case) -> None:
    client, url = cast.client("practitioner"), at(case, "plans/new/")
    answer = client.post(url, hidden(client.get(url)) | PLANNED | {"rows": "5", "more": "1"})
    assert answer.headers["Location"] == url
    page = client.get(url).content.decode()
    assert ("step_7_text" in page, "A mentor" in page) == (True, True)


# --- Voice -----------------------------------------------------------------------------------------------------------


def test_what_the_child_says_is_added_and_shown(cast: Cast, case: Case) -> None:
    client, url = cast.client("practitioner"), at(case, "voice/new/")
    page = client.get(url)
    assert client.post(url, hidden(page)).status_code == 422
    day = {"said_on_day": "19", "said_on_month": "3", "said_on_year": "2026"}
    sent = hidden(page) | day | {"words_said": "Nobody asked me", "way": "drawing", "themes": ["home"]}
    assert client.post(url, sent).status_code == client.post(url, sent).status_code == 302
    with acting_as(cast["practitioner"]):
        assert ChildVoice.objects.count() == 2
    assert words(client.get(at(case, ""))).count("Nobody asked me") == 2  # the newest, and in the history


def test_a_voice_that_is_missing_is_said_on_the_case_and_found_in_the_list(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, missing = cast.client("coordinator"), "Nothing of what the child says came on record in the last 12 weeks"
    assert missing not in words(client.get(at(case, "")))
    assert case.reference not in words(client.get("/cases/?voice=missing"))
    assert "On every open case" in words(client.get("/voices/"))
    monkeypatch.setattr(clock, "now", lambda: london_time(dt.date(2026, 6, 1), 9))
    assert missing in words(client.get(at(case, "")))
    assert "On 1 open case nothing" in words(client.get("/voices/"))
    listed = words(client.get("/cases/?voice=missing&columns=heard&columns=case"))
    assert f"{case.reference} 2 Mar 2026" in listed


def test_who_does_not_see_the_case_in_full_is_told_nothing_of_its_voice(cast: Cast, case: Case) -> None:
    published_meeting(cast, case, invite=("police",))
    client = cast.client("police_lead")
    listed = words(client.get("/cases/?columns=heard&columns=case"))
    assert case.reference in listed
    assert "2 Mar 2026" not in listed
    assert "never" not in listed
    assert case.reference not in words(client.get("/cases/?voice=missing"))


# --- The journey and the history -------------------------------------------------------------------------------------


def test_the_journey_sets_ratings_apart_with_what_was_done_beside_them(cast: Cast, case: Case) -> None:
    assess(cast, case, rating="significant", **all_scored_by(cast, 12))
    plan(cast, case)
    coordinator = cast["coordinator"]
    with acting_as(coordinator):
        agree_rating(case=case, rating="emerging", source="Pre-MACE panel", by=coordinator, at=LATER)
    own_list(cast, "risk_domain", shipped_for(cast)[:2])
    assess(cast, case, at=LATER + dt.timedelta(days=2), rating="significant", **all_scored_by(cast, 4))
    page = words(cast.client("practitioner").get(at(case, "journey/")))
    for said in (
        "Rating as assessed by practitioners",
        "Rating as agreed by panels",
        "Total of the scores, by this version of the tool: Shipped",
        "Total of the scores, by this version of the tool: Own version 1",
        "2 Mar 2026 Rating, as assessed Moderate, Practitioner",
        "16 Mar 2026 Rating, as assessed Significant, Practitioner",
        "16 Mar 2026 Total of the scores 12 of 36 (tool: Shipped)",
        "18 Mar 2026 Total of the scores 4 of 6 (tool: Own version 1)",
        "16 Mar 2026 Rating, as agreed Emerging, Pre-MACE panel",
        "16 Mar 2026 What was done Safety plan, version 2",
        "2 Mar 2026 What was done Opened at Pre-MACE",
    ):
        assert said in page, said


def all_scored_by(cast: Cast, total: int) -> dict[str, str]:
    with acting_as(cast["practitioner"]):
        return all_scored(total)


def shipped_for(cast: Cast) -> list[dict[str, Any]]:
    with acting_as(cast["practitioner"]):
        return shipped("risk_domain")


def test_who_sees_a_summary_sees_agreed_ratings_only(cast: Cast, case: Case) -> None:
    published_meeting(cast, case, invite=("police",))
    coordinator = cast["coordinator"]
    with acting_as(coordinator):
        agree_rating(case=case, rating="significant", source="Pre-MACE panel", by=coordinator, at=LATER)
    page = words(cast.client("police_lead").get(at(case, "journey/")))
    assert "Rating, as agreed Significant, Pre-MACE panel" in page
    for said in ("as assessed", "Safety plan", "Total of the scores"):
        assert said not in page, said


def test_an_assessment_that_waits_is_no_point_of_the_line(cast: Cast, case: Case) -> None:
    assess(cast, case, rating="emerging", lowering_reason="Calmer")
    page = words(cast.client("practitioner").get(at(case, "journey/")))
    assert "Emerging, Practitioner (waits for the manager)" in page
    assert "Rated emerging" not in page


def test_the_history_says_every_version_and_not_the_last_alone(cast: Cast, case: Case) -> None:
    assess(cast, case, rating="significant")
    plan(cast, case)
    history = words(cast.client("practitioner").get(at(case, "history/")))
    for said in (
        "Assessed: Significant",
        "Assessed: Moderate",
        "Safety plan, version 2",
        "Safety plan, version 1",
        "What the child says",
    ):
        assert said in history, said


def test_pages_cost_the_same_for_one_and_for_many(cast: Cast, case: Case) -> None:
    client, coordinator = cast.client("practitioner"), cast.client("coordinator")
    pages = ["assessments/", "plans/", "journey/", "assessments/new/", "plans/new/", ""]
    first = [statements(client, at(case, page)) for page in pages] + [statements(coordinator, "/voices/")]
    for number in range(6):
        assess(cast, case, at=LATER + dt.timedelta(hours=number), rating="significant")
        plan(cast, case, at=LATER + dt.timedelta(hours=number))
    many = [statements(client, at(case, page)) for page in pages] + [statements(coordinator, "/voices/")]
    assert many == first
    empty = statements(client, reverse("referrals:new"))
    assert [cost - empty for cost in first] == COST


COST = [4, 4, 3, 5, 5, 3, 5]
"""Statements of each page beyond those of an empty one."""


def test_the_emergency_page_goes_on_showing_the_last_plan_alone(cast: Cast, case: Case) -> None:
    with as_owner():
        old = SafetyPlan.objects.get(record_id=case.pk)
    made = plan(cast, case)
    with acting_as(cast["practitioner"]):
        shown = last_plan(case)
    assert shown is not None
    assert (shown.plan, old.version) == (made, 1)
    assert [step.text for step in shown.steps] == ["A mentor"]
