"""What waits for each seat on its first page, on three days of one case, as written by hand."""

from __future__ import annotations

import datetime as dt
import html
import re
from pathlib import Path

import pytest

from mace.core import clock
from mace.core.clock import london_time
from tests.access.tables import browser
from tests.access.world import World

LIST = Path(__file__).with_name("home.txt")
LINE = re.compile(r"<h2[^>]*>(.*?)</h2>|app-row__title\"?>(.*?)</p>", re.DOTALL)


def listed() -> dict[tuple[str, str], list[str]]:
    """By day and seat: the headings, each with what stands under it."""
    found: dict[tuple[str, str], list[str]] = {}
    for line in LIST.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            if not line.startswith(" "):
                day, *names = line.split()
                lines: list[str] = []
                found |= dict.fromkeys(((day, name) for name in names), lines)
            else:
                lines.append(line.strip())
    return found


def lines_of(world: World, name: str) -> list[str]:
    body = browser(world.cast, name).get("/").content.decode()
    text = body[body.index("<main") : body.index("</main>")]
    for kind, reference in world.references().items():
        text = text.replace(reference, kind)
    return [
        ("" if heading else "- ") + html.unescape(re.sub(r"<[^>]+>", "", heading or row)).strip()
        for heading, row in LINE.findall(text)
    ]


@pytest.mark.parametrize("day", sorted({day for day, _ in listed()}))
def test_what_waits_for_a_seat_stands_on_its_first_page(
    world: World, monkeypatch: pytest.MonkeyPatch, day: str
) -> None:
    monkeypatch.setattr(clock, "now", lambda: london_time(dt.date.fromisoformat(day), 9))
    expected = {name: lines for (of, name), lines in listed().items() if of == day}
    everybody = {name for name in world.cast.memberships if not name.endswith("system")}
    assert expected.keys() == everybody
    assert {name: lines_of(world, name) for name in everybody} == expected
