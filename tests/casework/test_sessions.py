"""Sessions end after 15 minutes without use and after 12 hours; a leaver's at once; nothing typed is lost."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mace.access import sessions
from mace.access.gate import DEMO_KEY
from mace.accounts.models import Membership, Role, User
from mace.core.seat import MARK_FIELD, acting_as
from referrals.models import Referral
from tests.factories.cast import SINCE, Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import another_child, draft_referral

PASSWORD = "correct horse battery staple"
LONG_AGO = dt.date(2021, 1, 1)


class Watch:
    """The session's clock, moved by hand."""

    def __init__(self) -> None:
        self.at = 1_800_000_000

    def __call__(self) -> int:
        return self.at


@pytest.fixture(autouse=True)
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    cache.clear()
    found = Watch()
    monkeypatch.setattr(sessions, "now", found)
    return found


def second_seat(cast: Cast, *, agency: str = "police", role: Role = Role.AGENCY_MEMBER) -> Membership:
    """Another seat for the practitioner."""
    with as_owner():
        return Membership.objects.create(
            user=cast.memberships["practitioner"].user,
            agency=cast.agencies[agency],
            partnership=cast.partnership,
            role=role,
            from_on=SINCE,
        )


def act_in(client: Client, membership: Membership) -> None:
    assert client.post("/roles/", {"role": str(membership.pk)}).status_code == 302


def mark_on(client: Client, path: str = "/roles/") -> str:
    found = re.search(rf'name="{MARK_FIELD}" value="([^"]+)"', client.get(path).content.decode())
    assert found
    return found[1]


def withdraw_page(cast: Cast) -> tuple[str, Referral]:
    draft = draft_referral(cast, child=another_child(1))
    return f"/referrals/{draft.reference}/withdraw/", draft


def status_of(cast: Cast, draft: Referral) -> str:
    with acting_as(cast["practitioner"]):
        return str(Referral.objects.get(pk=draft.pk).status)


# --- How long ---------------------------------------------------------------------------------------------------------


def test_a_session_ends_after_fifteen_minutes_without_use_and_not_before(cast: Cast, watch: Watch) -> None:
    client = cast.client("coordinator")
    assert client.get("/").status_code == 200
    watch.at += 15 * 60 - 1
    assert client.get("/").status_code == 200
    watch.at += 15 * 60 - 1
    assert client.get("/").status_code == 200
    watch.at += 15 * 60
    answer = client.get("/cases/", follow=True)
    assert answer.redirect_chain == [("/accounts/login/?next=/cases/", 302)]
    assert "You were signed out for safety" in answer.content.decode()
    assert client.get("/api/v1/cases/").status_code == 403


def test_a_session_ends_after_twelve_hours_whatever_is_done_in_it(cast: Cast, watch: Watch) -> None:
    client = cast.client("coordinator")
    client.get("/")
    for _ in range(12 * 6 - 1):
        watch.at += 600
        assert client.get("/inbox/").status_code == 200
    watch.at += 600
    assert client.get("/inbox/").headers["Location"] == "/accounts/login/?next=/inbox/"


def test_signing_in_again_starts_another_twelve_hours(cast: Cast, watch: Watch) -> None:
    client = cast.client("coordinator")
    client.get("/")
    watch.at += 13 * 60 * 60
    assert client.get("/").status_code == 302
    client.force_login(cast.memberships["coordinator"].user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/").status_code == 200
    watch.at += 14 * 60
    assert client.get("/").status_code == 200


def test_a_script_that_asks_every_minute_does_not_keep_a_session_alive_and_the_button_does(
    cast: Cast, watch: Watch
) -> None:
    client = cast.client("coordinator")
    client.get("/")
    left = []
    for _ in range(14):
        watch.at += 60
        left.append(client.get("/session/").json()["seconds"])
    assert left == [900 - 60 * minute for minute in range(1, 15)]
    assert client.post("/session/").json() == {"seconds": 900}
    watch.at += 14 * 60
    assert client.get("/session/").json() == {"seconds": 60}
    watch.at += 60
    assert client.get("/session/").status_code == 302
    assert client.get("/").status_code == 302


def test_the_last_use_is_written_at_most_once_a_minute(cast: Cast, watch: Watch) -> None:
    client = cast.client("coordinator")
    client.get("/")

    def writes() -> int:
        with CaptureQueriesContext(connection) as said:
            assert client.get("/accessibility/").status_code == 200
            return sum("django_session" in query["sql"] for query in said.captured_queries)

    watch.at += 59
    assert writes() == 0
    watch.at += 1
    assert writes() == 1
    assert writes() == 0


def test_the_page_says_how_long_it_lasts_and_whom_to_ask(cast: Cast, watch: Watch) -> None:
    client = cast.client("coordinator")
    client.get("/")
    watch.at += 30
    assert '<meta name="session-seconds" content="870" data-keepalive="/session/">' in client.get("/").content.decode()
    assert "session-seconds" not in Client().get("/accessibility/").content.decode()


def test_what_is_sent_too_late_is_shown_once_more_and_changes_nothing(cast: Cast, watch: Watch) -> None:
    path, draft = withdraw_page(cast)
    client = cast.client("practitioner")
    client.get(path)
    watch.at += 16 * 60
    answer = client.post(path, {"reason": "Typed for a long time"})
    assert answer.status_code == 403
    assert "Typed for a long time" in answer.content.decode()
    assert "You were signed out before this was sent" in answer.content.decode()
    assert status_of(cast, draft) == "draft"


def test_what_is_sent_with_a_token_of_before_signing_in_again_is_shown_once_more(cast: Cast) -> None:
    path, draft = withdraw_page(cast)
    client = Client(enforce_csrf_checks=True)
    client.cookies = cast.client("practitioner").cookies
    answer = client.post(path, {"reason": "Typed before", "csrfmiddlewaretoken": "x" * 64})
    assert (answer.status_code, "Typed before" in answer.content.decode()) == (403, True)
    assert status_of(cast, draft) == "draft"
    entrance = Client(enforce_csrf_checks=True)
    answer = entrance.post("/accounts/login/", {"login": "a@example.org", "password": PASSWORD})
    assert (answer.status_code, PASSWORD in answer.content.decode()) == (403, False)


# --- Leavers ----------------------------------------------------------------------------------------------------------


def test_a_closed_account_has_no_session_at_the_next_request(cast: Cast) -> None:
    client, api = cast.client("coordinator"), cast.client("coordinator")
    assert client.get("/cases/").status_code == api.get("/api/v1/cases/").status_code == 200
    before = Session.objects.count()
    with as_owner():
        User.objects.filter(pk=cast["coordinator"].user_id).update(is_active=False)
    assert client.get("/cases/").headers["Location"] == "/accounts/login/?next=/cases/"
    assert api.get("/api/v1/cases/").status_code == 403
    with as_owner():
        User.objects.filter(pk=cast["coordinator"].user_id).update(is_active=True)
    assert client.get("/cases/").status_code == 302
    assert api.get("/api/v1/cases/").status_code == 403
    assert Session.objects.count() == before - 1  # the page began another, for its message


@pytest.mark.parametrize(("begins", "ends"), [(SINCE, LONG_AGO), (dt.date(2999, 1, 1), None)])
def test_a_role_that_ended_or_has_not_begun_opens_nothing(cast: Cast, begins: dt.date, ends: dt.date | None) -> None:
    client = cast.client("coordinator")
    assert client.get("/cases/").status_code == client.get("/api/v1/cases/").status_code == 200
    with as_owner():
        Membership.objects.filter(pk=cast["coordinator"].membership_id).update(from_on=begins, until_on=ends)
    assert client.get("/cases/").headers["Location"] == "/no-role/"
    assert client.get("/no-role/").status_code == 403
    assert client.get("/api/v1/cases/").status_code == 403
    assert client.post("/cases/search/", {"text": "Brightwater"}).status_code == 302


def test_who_loses_the_active_role_is_told_which_one_is_active_now(cast: Cast) -> None:
    second_seat(cast)
    client = cast.client("practitioner")
    assert "Anytown Children’s Services, Practitioner" in client.get("/").content.decode()
    with as_owner():
        Membership.objects.filter(pk=cast["practitioner"].membership_id).update(until_on=LONG_AGO)
    body = client.get("/").content.decode()
    assert "The role you were acting in has ended. You now act as Agency member, Anytown Police." in body
    assert "Anytown Police, Agency member" in body
    assert "has ended" not in client.get("/").content.decode()


@pytest.mark.parametrize("marked", [True, False])
def test_what_is_sent_when_the_active_role_has_ended_is_done_in_no_other(cast: Cast, marked: bool) -> None:
    path, draft = withdraw_page(cast)
    second = second_seat(cast, agency="social_care", role=Role.COORDINATOR)
    client = cast.client("practitioner")
    sent = {"reason": "Typed as practitioner"} | ({MARK_FIELD: mark_on(client)} if marked else {})
    with as_owner():
        Membership.objects.filter(pk=cast["practitioner"].membership_id).update(until_on=LONG_AGO)
    answer = client.post(path, sent)
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "Typed as practitioner" in body
    assert "You now act as Coordinator, Anytown Children’s Services" in body
    assert "That role has ended" in body
    with as_owner():
        assert Referral.objects.get(pk=draft.pk).status == "draft"
        Membership.objects.filter(pk=second.pk).update(until_on=LONG_AGO)
    assert client.get("/").headers["Location"] == "/no-role/"


# --- One page, one role -----------------------------------------------------------------------------------------------


def test_a_form_of_a_page_opened_in_another_role_is_refused_with_what_was_typed(cast: Cast) -> None:
    path, draft = withdraw_page(cast)
    second = second_seat(cast)
    client = cast.client("practitioner")
    mark = mark_on(client, path)
    act_in(client, second)
    answer = client.post(path, {"reason": "Typed as practitioner", MARK_FIELD: mark})
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "Typed as practitioner" in body
    assert "Act as Practitioner, Anytown Children’s Services" in body
    assert mark not in body.split("What you typed")[1].split("</dl>")[0]
    assert status_of(cast, draft) == "draft"
    by_itself = client.post(path, {"reason": "x", MARK_FIELD: mark}, headers={"Accept": "application/json"})
    assert (by_itself.status_code, by_itself.json()) == (409, {"role": "Agency member, Anytown Police"})
    act_in(client, cast.memberships["practitioner"])
    assert client.post(path, {"reason": "Typed as practitioner", MARK_FIELD: mark}).status_code == 302
    assert status_of(cast, draft) == "withdrawn"


def test_a_mark_that_was_made_up_is_refused_too(cast: Cast) -> None:
    path, draft = withdraw_page(cast)
    client = cast.client("practitioner")
    assert client.post(path, {"reason": "x", MARK_FIELD: "0" * 16}).status_code == 409
    assert status_of(cast, draft) == "draft"


@pytest.mark.parametrize("path", ["/", "/roles/", "/inbox/", "/cases/", "/referrals/new/", "/accounts/2fa/"])
def test_every_form_that_posts_says_in_which_role_its_page_was_opened(cast: Cast, path: str) -> None:
    body = cast.client("practitioner").get(path).content.decode()
    forms = re.findall(r'<form[^>]*method="post".*?</form>', body, re.DOTALL)
    assert forms
    for form in forms:
        assert f'name="{MARK_FIELD}" value="{cast["practitioner"].mark}"' in form


def test_the_mark_tells_no_number_and_differs_between_roles(cast: Cast) -> None:
    marks = {seat.mark for seat in cast.seats.values()}
    assert len(marks) == len(cast.seats)
    assert all(re.fullmatch(r"[0-9a-f]{16}", mark) for mark in marks)


# --- The header -------------------------------------------------------------------------------------------------------


def test_every_page_says_in_which_role_one_acts_and_lets_one_switch(cast: Cast) -> None:
    client = cast.client("practitioner")
    alone = client.get("/cases/").content.decode()
    assert "Practitioner" in alone
    assert "Anytown Children’s Services, Practitioner · Anytown" in alone
    assert "Switch role" not in alone
    second = second_seat(cast)
    header = client.get("/cases/").content.decode().split("</header>")[0]
    assert '<form method="post" action="/roles/">' in header
    assert re.findall(r'<option value="(\d+)">([^<]+)<', header) == [(str(second.pk), "Agency member, Anytown Police")]
    answer = client.post("/roles/", {"role": str(second.pk), MARK_FIELD: cast["practitioner"].mark}, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert "Anytown Police, Agency member · Anytown" in answer.content.decode()


def test_who_holds_several_roles_does_nothing_before_choosing_one_and_is_led_on(cast: Cast) -> None:
    second_seat(cast)
    client = cast.client("practitioner")
    session = client.session
    del session["seat"]
    session.save()
    assert client.get("/cases/?after=1").headers["Location"] == "/roles/?next=%2Fcases%2F%3Fafter%3D1"
    assert client.get("/").headers["Location"] == "/roles/"
    assert client.post("/cases/search/", {"text": "x"}).headers["Location"] == "/roles/"
    assert client.get("/api/v1/cases/").status_code == 403
    page = client.get("/roles/?next=/cases/").content.decode()
    assert '<input type="hidden" name="next" value="/cases/">' in page
    answer = client.post("/roles/", {"role": str(cast["practitioner"].membership_id), "next": "/cases/"})
    assert answer.headers["Location"] == "/cases/"
    assert client.get("/cases/").status_code == 200


def test_choosing_a_role_leads_to_no_other_site(cast: Cast) -> None:
    client = cast.client("practitioner")
    for away in ("https://evil.example/", "//evil.example/"):
        sent = {"role": str(cast["practitioner"].membership_id), "next": away}
        assert client.post("/roles/", sent).headers["Location"] == "/"


# --- Who it is, once more ---------------------------------------------------------------------------------------------


@pytest.fixture
def delicate(settings: object) -> str:
    settings.ROOT_URLCONF = "tests.casework.fresh_urls"  # type: ignore[attr-defined]
    return "/delicate/"


def test_who_has_just_signed_in_is_not_asked_again(cast: Cast, delicate: str, watch: Watch) -> None:
    client = cast.client("coordinator")
    assert client.get(delicate).content == b"GET done"
    watch.at += 300
    assert client.post(delicate).content == b"POST done"


def test_a_stale_sign_in_is_asked_once_more_and_led_back(cast: Cast, delicate: str, watch: Watch) -> None:
    user = cast.memberships["coordinator"].user
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    client = cast.client("coordinator")
    client.get("/")
    watch.at += 301
    answer = client.get(f"{delicate}?list=1")
    where = answer.headers["Location"]
    assert where == "/accounts/reauthenticate/?next=%2Fdelicate%2F%3Flist%3D1"
    assert client.post(where, {"password": "wrong and long enough"}).status_code in (200, 422)
    assert client.get(delicate).status_code == 302
    assert client.post(where, {"password": PASSWORD}).headers["Location"] == "/delicate/?list=1"


def test_what_allauth_recorded_counts_as_fresh_and_grows_old(cast: Cast, delicate: str, watch: Watch) -> None:
    client = cast.client("coordinator")
    client.get("/")
    watch.at += 600
    assert client.get(delicate).status_code == 302
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": watch.at, "reauthenticated": True}]
    session.save()
    assert client.get(delicate).content == b"GET done"
    watch.at += 301
    assert client.get(delicate).headers["Location"].startswith("/accounts/2fa/reauthenticate/?next=")


def test_what_was_sent_with_a_stale_sign_in_is_shown_once_more_and_not_done(
    cast: Cast, delicate: str, watch: Watch
) -> None:
    client = cast.client("coordinator")
    client.get("/")
    watch.at += 600
    asked_from = {"Referer": "http://testserver/cases/?after=2"}
    answer = client.post(delicate, {"reason": "Long and careful"}, headers=asked_from)
    body = answer.content.decode()
    assert answer.status_code == 403
    assert "Long and careful" in body
    assert "/accounts/2fa/reauthenticate/?next=%2Fcases%2F%3Fafter%3D2" in body
    elsewhere = client.post(delicate, {"reason": "x"}, headers={"Referer": "https://evil.example/cases/"})
    assert "?next=%2Fdelicate%2F" in elsewhere.content.decode()
    plainly = client.post(delicate, {"reason": "x"}, headers={"Referer": "http://testserver/cases/"})
    assert '?next=%2Fcases%2F"' in plainly.content.decode()
    assert b"done" not in answer.content


def test_in_the_demonstration_one_confirms_on_a_page_of_its_own(cast: Cast, delicate: str, watch: Watch) -> None:
    client = cast.client("coordinator")
    session = client.session
    session[DEMO_KEY] = True
    session.save()
    client.get("/")
    watch.at += 600
    where = client.get(delicate).headers["Location"]
    assert where == "/demo/confirm/?next=%2Fdelicate%2F"
    page = client.get(where)
    assert "I am Coordinator" in page.content.decode()
    assert client.get(delicate).status_code == 302
    assert client.post(where).headers["Location"] == delicate
    assert client.get(delicate).content == b"GET done"
    stranger = cast.client("coordinator")
    stranger.get("/")
    watch.at += 600
    assert stranger.post("/demo/confirm/?next=/delicate/").headers["Location"].startswith("/accounts/login/")
    assert stranger.get(delicate).status_code == 302
