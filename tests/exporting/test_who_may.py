"""Who may take which list away, and what is asked of them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from mace.core import clock
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.exporting.selectors.readers import readers_of
from mace.exporting.services.asking import ask_for_case, ask_for_list
from tests.access.world import make_world
from tests.exporting.taken import WHY, links, made, page
from tests.factories.cast import Cast
from tests.factories.referrals import open_case


@pytest.mark.parametrize(
    ("name", "what", "status"),
    [
        ("manager", "cases", 403),
        ("coordinator", "screening", 200),
        ("chair", "actions", 200),
        ("police_lead", "cases", 403),
        ("police_lead", "screening", 403),
        ("police_lead", "reviews", 403),
        ("practitioner", "cases", 403),
        ("police_member", "cases", 403),
        ("board", "actions", 403),
        ("ig", "cases", 403),
        ("coordinator", "nothing", 404),
        ("coordinator", "case", 404),
    ],
)
def test_who_may_export_which_list(cast: Cast, name: str, what: str, status: int) -> None:
    assert cast.client(name).get(reverse("exporting:ask", args=[what])).status_code == status


def test_pages_offer_it_to_those_who_may(cast: Cast) -> None:
    make_world(cast)
    for path, what in (
        ("/cases/", "cases/"),
        ("/referrals/", "referrals/"),
        ("/referrals/screening/", "screening/"),
        ("/actions/?show=overdue", "actions/?show=overdue"),
        ("/reviews/", "reviews/"),
    ):
        assert f'href="/exports/new/{what}"' in cast.client("coordinator").get(path).content.decode()
    for path in ("/cases/", "/referrals/", "/actions/", "/reviews/"):
        assert "/exports/new/" not in cast.client("practitioner").get(path).content.decode()
    case = links(cast, "coordinator", "/cases/", "/cases/")[0]
    for name, offered in (("practitioner", True), ("police_lead", True), ("police_member", False)):
        body = cast.client(name).get(f"/cases/{case}/").content.decode()
        assert ("PDF of this case" in body) is offered, name


def test_services_ask_too(cast: Cast) -> None:
    case = open_case(cast)
    for name, what in (("practitioner", "cases"), ("police_lead", "screening")):
        with acting_as(cast[name]), pytest.raises(NotAllowed):
            ask_for_list(what=what, chosen={}, format="csv", reason=WHY, by=cast[name], at=clock.now())
    with acting_as(cast["coordinator"]):
        [reader] = [one for one in readers_of(case.pk) if one.member.agency_id == cast.agencies["social_care"].pk][:1]
        with pytest.raises(RuleBroken):
            ask_for_list(what="cases", chosen={}, format="pdf", reason=WHY, by=cast["coordinator"], at=clock.now())
        with pytest.raises(RuleBroken):
            ask_for_list(
                what="cases", chosen={}, format="csv", reason="  short  ", by=cast["coordinator"], at=clock.now()
            )
    with acting_as(cast["practitioner"]), pytest.raises(NotAllowed):
        ask_for_case(case=case, reader=reader, reason=WHY, by=cast["practitioner"], at=clock.now())
    with acting_as(cast["police_member"]), pytest.raises(NotAllowed):
        ask_for_case(case=case, reader=None, reason=WHY, by=cast["police_member"], at=clock.now())


def test_a_reason_is_asked_for_and_kept(cast: Cast) -> None:
    url = reverse("exporting:ask", args=["cases"])
    for reason in ("", "too short"):
        answer = cast.client("coordinator").post(url, {"format": "csv", "reason": reason})
        assert answer.status_code == 422
        assert "at least 10 characters" in answer.content.decode()
    assert WHY in page(cast, "coordinator", made(cast, "coordinator"))


def test_sign_in_must_be_fresh_to_ask_and_to_download(cast: Cast) -> None:
    open_case(cast)
    export = made(cast, "coordinator")
    client = cast.client("coordinator")
    paths = ["/exports/new/cases/", f"/exports/{export.reference}/file/"]
    assert [client.get(path).status_code for path in paths] == [200, 200]
    session = client.session
    session["began_at"] -= 600
    session["used_at"] = session["began_at"] + 600
    session.pop("account_authentication_methods", None)
    session.save()
    assert [client.get(path).status_code for path in paths] == [302, 302]
