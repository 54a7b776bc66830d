"""Importing a file of referrals: problems by row and column, all or nothing, safe to repeat."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from mace.core.seat import acting_as
from referrals.models import Case, ChildIdentity, Concern, Referral, RiskAssessment, TierPeriod
from referrals.services.import_file import COLUMNS, import_file, read_referrals
from tests.factories.cast import Cast

SAMPLE = Path(__file__).parents[1] / "samples" / "referrals_2024_jan_feb.csv"
AT = dt.datetime(2024, 3, 4, 9, tzinfo=dt.UTC)
TODAY = AT.date()
HEADING = ",".join(COLUMNS)
GOOD = "X-1,Ann,Test,2009-05-11,F,BAFR,2024-01-03,emerging,2024-01-10,,,CCE,Team,CLA,NEET"


def changed(**values: str) -> str:
    cells = dict(zip(COLUMNS, GOOD.split(","), strict=True)) | values
    return ",".join(cells[name] for name in COLUMNS)


def file_of(*rows: str, heading: str = HEADING) -> bytes:
    return "\n".join([heading, *rows]).encode()


def problems(content: bytes) -> list[str]:
    return [str(problem) for problem in read_referrals(content, today=TODAY).problems]


def counts() -> tuple[int, ...]:
    return tuple(
        model.objects.count() for model in (Referral, Case, ChildIdentity, Concern, RiskAssessment, TierPeriod)
    )


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("import_referrals", *arguments, stdout=out, no_color=True)
    return out.getvalue()


def test_columns_are_those_of_the_sample() -> None:
    assert SAMPLE.read_text().splitlines()[0].split(",") == list(COLUMNS)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"sex": "X"}, "Row 2, column sex: ‘X’ is not in the list of codes"),
        ({"ethnicity": "ABCD"}, "Row 2, column ethnicity: ‘ABCD’ is not in the list of codes"),
        ({"primary_category": "gangs"}, "Row 2, column primary_category: ‘gangs’ is not in the list of codes"),
        ({"legal_status": "S20"}, "Row 2, column legal_status: ‘S20’ is not in the list of codes"),
        ({"education_status": "out"}, "Row 2, column education_status: ‘out’ is not in the list of codes"),
        ({"risk_rating": "high"}, "Row 2, column risk_rating: ‘high’ is not emerging, moderate or significant"),
        (
            {"date_of_birth": "2009-02-30"},
            "Row 2, column date_of_birth: is not a date: write it like 2024-03-27 or 27/03/2024",
        ),
        (
            {"referred_on": "03.01.2024"},
            "Row 2, column referred_on: is not a date: write it like 2024-03-27 or 27/03/2024",
        ),
        ({"surname": ""}, "Row 2, column surname: must be filled"),
        ({"reference": ""}, "Row 2, column reference: must be filled"),
        ({"risk_rating": ""}, "Row 2, column risk_rating: must be filled"),
        ({"pre_mace_opened_on": ""}, "Row 2, column pre_mace_opened_on: must be filled"),
        ({"pre_mace_opened_on": "2024-01-02"}, "Row 2, column pre_mace_opened_on: is before referred_on"),
        ({"pre_mace_closed_on": "2024-01-09"}, "Row 2, column pre_mace_closed_on: is before pre_mace_opened_on"),
        ({"mace_opened_on": "2024-01-09"}, "Row 2, column mace_opened_on: is before pre_mace_opened_on"),
        ({"date_of_birth": "2024-02-01"}, "Row 2, column referred_on: is before date_of_birth"),
        ({"mace_opened_on": "2024-03-05"}, "Row 2, column mace_opened_on: is in the future"),
        ({"forename": "A" * 81}, "Row 2, column forename: has more than 80 characters"),
    ],
)
def test_every_problem_is_named_by_row_and_column(values: dict[str, str], words: str) -> None:
    assert problems(file_of(changed(**values))) == [words]


@pytest.mark.django_db
def test_all_problems_are_named_at_once() -> None:
    content = file_of(GOOD, changed(reference="X-2", sex="Q", surname=""), "", changed(reference="X-1"), "too,short")
    assert problems(content) == [
        "Row 3, column sex: ‘Q’ is not in the list of codes",
        "Row 3, column surname: must be filled",
        "Row 5, column reference: ‘X-1’ is in row 2 already",
        "Row 6: has 2 cells, the heading has 15",
    ]


@pytest.mark.django_db
def test_headings_that_are_unknown_missing_or_twice() -> None:
    assert problems(file_of(GOOD, heading=HEADING.replace("sex", "gender"))) == [
        "Row 1, column gender: is not a column of this file; known are " + ", ".join(COLUMNS),
        "Row 1, column sex: is missing",
    ]
    assert problems(file_of(GOOD + ",F", heading=HEADING + ",sex")) == [
        "Row 1, column sex: stands twice in the heading"
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "File: is empty"),
        (HEADING.encode(), "File: has a heading and no rows"),
        (file_of(GOOD).decode().encode("utf-16"), "File: is UTF-16 text. Save it as ‘CSV UTF-8’"),
        (
            file_of(GOOD, changed(reference="X-2", surname="Nuñez")).decode().encode("cp1252"),
            "File: is not UTF-8 text (first seen in row 3). Save it as ‘CSV UTF-8’",
        ),
        (file_of('"a"b'), "File: cannot be read as CSV near line 2: ',' expected after '\"'"),
    ],
)
def test_files_that_cannot_be_read_say_why(content: bytes, words: str) -> None:
    assert problems(content) == [words]


@pytest.mark.django_db
def test_spreadsheets_mark_line_ends_and_british_dates_are_read() -> None:
    content = b"\xef\xbb\xbf" + file_of(changed(referred_on="03/01/2024")).replace(b"\n", b"\r\n")
    reading = read_referrals(content, today=TODAY)
    assert reading.problems == []
    assert [(number, row.referred_on) for number, row in reading.rows] == [(2, dt.date(2024, 1, 3))]


def test_dry_run_counts_and_changes_nothing(cast: Cast) -> None:
    said = run(str(SAMPLE), "--partnership", "anytown")
    assert said == ("Dry run: 15 would be imported, nothing was changed. Run again with --commit to import.\n")
    with acting_as(cast["system"]):
        assert counts() == (0, 0, 0, 0, 0, 0)


def test_committed_import_is_safe_to_repeat(cast: Cast) -> None:
    assert run(str(SAMPLE), "--partnership", "anytown", "--commit") == "Imported: 15.\n"
    with acting_as(cast["coordinator"]):
        assert counts() == (15, 15, 15, 15, 15, 17)
    again = run(str(SAMPLE), "--partnership", "anytown", "--commit")
    assert again.splitlines()[0].startswith("Already there, left as they are: 15 (EX-001, EX-002")
    assert again.splitlines()[1] == "Imported: 0."
    with acting_as(cast["coordinator"]):
        assert counts() == (15, 15, 15, 15, 15, 17)
    with acting_as(cast["stranger_coordinator"]):
        assert counts() == (0, 0, 0, 0, 0, 0)


def test_one_bad_row_leaves_nothing_behind(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(file_of(GOOD, changed(reference="X-2", forename="Ben", sex="Q")))
    with pytest.raises(CommandError, match=r"Nothing was imported: 1 problem to mend first\."):
        run(str(path), "--partnership", "anytown", "--commit")
    with acting_as(cast["system"]):
        assert counts() == (0, 0, 0, 0, 0, 0)


def test_a_child_with_an_open_case_is_a_problem_of_its_row_and_undoes_the_rest(cast: Cast) -> None:
    content = file_of(GOOD, changed(reference="X-2"))
    with acting_as(cast["system"]):
        for commit in (False, True):
            outcome = import_file(content=content, commit=commit, by=cast["system"], at=AT)
            assert [str(problem) for problem in outcome.problems] == [
                "Row 3, column reference: This child has an open case already"
            ]
            assert (outcome.made, outcome.committed) == ([], False)
        assert counts() == (0, 0, 0, 0, 0, 0)


def test_unknown_partnership_and_file_end_with_one_sentence(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no partnership called 'nowhere'"):
        run(str(SAMPLE), "--partnership", "nowhere")
    with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
        run(str(tmp_path / "none.csv"), "--partnership", "anytown")
