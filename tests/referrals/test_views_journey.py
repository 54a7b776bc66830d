"""The whole way without JavaScript: from a new referral to an accepted case, page by page in the browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mace.core.seat import acting_as
from referrals.enums import Section
from referrals.models import Case, DraftSection, Referral
from referrals.sections import SECTIONS
from tests.access import tables
from tests.factories.cast import Cast
from tests.factories.referrals import FILLED, every_criterion, submitted_referral


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def fill(client: Client, reference: str, section: str, **changes: Any) -> Any:
    url = reverse("referrals:section", args=[reference, section])
    page = client.get(url).content.decode()
    data = {name: hidden(page, name) for name in ("version", "operation")}
    return client.post(url, data | FILLED[Section(section)] | changes)


def start(client: Client) -> str:
    page = client.get(reverse("referrals:new")).content.decode()
    answer = client.post(reverse("referrals:new"), {"operation": hidden(page, "operation")})
    assert answer.status_code == 302
    return answer["Location"].split("/")[2]


def test_from_new_to_accepted_without_scripts(cast: Cast) -> None:
    client = cast.client("practitioner")
    reference = start(client)
    tasks = reverse("referrals:tasks", args=[reference])
    assert "Cannot start yet" in client.get(tasks).content.decode()
    for section in SECTIONS:
        answer = fill(client, reference, section)
        assert answer.status_code == 302, (section, answer.content.decode())
        assert answer["Location"] == tasks
    page = client.get(tasks).content.decode()
    assert f"{len(SECTIONS)} of {len(SECTIONS)} pages are done" in page
    check = reverse("referrals:check", args=[reference])
    answers = client.get(check).content.decode()
    for words in (
        "Tamika",
        "27 March 2011",
        "County lines",
        "Her father may be involved.",
        "Moderate",
        "Anytown Station",
    ):
        assert words in answers, words
    assert client.post(check)["Location"] == reverse("referrals:submitted", args=[reference])
    assert client.post(check)["Location"] == reverse("referrals:submitted", args=[reference])
    assert reference in client.get(reverse("referrals:submitted", args=[reference])).content.decode()
    with acting_as(cast["practitioner"]):
        assert Referral.objects.count() == 1

    screening = cast.client("coordinator")
    queue = screening.get(reverse("referrals:screening")).content.decode()
    assert reference in queue
    assert "Tamika Brightwater" in queue
    screen = reverse("referrals:screen", args=[reference])
    page = screening.get(screen).content.decode()
    assert "I just want it to stop." in page
    lead = str(cast["practitioner"].membership_id)
    refused = screening.post(screen, {"decision": "accept", "lead_professional": lead, "reason": ""})
    assert refused.status_code == 422
    assert "Enter a reason" in refused.content.decode()
    accept = {"decision": "accept", "lead_professional": lead, "reason": "Meets the criteria"}
    unanswered = screening.post(screen, accept).content.decode()
    assert unanswered.count("Say whether this is met, not met or not known") == 10  # five, each with its link
    with acting_as(cast["coordinator"]):
        accept |= every_criterion("screening_criterion", "concern", "plan")
    answer = screening.post(screen, accept)
    assert answer["Location"] == reverse("referrals:screening")
    assert (
        reference
        not in screening.get(reverse("referrals:screening")).content.decode().split("<main")[1].split("app-messages")[0]
    )
    with acting_as(cast["coordinator"]):
        assert Case.objects.get().lead_professional_id == cast["practitioner"].membership_id
    assert "It belongs to case" in client.get(tasks).content.decode()


def test_double_click_starts_one_draft(cast: Cast) -> None:
    client = cast.client("practitioner")
    page = client.get(reverse("referrals:new")).content.decode()
    for _ in range(2):
        client.post(reverse("referrals:new"), {"operation": hidden(page, "operation")})
    with acting_as(cast["practitioner"]):
        assert Referral.objects.count() == 1
    start(client)
    with acting_as(cast["practitioner"]):
        assert Referral.objects.count() == 2


def test_save_button_keeps_what_is_not_valid_and_says_so(cast: Cast) -> None:
    client = cast.client("practitioner")
    reference = start(client)
    answer = fill(client, reference, "child", date_of_birth_month="13", nhs_number="1234567890")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Date of birth must be a real date" in page
    assert "Check the NHS number" in page
    assert 'value="13"' in page
    with acting_as(cast["practitioner"]):
        draft = DraftSection.objects.get()
        assert (draft.complete, draft.data["date_of_birth_month"], draft.data["forename"]) == (False, "13", "Tamika")
    again = client.get(reverse("referrals:section", args=[reference, "child"])).content.decode()
    assert 'value="1234567890"' in again
    assert "There is a problem" not in again


def test_come_back_later_keeps_and_asks_nothing(cast: Cast) -> None:
    client = cast.client("practitioner")
    reference = start(client)
    answer = client.post(
        reverse("referrals:section", args=[reference, "voice"]),
        {"words_said": "", "wants": "Sleep", "version": "0", "later": "1"},
    )
    assert answer["Location"] == reverse("referrals:tasks", args=[reference])
    assert "In progress" in client.get(answer["Location"]).content.decode()
    assert "Sleep" in client.get(reverse("referrals:section", args=[reference, "voice"])).content.decode()


def test_more_rows_without_scripts(cast: Cast) -> None:
    client = cast.client("practitioner")
    reference = start(client)
    url = reverse("referrals:section", args=[reference, "plan"])
    assert 'name="step_5_text"' not in client.get(url).content.decode()
    client.post(url, FILLED[Section.PLAN] | {"rows": "5", "version": "0", "more": "1"})
    page = client.get(url).content.decode()
    assert 'name="step_7_text"' in page
    assert 'name="step_8_text"' not in page
    assert "Taxi to and from school" in page
    assert fill(client, reference, "plan", rows="8", step_7_text="Call", step_7_who="Nan").status_code == 302
    with acting_as(cast["practitioner"]):
        assert DraftSection.objects.get().data["step_7_text"] == "Call"


def autosave(client: Client, reference: str, section: str, **data: str) -> Any:
    return client.post(
        reverse("referrals:save_section", args=[reference, section]), data, headers={"accept": "application/json"}
    )


def test_autosave_answers_time_and_version_and_a_retry_is_one_save(cast: Cast) -> None:
    client = cast.client("practitioner")
    reference = start(client)
    first = autosave(client, reference, "voice", words_said="I am", version="0", op="a1")
    assert first.status_code == 200
    assert first.json()["version"] == 1
    assert autosave(client, reference, "voice", words_said="I am", version="0", op="a1").json() == first.json()
    second = autosave(client, reference, "voice", words_said="I am fine", version="1", op="a2")
    assert second.json()["version"] == 2


def test_conflict_gives_both_texts(cast: Cast) -> None:
    client = cast.client("practitioner")
    reference = start(client)
    autosave(client, reference, "voice", words_said="Mine", version="0", op="a")
    answer = autosave(client, reference, "voice", words_said="Other", wants="", version="0", op="b")
    assert (answer.status_code, answer.json()) == (409, {"theirs": {"words_said": "Mine"}, "version": 1})
    page = client.post(
        reverse("referrals:section", args=[reference, "voice"]),
        {"words_said": "Other", "version": "0", "operation": "c"},
    )
    assert page.status_code == 409
    text = page.content.decode()
    assert "<dd>Mine</dd>" in text
    assert ">\nOther</textarea>" in text
    assert hidden(text, "version") == "1"
    with acting_as(cast["practitioner"]):
        assert DraftSection.objects.get().data["words_said"] == "Mine"


def test_back_button_does_not_conflict_with_oneself(cast: Cast) -> None:
    """The same page sent again with other content: nobody else saved in between, so it stands."""
    client = cast.client("practitioner")
    reference = start(client)
    url = reverse("referrals:section", args=[reference, "voice"])
    client.post(url, {"words_said": "One", "version": "0", "operation": "same"})
    client.post(url, {"words_said": "Two", "version": "0", "operation": "same"})
    with acting_as(cast["practitioner"]):
        assert DraftSection.objects.get().data["words_said"] == "Two"


def test_duplicate_is_shown_before_a_record_is_made(cast: Cast) -> None:
    known = submitted_referral(cast, by="other_practitioner")
    client = cast.client("practitioner")
    reference = start(client)
    answer = fill(client, reference, "child", forename="Tameka", surname="Britewater")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This may be the same child" in page
    assert "Same date of birth, name sounds alike" in page
    assert "1 Invented Road" not in page.replace(FILLED[Section.CHILD]["address"], "", 1)
    with acting_as(cast["practitioner"]):
        assert not Referral.objects.filter(reference=known.reference).exists()
    with acting_as(cast["coordinator"]):
        child = Referral.objects.get(reference=known.reference).child
    assert child is not None
    assert child.reference in page
    assert (
        fill(client, reference, "child", forename="Tameka", surname="Britewater", same_as="nonsense").status_code == 422
    )
    answer = fill(client, reference, "child", forename="Tameka", surname="Britewater", same_as=child.reference)
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("practitioner", 200),
        ("manager", 200),
        ("coordinator", 200),
        ("other_practitioner", 404),
        ("police_lead", 404),
        ("police_member", 404),
        ("chair", 404),
        ("stranger_coordinator", 404),
        ("stranger_practitioner", 404),
        ("board", 404),
        ("analyst", 403),
        ("ig", 403),
        ("admin", 403),
    ],
)
def test_who_opens_a_submitted_referral(cast: Cast, name: str, seen: int) -> None:
    made = submitted_referral(cast)
    answer = cast.client(name).get(reverse("referrals:tasks", args=[made.reference]))
    assert answer.status_code == seen
    assert ("Tamika" in answer.content.decode()) is (seen == 200)


def without_token(answer: Any) -> str:
    return tables.without_token(answer.content).decode()


def test_hidden_and_absent_answer_alike(cast: Cast) -> None:
    made = submitted_referral(cast)
    client = cast.client("stranger_coordinator")
    for name in ("tasks", "screen", "check", "submitted", "withdraw"):
        there = client.get(reverse(f"referrals:{name}", args=[made.reference]))
        nowhere = client.get(reverse(f"referrals:{name}", args=["R-0000-0000"]))
        assert there.status_code == nowhere.status_code == 404
        assert without_token(there) == without_token(nowhere)


def test_coordinator_may_read_but_not_write_another_s_referral(cast: Cast) -> None:
    made = submitted_referral(cast)
    client = cast.client("coordinator")
    assert client.get(reverse("referrals:section", args=[made.reference, "voice"])).status_code == 403
    assert autosave(client, made.reference, "voice", words_said="x", version="1", op="z").status_code == 403
    assert client.get(reverse("referrals:check", args=[made.reference])).status_code == 403


def test_unknown_page_is_404(cast: Cast) -> None:
    client = cast.client("practitioner")
    reference = start(client)
    assert client.get(f"/referrals/{reference}/pages/nonsense/").status_code == 404
    assert client.get(reverse("referrals:save_section", args=[reference, "voice"])).status_code == 405


def test_returned_referral_is_mended_and_sent_again(cast: Cast) -> None:
    made = submitted_referral(cast)
    screening = cast.client("coordinator")
    screen = reverse("referrals:screen", args=[made.reference])
    assert screening.post(screen, {"decision": "return", "reason": "Which police report?"}).status_code == 302
    client = cast.client("practitioner")
    page = client.get(reverse("referrals:tasks", args=[made.reference])).content.decode()
    assert "Which police report?" in page
    assert "this is missing" in page
    answer = fill(
        client,
        made.reference,
        "prerequisites",
        police_report_met="yes",
        police_report_on_day="1",
        police_report_on_month="3",
        police_report_on_year="2026",
        police_report_detail="87a/123",
    )
    assert answer.status_code == 302
    client.post(reverse("referrals:check", args=[made.reference]))
    assert "87a/123" in screening.get(screen).content.decode()


def test_nonsense_gets_plain_words_and_no_fault(cast: Cast) -> None:
    client = cast.client("practitioner")
    reference = start(client)
    nonsense = {
        "forename": "\x00<b>",
        "sex": "X",
        "ethnicity": "ZZZZ",
        "date_of_birth_day": "٣",
        "rows": "99999",
        "version": "abc",
    }
    answer = client.post(reverse("referrals:section", args=[reference, "child"]), nonsense)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<b>" not in page.split("<main")[1].replace("<b>", "", 0).split("govuk-error-summary")[0]
    assert "Enter last name" in page
    for section in ("concern", "prerequisites", "told", "voice", "risk", "plan"):
        url = reverse("referrals:section", args=[reference, section])
        answer = client.post(url, dict.fromkeys(FILLED[Section(section)], "\x00☃" * 3000) | {"rows": "-1"})
        assert answer.status_code == 422, section
        assert "There is a problem" in answer.content.decode()


def test_submit_of_an_incomplete_draft_names_the_page(cast: Cast) -> None:
    client = cast.client("practitioner")
    reference = start(client)
    answer = client.post(reverse("referrals:check", args=[reference]))
    assert answer.status_code == 422
    assert "‘The child’ is not complete" in answer.content.decode()
