"""An item that is taken off the agenda while somebody opens it is not found, instead of a fault."""

from __future__ import annotations

import pytest

from panels.views import running
from tests.access.world import LATER, World
from tests.factories.panels import started_meeting


def test_an_item_taken_off_meanwhile_is_not_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    started_meeting(world.cast, world.next_meeting, at=LATER)
    client, path = world.cast.client("chair"), f"/items/{world.next_item.reference}/minute/"
    assert client.get(path).status_code == 200
    monkeypatch.setattr(running, "items_of", lambda *_, **__: [])
    assert client.get(path).status_code == 404
