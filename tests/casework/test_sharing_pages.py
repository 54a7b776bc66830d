"""Who can see a case, and why; sharing it and ending that, through the pages."""

from __future__ import annotations

import pytest
from django.urls import reverse

from mace.access.models import Disclosure, Scope
from mace.core.seat import acting_as
from referrals.models import Case
from tests.casework.test_case_page import NAME, shared
from tests.factories.cast import Cast
from tests.factories.referrals import open_case


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
    shared(cast, case, Scope.IDENTITY)
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
    shared(cast, case, Scope.IDENTITY)
    shared(cast, case, Scope.SUMMARY, "health")
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
    assert client.post(url("case_share", case), told(cast)).status_code == 302
    assert NAME in police.get(url("case", case)).content.decode()
    again = client.post(url("case_share", case), told(cast))
    assert again.status_code == 422
    assert "Anytown Police already sees this much of the case" in again.content.decode()
    with acting_as(cast["coordinator"]):
        assert Disclosure.objects.filter(record_id=case.pk, agency=cast.agencies["police"]).count() == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"purpose": ""}, "Say what the sharing is for"),
        ({"necessity": ""}, "Say why the sharing is necessary"),
        ({"told": "no"}, "Say why the child and family are not told"),
        ({"scope": ""}, "Select how much they need to see"),
        ({"agency": ""}, "Select the agency"),
    ],
)
def test_sharing_asks_why(cast: Cast, changes: dict[str, str], message: str) -> None:
    case = open_case(cast)
    answer = cast.client("coordinator").post(url("case_share", case), told(cast, **changes))
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert cast.client("police_lead").get(url("case", case)).status_code == 404


def test_coordinator_ends_sharing_through_the_page(cast: Cast) -> None:
    case = open_case(cast)
    shared(cast, case, Scope.FULL)
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
    shared(cast, case, Scope.FULL)
    client = cast.client(name)
    for view in ("case_share", "case_withdraw"):
        assert client.get(url(view, case)).status_code == 403
        assert client.post(url(view, case), told(cast)).status_code == 403
    with acting_as(cast["coordinator"]):
        assert Disclosure.objects.filter(record_id=case.pk, withdrawn_at__isnull=True).count() == 2
