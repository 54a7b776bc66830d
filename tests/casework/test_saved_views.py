"""One's own views of the list of cases: columns to choose, kept under a name, seen by nobody else."""

from __future__ import annotations

import re

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from mace.access.models import Scope
from mace.casework import rules
from mace.casework.models import SavedView
from mace.casework.rules import CASE_COLUMNS, CASE_COLUMNS_SHOWN
from mace.core.seat import acting_as
from tests.dashboards.markup import Markup
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import open_case
from tests.factories.sharing import shared

LIST, VIEWS = reverse("casework:cases"), reverse("casework:case_views")
CHOSEN = {"state": "open", "rating": "moderate", "columns": ["case", "born", "opened"]}


def head(body: str) -> list[str]:
    return re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', body)


def cells(body: str) -> list[str]:
    row = re.search(r"<tbody[^>]*><tr.*?</tr>", body, re.DOTALL)
    assert row
    found = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row[0], re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in found]


def test_columns_are_shown_as_chosen_and_say_what_is_so(cast: Cast) -> None:
    case = open_case(cast)
    client = cast.client("coordinator")
    usual = client.get(LIST).content.decode()
    assert head(usual) == ["Name", *(CASE_COLUMNS[name] for name in CASE_COLUMNS_SHOWN)]
    body = client.get(LIST, {"columns": [*CASE_COLUMNS]}).content.decode()
    Markup(body).check()
    assert head(body) == ["Name", *CASE_COLUMNS.values()]
    with acting_as(cast["coordinator"]):
        age = next(cell for cell in cells(usual)[1:])
    assert cells(body) == [
        "Tamika Brightwater",
        age,
        case.reference,
        "Moderate",
        "County lines",
        "Pre-MACE",
        "Practitioner",
        "Coordinator",
        "Anytown Children’s Services",
        "2 Mar 2026",
        "2 Mar 2026",
        "27 Mar 2011",
        "",
        "2 Mar 2026",
    ]
    fewer = client.get(LIST, CHOSEN).content.decode()
    assert head(fewer) == ["Name", "Case", "Opened", "Date of birth"]
    assert "Narrowed to <strong>State: Open</strong>, <strong>Rating: Moderate</strong>." in fewer


def test_columns_show_no_more_than_the_scope(cast: Cast) -> None:
    case = open_case(cast)
    shared(cast, case.pk, "police", Scope.IDENTITY)
    body = cast.client("police_lead").get(LIST, {"columns": ["rating", "category", "rated", "born"]}).content.decode()
    assert cells(body) == ["Tamika Brightwater", "", "", "", "27 Mar 2011"]


def test_a_column_nobody_offered_is_refused(cast: Cast) -> None:
    answer = cast.client("coordinator").get(LIST, {"columns": "nhs_number"})
    assert answer.status_code == 422
    assert "<title>Error: Cases" in answer.content.decode()


def test_a_view_is_saved_opened_replaced_and_removed(cast: Cast) -> None:
    client = cast.client("coordinator")
    narrowed = client.get(LIST, CHOSEN).content.decode()
    link = re.search(r'href="([^"]*)">Save this view', narrowed)
    assert link
    address = link[1].replace("&amp;", "&")
    page = client.get(address).content.decode()
    Markup(page).check()
    for words in ("State: Open", "Rating: Moderate", "Columns: Case, Opened, Date of birth"):
        assert words in page
    answer = client.post(address, {"name": "Moderate and open"})
    assert (answer.status_code, answer.headers["Location"]) == (302, address.replace("/cases/views/", "/cases/"))
    listed = client.get(VIEWS).content.decode()
    assert "Moderate and open" in listed
    assert answer.headers["Location"].replace("&", "&amp;") in listed
    client.post(VIEWS + "?state=closed", {"name": "Moderate and open"})
    with acting_as(cast["coordinator"]):
        [view] = SavedView.objects.all()
        assert view.chosen == {"state": "closed"}
    assert client.post(VIEWS, {"remove": view.reference}).status_code == 302
    assert client.get(LIST).status_code == 200  # says what was done, once
    assert "Moderate and open" not in client.get(VIEWS).content.decode()
    assert client.post(VIEWS, {"remove": view.reference}).status_code == 404


def test_what_cannot_be_saved_is_said(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = cast.client("coordinator")
    for address, given, words in (
        (VIEWS, {"name": "All"}, "Narrow the list or choose columns first"),
        (VIEWS + "?state=open", {"name": " "}, "Give the view a name"),
        (VIEWS + "?state=open", {"name": "x" * 61}, "60 characters"),
        (VIEWS + "?state=purple", {"name": "Purple"}, "Narrow the list or choose columns first"),
    ):
        answer = client.post(address, given)
        assert answer.status_code == 422, address
        assert words in answer.content.decode(), address
    monkeypatch.setattr("mace.casework.services.views.SAVED_VIEWS_AT_MOST", 1)
    assert rules.SAVED_VIEWS_AT_MOST == 20
    assert client.post(VIEWS + "?state=open", {"name": "One"}).status_code == 302
    answer = client.post(VIEWS + "?state=open", {"name": "Two"})
    assert answer.status_code == 422
    assert "You have 1 views. Remove one first" in answer.content.decode()
    assert client.post(VIEWS + "?state=closed", {"name": "One"}).status_code == 302


def test_a_view_is_nobody_elses(cast: Cast) -> None:
    client = cast.client("coordinator")
    client.post(VIEWS + "?state=open", {"name": "Mine alone"})
    with as_owner():
        view = SavedView.objects.get()
    for name in ("manager", "chair", "admin", "ig", "stranger_coordinator"):
        with acting_as(cast[name]):
            assert not SavedView.objects.exists(), name
            assert SavedView.objects.filter(pk=view.pk).delete()[0] == 0, name
    manager = cast.client("manager")
    assert "Mine alone" not in manager.get(VIEWS).content.decode()
    assert manager.post(VIEWS, {"remove": view.reference}).status_code == 404
    with (
        acting_as(cast["manager"]),
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
    ):
        SavedView.objects.create(membership_id=cast["coordinator"].membership_id, name="Planted", chosen={})
    assert "Mine alone" in client.get(VIEWS).content.decode()


def test_statements_do_not_grow_with_views(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = cast.client("coordinator")
    client.post(VIEWS + "?state=open", {"name": "0"})
    client.get(VIEWS)
    for many in (1, 20):
        with acting_as(cast["coordinator"]):
            for number in range(1, many):
                SavedView.objects.create(membership_id=cast["coordinator"].membership_id, name=str(number))
        with django_assert_num_queries(5):
            assert client.get(VIEWS).content.decode().count('name="remove"') == many
