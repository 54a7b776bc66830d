"""What pages may cost, sign-in and read log included, and what they are asked for to find out.

The numbers are ceilings. They come from what was measured, with a little room, and never lie above the design's own:
statements list 6, detail 8, search 6, create 8, list of the API 6; calls an empty page 5,000, list of 25 20,000, detail
15,000, list of the API of 50 25,000.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.urls import reverse

from mace.core.seat import acting_as
from panels.models import Action
from panels.services.actions import create_action
from referrals.models import Case, Referral
from tests.benchmarks.measuring import Browser, Cost
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import MONDAY, another_child, open_case

MANY = 25
SURNAME = "Varga"
START = 1000  # other children than those of other tests


@dataclass(frozen=True, slots=True)
class Budget:
    """Ceilings for one page, at any number of rows that it shows."""

    statements: int
    calls: int
    buffers: int
    content: int

    def holds(self, cost: Cost) -> bool:
        return (
            cost.status in (200, 302)
            and cost.statements <= self.statements
            and cost.calls <= self.calls
            and cost.buffers <= self.buffers
            and cost.content <= self.content
        )

    def __str__(self) -> str:
        return f"{self.statements} statements, {self.calls} calls, {self.buffers} buffers, {self.content} bytes"


EMPTY = Budget(statements=4, calls=5_000, buffers=60, content=8_000)
LIST = Budget(statements=6, calls=15_000, buffers=1_000, content=30_000)
DETAIL = Budget(statements=8, calls=15_000, buffers=1_500, content=45_000)
SEARCH = Budget(statements=6, calls=15_000, buffers=1_100, content=30_000)
CREATE = Budget(statements=8, calls=10_000, buffers=600, content=0)
API = Budget(statements=6, calls=8_000, buffers=2_000, content=25_000)


@dataclass(frozen=True, slots=True)
class Costs:
    """What one page cost, with few rows and with many, and what it may cost."""

    budget: Budget
    found: tuple[Cost, ...]

    def problems(self) -> list[str]:
        """Where it costs too much, or more statements for more rows."""
        over = [f"{cost} is more than {self.budget}" for cost in self.found if not self.budget.holds(cost)]
        if len({cost.statements for cost in self.found}) != 1:
            over.append(f"{self.found} differ in statements")
        return over


@dataclass(frozen=True, slots=True)
class Desk:
    """A coordinator at a browser, and a case."""

    cast: Cast
    case: Case
    browser: Browser


def desk(cast: Cast) -> Desk:
    case = open_case(cast, child=another_child(START) | {"surname": SURNAME})
    client = cast.client("coordinator")
    client.get(reverse("casework:cases"))
    return Desk(cast, case, Browser(client))


def more_cases(of: Desk, upto: int) -> None:
    with as_owner():
        there = Case.objects.count()
    for number in range(there, upto):
        open_case(of.cast, child=another_child(START + number) | {"surname": SURNAME})


def more_actions(of: Desk, upto: int) -> None:
    seat = of.cast["coordinator"]
    with acting_as(seat):
        for number in range(Action.objects.count(), upto):
            create_action(
                record_id=of.case.pk,
                item=None,
                strand="victim",
                text=f"Step {number}",
                measure="",
                owner_agency=of.cast.agencies["police"],
                owner=of.cast.memberships["police_member"],
                due_on=dt.date(2026, 4, 1),
                by=seat,
                at=MONDAY,
            )


def an_empty_page(of: Desk) -> Costs:
    return Costs(EMPTY, (of.browser.cost(reverse("casework:accessibility")),))


def the_list_of_cases(of: Desk) -> Costs:
    url = reverse("casework:cases")
    one = of.browser.cost(url)
    more_cases(of, MANY)
    assert of.browser.ask(url).content.decode().count("app-nowrap") == MANY
    return Costs(LIST, (one, of.browser.cost(url)))


def the_page_of_a_case(of: Desk) -> Costs:
    url = reverse("casework:case", args=[of.case.reference])
    more_actions(of, 1)
    one = of.browser.cost(url)
    more_actions(of, MANY)
    assert len(set(re.findall(r"/actions/A-[0-9A-Z-]{9}/", of.browser.ask(url).content.decode()))) == MANY
    return Costs(DETAIL, (one, of.browser.cost(url)))


def finding_a_case_by_name(of: Desk) -> Costs:
    url, wanted = reverse("casework:case_search"), {"text": SURNAME}
    one = of.browser.cost(url, wanted)
    more_cases(of, MANY)
    assert "25 cases found" in of.browser.ask(url, wanted).content.decode()
    return Costs(SEARCH, (one, of.browser.cost(url, wanted)))


def starting_a_referral(of: Desk) -> Costs:
    def fresh() -> dict[str, Any]:
        return {"operation": secrets.token_hex(8)}

    cost = of.browser.cost(reverse("referrals:new"), fresh=fresh)
    with as_owner():
        assert Referral.objects.filter(status="draft").count() == 6
    return Costs(CREATE, (cost,))


def a_list_of_the_api(of: Desk, *, resource: str) -> Costs:
    url = reverse(f"api:{resource}")
    more_actions(of, 1)
    one = of.browser.cost(url)
    if resource == "actions":
        more_actions(of, 2 * MANY)
    else:
        more_cases(of, 2 * MANY)
    assert of.browser.ask(url).content.count(b'"reference":"') >= 2 * MANY
    return Costs(API, (one, of.browser.cost(url)))


PAGES: dict[str, Callable[[Desk], Costs]] = {
    "an empty page": an_empty_page,
    "list of cases": the_list_of_cases,
    "page of a case": the_page_of_a_case,
    "finding a case by name": finding_a_case_by_name,
    "starting a referral": starting_a_referral,
    **{f"API: list of {name}": partial(a_list_of_the_api, resource=name) for name in ("cases", "referrals", "actions")},
}
"""Each makes the rows that it needs, in a database where nobody else's are."""
