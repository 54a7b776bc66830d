"""What each page accepts, refuses, and says."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mace.core.seat import acting_as
from referrals.enums import Section
from referrals.sections import OPTIONAL, SECTIONS, Asked, SectionForm
from tests.factories.cast import Cast
from tests.factories.referrals import FILLED

ON = dt.date(2026, 3, 2)


def judged(cast: Cast, section: str, **changes: Any) -> SectionForm:
    with acting_as(cast["practitioner"]):
        form = SECTIONS[section](FILLED[Section(section)] | changes, asked=Asked(on=ON))
        form.is_valid()
        return form


@pytest.mark.parametrize("section", list(SECTIONS))
def test_filled_page_is_valid_and_reads_back_as_typed(cast: Cast, section: str) -> None:
    form = judged(cast, section)
    assert form.errors == {}
    assert form.as_rows()
    typed = type(form).read(FILLED[Section(section)])
    assert {name: typed[name] for name in FILLED[Section(section)]} == FILLED[Section(section)]
    assert type(form).read(typed) == typed


@pytest.mark.parametrize("section", [s for s in SECTIONS if s not in OPTIONAL])
def test_empty_page_is_not_valid(cast: Cast, section: str) -> None:
    with acting_as(cast["practitioner"]):
        assert not SECTIONS[section]({}, asked=Asked(on=ON)).is_valid()


@pytest.mark.parametrize(
    ("section", "changes", "field", "words"),
    [
        ("child", {"forename": " "}, "forename", "Enter first name"),
        ("child", {"date_of_birth_year": "2027"}, "date_of_birth", "Date of birth must be in the past"),
        (
            "child",
            {"date_of_birth_year": "1999"},
            "date_of_birth",
            "Check the date of birth: MACE is for children and for young people up to 25",
        ),
        ("child", {"date_of_birth_year": "11"}, "date_of_birth", "Year must include 4 numbers"),
        (
            "child",
            {"date_of_birth_day": "31", "date_of_birth_month": "2"},
            "date_of_birth",
            "Date of birth must be a real date",
        ),
        (
            "child",
            {"nhs_number": "9434765918"},
            "nhs_number",
            "Check the NHS number: it has 10 digits and the last one must fit the others",
        ),
        (
            "child",
            {"upn": "A801200001001"},
            "upn",
            "Check the UPN: it has 13 characters and the first letter must fit the others",
        ),
        (
            "child",
            {"local_id": "not known"},
            "local_id",
            "Enter a number with at least one digit, or leave this empty",
        ),
        (
            "child",
            {"birth_day": ["unknown"]},
            "date_of_birth",
            "Enter 15 as the day when it is not known, or take the tick away",
        ),
        ("child", {"surname": "x" * 81}, "surname", "Last name must be 80 characters or fewer"),
        ("concern", {"account": ""}, "account", "Enter an answer to ‘What has happened?’"),
        ("concern", {"primary_category": ""}, "primary_category", "Select an answer to ‘What is the main risk?’"),
        (
            "prerequisites",
            {"police_report_reason": ""},
            "police_report_reason",
            "Give the reason why not: police exploitation report made",
        ),
        (
            "prerequisites",
            {"police_report_met": "yes"},
            "police_report_on",
            "Enter the date: police exploitation report made",
        ),
        (
            "prerequisites",
            {"strategy_discussion_on_month": "4"},
            "strategy_discussion_on",
            "The date must be today or in the past: strategy discussion held",
        ),
        (
            "told",
            {"parents_not_told_reason": ""},
            "parents_not_told_reason",
            "Enter the reason why the parents or carers were not told",
        ),
        ("told", {"consent": ""}, "consent", "Select consent to support"),
        ("voice", {"words_said": ""}, "words_said", "Enter what the child says, or what was observed"),
        ("risk", {"missing_evidence": ""}, "missing_evidence", "Enter what the score rests on: missing"),
        (
            "risk",
            {"online_evidence": "Phones"},
            "online_score",
            "Choose a score to go with the evidence: online and phone",
        ),
        ("risk", {"rating": "3"}, "rating", "How do you rate the risk: select one of the answers on the page"),
        ("plan", {"step_0_text": ""}, "step_0_text", "Enter what will be done in step 1"),
        ("plan", {"step_0_who": ""}, "step_0_who", "Enter who will do step 1"),
        ("mentions", {"place_1_about": "Where?"}, "place_1_name", "Enter a name for place 2"),
    ],
)
def test_fault_is_told_in_plain_words(
    cast: Cast, section: str, changes: dict[str, str], field: str, words: str
) -> None:
    assert judged(cast, section, **changes).errors[field][0] == words


def test_score_of_nought_needs_no_evidence(cast: Cast) -> None:
    assert judged(cast, "risk", online_score="0").errors == {}


def test_main_risk_is_not_among_the_others(cast: Cast) -> None:
    form = judged(cast, "concern", other_categories=["county_lines", "CSE"])
    assert form.cleaned_data["other_categories"] == ["CSE"]


def test_answers_are_read_in_words(cast: Cast) -> None:
    assert dict(judged(cast, "prerequisites").as_rows()) == {
        "Was a strategy discussion held?": "Yes, on 27 February 2026",
        "Were child-protection procedures followed?": "Yes, on 27 February 2026",
        "Was a police exploitation report made?": "No: The report is being made today.",
    }
    assert dict(judged(cast, "plan").as_rows())["Step 1"] == "Taxi to and from school (School, by 9 March 2026)"
    assert dict(judged(cast, "child").as_rows())["Ethnicity"] == "Caribbean"


def test_hidden_characters_are_left_out_and_texts_have_an_end(cast: Cast) -> None:
    typed = SECTIONS["voice"].read({"words_said": "a\x00b" + "c" * 30_000, "unknown": "x"})
    assert set(typed) == {"words_said", "observed", "wants", "way", "with_whom", "themes"}
    assert typed["words_said"] == "ab" + "c" * 19_998
