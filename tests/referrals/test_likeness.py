"""How alike names and dates are, part by part and in words; and the same in the database."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mace.core.names import name_parts
from referrals.reference import forms_of_names
from referrals.selectors.likeness import (
    OTHER,
    PART,
    SAME,
    SHORT,
    SOUNDS,
    WRITTEN,
    Name,
    date_words,
    may_be_mistyped,
    names_of,
    naming,
    nearness,
)
from tests.access.locks import owner_rows

D = dt.date
BORN = D(2011, 3, 27)
NAMES = (
    "Łukasz O’Brien-Smith",
    "Ștefan Țurcanu",
    "Zoë  St. John–Smythe",
    "D'Arcy van der Berg",
    "Ægir Þór Straße",
    "Влад Иванов",
    "محمد علي",
    "Renée (Nay) Fraser/Jones",
    "Jānis Bērziņš 2",
    "Nguyễn Thị",
    "İbrahim Yıldız",
    " - ",
    "",
)


@pytest.mark.parametrize(
    ("wanted", "found", "heard", "near"),
    [
        ("Tamika", "tamika", (), SAME),
        ("Zoë", "Zoe", (), SAME),
        ("Smith Jones", "Smith-Jones", (), SAME),
        ("Jones-Smith", "Smith-Jones", (), SAME),
        ("Mary Jane", "Maryjane", (), SAME),
        ("Smith", "Smith-Jones", (), PART),
        ("Tameka", "Tamika", ("tameka tamika",), SOUNDS),
        ("Tameka", "Tamika", (), WRITTEN),
        ("Ella", "Ali", ("ella ali",), OTHER),
        ("Smyth", "Smith-Jones", ("smyth smith",), SOUNDS),
        ("Brihgtwater", "Brightwater", (), WRITTEN),
        ("Ail", "Ali", (), SHORT),
        ("Khan", "Patel", (), OTHER),
        ("", "Patel", (), OTHER),
    ],
)
def test_nearness_of_one_name_to_another(wanted: str, found: str, heard: tuple[str, ...], near: float) -> None:
    assert nearness(wanted, found, heard) == near


@pytest.mark.parametrize(
    ("found", "heard", "words"),
    [
        (Name("Tamika", "Brightwater"), (), "same name"),
        (Name("Tamika", "Britewater"), ("brightwater britewater",), "surname sounds alike"),
        (Name("Tameka", "Brightwater"), ("tamika tameka",), "first name sounds alike"),
        (Name("Tameka", "Brihgtwater"), ("tamika tameka",), "name is written alike"),
        (Name("Tamika", "Brihgtwater"), (), "surname is written alike"),
        (Name("Tamika", "Brightwater-Khan"), (), "one part of the surname is the same"),
        (Name("Brightwater", "Tamika"), (), "names the other way round"),
        (Name("Tamika", "Osei"), (), "same first name, another surname"),
        (Name("Ngozi", "Brightwater"), (), ""),
    ],
)
def test_naming_says_why(found: Name, heard: tuple[str, ...], words: str) -> None:
    assert naming(Name("Tamika", "Brightwater"), found, heard).words == words


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("Liam", "William", "first names are forms of one name"),
        ("Kate", "Katherine", "first names are forms of one name"),
        ("Bill", "Will", "first names are forms of one name"),
        ("Gosia", "Małgorzata", "first names are forms of one name"),
        ("Alex", "Alexandra", "first names are forms of one name"),
        ("Kate", "William", ""),
        ("Tee", "Tamika", ""),
    ],
)
def test_short_forms_of_a_first_name_count_from_either_side(one: str, other: str, words: str) -> None:
    for first, second in ((one, other), (other, one)):
        assert naming(Name(first, "Osei"), Name(second, "Osei"), ()).words == words
    assert naming(Name("Osei", one), Name("Osei", other), ()).both == (nearness(one, other, ()) > OTHER)


def test_every_short_form_is_one_word_and_leads_to_its_name() -> None:
    forms = forms_of_names()
    assert len(forms) > 300
    assert [form for form in forms if " " in form or not form] == []
    assert forms["liam"] == {"william"}
    assert forms["kate"] >= {"katherine", "catherine", "kathleen"}


def test_one_word_of_another_name_stands_for_the_first_name() -> None:
    assert [str(name) for name in names_of("Ann", "Other", "Lofty, Annie de Vere; Nan / ,")] == [
        "Ann Other",
        "Lofty Other",
        "Annie de Vere",
        "Nan Other",
    ]


@pytest.mark.parametrize(
    ("found", "known", "words"),
    [
        (BORN, True, "same date of birth"),
        (D(2010, 3, 27), True, "a year apart"),
        (D(2011, 3, 26), True, "a day apart"),
        (D(2011, 4, 27), True, "one digit of the date of birth differs"),
        (D(2001, 3, 27), True, "one digit of the date of birth differs"),
        (D(2011, 3, 15), False, "born in the same month, day not known"),
        (D(2011, 3, 15), True, ""),
        (D(2011, 4, 15), False, ""),
        (D(2009, 8, 1), True, ""),
    ],
)
def test_dates_that_may_be_one(found: dt.date, known: bool, words: str) -> None:
    assert date_words(BORN, found, days_known=known) == words
    assert date_words(found, BORN, days_known=known) == words


def test_day_and_month_swapped() -> None:
    assert date_words(D(2011, 3, 5), D(2011, 5, 3)) == "day and month swapped"
    assert date_words(D(2011, 9, 30), D(2011, 10, 30)) == "a month apart"


def test_what_is_left_of_a_date_that_nobody_knew() -> None:
    assert may_be_mistyped(BORN, D(2008, 1, 1))
    assert may_be_mistyped(BORN, D(2008, 3, 27))
    assert may_be_mistyped(BORN, D(2011, 3, 2))
    assert not may_be_mistyped(BORN, D(2008, 3, 2))
    assert not may_be_mistyped(BORN, D(2008, 2, 2))


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_the_database_parts_a_name_alike(name: str) -> None:
    assert owner_rows("select referrals_name_parts(%s)", name) == [(name_parts(name),)]


@pytest.mark.django_db
def test_days_that_the_database_looks_at_are_those_that_may_be_one() -> None:
    """Whatever the words say of two dates, the second is among the days that are looked at for the first."""
    every = [D(1985, 1, 1) + dt.timedelta(days=day) for day in range(16_000)]
    for born in (BORN, D(2012, 2, 29), D(2010, 12, 31), D(2005, 5, 5), D(2011, 1, 10)):
        looked_at = set(owner_rows("select referrals_days_like(%s, true)", born)[0][0])
        assert {day for day in every if date_words(born, day)} <= looked_at
        assert len(looked_at) < 80
        whole_month = set(owner_rows("select referrals_days_like(%s, false)", born)[0][0])
        assert {day for day in every if (day.year, day.month) == (born.year, born.month)} <= whole_month
        assert born.replace(day=15) in looked_at


@pytest.mark.django_db
def test_a_key_for_each_sound_on_the_day_and_each_two_sounds() -> None:
    keys = owner_rows("select referrals_match_keys('Kate', 'Smith', 'Katya Jones', array[date '2000-01-03'])")[0][0]
    assert {"KT@2", "SM0@2", "XMT@2", "JNS@2", "ANS@2"} == {key for key in keys if "@" in key}
    assert {"KT+SM0", "KT+XMT", "KT+KT", "JNS+KT"} <= set(keys)
    assert owner_rows("select referrals_sounds('влад'), referrals_sounds('2')") == [(["влад"], ["2"])]


@given(st.text(max_size=30), st.text(max_size=30))
def test_nearness_is_the_same_from_either_side(one: str, other: str) -> None:
    assert nearness(one, other, ()) == nearness(other, one, ())
