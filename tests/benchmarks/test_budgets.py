"""What pages cost, sign-in and read log included: no more than their budgets, at one row as at many."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection

from tests.benchmarks.budgets import PAGES, desk
from tests.cluster import servers
from tests.factories.cast import Cast


@pytest.fixture(autouse=True)
def tidy() -> None:
    """What earlier tests took back still lies in the tables and indexes, and would be read in passing."""
    name = str(connection.settings_dict["NAME"])
    with psycopg.connect(servers().database_url(name, "postgres"), autocommit=True) as own:
        own.execute("vacuum")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_costs_no_more_than_its_budget(cast: Cast, page: str) -> None:
    assert PAGES[page](desk(cast)).problems() == []
