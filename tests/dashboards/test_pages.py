"""The dashboard pages: the period, whose figures, comparators, query counts, markup."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dashboards.models import PopulationShare
from dashboards.selectors import referral_figures
from dashboards.services import publish_figures
from mace.access.models import Scope
from mace.core.seat import acting_as
from referrals.selectors.codes import codes
from tests.dashboards.markup import Markup
from tests.dashboards.samples import import_sample
from tests.dashboards.test_suppression import LATER
from tests.factories.cast import Cast
from tests.factories.referrals import another_child, open_case
from tests.factories.sharing import shared

PAGE = reverse("dashboards:dashboard")
PUBLISHED = reverse("dashboards:published")
SAMPLE_PERIOD = {
    "start_day": "1",
    "start_month": "1",
    "start_year": "2024",
    "end_day": "29",
    "end_month": "2",
    "end_year": "2024",
}
THIS_YEAR = {
    "start_day": "1",
    "start_month": "1",
    "start_year": "2026",
    "end_day": "31",
    "end_month": "12",
    "end_year": "2026",
}


def test_page_says_what_the_report_prints(cast: Cast) -> None:
    import_sample(cast)
    response = cast.client("coordinator").get(PAGE, SAMPLE_PERIOD)
    assert response.status_code == 200
    text = response.content.decode()
    for words in (
        "Referrals from 1 January 2024 to 29 February 2024",
        "33.3 % (5 of 15)",
        "53.3 % (8 of 15)",
        "13.3 % (2 of 15)",
        "73.3 % (11 of 15)",
        "60.0 % (9 of 15)",
        "86.7 % (13 of 15)",
    ):
        assert words in text
    assert text.count("<svg") >= 11
    Markup(text).check()
    assert "Damian" not in text
    assert "EX-001" not in text


def test_default_period_is_the_last_twelve_months_and_says_when_there_is_nothing(cast: Cast) -> None:
    text = cast.client("coordinator").get(PAGE).content.decode()
    assert "No referrals in this period" in text
    Markup(text).check()


def test_impossible_period_is_said_and_kept(cast: Cast) -> None:
    response = cast.client("coordinator").get(PAGE, SAMPLE_PERIOD | {"end_year": "2023"})
    assert response.status_code == 422
    text = response.content.decode()
    assert "To must be on or after the first day" in text or "To must be a real date" in text
    assert 'value="2023"' in text
    Markup(text).check()


def test_comparators_are_shown_only_when_loaded_and_as_illustrative(cast: Cast, tmp_path: Path) -> None:
    import_sample(cast)
    client = cast.client("coordinator")
    assert "Lewisham" not in client.get(PAGE, SAMPLE_PERIOD).content.decode()
    for _ in range(2):
        call_command("load_population", "--partnership", "anytown", stdout=io.StringIO())
    with acting_as(cast["practitioner"]):
        assert PopulationShare.objects.count() == 4
    text = client.get(PAGE, SAMPLE_PERIOD).content.decode()
    assert "Illustrative comparison with Lewisham, aged 10 to 21: Black 34 %, White 36 %." in text
    with acting_as(cast["stranger_coordinator"]):
        assert "Lewisham" not in cast.client("stranger_coordinator").get(PAGE, SAMPLE_PERIOD).content.decode()
    bad = tmp_path / "bad.csv"
    bad.write_text("dimension,group,percent,population,source\nsex,Male,half,Here,Census\n")
    with pytest.raises(CommandError, match="Row 2, column percent: is not a number"):
        call_command("load_population", str(bad), "--partnership", "anytown")


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("practitioner", 200),
        ("manager", 200),
        ("coordinator", 200),
        ("chair", 200),
        ("police_lead", 200),
        ("police_member", 403),
        ("board", 302),
        ("analyst", 302),
        ("ig", 403),
        ("admin", 403),
    ],
)
def test_who_may_open_the_dashboard(cast: Cast, name: str, status: int) -> None:
    response = cast.client(name).get(PAGE)
    assert response.status_code == status
    if status == 302:
        assert response["Location"] == PUBLISHED
    assert cast.client(name).get(PUBLISHED).status_code == (200 if name in ("board", "analyst") else 403)


def test_not_signed_in_is_asked_to(cast: Cast) -> None:
    assert Client().get(PAGE).status_code == Client().get(PUBLISHED).status_code == 302


def year(cast: Cast, name: str) -> int:
    with acting_as(cast[name]):
        return referral_figures(
            partnership=cast[name].partnership_id, start=dt.date(2026, 1, 1), end=dt.date(2026, 12, 31)
        ).referrals


def test_each_counts_what_it_may_see_and_a_partner_what_was_shared_in_full(cast: Cast) -> None:
    first = open_case(cast)
    second = open_case(cast, by="other_practitioner", child=another_child(1))
    assert first.team_id != second.team_id
    names = ("coordinator", "practitioner", "other_practitioner", "manager", "police_lead", "stranger_coordinator")
    assert {name: year(cast, name) for name in names} == {
        "coordinator": 2,
        "practitioner": 1,
        "other_practitioner": 1,
        "manager": 1,
        "police_lead": 0,
        "stranger_coordinator": 0,
    }
    for scope, expected in ((Scope.IDENTITY, 0), (Scope.SUMMARY, 0), (Scope.FULL, 1)):
        shared(cast, first.pk, "police", scope)
        assert year(cast, "police_lead") == expected
    text = cast.client("police_lead").get(PAGE, THIS_YEAR).content.decode()
    assert "The referrals that your agency may read in full." in text
    assert "100.0 % (1 of 1)" in text


def test_same_number_of_statements_at_one_referral_and_at_fifteen(cast: Cast) -> None:
    import_sample(cast)
    client = cast.client("coordinator")
    codes("sex")
    counted = []
    for end in (3, 29):
        period = SAMPLE_PERIOD | {"end_day": str(end), "end_month": "1" if end == 3 else "2"}
        client.get(PAGE, period)
        with CaptureQueriesContext(connection) as captured:
            text = client.get(PAGE, period).content.decode()
        assert f"of {1 if end == 3 else 15}" in text
        counted.append([query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]])
    assert len(counted[0]) == len(counted[1])
    own = [sql for sql in counted[1] if "cohort" in sql or "populationshare" in sql or "readentry" in sql]
    assert len(own) == 3


def test_board_reads_published_figures_without_any_child(cast: Cast) -> None:
    import_sample(cast)
    client = cast.client("board")
    empty = client.get(PUBLISHED).content.decode()
    assert "Nothing is published yet" in empty
    with acting_as(cast["system"]):
        assert publish_figures(by=cast["system"], at=LATER) == 1
    text = client.get(PUBLISHED).content.decode()
    assert "Referrals, October 2023 to March 2024" in text
    assert "15 referrals. Published on 2 April 2024." in text
    assert "hidden" in text
    for name in ("Damian", "Clayton", "EX-0", "C-", "R-"):
        assert name not in text.split("<main")[1].split("</main")[0].replace("MACE-", "")
    Markup(text).check()
    assert client.get(PUBLISHED, {"half_year": "2024-03"}).status_code == 200
    assert client.get(PUBLISHED, {"half_year": "2023-09"}).status_code == 404
