"""E-mail, password and a second factor; nobody signs up; a leaver is out at the next request."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.test import Client

from mace.accounts.models import Membership, User
from tests.factories.cast import Cast
from tests.factories.owner import as_owner

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def no_rate_limits_left_over() -> None:
    cache.clear()


def with_password(cast: Cast, name: str) -> str:
    user = cast.memberships[name].user
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user.email


def sign_in(email: str, password: str = PASSWORD) -> tuple[Client, int, str]:
    client = Client()
    response = client.post("/accounts/login/", {"login": email, "password": password})
    return client, response.status_code, response.headers.get("Location", "")


def code_now(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_without_a_second_factor_nothing_opens_but_setting_one_up(cast: Cast) -> None:
    client, status, _ = sign_in(with_password(cast, "practitioner"))
    assert status == 302
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/2fa/totp/activate/")
    assert client.get("/cases/").headers["Location"] == "/accounts/2fa/totp/activate/"
    password_again = client.get("/accounts/2fa/totp/activate/")
    assert password_again.headers["Location"].startswith("/accounts/reauthenticate/")
    assert client.post(password_again.headers["Location"], {"password": PASSWORD}).status_code == 302
    page = client.get("/accounts/2fa/totp/activate/")
    assert page.status_code == 200
    secret = client.session["mfa.totp.secret"]
    assert secret in page.content.decode()
    assert client.post("/accounts/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    assert client.get("/").status_code == 302
    assert client.post("/accounts/2fa/totp/activate/", {"code": code_now(secret)}).status_code == 302
    assert client.get("/").status_code == 200
    assert client.post("/accounts/2fa/totp/deactivate/").status_code == 302
    assert client.get("/").headers["Location"] == "/accounts/2fa/totp/activate/"


def test_password_alone_does_not_sign_in_somebody_with_a_second_factor(cast: Cast) -> None:
    email = with_password(cast, "practitioner")
    secret = generate_totp_secret()
    TOTP.activate(cast.memberships["practitioner"].user, secret)
    stored = Authenticator.objects.get().data["secret"]
    assert stored != secret
    assert get_adapter().decrypt(stored) == secret
    client, status, where = sign_in(email)
    assert (status, where.split("?")[0]) == (302, "/accounts/2fa/authenticate/")
    assert client.get("/").headers["Location"].startswith("/accounts/login/")
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert wrong.status_code in (200, 422)
    right = client.post("/accounts/2fa/authenticate/", {"code": code_now(secret)})
    assert right.status_code == 302
    assert client.get("/").status_code == 200


def test_wrong_password_and_unknown_person_read_the_same(cast: Cast) -> None:
    email = with_password(cast, "practitioner")
    answers = []
    for login in (email, "nobody@example.org"):
        response = Client().post("/accounts/login/", {"login": login, "password": "wrong and long enough"})
        body = response.content.decode().replace(login, "x")
        answers.append((response.status_code, "password" in body.lower(), "not correct" in body or "correct" in body))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("path", ["/accounts/signup/", "/accounts/email/"])
def test_nobody_makes_an_account_or_changes_an_address(cast: Cast, path: str) -> None:
    form = {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD, "action_add": ""}
    assert cast.client("practitioner").post(path, form).status_code == 404
    assert Client().post(path, form).status_code == 404
    assert not User.objects.filter(email="new@example.org").exists()


def test_a_leaver_sees_nothing_at_the_next_request(cast: Cast) -> None:
    client = cast.client("coordinator")
    assert client.get("/").status_code == 200
    with as_owner():
        Membership.objects.filter(pk=cast["coordinator"].membership_id).update(until_on=dt.date(2020, 12, 31))
    assert client.get("/cases/").headers["Location"] == "/no-role/"


def test_pages_carry_their_headers_and_are_not_stored(cast: Cast) -> None:
    answer = cast.client("coordinator").get("/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
