"""No page leads anybody to where they may not go."""

from __future__ import annotations

from collections import Counter, deque
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import resolve, reverse

from mace.casework.context import MENU
from tests.access.channels import links
from tests.access.limited import join_for_a_time
from tests.access.tables import browser
from tests.access.world import World

REFUSED = (403, 404)


def astray(client: Client, *, every: bool) -> list[str]:
    """Links that end at a refusal, each after the page that it stands on; two of each kind, or one."""
    parts = {reverse(name) for _, name, _ in MENU}
    waiting, seen, kinds = deque([("", "/")]), {"/"}, Counter[str]()
    found = []
    while waiting:
        whence, path = waiting.popleft()
        answer = client.get(path)
        if answer.status_code in REFUSED:
            found.append(f"{whence} leads to {path}: {answer.status_code}")
        if answer.status_code != 200 or not (every or path in parts):
            continue
        if not answer["Content-Type"].startswith("text/html"):
            continue
        for link in (urljoin(path, each) for each in links(path, answer.content.decode())):
            route = resolve(urlsplit(link).path).route
            if link not in seen and (link in parts or kinds[route] < 1 + every):
                seen.add(link)
                kinds[route] += 1
                waiting.append((path, link))
    return found


@pytest.mark.parametrize(
    "every", [pytest.param(False, id="parts"), pytest.param(True, id="every", marks=pytest.mark.deep)]
)
def test_no_link_ends_at_a_refusal(world: World, every: bool) -> None:
    """From the first page and those of the menu, for one seat of each role; in the long run from every page for all."""
    cast = join_for_a_time(world).cast
    members = {name: seat.role for name, seat in cast.memberships.items() if not name.endswith("system")}
    seats = members if every else {role: name for name, role in reversed(members.items())}.values()
    found = {name: wrong for name in seats if (wrong := astray(browser(cast, name), every=every))}
    assert found == {}
