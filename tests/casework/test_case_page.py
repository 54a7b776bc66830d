"""The page of a case at each scope, the list, the search."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from mace.access.models import Scope
from mace.access.services import withdraw
from mace.audit.models import ReadEntry
from mace.core.seat import acting_as
from panels.models import Action
from panels.services.actions import create_action
from referrals.models import Case
from tests.access.tables import without_token
from tests.factories.cast import Cast
from tests.factories.referrals import MONDAY, another_child, open_case
from tests.factories.sharing import shared

ACCOUNT = "Found on 27 February in a house 60 miles away"
SHORT = "May be made to carry drugs by older people."
NAME = "Tamika Brightwater"
LIST_STATEMENTS = 6
CASE_STATEMENTS = 7


def page(client: Client, case: Case) -> str:
    answer = client.get(reverse("casework:case", args=[case.reference]))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("name", ["practitioner", "manager", "coordinator", "social_care_lead"])
def test_who_works_with_the_child_sees_all_of_it(cast: Cast, name: str) -> None:
    case = open_case(cast)
    body = page(cast.client(name), case)
    for text in (NAME, SHORT, ACCOUNT, "I just want it to stop.", "Her mother; football.", "Taxi to and from school"):
        assert text in body
    assert "Moderate" in body


def test_identity_scope_shows_who_the_child_is_and_nothing_of_the_concern(cast: Cast) -> None:
    case = open_case(cast)
    shared(cast, case.pk, "police", Scope.IDENTITY)
    body = page(cast.client("police_lead"), case)
    for text in (NAME, "1 Invented Road", case.reference, "coordinator@example.org"):
        assert text in body
    for text in (
        SHORT,
        ACCOUNT,
        "Moderate",
        "county lines",
        "County lines",
        "I just want it to stop.",
        "Afro",
        "Opened at",
    ):
        assert text not in body


def test_summary_scope_shows_rating_and_short_account_and_not_the_referral(cast: Cast) -> None:
    case = open_case(cast)
    shared(cast, case.pk, "police", Scope.SUMMARY)
    body = page(cast.client("police_lead"), case)
    for text in (NAME, SHORT, "Moderate", "County lines", "Opened at Pre-MACE"):
        assert text in body
    for text in (
        ACCOUNT,
        "I just want it to stop.",
        "Taxi to and from school",
        "12-week reviews",
        "People, places and themes",
    ):
        assert text not in body


@pytest.mark.parametrize("name", ["stranger_police", "stranger_coordinator", "other_practitioner", "health_lead"])
def test_hidden_case_answers_like_one_that_does_not_exist(cast: Cast, name: str) -> None:
    case = open_case(cast)
    assert ACCOUNT in page(cast.client("coordinator"), case)
    client = cast.client(name)
    for view in ("casework:case", "casework:case_sharing"):
        hidden = client.get(reverse(view, args=[case.reference]))
        absent = client.get(reverse(view, args=["C-0000-0000"]))
        assert hidden.status_code == absent.status_code == 404
        assert without_token(hidden.content) == without_token(absent.content)
        assert {k: v for k, v in hidden.headers.items() if k != "Set-Cookie"} == {
            k: v for k, v in absent.headers.items() if k != "Set-Cookie"
        }


def test_after_withdrawal_the_agency_finds_nothing(cast: Cast) -> None:
    case = open_case(cast)
    shared(cast, case.pk, "police", Scope.FULL)
    client = cast.client("police_lead")
    assert ACCOUNT in page(client, case)
    with acting_as(cast["coordinator"]):
        withdraw(record_id=case.pk, agency=cast.agencies["police"], reason="Done", by=cast["coordinator"], at=MONDAY)
    assert client.get(reverse("casework:case", args=[case.reference])).status_code == 404
    assert NAME not in client.get(reverse("casework:cases")).content.decode()


@pytest.mark.parametrize("name", ["analyst", "ig", "admin"])
def test_roles_without_case_content_have_no_case_pages(cast: Cast, name: str) -> None:
    case = open_case(cast)
    client = cast.client(name)
    for url in (reverse("casework:cases"), reverse("casework:case", args=[case.reference])):
        assert client.get(url).status_code == 403


def test_reading_a_case_is_put_on_record(cast: Cast) -> None:
    case = open_case(cast)
    page(cast.client("practitioner"), case)
    with acting_as(cast["practitioner"]):
        entry = ReadEntry.objects.get(action="case page")
    assert (entry.record_id, entry.reference, entry.refused) == (case.pk, case.reference, False)


def test_timeline_is_narrowed_by_kind(cast: Cast) -> None:
    case = open_case(cast)
    client = cast.client("coordinator")
    history = reverse("casework:case_history", args=[case.reference])
    everything = client.get(history).content.decode()
    assert "Opened at Pre-MACE</h2>" in everything
    assert "Shared with Anytown Children’s Services" in everything
    narrowed = client.get(history, {"kind": "sharing"}).content.decode()
    assert "Opened at Pre-MACE</h2>" not in narrowed
    assert "Shared with Anytown Children’s Services" in narrowed


def test_list_shows_a_rating_only_where_the_summary_is_shared(cast: Cast) -> None:
    first = open_case(cast)
    second = open_case(cast, child=another_child(1))
    shared(cast, first.pk, "police", Scope.SUMMARY)
    shared(cast, second.pk, "police", Scope.IDENTITY)
    body = cast.client("police_lead").get(reverse("casework:cases")).content.decode()
    assert first.reference in body
    assert second.reference in body
    assert body.count("app-rating--moderate") == 1
    assert body.count("County lines") == 1


@pytest.mark.parametrize("text", ["brightwater", "Tamika", "brihgtwater"])
def test_search_finds_only_what_the_seat_may_see(cast: Cast, text: str) -> None:
    case = open_case(cast)
    url = reverse("casework:case_search")
    assert case.reference in cast.client("practitioner").post(url, {"text": text}).content.decode()
    for name in ("other_practitioner", "police_lead", "stranger_coordinator"):
        answer = cast.client(name).post(url, {"text": text})
        assert answer.status_code == 200
        assert case.reference not in answer.content.decode()
        assert "0 cases found" in answer.content.decode()


def test_search_by_reference_and_an_empty_one(cast: Cast) -> None:
    case = open_case(cast)
    client = cast.client("coordinator")
    url = reverse("casework:case_search")
    assert NAME in client.post(url, {"text": case.reference.lower()}).content.decode()
    assert client.post(url, {"text": ""}).status_code == 422
    assert client.get(url).status_code == 302


def test_pages_of_the_list_follow_one_another(cast: Cast) -> None:
    made = [open_case(cast, child=another_child(number)).reference for number in range(26)]
    client = cast.client("coordinator")
    first = client.get(reverse("casework:cases")).content.decode()
    following = re.search(r'href="(/cases/\?after=[^"]+)"', first)
    assert following
    second = client.get(following[1]).content.decode()
    assert sum(reference in first for reference in made) == 25
    assert sum(reference in second for reference in made) == 1
    assert client.get(reverse("casework:cases") + "?after=nonsense").status_code == 302


def test_statements_do_not_grow_with_the_list(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = cast.client("coordinator")
    open_case(cast, child=another_child(0))
    client.get(reverse("casework:cases"))
    with django_assert_num_queries(LIST_STATEMENTS):
        client.get(reverse("casework:cases"))
    for number in range(1, 25):
        open_case(cast, child=another_child(number))
    with django_assert_num_queries(LIST_STATEMENTS):
        assert client.get(reverse("casework:cases")).content.decode().count("app-nowrap") == 25


def test_statements_of_the_case_page(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    case = open_case(cast)
    client = cast.client("coordinator")
    page(client, case)
    seat = cast["coordinator"]
    for wanted in (1, 25):
        with acting_as(seat):
            for number in range(Action.objects.count(), wanted):
                create_action(
                    record_id=case.pk,
                    item=None,
                    strand="victim",
                    text=f"Step {number}",
                    measure="",
                    owner_agency=cast.agencies["police"],
                    owner=cast.memberships["police_member"],
                    due_on=None,
                    by=seat,
                    at=MONDAY,
                )
        page(client, case)
        with django_assert_num_queries(CASE_STATEMENTS):
            assert len(set(re.findall(r"/actions/A-[0-9A-Z-]{9}/", page(client, case)))) == wanted
