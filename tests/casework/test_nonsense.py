"""What no browser of a well-meaning person sends: answered plainly, never with a fault."""

from __future__ import annotations

import pytest
from django.db import connection
from django.urls import reverse

from panels.models import Meeting
from tests.factories.cast import Cast
from tests.factories.referrals import draft_referral, open_case

NUL = "\x00"
HIDDEN_CHARACTER = "contains a hidden character that cannot be kept"


@pytest.mark.parametrize(
    "address", ["/cases/C-%00/", "/cases/?after=%00", "/volt/link/?a=%00", "/?list=%00", "/?%00=1"]
)
def test_nul_in_an_address_is_refused(cast: Cast, address: str) -> None:
    answer = cast.client("coordinator").get(address)
    assert answer.status_code == 400
    assert "We could not read what was sent" in answer.content.decode()


@pytest.mark.parametrize("name", ["casework:case_search", "volt:search"])
def test_nul_in_a_search_is_said_beside_the_question(cast: Cast, name: str) -> None:
    answer = cast.client("coordinator").post(reverse(name), {"text": f"Sm{NUL}ith", "q": f"Sm{NUL}ith"})
    assert answer.status_code == 422
    assert HIDDEN_CHARACTER in answer.content.decode()


def test_nul_in_an_answer_is_said_beside_the_question_and_the_rest_is_kept(cast: Cast) -> None:
    typed = {"panel": "1", "day_day": "3", "day_month": "4", "day_year": "2032", "time": "9:30", "place": f"Ro{NUL}om"}
    answer = cast.client("coordinator").post(reverse("panels:meeting_new"), typed)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert f"Where {HIDDEN_CHARACTER}" in body
    assert 'value="9:30"' in body
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    assert not Meeting.objects.exists()


def test_nul_where_no_form_looks_is_refused_and_changes_nothing(cast: Cast) -> None:
    case = open_case(cast)
    client = cast.client("coordinator")
    starting = client.post(reverse("referrals:new"), {"operation": NUL})
    linking = client.post(reverse("volt:link"), {"a": f"{case.reference}{NUL}"})
    for answer in (starting, linking):
        assert answer.status_code == 400
        assert "Nothing was changed." in answer.content.decode()


def test_version_that_is_no_number_counts_as_none(cast: Cast) -> None:
    referral = draft_referral(cast)
    address = reverse("referrals:section", args=[referral.reference, "child"])
    answer = cast.client("practitioner").post(address, {"forename": "Ann", "version": "abc", "operation": "x" * 5000})
    assert answer.status_code in (409, 422)
    assert "Ann" in answer.content.decode()


@pytest.mark.parametrize("address", ["/cases/?after=nonsense", "/meetings/?after=%F0%9F%98%80", "/inbox/?after=-1"])
def test_a_page_that_is_none_leads_to_the_list(cast: Cast, address: str) -> None:
    assert cast.client("coordinator").get(address, follow=True).status_code == 200


def test_an_endless_reference_is_a_page_that_does_not_exist(cast: Cast) -> None:
    assert cast.client("coordinator").get(f"/cases/{'C' * 5000}/").status_code == 404


def test_what_was_typed_comes_back_when_the_session_had_ended(cast: Cast) -> None:
    client = cast.client("coordinator")
    address = reverse("panels:meeting_new")
    assert client.get(address).status_code == 200
    client.session.flush()
    answer = client.post(address, {"place": "Room <b>3</b>", "day_day": "4", "operation": "0" * 32, "time": " "})
    body = answer.content.decode()
    assert answer.status_code == 403
    assert "<dt>Place</dt><dd>Room &lt;b&gt;3&lt;/b&gt;</dd>" in body
    assert "<dt>Day</dt><dd>4</dd>" in body
    assert "000000" not in body
    assert f'href="/accounts/login/?next={address}"' in body
    assert answer.headers["Cache-Control"] == "no-store"
    assert not Meeting.objects.exists()


def test_a_button_pressed_after_the_session_had_ended_asks_to_sign_in(cast: Cast) -> None:
    client = cast.client("coordinator")
    client.session.flush()
    assert client.post(reverse("casework:inbox")).headers["Location"] == "/accounts/login/?next=/inbox/"
