"""The demonstration: its sign-in page, its people, the seed on a database of its own, the movable clock."""

from __future__ import annotations

import datetime as dt
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import clear_url_caches, reverse

import mace.urls
from mace.accounts.models import Membership, Role
from mace.core import clock
from mace.core.numbers import nhs_number
from mace.demo.children import invented_children
from mace.demo.management.commands.demo_clock import days_in
from mace.demo.people import EASTMERE, NORTHGATE
from mace.demo.services.organisations import lay_out_organisations
from tests.cluster import ROOT, clone, environment, manage, servers
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import open_case
from tests.seeded import seeded

DEMO = f"mace_demo_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def laid_out(db: None) -> None:
    with as_owner():
        assert lay_out_organisations(on=clock.today()) == len(EASTMERE.people) + len(NORTHGATE.people)


def test_people_hold_every_role_and_twelve_agencies_are_of_different_kinds() -> None:
    assert {person.role for person in EASTMERE.people} == set(Role) - {Role.SYSTEM}
    assert len({agency.kind for agency in EASTMERE.agencies}) == len(EASTMERE.agencies) == 12
    assert all(person.address.endswith("@example.org") for person in EASTMERE.people + NORTHGATE.people)


def test_children_are_the_same_each_time_and_their_numbers_are_valid() -> None:
    children = invented_children(today=TODAY)
    assert children == invented_children(today=TODAY)
    assert len({(child.forename, child.surname) for child in children}) == len(children) == 80
    assert all(nhs_number(child.nhs_number) and child.nhs_number.startswith("999000") for child in children)


def test_laying_out_twice_makes_nobody_twice(laid_out: None) -> None:
    before = Membership.objects.count()
    with as_owner():
        assert lay_out_organisations(on=clock.today()) == 0
    assert Membership.objects.count() == before


def test_demo_page_signs_in_without_password_and_second_factor(laid_out: None) -> None:
    client = Client()
    page = client.get("/demo/").content.decode()
    assert "Priya Osei" in page
    assert "Northgate Police" in page
    answer = client.post("/demo/", {"person": "marcus_chair", "next": "/cases/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/cases/")
    home = client.get("/").content.decode()
    assert "Marcus Adeyemi" in home
    assert "Eastmere Police, Chair" in home
    assert "Switch role" in home


@pytest.mark.parametrize("following", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_demo_page_leads_nowhere_else(laid_out: None, following: str) -> None:
    assert Client().post("/demo/", {"person": "priya", "next": following}).headers["Location"] == "/"


def test_demo_page_signs_in_invented_people_only(cast: Cast, laid_out: None) -> None:
    for key in ("coordinator", "", "practitioner@example.org", str(cast.memberships["coordinator"].pk)):
        assert Client().post("/demo/", {"person": key}).status_code == 404


@pytest.fixture
def without_demo(settings: pytest.FixtureRequest) -> Iterator[None]:
    settings.DEMO_SIGN_IN = False  # type: ignore[attr-defined]
    importlib.reload(mace.urls)
    clear_url_caches()
    yield
    settings.DEMO_SIGN_IN = True  # type: ignore[attr-defined]
    importlib.reload(mace.urls)
    clear_url_caches()


def test_there_is_no_demo_page_without_the_setting(laid_out: None, without_demo: None) -> None:
    assert Client().get("/demo/").status_code == 404
    assert Client().post("/demo/", {"person": "priya"}).status_code == 404


def test_demo_session_needs_a_second_factor_without_the_setting(
    laid_out: None, settings: pytest.FixtureRequest
) -> None:
    client = Client()
    client.post("/demo/", {"person": "priya"})
    assert client.get("/").status_code == 200
    settings.DEMO_SIGN_IN = False  # type: ignore[attr-defined]
    assert client.get("/").headers["Location"] == reverse("mfa_activate_totp")


@pytest.mark.parametrize(("text", "days"), [("84d", 84), ("12w", 84), ("1", 1)])
def test_days_are_read(text: str, days: int) -> None:
    assert days_in(text) == days


@pytest.mark.parametrize("text", ["", "soon", "-3d", "1y"])
def test_other_words_are_not_days(text: str) -> None:
    with pytest.raises(CommandError):
        days_in(text)


def test_clock_of_an_ordinary_installation_does_not_move() -> None:
    assert getattr(settings, "CLOCK_FILE", None) is None
    with pytest.raises(CommandError, match="cannot be moved"):
        call_command("demo_clock", "--show")


# --- On a database of its own, through the commands -----------------------------------------------------------------


@pytest.fixture(scope="module")
def said() -> str:
    """A database seeded as `make demo` does, and what the command said."""
    template, words = seeded()
    clone(DEMO, template)
    return words


def counted(sql: str, database: str = DEMO) -> int:
    with psycopg.connect(servers().database_url(database, "mace_owner")) as connection:
        row = connection.execute(sql).fetchone()
    assert row
    return int(row[0])


def test_seed_makes_cases_in_every_state(said: str) -> None:
    assert re.match(r"4\d invented cases, \d+ of them open", said)
    for table, column, states in (
        ("referrals_referral", "status", "draft submitted returned accepted redirected declined withdrawn"),
        ("referrals_review", "status", "due answered held"),
        ("panels_meeting", "status", "planned published drafted approved closed"),
        ("panels_action", "status", "open done not_possible"),
        ("referrals_tierperiod", "tier", "pre_mace mace"),
    ):
        for state in states.split():
            assert counted(f"select count(*) from {table} where {column} = '{state}'"), (table, state)
    for sql in (
        "select count(*) from panels_action where status = 'open' and due_on < current_date",
        "select count(*) from access_disclosure where withdrawn_at is not null",
        "select count(*) from panels_chaser",
        "select count(*) from volt_personofconcern where child_id is not null",
        "select count(*) from (select child_id from referrals_case group by 1 having count(*) > 1) again",
    ):
        assert counted(sql), sql


def test_every_agency_member_has_an_open_action_or_a_referral(said: str) -> None:
    members = (
        "from accounts_membership m join agencies_partnership p on p.id = m.partnership_id and p.slug = 'eastmere'"
    )
    assert counted(f"select count(*) {members} where m.role = 'agency_member'") >= 5
    idle = (
        "where m.role = 'agency_member' and not exists (select from panels_action a where a.owner_id = m.id and "
        "a.status = 'open') and not exists (select from referrals_referral r where r.referrer_id = m.id)"
    )
    assert counted(f"select count(*) {members} {idle}") == 0


def test_nothing_that_was_told_in_the_past_is_mailed_now(said: str) -> None:
    assert counted("select count(*) from notifications_message") > 100
    assert counted("select count(*) from notifications_message where mailed_at is null") == 0


def test_messages_carry_no_child_s_name(said: str) -> None:
    assert (
        counted(
            "select count(*) from notifications_message m join referrals_childidentity i "
            "on strpos(m.subject || ' ' || m.text, i.surname) > 0"
        )
        == 0
    )


def test_second_seed_says_so(said: str) -> None:
    assert manage(DEMO, "seed_demo", index=1) == "The invented cases are there already.\n"
    assert "priya.osei@example.org" in manage(DEMO, "demo_people", index=1)


def test_clock_moves_day_by_day_and_shows_what_happens(said: str, tmp_path: Path) -> None:
    moved = "mace_moved"
    clone(moved, DEMO)
    before = counted("select count(*) from referrals_review", moved)
    script = (
        "import os, sys; sys.path.insert(0, os.getcwd()); import django; django.setup();"
        "from pathlib import Path; from django.conf import settings; from django.core.management import call_command;"
        f"settings.CLOCK_FILE = Path({str(tmp_path / 'clock')!r});"
        "call_command('demo_clock', *sys.argv[1:])"
    )

    def demo_clock(*words: str) -> str:
        environ = {**environment(moved, 1), "MACE_DB_ROLE": "worker", "MACE_MAIL_DIR": str(tmp_path / "mail")}
        done = subprocess.run(
            [sys.executable, "-c", script, *words], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    moving = demo_clock("--advance", "4w")
    assert "reviews made" in moving
    assert "actions chased" in moving
    assert re.search(r"    Action A-\w{4}-\w{4} is .* overdue \(to agency lead\)", moving)
    assert moving.splitlines()[-1].endswith("28 days ahead of the real day.")
    assert counted("select count(*) from referrals_review", moved) > before
    assert counted("select count(*) from notifications_message where mailed_at is null", moved) == 0
    assert list((tmp_path / "mail").iterdir())
    assert "28 days ahead" in demo_clock("--show")
    assert "ahead" not in demo_clock("--reset")


def test_invented_people_see_what_they_should(cast: Cast, laid_out: None) -> None:
    """An Eastmere coordinator does not see the cast's case: partnerships are apart in the demonstration too."""
    case = open_case(cast)
    client = Client()
    client.post("/demo/", {"person": "daniel"})
    assert client.get(reverse("casework:case", args=[case.reference])).status_code == 404
