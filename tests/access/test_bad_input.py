"""Addresses, parameters and headers that nobody honest sends: refused, put on record, and nothing changed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from mace.access.services import withdraw
from mace.core import clock
from mace.core.clock import london_time
from mace.core.seat import acting_as
from mace.notifications.models import Message
from tests.access.tables import (
    ABSENT,
    address,
    asked,
    browser,
    changed,
    digests,
    methods,
    read_entries,
    table,
    undone,
    whole,
)
from tests.access.world import World
from tests.factories.owner import as_owner
from tests.factories.panels import HELD
from tests.factories.referrals import open_case

PARTS = 3


@pytest.fixture(autouse=True)
def before_the_meetings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: london_time(dt.date(2026, 3, 13), 9))


def said(wrong: list[Any]) -> str:
    return "\n".join(map(str, wrong))


# --- Addresses -------------------------------------------------------------------------------------------------------


def spoilt(reference: str, key: int) -> dict[str, str]:
    """A good reference as nobody writes it, ready to stand in an address."""
    kind, rest = reference[0], reference[1:]
    alike = {"A": "Α", "C": "С", "D": "Ꭰ", "E": "Е", "G": "Ԍ", "I": "І", "M": "М", "P": "Р", "R": "Ꭱ", "S": "Ѕ"}
    return {
        "lower case": reference.lower(),
        "one letter lower": kind.lower() + rest,
        "look-alike": quote(alike.get(kind, "Ⅴ") + rest),
        "wide": quote(chr(ord(kind) + 0xFEE0) + rest),
        "other hyphen": quote(reference.replace("-", "‐")),
        "joiner": quote(kind + "\u200d" + rest),
        "turned round": quote("\u202e" + reference),
        "space before": "%20" + reference,
        "space after": reference + "%20",
        "line": reference + "%0a",
        "tab": reference + "%09",
        "dot": reference + ".",
        "json": reference + ".json",
        "parameter": reference + ";a=1",
        "up": f"..%2f{reference}",
        "up twice": f"%2e%2e/{reference}",
        "down": f"{reference}%2f..",
        "within": f"{reference}/../{reference}",
        "double": f"{reference}{reference}",
        "quote": reference + "'",
        "sql": quote(f"{reference}' or '1'='1"),
        "all": "%25",
        "any": reference[:-1] + "_",
        "star": "*",
        "template": quote("{{ 7*7 }}"),
        "not text": "%ff%fe",
        "half a character": "%c3",
        "number": str(key),
        "none": "None",
        "zero": "0",
        "minus": "-1",
        "long": "C" * 5000,
        "null": reference + "%00",
    }


LEAD_NOWHERE = {"up", "up twice", "down", "within"}
"""With a further slash in them no page is meant at all."""


def reachable() -> Iterator[tuple[str, str, str, str]]:
    """Each route with a reference in it: the kind of object, a seat for which it is there, and how it is asked."""
    seats, rows = table()
    for route, (subject, statuses) in rows.items():
        if "<str:reference>" in route and subject != "-":
            fine = [seat for seat, status in zip(seats, statuses, strict=True) if status in (200, 302, 405)]
            seat = "coordinator" if "coordinator" in fine or not fine else fine[0]
            yield route, subject, seat, "GET" if "GET" in methods()[route] else "POST"


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.deep)], ids=["some", "every"])
@pytest.mark.parametrize("part", range(PARTS))
def test_a_reference_in_any_other_form_is_no_reference(world: World, part: int, every: bool) -> None:
    """Answered like one that does not exist, put on record as refused, nothing changed; never a fault.

    Each route meets a third of the forms, the next another third; all of them in the deep run.
    """
    tried = list(reachable())[part::PARTS]
    clients = {seat: browser(world.cast, seat) for _, _, seat, _ in tried}
    references, wrong, before = world.references(), list[tuple[str, ...]](), digests()
    for turn, (route, subject, seat, method) in enumerate(tried):
        client, good = clients[seat], references[subject]
        absent = whole(asked(client, method, address(route, "nothing", {})), ABSENT)
        for how, reference in list(spoilt(good, world.case.pk).items())[0 if every else turn % 3 :: 1 if every else 3]:
            logged = len(read_entries())
            answer = asked(client, method, address(route, "it", {"it": reference}))
            refused = [row[-1] for row in read_entries()[logged:]]
            if how == "null":
                fine = (answer.status_code, refused) == (400, [])
            else:
                fine = (answer.status_code, refused) == (404, [True])
                fine = fine and (how in LEAD_NOWHERE or whole(answer)[2] == absent[2])
            if not fine:
                wrong.append((route, seat, how, str(answer.status_code), str(refused)))
    assert wrong == [], said(wrong)
    assert changed(before) == []


def test_an_address_without_its_slash_says_nothing_of_what_exists(world: World) -> None:
    client, references = browser(world.cast, "stranger_police"), world.references()
    before, compared = digests(), 0
    for route, subject, _, _ in reachable():
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
            hidden, absent = (
                asked(client, method, address(route, name, references).rstrip("/")) for name in (subject, "nothing")
            )
            assert hidden.status_code in (301, 404), (route, method)
            assert whole(hidden, references[subject]) == whole(absent, ABSENT), (route, method)
            compared += 1
    assert compared > 100
    assert changed(before) == []


# --- Parameters ------------------------------------------------------------------------------------------------------


def test_the_name_of_something_hidden_in_a_query_is_answered_like_that_of_nothing(world: World) -> None:
    """Also when something of one's own stands beside it: the last of two counts."""
    cast = world.cast
    own = open_case(cast, by="stranger_practitioner", coordinator="stranger_coordinator").reference
    client, before = browser(cast, "stranger_coordinator"), digests()
    places = {
        "/volt/shared/?case=": ("case", "C-0000-0000"),
        "/volt/new/person/?case=": ("case", "C-0000-0000"),
        "/volt/link/?a=": ("case", "C-0000-0000"),
        f"/volt/link/?a={own}&to=": ("person", "V-0000-0000"),
        "/volt/link/?a=V-0000-0000&a=": ("person", "V-0000-0000"),
        f"/volt/shared/?case={own}&case=": ("case", "C-0000-0000"),
        "/people/?page=": ("somebody", "U-0000-0000"),
        "/cases/?after=": ("case", "C-0000-0000"),
        "/volt/?kind=": ("person", "V-0000-0000"),
        "/inbox/?after=": ("case", "C-0000-0000"),
        "/dashboard/?start_day=": ("case", "C-0000-0000"),
        "/api/v1/cases/?after=": ("case", "C-0000-0000"),
    }
    for place, (subject, nothing) in places.items():
        hidden, absent = world.references()[subject], nothing
        answers = [whole(client.get(place + name), name) for name in (hidden, absent)]
        assert answers[0] == answers[1], place
        assert answers[0][0] in (200, 302, 404, 422), place
    assert client.get(f"/volt/shared/?case={own}").status_code == 200
    assert changed(before) == []


@pytest.mark.parametrize(
    "value", ["\ud800", "9" * 400, "' or 1=1", "\u202e", "1_2_3", "-1_-1", "0_99999999999999999999"]
)
def test_nonsense_in_a_query_is_never_a_fault(world: World, value: str) -> None:
    client, before = browser(world.cast, "coordinator"), digests()
    names = ["after", "page", "kind", "show", "list", "from", "next", "to", "a", "case", "other", "reference", "role"]
    names += ("start_day", "start_month", "start_year", "half_year", "q", "text", "format", "lang", "version")
    sent = value.encode("utf-8", "surrogatepass")
    query = "&".join(f"{name}={quote(sent)}" for name in names)
    for route, (subject, _) in table()[1].items():
        if "GET" in methods()[route]:
            status = client.get(f"{address(route, subject, world.references())}?{query}").status_code
            assert status < 500, route
    assert changed(before) == []


# --- Headers ---------------------------------------------------------------------------------------------------------

METHOD_OVERRIDES = {
    "HTTP_X_HTTP_METHOD_OVERRIDE": "POST",
    "HTTP_X_METHOD_OVERRIDE": "DELETE",
    "HTTP_X_HTTP_METHOD": "POST",
}
PROXIES = {
    "HTTP_X_FORWARDED_FOR": "127.0.0.1",
    "HTTP_X_FORWARDED_HOST": "evil.example",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_PREFIX": "/evil",
    "HTTP_X_FORWARDED_USER": "coordinator@example.org",
    "HTTP_X_REAL_IP": "127.0.0.1",
    "HTTP_FORWARDED": "for=127.0.0.1;host=evil.example;proto=https",
    "HTTP_REMOTE_USER": "coordinator@example.org",
    "HTTP_X_REMOTE_USER": "coordinator@example.org",
    "HTTP_AUTHORIZATION": "Basic Y29vcmRpbmF0b3I6eA==",
    "HTTP_X_ORIGINAL_URL": "/cases/",
    "HTTP_X_REWRITE_URL": "/cases/",
    "HTTP_MACE_SEAT": "1",
    "HTTP_X_MACE_SEAT": "1",
}


@pytest.mark.parametrize("headers", [METHOD_OVERRIDES, PROXIES], ids=["method", "proxy"])
@pytest.mark.parametrize("seat", ["stranger_police", "coordinator", ""])
def test_headers_that_speak_of_another_method_person_or_place_change_no_answer(
    world: World, seat: str, headers: dict[str, str]
) -> None:
    client, before = browser(world.cast, seat) if seat else Client(), digests()
    for route, (subject, _) in table()[1].items():
        if "GET" in methods()[route]:
            path = address(route, subject, world.references()) + "?_method=DELETE"
            with undone():  # each of them is put on record, and some pages show the record
                plain = client.get(path)
            with undone():
                dressed = client.get(path, **headers)  # type: ignore[arg-type]
            assert fixed(plain) == fixed(dressed), route
            assert b"evil.example" not in dressed.content, route
    assert changed(before) == []


OPERATION = re.compile(rb'value="[0-9a-f-]{32,36}"')


def fixed(answer: Any) -> tuple[int, dict[str, str], bytes]:
    """An answer but the tokens that its forms draw anew."""
    status, headers, body = whole(answer)
    headers.pop("Content-Length", None)
    return status, headers, OPERATION.sub(b"", body)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "testserver.evil.example", "testserver@evil.example", "a b", "[::", "é", ""],
)
def test_a_host_that_is_not_ours_is_refused(world: World, host: str) -> None:
    client, before, log = browser(world.cast, "coordinator"), digests(), read_entries()
    for path in (
        f"/cases/{world.case.reference}/",
        "/",
        "/api/v1/cases/",
        "/accounts/login/",
        "/accounts/password/reset/",
    ):
        for method in ("GET", "POST"):
            answer = client.generic(method, path, HTTP_HOST=host)
            assert answer.status_code == 400, (path, method)
            assert b"evil" not in answer.content
    assert changed(before) == []
    assert read_entries() == log


# --- Links that led somewhere once -----------------------------------------------------------------------------------


def test_a_link_in_a_mail_leads_to_nothing_once_it_is_no_longer_shared(world: World) -> None:
    """Before signing in to the sign-in page, after it to 404 like a link to nothing; put on record as refused."""
    cast = world.cast
    with as_owner():
        paths = {
            row.path for row in Message.objects.filter(recipient=cast.memberships["police_lead"]) if "/A-" in row.path
        }
        paths |= {f"/cases/{world.case.reference}/", f"/documents/{world.document.reference}/"}
        message = Message.objects.filter(recipient=cast.memberships["police_member"], path__contains="/A-").first()
    assert message is not None
    client = browser(cast, "police_lead")
    for path in paths:
        assert client.get(path).status_code == 200, path
    with acting_as(cast["coordinator"]):
        withdraw(
            record_id=world.case.pk, agency=cast.agencies["police"], reason="Done", by=cast["coordinator"], at=HELD
        )
    for path in paths - {f"/documents/{world.document.reference}/"}:
        anonymous = Client().get(path)
        assert (anonymous.status_code, anonymous.headers["Location"]) == (302, f"/accounts/login/?next={path}")
        logged = len(read_entries())
        gone, nothing = client.get(path), client.get(f"{path[: path.index('-')]}-0000-0000/")
        assert gone.status_code == nothing.status_code == 404, path
        assert whole(gone)[2] == whole(nothing)[2], path
        assert [row[-1] for row in read_entries()[logged:]] == [True, True]
    member = browser(cast, "police_member")
    opened = member.post(f"/inbox/{message.reference}/", follow=True)
    assert [status for _, status in opened.redirect_chain] == [302]
    assert opened.status_code == 404


def test_where_to_go_next_is_never_another_site(world: World) -> None:
    client = browser(world.cast, "coordinator")
    role = {"role": str(world.cast.memberships["coordinator"].pk)}
    for place in (
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "https:evil.example",
    ):
        answer = client.post("/roles/", role | {"next": place})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/"), place
        again = Client().get("/accounts/login/", {"next": place})
        assert again.status_code == 200
        assert f'href="{place}'.encode() not in again.content
