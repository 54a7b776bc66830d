"""Every page × every kind of seat, against a table written by hand (``matrix.txt``); an unlisted page fails."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import get_resolver

from mace.access.checks import declaration, patterns
from tests.access.world import World, make_world
from tests.factories.cast import Cast
from tests.factories.owner import as_owner

TABLE = Path(__file__).with_name("matrix.txt")
ANONYMOUS_MAY_READ = {"accessibility/", "privacy/", "demo/"}
CLOSED = {"accounts/signup/", "accounts/email/"}
HIDDEN_FROM = (
    "other_practitioner",
    "health_lead",  # its sharing was withdrawn
    "voluntary_member",
    "stranger_coordinator",
    "stranger_police",
    "stranger_practitioner",
    "board",
    "analyst",
    "ig",
    "admin",
)


def table() -> tuple[list[str], dict[str, tuple[str, list[int]]]]:
    """The seats, and for each route the kind of object it is tried with and the status for each seat."""
    lines = [line for line in TABLE.read_text().splitlines() if line.strip() and not line.startswith("#")]
    seats = lines[0].split()
    found = {}
    for line in lines[1:]:
        route, subject, *statuses = line.split()
        found[route] = (subject, [int(status) for status in statuses])
        assert len(statuses) == len(seats), route
    return seats, found


def routes() -> dict[str, str]:
    """Each route of ours and what its view declares; the routes of the sign-in package are its own."""
    return {
        route: declaration(entry.callback)
        for route, entry in patterns(get_resolver())
        if declaration(entry.callback) != "sign-in" and route not in CLOSED
    }


def address(route: str, subject: str, references: dict[str, str]) -> str:
    filled = route.replace("<str:reference>", references.get(subject, "X-0000-0000"))
    for name, value in (("<slug:section>", "child"), ("<str:kind>", "person"), ("<str:what>", "case")):
        filled = filled.replace(name, value)
    assert "<" not in filled, route
    return "/" + filled.removeprefix("home")


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast)


def test_every_page_is_in_the_table() -> None:
    _, rows = table()
    assert {route or "home" for route in routes()} == set(rows)


def test_every_seat_gets_what_the_table_says(world: World) -> None:
    seats, rows = table()
    wrong = []
    for seat, column in zip(seats, range(len(seats)), strict=True):
        client = world.cast.client(seat)
        for route, (subject, statuses) in rows.items():
            got = client.get(address(route, subject, world.references())).status_code
            if got != statuses[column]:
                wrong.append((route, seat, f"expected {statuses[column]}, got {got}"))
    assert wrong == []


def test_nobody_reads_anything_before_signing_in(world: World) -> None:
    _, rows = table()
    client = Client()
    for route, (subject, _) in rows.items():
        answer = client.get(address(route, subject, world.references()))
        if route in ANONYMOUS_MAY_READ:
            assert answer.status_code == 200, route
        elif route.startswith("api/"):
            assert answer.status_code == 403, route
        elif answer.status_code == 302:
            assert answer.headers["Location"].startswith("/accounts/login/") or route == "no-role/", route
        else:
            assert answer.status_code == 405, route


def count_rows() -> Counter[str]:
    """How many rows each table of content has, as the owner sees it."""
    counted: Counter[str] = Counter()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "select tablename from pg_tables where schemaname = 'public' and tablename ~ "
            "'^(referrals|panels|volt|access|agencies|accounts)_' order by 1"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(
                f"select count(*), coalesce(md5(string_agg(t::text, chr(10) order by t::text)), '') from \"{name}\" t"
            )
            count, digest = cursor.fetchone()
            counted[f"{name} {digest}"] = count
    return counted


def test_those_to_whom_it_is_hidden_change_nothing_by_posting(world: World) -> None:
    _, rows = table()
    clients = {seat: world.cast.client(seat) for seat in HIDDEN_FROM}
    before = count_rows()
    assert sum(before.values()) > 200
    for seat, client in clients.items():
        for route, (subject, _) in rows.items():
            if subject == "-" or (seat, subject) == ("health_lead", "meeting"):
                continue  # that it was at the meeting is not hidden from it; what was said there is
            for method in (client.post, client.put, client.delete, client.patch):
                answer = method(address(route, subject, world.references()))
                assert answer.status_code in (403, 404, 405), (route, seat, answer.status_code)
    after = count_rows()
    assert after == before


def without_token(body: bytes) -> bytes:
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", body)


@pytest.mark.parametrize("seat", ["stranger_coordinator", "stranger_police", "other_practitioner", "health_lead"])
def test_hidden_and_absent_are_the_same_to_the_byte(world: World, seat: str) -> None:
    seats, rows = table()
    client = world.cast.client(seat)
    compared = 0
    for route, (subject, statuses) in rows.items():
        if subject == "-" or (seat in seats and statuses[seats.index(seat)] != 404):
            continue
        hidden = client.get(address(route, subject, world.references()))
        absent = client.get(address(route, "nothing", {}))
        assert hidden.status_code == absent.status_code, route
        if hidden.status_code != 404:
            continue
        assert without_token(hidden.content) == without_token(absent.content), route
        drop = {"Set-Cookie"}
        assert {k: v for k, v in hidden.headers.items() if k not in drop} == {
            k: v for k, v in absent.headers.items() if k not in drop
        }, route
        compared += 1
    assert compared >= 5


def test_what_is_hidden_does_not_stand_in_any_page_of_those_it_is_hidden_from(world: World) -> None:
    """The child's name and the referral's words, in every page that each of them can open at all."""
    _, rows = table()
    secrets = ("Brightwater", "Her father may be involved", "Found on 27 February", "Visit the flat", "I just want it")
    owner = world.cast.client("coordinator")
    shown = owner.get(f"/cases/{world.case.reference}/").content.decode()
    assert [secret for secret in secrets if secret not in shown] == []
    for seat in HIDDEN_FROM:
        client = world.cast.client(seat)
        for route, (subject, _) in rows.items():
            body = client.get(address(route, subject, world.references())).content.decode()
            assert [secret for secret in secrets if secret in body] == [], (route, seat)
