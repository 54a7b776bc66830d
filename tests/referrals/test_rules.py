"""Ages, due dates, check digits and status tables, without a database."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pytest

from mace.core.errors import RuleBroken
from referrals.enums import ReferralStatus, ReviewStatus
from referrals.reference import entries
from referrals.rules import (
    Mention,
    age_on,
    is_child,
    mentions_in,
    person_word,
    prerequisite_fault,
    review_due,
    review_made_from,
    rows_wanted,
)
from referrals.transitions import check_referral, check_review

D = dt.date


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (D(2008, 5, 4), D(2026, 5, 3), 17),
        (D(2008, 5, 4), D(2026, 5, 4), 18),
        (D(2008, 2, 29), D(2026, 2, 28), 17),
        (D(2008, 2, 29), D(2026, 3, 1), 18),
        (D(2026, 1, 1), D(2026, 1, 1), 0),
    ],
)
def test_age_is_completed_years(born: dt.date, on: dt.date, age: int) -> None:
    assert age_on(born, on) == age
    assert is_child(born, on) is (age < 18)
    assert person_word(born, on) == ("child" if age < 18 else "young person")


def test_review_is_due_after_84_days_and_made_21_before() -> None:
    assert review_due(D(2026, 1, 5)) == D(2026, 3, 30)
    assert review_due(D(2026, 1, 5), D(2026, 4, 1)) == D(2026, 6, 24)
    assert review_made_from(D(2026, 3, 30)) == D(2026, 3, 9)


def test_prerequisite_needs_date_or_reason() -> None:
    on = D(2026, 3, 2)
    assert prerequisite_fault(met=True, met_on=on, reason="", on=on) == ""
    assert prerequisite_fault(met=True, met_on=None, reason="", on=on) == "Enter the date"
    assert (
        prerequisite_fault(met=True, met_on=D(2026, 3, 3), reason="", on=on) == "The date must be today or in the past"
    )
    assert prerequisite_fault(met=False, met_on=None, reason=" ", on=on) == "Give the reason why not"
    assert prerequisite_fault(met=False, met_on=None, reason="Because", on=on) == ""


@pytest.mark.parametrize(
    ("asked", "shown"), [("", 5), ("5", 5), ("8", 8), ("31", 30), ("9999", 5), ("-3", 5), ("٣", 5), ("2", 5)]
)
def test_rows_shown_stay_within_bounds(asked: str, shown: int) -> None:
    assert rows_wanted({"rows": asked}) == shown


def test_mentions_are_the_filled_rows() -> None:
    found = mentions_in(
        {"rows": "6", "person_5_name": " Dex ", "person_5_about": "van", "place_0_name": "", "theme_1_name": "Phones"}
    )
    assert found.people == (Mention("Dex", "van"),)
    assert found.places == ()
    assert found.themes == (Mention("Phones", ""),)
    assert found.count == 2


REFERRAL_MOVES = {
    ("draft", "submitted"),
    ("draft", "withdrawn"),
    ("submitted", "accepted"),
    ("submitted", "returned"),
    ("submitted", "redirected"),
    ("submitted", "declined"),
    ("submitted", "withdrawn"),
    ("returned", "submitted"),
    ("returned", "manager"),
    ("draft", "manager"),
    ("manager", "submitted"),
    ("manager", "returned"),
    ("manager", "withdrawn"),
}
REVIEW_MOVES = {
    ("due", "answered"),
    ("due", "held"),
    ("due", "cancelled"),
    ("answered", "held"),
    ("answered", "cancelled"),
}


@pytest.mark.parametrize(("now", "then"), list(product(ReferralStatus.values, repeat=2)))
def test_referral_moves_only_as_the_table_says(now: str, then: str) -> None:
    if (now, then) in REFERRAL_MOVES:
        check_referral(now, then)
    else:
        with pytest.raises(RuleBroken, match="This cannot be done: the referral is"):
            check_referral(now, then)


@pytest.mark.parametrize(("now", "then"), list(product(ReviewStatus.values, repeat=2)))
def test_review_moves_only_as_the_table_says(now: str, then: str) -> None:
    if (now, then) in REVIEW_MOVES:
        check_review(now, then)
    else:
        with pytest.raises(RuleBroken, match="This cannot be done: the review is"):
            check_review(now, then)


def test_lists_hold_what_the_sample_and_the_sources_use() -> None:
    lists: dict[str, dict[str, str]] = {}
    for entry in entries():
        lists.setdefault(entry.list_name, {})[entry.code] = entry.group
    assert {"CCE", "CSE", "county_lines", "SYV", "HSB", "TRAF"} <= set(lists["primary_category"])
    assert {"CLA", "CPP", "CIN"} <= set(lists["legal_status"])
    assert {"NEET", "PRU", "mainstream", "EHE", "college"} <= set(lists["education_status"])
    assert set(lists["ethnicity"].values()) == {"White", "Mixed", "Asian", "Black", "Other", "Unknown"}
    assert len(lists["ethnicity"]) == 20
    assert len(lists["risk_domain"]) == 12
    assert list(lists["rating_descriptor"]) == ["emerging", "moderate", "significant"]
