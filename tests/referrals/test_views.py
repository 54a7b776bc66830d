"""Pages of referrals one by one: refusals, texts that stay, number of statements."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mace.audit.models import ReadEntry
from mace.core import clock
from mace.core.seat import acting_as
from referrals.models import Referral
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import (
    FILLED,
    MONDAY,
    another_child,
    draft_referral,
    every_criterion,
    open_case,
    submitted_referral,
)
from tests.referrals.test_reviews import made_review


def statements(client: Client, url: str) -> int:
    """How many statements a page costs, sign-in and read log included."""
    client.get(url)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_lists_cost_the_same_for_1_and_for_25(cast: Cast) -> None:
    client, screening = cast.client("practitioner"), cast.client("coordinator")
    own, queue, reviews = reverse("referrals:list"), reverse("referrals:screening"), reverse("panels:reviews")

    def fill(numbers: range) -> None:
        for number in numbers:
            submitted_referral(cast, child=another_child(number))
            made_review(cast, open_case(cast, child=another_child(number + 100)))

    fill(range(1))
    first = (statements(client, own), statements(screening, queue), statements(client, reviews))
    fill(range(1, 25))
    assert (statements(client, own), statements(screening, queue), statements(client, reviews)) == first
    empty = statements(client, reverse("referrals:new"))
    assert [cost - empty for cost in first] == [3, 2, 2]


def test_pages_cost_what_they_cost(cast: Cast) -> None:
    client, screening = cast.client("practitioner"), cast.client("coordinator")
    draft = draft_referral(cast, child=another_child(1))
    sent = submitted_referral(cast)
    empty = statements(client, reverse("referrals:new"))
    assert statements(client, reverse("referrals:tasks", args=[draft.reference])) - empty == 4
    assert statements(client, reverse("referrals:section", args=[draft.reference, "risk"])) - empty == 4
    assert statements(client, reverse("referrals:section", args=[draft.reference, "child"])) - empty == 5
    assert statements(client, reverse("referrals:check", args=[draft.reference])) - empty == 7
    assert statements(client, reverse("referrals:tasks", args=[sent.reference])) - empty == 4
    assert statements(screening, reverse("referrals:screen", args=[sent.reference])) - empty == 10


def test_list_is_empty_and_says_what_will_appear(cast: Cast) -> None:
    assert "No referrals yet" in cast.client("practitioner").get(reverse("referrals:list")).content.decode()
    assert "Nothing waits" in cast.client("coordinator").get(reverse("referrals:screening")).content.decode()
    assert "No review is open" in cast.client("practitioner").get(reverse("panels:reviews")).content.decode()


def test_draft_shows_its_typed_name_in_the_list(cast: Cast) -> None:
    draft_referral(cast)
    page = cast.client("practitioner").get(reverse("referrals:list")).content.decode()
    assert "Tamika Brightwater" in page
    assert "Draft" in page


def test_what_is_shown_is_put_on_record(cast: Cast) -> None:
    sent = submitted_referral(cast)
    cast.client("coordinator").get(reverse("referrals:screen", args=[sent.reference]))
    cast.client("stranger_coordinator").get(reverse("referrals:screen", args=[sent.reference]))
    with as_owner():
        entries = list(
            ReadEntry.objects.order_by("pk").values_list("membership_id", "action", "reference", "record_id", "refused")
        )
    assert entries == [
        (cast["coordinator"].membership_id, "screening page", sent.reference, sent.record_id, False),
        (cast["stranger_coordinator"].membership_id, "referrals:screen", sent.reference, None, True),
    ]


@pytest.mark.parametrize("name", ["practitioner", "manager", "police_lead", "board", "analyst", "ig", "admin"])
def test_screening_is_for_coordinator_and_chair(cast: Cast, name: str) -> None:
    sent = submitted_referral(cast)
    client = cast.client(name)
    assert client.get(reverse("referrals:screening")).status_code == 403
    url = reverse("referrals:screen", args=[sent.reference])
    assert client.get(url).status_code == client.post(url, {"decision": "decline", "reason": "x"}).status_code == 403
    with acting_as(cast["coordinator"]):
        assert Referral.objects.get().status == "submitted"


def test_partner_without_leave_to_refer_is_refused_and_with_leave_is_not(cast: Cast) -> None:
    assert cast.client("police_member").get(reverse("referrals:new")).status_code == 403
    assert cast.client("voluntary_member").get(reverse("referrals:new")).status_code == 200


def test_not_signed_in_is_asked_to_sign_in(client: Client, db: None) -> None:
    assert client.get(reverse("referrals:list"))["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Select an answer to ‘What is your decision?’"),
        ({"decision": "redirect", "reason": "Because"}, "Enter the service that is the right one"),
        ({"decision": "accept", "reason": "Because"}, "Choose the lead professional"),
        ({"decision": "nonsense", "reason": "Because"}, ": select one of the answers on the page"),
        ({"decision": "accept", "reason": "Because", "lead_professional": "999999"}, ": select one of the answers"),
    ],
)
def test_screening_says_what_is_missing_and_keeps_what_was_typed(cast: Cast, data: dict[str, str], words: str) -> None:
    sent = submitted_referral(cast)
    answer = cast.client("coordinator").post(reverse("referrals:screen", args=[sent.reference]), data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert data.get("reason", "") in page


def test_screening_a_decided_referral_shows_it_instead(cast: Cast) -> None:
    case = open_case(cast)
    client = cast.client("coordinator")
    with acting_as(cast["coordinator"]):
        reference = Referral.objects.get().reference
    url = reverse("referrals:screen", args=[reference])
    there = reverse("referrals:tasks", args=[reference])
    assert client.get(url)["Location"] == there
    assert client.post(url, {"decision": "decline", "reason": "x"})["Location"] == there
    assert case.reference in client.get(there).content.decode()


def test_open_case_of_the_child_is_shown_and_joined(cast: Cast) -> None:
    case = open_case(cast)
    with acting_as(cast["coordinator"]):
        reference = Referral.objects.get().child.reference  # type: ignore[union-attr]
    further = submitted_referral(cast, by="other_practitioner", child={"same_as": reference})
    client = cast.client("coordinator")
    url = reverse("referrals:screen", args=[further.reference])
    page = client.get(url).content.decode()
    assert "This child has an open case here" in page
    assert case.reference in page
    assert 'name="lead_professional"' not in page
    assert client.post(url, {"decision": "accept", "reason": "Same matter"}).status_code == 422
    with acting_as(cast["coordinator"]):
        answers = every_criterion("screening_criterion", "concern")
    assert client.post(url, answers | {"decision": "accept", "reason": "Same matter"}).status_code == 302
    with acting_as(cast["coordinator"]):
        assert Referral.objects.get(pk=further.pk).case_id == case.pk


def test_withdrawing_asks_why_only_when_it_was_sent(cast: Cast) -> None:
    client = cast.client("practitioner")
    draft = draft_referral(cast, child=another_child(4))
    assert client.post(reverse("referrals:withdraw", args=[draft.reference])).status_code == 302
    sent = submitted_referral(cast)
    url = reverse("referrals:withdraw", args=[sent.reference])
    refused = client.post(url, {"reason": ""})
    assert refused.status_code == 422
    assert "Enter an answer to" in refused.content.decode()
    assert client.post(url, {"reason": "Moved away"})["Location"] == reverse("referrals:list")
    assert "Moved away" in client.get(reverse("referrals:tasks", args=[sent.reference])).content.decode()
    assert client.get(url)["Location"] == reverse("referrals:tasks", args=[sent.reference])
    assert cast.client("coordinator").get(url).status_code == 403


def test_sent_referral_s_pages_lead_back_to_it(cast: Cast) -> None:
    sent = submitted_referral(cast)
    client = cast.client("practitioner")
    there = reverse("referrals:tasks", args=[sent.reference])
    assert client.get(reverse("referrals:section", args=[sent.reference, "voice"]))["Location"] == there
    assert client.get(reverse("referrals:check", args=[sent.reference]))["Location"] == there
    save = client.post(reverse("referrals:save_section", args=[sent.reference, "voice"]), {"version": "1"})
    assert save.status_code == 422
    draft = draft_referral(cast, child=another_child(5))
    assert client.get(reverse("referrals:submitted", args=[draft.reference]))["Location"] == reverse(
        "referrals:tasks", args=[draft.reference]
    )


def test_change_link_leads_back_to_the_answers(cast: Cast) -> None:
    draft = draft_referral(cast)
    client = cast.client("practitioner")
    check = reverse("referrals:check", args=[draft.reference])
    section = reverse("referrals:section", args=[draft.reference, "voice"])
    assert f'href="{section}?from=check"' in client.get(check).content.decode()
    assert 'name="return" value="check"' in client.get(f"{section}?from=check").content.decode()
    answer = client.post(section, FILLED["voice"] | {"version": "1", "return": "check"})
    assert answer["Location"] == check


def test_waiting_is_told_in_days(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    submitted_referral(cast)
    client = cast.client("coordinator")
    for days, words in ((0, "sent today"), (1, "1 day<"), (12, "12 days")):
        monkeypatch.setattr(clock, "today", lambda days=days: MONDAY.date() + dt.timedelta(days=days))
        assert words in client.get(reverse("referrals:screening")).content.decode()


def test_ratings_come_with_their_descriptors(cast: Cast) -> None:
    draft = draft_referral(cast)
    page = (
        cast.client("practitioner").get(reverse("referrals:section", args=[draft.reference, "risk"])).content.decode()
    )
    assert "no immediate or urgent safeguarding concern" in page
    assert page.count('_score"') >= 12
    assert "it never decides" in page
