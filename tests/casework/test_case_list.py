"""The list of cases, narrowed: by state, tier, rating and whose they are, only ever among what the seat may see."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from mace.access import selectors
from mace.access.models import Scope
from mace.core.seat import acting_as
from referrals.models import Case
from referrals.services import agree_rating, close_tier, escalate_case
from tests.casework.test_case_page import LIST_STATEMENTS
from tests.dashboards.markup import Markup
from tests.factories.cast import Cast
from tests.factories.referrals import MONDAY, STUCK, another_child, open_case
from tests.factories.sharing import shared

URL = reverse("casework:cases")
LATER = MONDAY + dt.timedelta(days=14)


@pytest.fixture
def cases(cast: Cast) -> dict[str, Case]:
    """As they come, one whose rating went up, one closed, one at both tiers and one that somebody else leads."""
    names = ("plain", "high", "closed", "both")
    made = {name: open_case(cast, child=another_child(at)) for at, name in enumerate(names)}
    made["theirs"] = open_case(cast, child=another_child(7), lead="other_practitioner")
    by: dict[str, Any] = {"by": cast["coordinator"], "at": LATER}
    with acting_as(cast["coordinator"]):
        agree_rating(case=made["high"], rating="significant", source="Panel", **by)
        close_tier(case=made["closed"], tier="pre_mace", outcome="closed", reason="Safe", **by)
        escalate_case(case=made["both"], reason="Stuck", criteria=STUCK, **by)
    return made


def listed(client: Client, cases: dict[str, Case], **chosen: str) -> set[str]:
    answer = client.get(URL, chosen)
    assert answer.status_code == 200
    found = re.findall(r'app-nowrap">(C-[0-9A-Z-]+)<', answer.content.decode())
    assert len(found) == len(set(found))
    names = {case.reference: name for name, case in cases.items()}
    return {names[reference] for reference in found}


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, {"plain", "high", "closed", "both", "theirs"}),
        ({"state": "open"}, {"plain", "high", "both", "theirs"}),
        ({"state": "closed"}, {"closed"}),
        ({"tier": "pre_mace"}, {"plain", "high", "both", "theirs"}),
        ({"tier": "mace"}, {"both"}),
        ({"tier": "over_18"}, set()),
        ({"rating": "significant"}, {"high"}),
        ({"rating": "moderate", "state": "open"}, {"plain", "both", "theirs"}),
        ({"rating": "emerging"}, set()),
        ({"state": "closed", "tier": "mace"}, set()),
    ],
)
def test_the_list_is_narrowed_by_what_is_chosen(
    cast: Cast, cases: dict[str, Case], chosen: dict[str, str], expected: set[str]
) -> None:
    client = cast.client("coordinator")
    assert listed(client, cases, **chosen) == expected
    body = client.get(URL, chosen).content.decode()
    Markup(body).check()
    assert ("Show all" in body) == bool(chosen)
    for name, value in chosen.items():
        assert re.search(rf'<select[^>]*name="{name}".*?<option value="{value}" selected', body, re.DOTALL)


def test_one_narrows_to_what_one_leads_or_coordinates(cast: Cast, cases: dict[str, Case]) -> None:
    assert listed(cast.client("coordinator"), cases, whose="mine") == set(cases)
    assert listed(cast.client("practitioner"), cases, whose="mine") == {"plain", "high", "closed", "both"}
    assert listed(cast.client("other_practitioner"), cases, whose="mine") == {"theirs"}
    assert listed(cast.client("social_care_lead"), cases, whose="mine") == set()
    assert listed(cast.client("social_care_lead"), cases) != set()


def test_nothing_is_told_by_narrowing_that_the_list_does_not_show(cast: Cast, cases: dict[str, Case]) -> None:
    """Below summary there is no rating to narrow by, and what was not shared is in no list."""
    shared(cast, cases["high"].pk, "police", Scope.IDENTITY)
    shared(cast, cases["plain"].pk, "police", Scope.SUMMARY)
    client = cast.client("police_lead")
    assert listed(client, cases) == {"high", "plain"}
    assert listed(client, cases, rating="significant") == set()
    assert listed(client, cases, rating="moderate") == {"plain"}
    assert listed(client, cases, state="closed") == set()
    assert listed(cast.client("stranger_coordinator"), cases, state="open") == set()


def test_a_choice_that_nobody_offered_is_said_to_be_none_and_lists_everything(
    cast: Cast, cases: dict[str, Case]
) -> None:
    for chosen in ({"rating": "purple"}, {"tier": "' or 1=1 --"}, {"state": "x" * 4000}):
        answer = cast.client("coordinator").get(URL, chosen)
        assert answer.status_code == 422
        assert "There is a problem" in answer.content.decode()


def test_pages_of_a_narrowed_list_go_on_with_what_was_chosen(
    cast: Cast, cases: dict[str, Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three cases are looked through at a time, so that a page may be empty and yet be followed by another."""
    monkeypatch.setattr(selectors, "CAP", 3)
    client, chosen, found, pages = cast.client("coordinator"), {"rating": "moderate"}, set[str](), 0
    following = f"{URL}?rating=moderate"
    while following:
        body = client.get(following.replace("&amp;", "&")).content.decode()
        found |= set(re.findall(r'app-nowrap">(C-[0-9A-Z-]+)<', body))
        match = re.search(r'href="(/cases/\?[^"]*after=[^"]+)"', body)
        following, pages = match[1] if match else "", pages + 1
    assert pages == 2
    assert found == {case.reference for name, case in cases.items() if name != "high"}
    monkeypatch.setattr(selectors, "CAP", 1)
    body = client.get(URL, {"rating": "significant"}).content.decode()
    assert "Older ones may be" in body
    assert 'rel="next"' in body
    assert listed(client, cases, **chosen) == {"theirs"}


def test_a_page_holds_twenty_five_and_the_next_begins_after_them(cast: Cast) -> None:
    made = {open_case(cast, child=another_child(number)).reference for number in range(27)}
    client = cast.client("coordinator")
    first = client.get(URL, {"state": "open"}).content.decode()
    match = re.search(r'href="(/cases/\?[^"]*after=[^"]+)"', first)
    assert match
    second = client.get(match[1].replace("&amp;", "&")).content.decode()
    shown = [re.findall(r'app-nowrap">(C-[0-9A-Z-]+)<', body) for body in (first, second)]
    assert [len(rows) for rows in shown] == [25, 2]
    assert {*shown[0], *shown[1]} == made
    assert 'rel="next"' not in second
    assert '<a class="govuk-link govuk-pagination__link" href="/cases/?state=open" rel="prev">' in second


def test_statements_do_not_grow_with_a_narrowed_list(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, chosen = cast.client("coordinator"), {"state": "open", "rating": "moderate", "whose": "mine"}
    open_case(cast, child=another_child(0))
    client.get(URL, chosen)
    for many in (1, 25):
        for number in range(many - 1):
            open_case(cast, child=another_child(number + 1))
        with django_assert_num_queries(LIST_STATEMENTS):
            assert client.get(URL, chosen).content.decode().count("app-nowrap") == many
