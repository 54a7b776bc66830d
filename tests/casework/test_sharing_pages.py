"""Who can see a case, and why; sharing it and ending that, through the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from mace.access.models import Disclosure, Scope
from mace.core.seat import acting_as
from referrals.models import Case
from tests.casework.test_case_page import NAME
from tests.dashboards.markup import Markup
from tests.factories.cast import Cast
from tests.factories.panels import item_of, planned_meeting
from tests.factories.referrals import open_case
from tests.factories.sharing import shared
from tests.volt.test_records import place


def told(cast: Cast, **changes: str) -> dict[str, str]:
    return {
        "agency": str(cast.agencies["police"].pk),
        "scope": "2",
        "purpose": "To check the phone numbers",
        "lawful_basis": "public_task",
        "necessity": "Only the police can trace them",
        "told": "yes",
        "told_reason": "",
    } | changes


def url(view: str, case: Case) -> str:
    return reverse(f"casework:{view}", args=[case.reference])


@pytest.mark.parametrize("name", ["coordinator", "practitioner"])
def test_coordinator_and_lead_professional_see_the_whole_picture(cast: Cast, name: str) -> None:
    case = open_case(cast)
    shared(cast, case.pk, "police", Scope.IDENTITY)
    body = cast.client(name).get(url("case_sharing", case)).content.decode()
    for text in (
        "Lead of Anytown Police",
        "Police Lead",
        "Coordinators",
        "Manager of Adolescent team",
        "They hold records",
    ):
        assert text in body


def test_agency_reads_its_own_line_only(cast: Cast) -> None:
    case = open_case(cast)
    shared(cast, case.pk, "police", Scope.IDENTITY)
    shared(cast, case.pk, "health", Scope.SUMMARY)
    body = cast.client("police_lead").get(url("case_sharing", case)).content.decode()
    assert "Anytown Police: who the child is" in body
    for text in ("Health", "NHS Trust", "Lead of", "Manager of Adolescent team", "Share with an agency"):
        assert text not in body


def test_coordinator_shares_through_the_page_and_a_second_submit_changes_nothing(cast: Cast) -> None:
    case = open_case(cast)
    client, police = cast.client("coordinator"), cast.client("police_lead")
    assert police.get(url("case", case)).status_code == 404
    asks = client.get(url("case_share", case)).content.decode()
    assert "Anytown Police: Police Lead" in asks
    checks = client.post(url("case_share", case), told(cast)).content.decode()
    assert "Check before you share with Anytown Police" in checks
    assert police.get(url("case", case)).status_code == 404
    assert client.post(url("case_share", case), told(cast, confirmed="yes")).status_code == 302
    assert NAME in police.get(url("case", case)).content.decode()
    again = client.post(url("case_share", case), told(cast, confirmed="yes"))
    assert again.status_code == 422
    assert "Anytown Police already sees this much of it" in again.content.decode()
    with acting_as(cast["coordinator"]):
        assert Disclosure.objects.filter(record_id=case.pk, agency=cast.agencies["police"]).count() == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"purpose": ""}, "Say what the sharing is for"),
        ({"necessity": ""}, "Say why the sharing is necessary"),
        ({"told": "no"}, "Say why they are not told"),
        ({"scope": ""}, "Select how much they need to see"),
        ({"agency": ""}, "Select the agency"),
    ],
)
def test_sharing_asks_why(cast: Cast, changes: dict[str, str], message: str) -> None:
    case = open_case(cast)
    answer = cast.client("coordinator").post(url("case_share", case), told(cast, **changes, confirmed="yes"))
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert cast.client("police_lead").get(url("case", case)).status_code == 404


def test_coordinator_ends_sharing_through_the_page(cast: Cast) -> None:
    case = open_case(cast)
    shared(cast, case.pk, "police", Scope.FULL)
    client, police = cast.client("coordinator"), cast.client("police_lead")
    assert police.get(url("case", case)).status_code == 200
    without_reason = client.post(url("case_withdraw", case), {"agency": str(cast.agencies["police"].pk), "reason": ""})
    assert without_reason.status_code == 422
    assert police.get(url("case", case)).status_code == 200
    assert (
        client.post(
            url("case_withdraw", case), {"agency": str(cast.agencies["police"].pk), "reason": "Their part is done"}
        ).status_code
        == 302
    )
    assert police.get(url("case", case)).status_code == 404
    body = client.get(url("case_sharing", case)).content.decode()
    assert "Sharing that has ended" in body
    assert "Their part is done" in body


@pytest.mark.parametrize("name", ["practitioner", "manager", "police_lead", "police_member"])
def test_others_cannot_decide_about_sharing(cast: Cast, name: str) -> None:
    case = open_case(cast)
    shared(cast, case.pk, "police", Scope.FULL)
    client = cast.client(name)
    for view in ("case_share", "case_withdraw"):
        assert client.get(url(view, case)).status_code == 403
        assert client.post(url(view, case), told(cast)).status_code == 403
    with acting_as(cast["coordinator"]):
        assert Disclosure.objects.filter(record_id=case.pk, withdrawn_at__isnull=True).count() == 2


def test_pages_are_well_formed_with_and_without_errors(cast: Cast) -> None:
    case, location = open_case(cast), place(cast, by="coordinator")
    meeting = planned_meeting(cast, case)
    item = item_of(cast, meeting, case)
    shared(cast, case.pk, "police", Scope.SUMMARY)
    client, agency = cast.client("coordinator"), str(cast.agencies["health"].pk)
    invitation = told(cast) | {"agencies": [agency]}
    coordinator = {f"seat_{cast.memberships['coordinator'].reference}": "3", "reason": "A colleague"}
    board = {"person": cast.memberships["board"].user.reference, "reason": "An aunt"}
    assert client.post(url("case_bars", case), board).status_code == 302
    volt = {name: f"/volt/{location.reference}/{name}/" for name in ("sharing", "sharing/new", "bars", "named")}
    asked: list[tuple[str, Any, int]] = [
        *((url(view, case), None, 200) for view in ("case_sharing", "case_share", "case_withdraw", "case_bars")),
        *((url(view, case), None, 200) for view in ("case_restrict", "case_name")),
        *((path, None, 200) for path in volt.values()),
        (f"/meetings/{meeting.reference}/minute-takers/", None, 200),
        (url("case_share", case), told(cast, agency=agency), 200),
        (url("case_share", case), told(cast, agency=agency, change="yes"), 200),
        (volt["sharing/new"], told(cast, agency=agency), 200),
        (url("case_restrict", case), coordinator, 200),
        (url("case_restrict", case), coordinator | {"change": "yes"}, 200),
        (f"/items/{item.reference}/invite/", invitation, 200),
        (f"/items/{item.reference}/invite/", invitation | {"change": "yes"}, 200),
        (url("case_share", case), {}, 422),
        (url("case_restrict", case), {}, 422),
        (url("case_bars", case), {}, 422),
        (url("case_bars", case), {"lift": cast.memberships["board"].user.reference}, 422),
        (url("case_name", case), {}, 422),
        (f"/meetings/{meeting.reference}/minute-takers/", {}, 422),
    ]
    for path, sent, status in asked:
        answer = client.get(path) if sent is None else client.post(path, sent)
        assert answer.status_code == status, (path, sent)
        Markup(answer.content.decode()).check()
    assert client.post(url("case_restrict", case), coordinator | {"confirmed": "yes"}).status_code == 302
    page = url("case_restrict", case)
    for answer in (client.get(page), client.post(page, {"lift": "yes"})):
        Markup(answer.content.decode()).check()


def test_what_was_answered_is_there_again_when_it_is_to_be_changed(cast: Cast) -> None:
    case = open_case(cast)
    sent = told(cast, purpose="To check a van", ends_on_day="3", ends_on_month="5", ends_on_year="2030")
    client = cast.client("coordinator")
    checks = client.post(url("case_share", case), sent).content.decode()
    for words in ("To check a van", "the end of 3 May 2030", "Police Lead", "The whole referral"):
        assert words in checks, words
    assert 'name="ends_on_year" value="2030"' in checks
    again = client.post(url("case_share", case), sent | {"change": "yes"}).content.decode()
    assert "To check a van" in again
    assert 'value="2030"' in again
    with acting_as(cast["coordinator"]):
        assert not Disclosure.objects.filter(record_id=case.pk, agency=cast.agencies["police"]).exists()
