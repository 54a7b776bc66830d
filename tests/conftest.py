"""Fixtures of every test: the database as the web role, and a cast of owner, partner and stranger."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from pytest_django.plugin import blocking_manager_key
from xdist.scheduler import LoadScopeScheduling

from referrals.selectors.codes import forget_codes, remembers_own_lists
from tests import prepared
from tests.access.world import World
from tests.factories.cast import Cast

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
BASE = str(connection.settings_dict["NAME"])


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The database is there already, cloned from a migrated template (``tests/cluster.py``)."""
    connection.settings_dict["OPTIONS"]["assume_role"] = os.environ["MACE_TEST_ASSUME_ROLE"]


TOGETHER = ("tests/e2e/", "tests/importing/reading/test_quality.py", "tests/mutation/")
"""What makes something costly for all its tests: a running product, many spreadsheets, the mutants."""


class BrowserFirst(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist brings no types
    """Each test by itself to whoever is free; those ``TOGETHER`` to one process, the larger parts first.

    So nothing costly is made twice, and the longest test is not the last.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((part for part in TOGETHER if nodeid.startswith(part)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BrowserFirst:
    return BrowserFirst(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture: the database in which what the test asks for stands already."""
    with item.config.stash[blocking_manager_key].unblock():
        prepared.use(prepared.kind_for(item), BASE)


@pytest.fixture(autouse=True)
def bound_by_the_policies(request: pytest.FixtureRequest) -> None:
    """A test that runs as owner, as superuser or past the policies proves nothing."""
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        request.getfixturevalue("db")
        with connection.cursor() as cursor:
            cursor.execute(
                "select current_user, rolsuper or rolbypassrls, exists (select from pg_class where relowner = r.oid) "
                "from pg_roles r where rolname = current_user"
            )
            assert cursor.fetchone() == ("mace_web", False, False)


@pytest.fixture(autouse=True)
def no_list_of_another_test() -> Iterator[None]:
    """What a test changed in a partnership's lists is not remembered by the next one."""
    yield
    if remembers_own_lists():
        forget_codes()


@pytest.fixture
def cast(db: None) -> Cast:
    """An invented partnership with people in every role, and a second partnership of strangers."""
    return prepared.the_cast()


@pytest.fixture
def world(cast: Cast) -> World:
    """One child’s case with all that hangs on it, shared with some of the cast and hidden from the others."""
    return prepared.the_world(cast)
