"""Figures equal what the report printed, come from what the seat may see, and are the same on page and command."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboards.selectors import CLOSED, OPEN, Figures, referral_figures
from mace.core.seat import acting_as
from referrals.models import ChildIdentity, Referral
from referrals.services.import_file import import_file
from tests.dashboards.samples import AT, END, START, import_sample
from tests.factories.cast import Cast


def figures_for(cast: Cast, name: str, start: dt.date = START, end: dt.date = END) -> Figures:
    with acting_as(cast[name]):
        return referral_figures(partnership=cast[name].partnership_id, start=start, end=end)


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("referral_figures", *arguments, stdout=out)
    return out.getvalue()


PERIOD = ("--from", START.isoformat(), "--to", END.isoformat())


def test_sample_gives_the_figures_that_the_report_prints(cast: Cast) -> None:
    import_sample(cast)
    figures = figures_for(cast, "coordinator")
    assert figures.summary == [
        ("Referrals", "15"),
        ("Open at pre-MACE", "10"),
        ("Closed at pre-MACE", "5"),
        ("Open at MACE", "2"),
        ("Closed at MACE", "0"),
        ("Rated emerging", "33.3 % (5 of 15)"),
        ("Rated moderate", "53.3 % (8 of 15)"),
        ("Rated significant", "13.3 % (2 of 15)"),
        ("Black", "73.3 % (11 of 15)"),
        ("White", "13.3 % (2 of 15)"),
        ("Male", "60.0 % (9 of 15)"),
        ("Aged 14–17", "86.7 % (13 of 15)"),
    ]
    assert figures.children == 15
    assert {
        name: [(group.label, group.count) for group in table.occurring] for name, table in figures.tables.items()
    } == {
        "month": [("Jan 2024", 8), ("Feb 2024", 7)],
        "rating": [("Emerging", 5), ("Moderate", 8), ("Significant", 2)],
        "sex": [("Female", 6), ("Male", 9)],
        "age": [("10 to 13", 2), ("14 to 17", 13)],
        "ethnicity": [("Asian", 1), ("Black", 11), ("Mixed", 1), ("White", 2)],
        "category": [
            ("Child criminal exploitation", 3),
            ("Child sexual exploitation", 2),
            ("County lines", 6),
            ("Serious youth violence", 4),
        ],
        "team": [("Safe Space", 8), ("Family Social Work", 7)],
        "legal": [("Looked after", 9), ("Child protection plan", 3), ("Child in need (section 17)", 3)],
        "education": [
            ("Mainstream school", 6),
            ("Pupil referral unit", 4),
            ("Not in education, employment or training", 5),
        ],
        "pre_mace": [("Open", 10), ("Closed", 5)],
        "mace": [("Open", 2), ("Not opened", 13)],
    }


def test_command_prints_the_same_numbers_as_the_function(cast: Cast) -> None:
    import_sample(cast)
    said: dict[str, Any] = json.loads(command("--partnership", "anytown", *PERIOD, "--json"))
    assert said == {"partnership": "anytown", **figures_for(cast, "coordinator").as_dict()}
    assert (said["referrals"], said["pre_mace"], said["mace"]) == (
        15,
        {"open": 10, "closed": 5},
        {"open": 2, "closed": 0},
    )
    assert said["rating"] == {
        "Emerging": {"count": 5, "percent": 33.3},
        "Moderate": {"count": 8, "percent": 53.3},
        "Significant": {"count": 2, "percent": 13.3},
        "Not known": {"count": 0, "percent": 0.0},
    }
    assert said["ethnicity"]["Black"]["percent"] == 73.3
    assert said["sex"]["Male"]["percent"] == 60.0
    assert said["age"]["14 to 17"]["percent"] == 86.7
    text = command("--partnership", "anytown", *PERIOD)
    assert "Anytown: referrals from 1 January 2024 to 29 February 2024" in text
    assert "  Aged 14–17: 86.7 % (13 of 15)\n" in text


def test_command_refuses_what_it_does_not_know(cast: Cast) -> None:
    with pytest.raises(CommandError, match="There is no partnership called 'nowhere'"):
        command("--partnership", "nowhere", *PERIOD)
    with pytest.raises(CommandError, match="ends before it begins"):
        command("--partnership", "anytown", "--from", "2024-02-01", "--to", "2024-01-01")
    with pytest.raises(CommandError, match="is not a date like 2024-03-27"):
        command("--partnership", "anytown", "--from", "1/2/2024", "--to", "2024-01-01")


def test_one_statement_at_one_referral_and_at_fifteen(cast: Cast) -> None:
    import_sample(cast)
    for end, expected in ((dt.date(2024, 1, 3), 1), (END, 15)):
        figures_for(cast, "coordinator", end=end)
        with acting_as(cast["coordinator"]), CaptureQueriesContext(connection) as captured:
            figures = referral_figures(partnership=cast.partnership.pk, start=START, end=end)
        assert figures.referrals == expected
        assert len(captured) == 1


def test_tiers_count_as_they_stood_at_the_end_of_the_period(cast: Cast) -> None:
    import_sample(cast)
    january = figures_for(cast, "coordinator", end=dt.date(2024, 1, 31))
    assert (january.referrals, january.count("pre_mace", OPEN), january.count("pre_mace", CLOSED)) == (8, 6, 0)
    assert january.count("mace", OPEN) == 0
    before_the_closing = figures_for(cast, "coordinator", end=dt.date(2024, 2, 28))
    assert (before_the_closing.count("pre_mace", OPEN), before_the_closing.count("pre_mace", CLOSED)) == (14, 0)
    assert before_the_closing.count("mace", OPEN) == 2


def test_age_is_exact_on_the_day_of_the_referral(cast: Cast) -> None:
    heading = (
        "reference,forename,surname,date_of_birth,sex,ethnicity,referred_on,risk_rating,pre_mace_opened_on,"
        "pre_mace_closed_on,mace_opened_on,primary_category,key_team,legal_status,education_status\n"
    )
    born_and_referred = [
        ("2010-03-02", "2024-03-01"),  # 13, fourteen tomorrow
        ("2010-03-01", "2024-03-01"),  # 14 today
        ("2006-03-02", "2024-03-01"),  # 17, eighteen tomorrow
        ("2006-03-01", "2024-03-01"),  # 18 today
        ("2008-02-29", "2025-02-28"),  # 16: born on 29 February, seventeen on 1 March
    ]
    rows = "".join(
        f"A-{n},Age{n},Test,{born},M,WBRI,{on},emerging,{on},,,CCE,,CIN,PRU\n"
        for n, (born, on) in enumerate(born_and_referred)
    )
    with acting_as(cast["system"]):
        at = dt.datetime(2025, 6, 1, tzinfo=dt.UTC)
        assert import_file(content=(heading + rows).encode(), commit=True, by=cast["system"], at=at).committed
    ages = figures_for(cast, "coordinator", end=dt.date(2025, 3, 31)).tables["age"]
    assert [(group.label, group.count) for group in ages.groups if group.count] == [
        ("10 to 13", 1),
        ("14 to 17", 3),
        ("18 to 25", 1),
    ]
    team = figures_for(cast, "coordinator", end=dt.date(2025, 3, 31)).tables["team"]
    assert [(group.label, group.count) for group in team.groups] == [("Not known", 5)]


@pytest.mark.parametrize(
    "name",
    ["stranger_coordinator", "stranger_police", "practitioner", "manager", "chair", "police_lead", "board", "analyst"],
)
def test_who_holds_no_grant_counts_nothing(cast: Cast, name: str) -> None:
    import_sample(cast)
    with acting_as(cast["coordinator"]):
        assert Referral.objects.count() == ChildIdentity.objects.count() == 15
    with acting_as(cast[name]):
        figures = referral_figures(partnership=cast.partnership.pk, start=START, end=END)
    assert figures.referrals == figures.children == 0
    assert all(table.total == 0 for table in figures.tables.values())
    assert figures.summary[5] == ("Rated emerging", "–")


def test_withdrawn_and_draft_referrals_do_not_count(cast: Cast) -> None:
    import_sample(cast)
    with acting_as(cast["system"]):
        for reference, status in (("EX-001", "withdrawn"), ("EX-002", "draft")):
            assert Referral.objects.filter(source_reference=reference).update(status=status) == 1
    assert figures_for(cast, "coordinator").referrals == 13
    assert AT.date() > END
