"""Every page × every kind of seat × every method, against tables written by hand; an unlisted page fails.

``matrix.txt`` says what each seat gets on opening each page, ``methods.txt`` how each page may be asked at all.
``test_relations.py`` does the same for every relation that a seat can have to a case.
"""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import get_resolver

from mace.access.checks import declaration, patterns
from tests.access.limited import join_for_a_time
from tests.access.tables import (
    ABSENT,
    CLOSED,
    EVERY_METHOD,
    OF_PEOPLE,
    READ,
    SEND,
    address,
    asked,
    browser,
    changed,
    digests,
    methods,
    read_entries,
    routes,
    rows_of,
    some_methods,
    table,
    undone,
    whole,
)
from tests.access.world import World

PARTS = 4
"""The seats are tried in as many groups, so that several processes share them."""
ANONYMOUS_MAY_READ = {"accessibility/", "privacy/", "demo/"}
ASKED = {("stranger_coordinator", "question")}
"""Told of the child on purpose: their coordinator was asked."""
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


@pytest.fixture
def world(world: World) -> World:
    return join_for_a_time(world)


EXTENT = pytest.mark.parametrize(
    "every", [pytest.param(False, id="some"), pytest.param(True, id="every", marks=pytest.mark.deep)]
)
"""Every method for every seat and page is for the long run; otherwise each pair gets a third, in turn."""


def expected(part: int) -> list[tuple[str, dict[str, tuple[str, int]]]]:
    """The seats of one group, each with route, object and status."""
    seats, rows = table()
    return [
        (seat, {route: (subject, statuses[column]) for route, (subject, statuses) in rows.items()})
        for column, seat in enumerate(seats)
        if column % PARTS == part
    ]


def test_every_page_is_in_both_tables() -> None:
    found = {route or "home" for route in routes()}
    _, rows = table()
    assert sorted(found ^ rows.keys()) == []
    assert sorted(found ^ methods().keys()) == []
    assert len(found) > 80
    assert len(table()[0]) >= 12


@pytest.mark.parametrize("part", range(PARTS))
def test_every_seat_gets_what_the_table_says(world: World, part: int) -> None:
    wrong = []
    for seat, rows in expected(part):
        client = browser(world.cast, seat)
        for route, (subject, status) in rows.items():
            got = client.get(address(route, subject, world.references())).status_code
            if got != status:
                wrong.append((route, seat, f"expected {status}, got {got}"))
    assert wrong == [], "\n".join(map(str, wrong))


@EXTENT
@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_method_a_page_does_not_take_is_refused_and_changes_nothing(
    world: World, part: int, *, every: bool
) -> None:
    """405 with the methods there are, alike for what exists and what does not; to roles without the page mostly 403."""
    takes, wrong, clients = methods(), [], {seat: browser(world.cast, seat) for seat, _ in expected(part)}
    before, references = digests(), world.references()
    for turn, (seat, rows) in enumerate(expected(part)):
        client = clients[seat]
        for row, (route, (subject, status)) in enumerate(rows.items()):
            for method in EVERY_METHOD if every else some_methods(turn + row):
                if method in takes[route] and status != 403:
                    continue
                got = asked(client, method, address(route, subject, references))
                refused = got.status_code == 405 or (status == 403 and got.status_code == 403)
                allowed = got.headers.get("Allow", "").split(", ") if got.status_code == 405 else [*takes[route]]
                told = got.status_code == 405 and not route.startswith("api/") and got.content != b""
                if not refused or sorted(allowed) != sorted(takes[route]) or told:
                    wrong.append((route, seat, method, f"for {status} got {got.status_code}", allowed))
    assert wrong == [], "\n".join(map(str, wrong))
    assert changed(before) == []


@EXTENT
@pytest.mark.parametrize("part", range(PARTS))
def test_hidden_and_absent_are_the_same_to_the_byte(world: World, part: int, *, every: bool) -> None:
    """For every seat and every method: status, headers and body, but the reference that was asked for."""
    takes, references, compared = methods(), world.references(), 0
    clients = {seat: browser(world.cast, seat) for seat, _ in expected(part)}
    before = digests()
    for turn, (seat, rows) in enumerate(expected(part)):
        client = clients[seat]
        for row, (route, (subject, status)) in enumerate(rows.items()):
            if status != 404 or subject == "-":
                continue
            for method in EVERY_METHOD if every else {"GET", *some_methods(turn + row)}:
                hidden = asked(client, method, address(route, subject, references))
                absent = asked(client, method, address(route, "nothing", {}))
                assert hidden.status_code == (404 if method in takes[route] else 405), (route, seat, method)
                assert whole(hidden, references[subject]) == whole(absent, ABSENT), (route, seat, method)
                compared += 1
    assert compared >= 100
    assert changed(before) == []


@pytest.mark.parametrize("seat", ["practitioner", "coordinator", "chair", "police_lead", "board", "stranger_police"])
def test_head_is_get_without_its_body_and_is_put_on_record_like_it(world: World, seat: str) -> None:
    """Also for what is hidden; a page that is only sent to is asked by neither."""
    takes, shown, refused = methods(), 0, 0
    _, rows = table()
    client = browser(world.cast, seat)
    for route, (subject, _) in rows.items():
        if "HEAD" not in takes[route]:
            continue
        path = address(route, subject, world.references())
        logged = [len(read_entries())]
        with undone():
            get = whole(client.get(path))
            entries = read_entries()[logged[0] :]
        with undone():
            head = whole(client.head(path))
            again = read_entries()[logged[0] :]
        assert head[:2] == get[:2], route
        assert head[2] == b"", route
        assert again == entries, route
        shown += any(not refusal for *_, refusal in entries)
        refused += any(refusal for *_, refusal in entries)
    assert refused >= 3
    assert shown >= (20 if seat in ("practitioner", "coordinator") else 1)


def test_those_to_whom_it_is_hidden_change_nothing_by_posting(world: World) -> None:
    _, rows = table()
    clients = {seat: browser(world.cast, seat) for seat in HIDDEN_FROM}
    before = digests()
    assert sum(count for count, _ in before.values()) > 200
    posts = 0
    for seat, client in clients.items():
        for route, (subject, _) in rows.items():
            if subject == "-" or (seat, subject) == ("health_lead", "meeting"):
                continue  # that it was at the meeting is not hidden from it; what was said there is
            if subject in OF_PEOPLE and seat == "admin":
                continue  # an administrator looks after people
            if (seat, subject) in ASKED:
                continue
            if "POST" not in methods()[route]:
                continue  # every other method is tried above
            answer = client.post(address(route, subject, world.references()))
            assert answer.status_code in (403, 404), (route, seat, answer.status_code)
            posts += 1
    assert posts > 200
    assert changed(before) == []


def test_what_is_hidden_does_not_stand_in_any_page_of_those_it_is_hidden_from(world: World) -> None:
    """The child's name and the referral's words, in every page that each of them can open at all."""
    _, rows = table()
    secrets = ("Brightwater", "Her father may be involved", "Found on 27 February", "Visit the flat", "I just want it")
    owner = world.cast.client("coordinator")
    shown = owner.get(f"/cases/{world.case.reference}/").content.decode()
    assert [secret for secret in secrets if secret not in shown] == []
    for seat in HIDDEN_FROM:
        client = browser(world.cast, seat)
        for route, (subject, _) in rows.items():
            if (seat, subject) in ASKED:
                continue
            body = client.get(address(route, subject, world.references())).content.decode()
            assert [secret for secret in secrets if secret in body] == [], (route, seat)


# --- Before signing in -----------------------------------------------------------------------------------------------


def test_nobody_reads_or_changes_anything_before_signing_in(world: World) -> None:
    """By any method: sent to sign in, or refused; what exists and what does not are answered alike."""
    _, rows = table()
    takes, references = methods(), world.references()
    client, before, log = Client(), digests(), read_entries()
    for route, (subject, _) in rows.items():
        for method in EVERY_METHOD:
            path = address(route, subject, references)
            answer = asked(client, method, path)
            case = (route, method, answer.status_code)
            if route in ANONYMOUS_MAY_READ and method in READ:
                assert answer.status_code == 200, case
            elif route.startswith("api/"):
                assert answer.status_code == 403, case
            elif (route, method) == ("demo/", "POST"):
                assert answer.status_code == 404, case  # nobody of that name
            elif answer.status_code == 302:
                place = answer.headers["Location"]
                assert place.startswith("/accounts/login/?") or (route, place) in {
                    ("no-role/", "/"),
                    ("demo/confirm/", "/demo/"),
                }, case
            else:
                assert answer.status_code == 405, case
                assert method not in takes[route], case
            if subject != "-":
                absent = asked(client, method, address(route, "nothing", {}))
                keys = [references[of] for of in ("assessment", "plan", "episode", "moment")]
                assert whole(answer, references[subject], *keys) == whole(absent, ABSENT, "absent"), case
    assert changed(before) == []
    assert read_entries() == log


def test_the_pages_of_the_sign_in_package_are_those_listed_and_no_other(world: World) -> None:
    """``sign_in.txt``: each with what it answers before signing in, and to somebody signed in."""
    found = {route for route, entry in patterns(get_resolver()) if declaration(entry.callback) == "sign-in"} | CLOSED
    listed = {route: (int(before), int(after)) for route, before, after in rows_of("sign_in.txt")}
    assert sorted(found ^ listed.keys()) == []
    client, before = browser(world.cast, "practitioner"), digests()
    filled = {"(?P<key>[-:\\w]+)/$": "abc/", "(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "1-abc/", "^": ""}
    for route, wanted in listed.items():
        path = f"/{route}"
        for pattern, example in filled.items():
            path = path.replace(pattern, example)
        got = (Client().get(path).status_code, client.get(path).status_code)
        assert got == wanted, route
    assert changed(before) == []
    for method in SEND:
        for route in CLOSED:
            assert asked(client, method, f"/{route}").status_code == 404
