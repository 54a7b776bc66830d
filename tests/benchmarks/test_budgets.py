"""What pages cost, sign-in and read log included: no more than their budgets, at one row as at many."""

from __future__ import annotations

import pytest

from tests.benchmarks.budgets import PAGES, desk
from tests.factories.cast import Cast

pytestmark = pytest.mark.untouched


@pytest.mark.parametrize("page", PAGES)
def test_a_page_costs_no_more_than_its_budget(cast: Cast, page: str) -> None:
    assert PAGES[page](desk(cast)).problems() == []
