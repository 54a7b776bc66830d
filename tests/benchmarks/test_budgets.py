"""What pages cost, sign-in and read log included: the same number of statements at one row and at twenty-five.

The numbers are ceilings. They come from what was measured, with a little room, and never lie above the design's own:
statements list 6, detail 8, search 6, create 8, list of the API 6; calls an empty page 5,000, list of 25 20,000, detail
15,000, list of the API of 50 25,000.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
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


EMPTY = Budget(statements=4, calls=5_000, buffers=60, content=8_000)
LIST = Budget(statements=6, calls=15_000, buffers=1_200, content=30_000)
DETAIL = Budget(statements=8, calls=15_000, buffers=2_000, content=45_000)
SEARCH = Budget(statements=6, calls=15_000, buffers=1_300, content=30_000)
CREATE = Budget(statements=8, calls=10_000, buffers=600, content=0)
API = Budget(statements=6, calls=8_000, buffers=2_000, content=25_000)


@pytest.fixture
def case(cast: Cast) -> Case:
    return open_case(cast, child=another_child(START) | {"surname": SURNAME})


@pytest.fixture
def browser(cast: Cast, case: Case) -> Browser:
    client = cast.client("coordinator")
    client.get(reverse("casework:cases"))
    return Browser(client)


def more_cases(cast: Cast, upto: int) -> None:
    with as_owner():
        there = Case.objects.count()
    for number in range(there, upto):
        open_case(cast, child=another_child(START + number) | {"surname": SURNAME})


def more_actions(cast: Cast, case: Case, upto: int) -> None:
    seat = cast["coordinator"]
    with acting_as(seat):
        for number in range(Action.objects.count(), upto):
            create_action(
                record_id=case.pk,
                item=None,
                strand="victim",
                text=f"Step {number}",
                measure="",
                owner_agency=cast.agencies["police"],
                owner=cast.memberships["police_member"],
                due_on=dt.date(2026, 4, 1),
                by=seat,
                at=MONDAY,
            )


def check(budget: Budget, *costs: Cost) -> None:
    for cost in costs:
        assert budget.holds(cost), f"{cost} is more than {budget}"
    assert len({cost.statements for cost in costs}) == 1, f"{costs} differ in statements"


def test_an_empty_page(browser: Browser) -> None:
    check(EMPTY, browser.cost(reverse("casework:accessibility")))


def test_the_list_of_cases(cast: Cast, browser: Browser) -> None:
    url = reverse("casework:cases")
    one = browser.cost(url)
    more_cases(cast, MANY)
    assert browser.ask(url).content.decode().count("app-nowrap") == MANY
    check(LIST, one, browser.cost(url))


def test_the_page_of_a_case(cast: Cast, case: Case, browser: Browser) -> None:
    url = reverse("casework:case", args=[case.reference])
    more_actions(cast, case, 1)
    one = browser.cost(url)
    more_actions(cast, case, MANY)
    assert browser.ask(url).content.decode().count("Action given to Anytown Police") == MANY
    check(DETAIL, one, browser.cost(url))


def test_finding_a_case_by_name(cast: Cast, browser: Browser) -> None:
    url, wanted = reverse("casework:case_search"), {"text": SURNAME}
    one = browser.cost(url, wanted)
    more_cases(cast, MANY)
    assert "25 cases found" in browser.ask(url, wanted).content.decode()
    check(SEARCH, one, browser.cost(url, wanted))


def test_starting_a_referral(cast: Cast, browser: Browser) -> None:
    def fresh() -> dict[str, Any]:
        return {"operation": secrets.token_hex(8)}

    cost = browser.cost(reverse("referrals:new"), fresh=fresh)
    with as_owner():
        assert Referral.objects.filter(status="draft").count() == 6
    check(CREATE, cost)


@pytest.mark.parametrize(
    ("resource", "more"),
    [("cases", more_cases), ("referrals", more_cases), ("actions", None)],
)
def test_lists_of_the_api(
    cast: Cast, case: Case, browser: Browser, resource: str, more: Callable[[Cast, int], None] | None
) -> None:
    url = reverse(f"api:{resource}")
    more_actions(cast, case, 1)
    one = browser.cost(url)
    if more:
        more(cast, 2 * MANY)
    else:
        more_actions(cast, case, 2 * MANY)
    assert browser.ask(url).content.count(b'"reference":"') >= 2 * MANY
    check(API, one, browser.cost(url))
