"""Tokens, cookies and sessions that nobody was given: refused, put on record, and nothing changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client

from mace.access.middleware import SEAT_KEY
from mace.core import clock
from mace.core.clock import london_time
from mace.core.seat import MARK_FIELD, mint_token
from tests.access.forms import FORMS, ready
from tests.access.tables import (
    browser,
    changed,
    digests,
    read_entries,
    undone,
)
from tests.access.world import World
from tests.factories.cast import Cast
from tests.factories.owner import as_owner


@pytest.fixture(autouse=True)
def before_the_meetings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: london_time(dt.date(2026, 3, 13), 9))


def said(wrong: list[Any]) -> str:
    return "\n".join(map(str, wrong))


# --- The seat's token ------------------------------------------------------------------------------------------------


def forged(cast: Cast) -> dict[str, str]:
    """A good token of the coordinator, spoilt in each of its parts."""
    good = cast["coordinator"].token()
    member, expiry, nonce, mac = good.split(".")
    other, own = str(cast["chair"].membership_id), cast["coordinator"].membership_id
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    return {
        "another's seat": f"{other}.{expiry}.{nonce}.{mac}",
        "no seat": f".{expiry}.{nonce}.{mac}",
        "zero": f"0{member}.{expiry}.{nonce}.{mac}",
        "minus": f"-{member}.{expiry}.{nonce}.{mac}",
        "wide digits": f"{member.translate(wide)}.{expiry}.{nonce}.{mac}",
        "later": f"{member}.{int(expiry) + 86400}.{nonce}.{mac}",
        "never": f"{member}..{nonce}.{mac}",
        "infinite": f"{member}.infinity.{nonce}.{mac}",
        "other nonce": f"{member}.{expiry}.{nonce[::-1]}0.{mac}",
        "no nonce": f"{member}.{expiry}..{mac}",
        "other mac": f"{member}.{expiry}.{nonce}.{'0' if mac[0] != '0' else '1'}{mac[1:]}",
        "capitals": f"{member}.{expiry}.{nonce}.{mac.upper()}X",
        "no mac": f"{member}.{expiry}.{nonce}.",
        "shorter": good[:-1],
        "three parts": f"{member}.{expiry}.{nonce}",
        "five parts": f"{good}.{mac}",
        "moved dot": f"{member}{expiry[:1]}.{expiry[1:]}.{nonce}.{mac}",
        "space": f" {good}",
        "line": f"{good}\n",
        "another key": mint_token(own, key=b"x" * 32, nonce=nonce),
        "empty key": mint_token(own, key=b"", nonce=nonce),
        "expired": mint_token(own, key=settings.SEAT_KEY, nonce=nonce, lifetime=-3600),
        "sql": f"{member} or 1=1.{expiry}.{nonce}.{mac}",
        "beyond any number": f"{'9' * 60}.{'9' * 60}.{nonce}.{mac}",
        "huge": f"{member}.{expiry}.{'n' * 1_000_000}.{mac}",
        "nothing": "",
        "dots": "...",
    }


def test_a_forged_token_is_nobody_sees_nothing_and_writes_nothing(world: World) -> None:
    """The same token unspoilt sees the case, so that it is the spoiling that hides it."""
    before = digests()

    def seen(token: str) -> tuple[Any, ...]:
        with connection.cursor() as cursor:
            cursor.execute("select set_config('mace.seat', %s, true)", [token])
            cursor.execute(
                "select mace_seat(), mace_principals(), mace_role(), (select count(*) from referrals_case), "
                "(select count(*) from access_grant), (select count(*) from panels_meeting)"
            )
            row = cursor.fetchone()
            assert row is not None
            return tuple(row)

    good = seen(world.cast["coordinator"].token())
    assert good[0] == world.cast["coordinator"].membership_id
    assert good[3] >= 1
    for how, token in forged(world.cast).items():
        assert seen(token) == (None, None, None, 0, 0, 0), how
        for write in (
            "insert into audit_readentry (kind, action, rows, refused) values ('page', 'x', 1, false)",
            "select access_open_record('case', now(), null, null)",
            f"select access_share({world.case.pk}, 1, 3::smallint, null)",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(write)
    with pytest.raises((DatabaseError, ValueError)), transaction.atomic():
        seen(f"{world.cast['coordinator'].token()}\x00")
    assert changed(before) == []


# --- Sessions and cookies --------------------------------------------------------------------------------------------


def cookies_nobody_was_given(good: str) -> list[str]:
    return ["", "x", good[:-1], good + "0", good.upper(), good[::-1], "a" * 32, "a" * 8000, "../../x", "é" * 32, "%00"]


def test_a_session_cookie_that_nobody_was_given_is_nobody(world: World) -> None:
    name, case = settings.SESSION_COOKIE_NAME, f"/cases/{world.case.reference}/"
    owner = world.cast.client("coordinator")
    assert owner.get(case).status_code == 200
    good, before, log = owner.cookies[name].value, digests(), read_entries()
    for value in cookies_nobody_was_given(good):
        client = Client()
        client.cookies[name] = value
        answer = client.get(case)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/accounts/login/?next={case}"), value[:40]
        for form in FORMS[:5]:
            assert client.post(form.address(world), form.sends(world)).status_code in (302, 403), value[:40]
    assert changed(before) == []
    assert read_entries() == log


def test_the_cookie_of_a_session_that_was_ended_opens_nothing(world: World) -> None:
    client, case = world.cast.client("coordinator"), f"/cases/{world.case.reference}/"
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert client.get(case).status_code == 200
    client.logout()
    again = Client()
    again.cookies[settings.SESSION_COOKIE_NAME] = value
    assert again.get(case).status_code == 302


@pytest.mark.parametrize("of", ["coordinator", "system", "nobody", "text"])
def test_a_session_that_says_another_s_seat_gives_ones_own(world: World, of: str) -> None:
    """Even somebody who could write the session's seat would act in no role that is not theirs."""
    memberships = {name: row.pk for name, row in world.cast.memberships.items()}
    client = browser(world.cast, "stranger_police")
    session = client.session
    session[SEAT_KEY] = {**memberships, "nobody": 99999999, "text": "1 or 1=1"}[of]
    session.save()
    case = f"/cases/{world.case.reference}/"
    assert client.get(case).status_code == 404
    assert client.session[SEAT_KEY] == memberships["stranger_police"]
    with as_owner():
        entry = read_entries()[-1]
    assert (entry[0], entry[-1]) == (memberships["stranger_police"], True)


def test_a_form_of_another_seat_is_refused(world: World) -> None:
    client, case = browser(world.cast, "coordinator"), world.case.reference
    before = digests()
    for mark in ("", "x", world.cast["chair"].mark, world.cast["coordinator"].mark[:-1], "0" * 10_000):
        data = {"agency": str(world.cast.agencies["police"].pk), "reason": "Done", MARK_FIELD: mark}
        assert client.post(f"/cases/{case}/sharing/end/", data).status_code == 409
    assert changed(before) == []
    data[MARK_FIELD] = world.cast["coordinator"].mark
    assert client.post(f"/cases/{case}/sharing/end/", data).status_code == 302


# --- The token of a form ---------------------------------------------------------------------------------------------

PARTS = 3


def token_of(client: Client) -> str:
    """The token that a page of theirs carries."""
    return str(client.get("/").context["csrf_token"])


@pytest.mark.parametrize("part", range(PARTS))
def test_a_form_without_its_own_token_is_refused_put_on_record_and_changes_nothing(world: World, part: int) -> None:
    """None, garbage, another person's, one's own without its cookie, or sent from another site."""
    theirs = world.cast.client("chair")
    others = (token_of(theirs), theirs.cookies[settings.CSRF_COOKIE_NAME].value)
    wrong: list[tuple[str, ...]] = []
    for form, client, path, data in ready(world, FORMS[part::PARTS]):
        client.handler.enforce_csrf_checks = True
        own = token_of(client)
        cookie = client.cookies[settings.CSRF_COOKIE_NAME].value
        before = digests()
        tried: dict[str, tuple[str | None, str | None, dict[str, str]]] = {
            "none": (None, cookie, {}),
            "garbage": ("x" * 64, cookie, {}),
            "short": (own[:-1], cookie, {}),
            "long": (own * 100, cookie, {}),
            "another's": (others[0], cookie, {}),
            "no cookie": (own, None, {}),
            "garbage cookie": (own, "x" * 32, {}),
            "another's cookie": (own, others[1], {}),
            "another site": (own, cookie, {"HTTP_ORIGIN": "https://evil.example"}),
            "no site": (own, cookie, {"HTTP_ORIGIN": "null"}),
        }
        for how, (token, kept, headers) in tried.items():
            client.cookies.pop(settings.CSRF_COOKIE_NAME, None)
            if kept is not None:
                client.cookies[settings.CSRF_COOKIE_NAME] = kept
            sent = data if token is None else data | {"csrfmiddlewaretoken": token}
            logged = len(read_entries())
            with undone():
                status = client.post(path, sent, **headers).status_code  # type: ignore[arg-type]
                refused = [row[-1] for row in read_entries()[logged:]]
                if status != 403 or refused != [True] or changed(before):
                    wrong.append((form.title, how, str(status), str(refused), *changed(before)))
        client.cookies[settings.CSRF_COOKIE_NAME] = cookie
        with undone():
            status = client.post(path, data | {"csrfmiddlewaretoken": own}).status_code
            if status != form.status:
                wrong.append((form.title, "its own", str(status)))
    assert wrong == [], said(wrong)
