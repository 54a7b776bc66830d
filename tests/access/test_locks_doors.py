"""Each page's own lock, tried at the door: who lacks what it asks for does not pass, whatever is behind it.

Against a table written by hand (``doors.txt``), with references that do not exist: who passes is told 404, not 403.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from mace.access import sessions
from mace.access.checks import declaration, every_view_declares, patterns
from mace.access.policy import Capability, can
from mace.core.seat import MARK_FIELD
from tests.access.locks import only, owner
from tests.factories.cast import Cast

TABLE = Path(__file__).with_name("doors.txt")
FILLED = {
    "<str:number>": "1",
    "<str:field>": "rating",
    "<str:address>": "B2",
    "<str:reference>": "X-0000-0000",
    "<slug:section>": "child",
    "<str:kind>": "person",
    "<str:what>": "case",
    "<str:table>": "cases",
    "<str:key>": "absent",
    "<slug:name>": "wider_factor",
}


def table() -> dict[str, tuple[str, bool]]:
    """For each route the capability it asks for, and whether it asks who it is once more."""
    found = {}
    for line in TABLE.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            route, capability, *fresh = line.split()
            found[route] = (capability, fresh == ["fresh"])
    return found


def address(route: str) -> str:
    for name, value in FILLED.items():
        route = route.replace(name, value)
    assert "<" not in route, f"what stands for {route}?"
    return "/" + re.sub("^home$", "", route)


def views() -> dict[str, Any]:
    return {
        route or "home": entry.callback
        for route, entry in patterns(get_resolver())
        if declaration(entry.callback) != "sign-in"
    }


def test_every_page_is_in_the_table_and_says_what_it_asks() -> None:
    said = {route: declaration(view).split(":")[0] for route, view in views().items()}
    assert said == {route: capability for route, (capability, _) in table().items()}
    assert every_view_declares() == []


def try_door(client: Client, route: str, **data: str) -> int:
    """Its status by POST, or by GET where it takes no POST."""
    path = address(route)
    answer = client.post(path, data)
    return client.get(path).status_code if answer.status_code == 405 else answer.status_code


def test_who_lacks_the_capability_does_not_pass_and_who_has_it_does(cast: Cast) -> None:
    clients: dict[str, Client] = {}
    names = [name for name in cast.seats if not name.endswith("system")]
    routes = table()
    wrong, refused, passed = [], 0, 0
    for route in only(routes):
        capability, fresh = routes[route]
        if capability == "public":
            continue
        needed = Capability[capability]
        lacking = [name for name in names if not can(cast[name], needed)]
        having = [name for name in names if can(cast[name], needed)]
        assert having, route
        clients |= {name: cast.client(name) for name in (*lacking, having[0]) if name not in clients}
        for name in lacking:
            refused += 1
            if (got := try_door(clients[name], route)) != 403:
                wrong.append((route, name, f"lacks {capability}, got {got}"))
        if lacking and (got := clients[lacking[0]].get(address(route)).status_code) not in {403, 405}:
            wrong.append((route, lacking[0], f"lacks {capability} and opens it, got {got}"))
        if not route.startswith(("api/", "access-log/")) and not fresh:
            passed += 1
            if (got := clients[having[0]].get(address(route)).status_code) == 403:
                wrong.append((route, having[0], f"has {capability}, got 403"))
        if route.startswith("api/"):
            got = Client().get(address(route)).status_code
        else:
            got = try_door(Client(), route, next="")
        if got not in {302, 403}:
            wrong.append((route, "nobody", f"got {got}"))
    assert wrong == []
    assert refused + passed > 0


def test_who_holds_no_seat_is_led_to_the_page_that_says_so(cast: Cast) -> None:
    client = cast.client("admin")
    owner("update accounts_membership set until_on = '2021-01-01' where id = %s", cast["admin"].membership_id)
    routes = table()
    tried = [name for name in only(routes) if routes[name][0] != "public" and not name.startswith("api/")]
    led = {route: client.get(address(route)).headers.get("Location") for route in tried}
    assert led == dict.fromkeys(tried, reverse("no_seat"))
    assert tried


def test_what_asks_to_be_sure_who_it_is_does_not_pass_an_old_sign_in(cast: Cast) -> None:
    routes = table()
    for route in only(name for name, (_, fresh) in routes.items() if fresh):
        capability, fresh = routes[route]
        if not fresh:
            continue
        name = next(name for name in cast.seats if can(cast[name], Capability[capability]) and name != "system")
        client = cast.client(name)
        session = client.session
        session[sessions.BEGAN] = session[sessions.USED] = sessions.now() - sessions.FRESH - 1
        session.save()
        sent, opened = client.post(address(route)), client.get(address(route))
        assert "prove_again.html" in [template.name for template in sent.templates], route
        assert (sent.status_code, opened.status_code in {302, 405}) == (403, True), route


def test_a_form_of_a_page_opened_in_another_role_does_nothing(cast: Cast) -> None:
    routes = table()
    wrong, tried = [], 0
    for route in only(routes):
        capability, _ = routes[route]
        if capability == "public" or route.startswith("api/"):
            continue
        name = next(name for name in cast.seats if can(cast[name], Capability[capability]) and name != "system")
        client = cast.client(name)
        answer = client.post(address(route), {MARK_FIELD: cast["stranger_police"].mark})
        tried += 1
        if answer.status_code not in {405, 409}:
            wrong.append((route, answer.status_code))
    assert wrong == []
    assert tried > 0


@pytest.mark.parametrize("route", ["accounts/signup/", "accounts/email/"])
def test_what_is_closed_answers_like_what_is_absent(route: str, client: Client, db: None) -> None:
    assert client.get(f"/{route}").status_code == client.get("/nothing-here/").status_code == 404
