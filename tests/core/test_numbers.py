"""Check digits catch what people mistype. The numbers are of the test range, or the published example."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mace.core.numbers import UPN_LETTERS, local_number, nhs_number, upn

DIGITS = "0123456789"
NINE = st.text(DIGITS, min_size=9, max_size=9)
ELEVEN = st.text(DIGITS, min_size=11, max_size=11)


def nhs_number_of(nine: str) -> str:
    """The only valid number that begins so; there may be none."""
    found = [number for digit in DIGITS if (number := nhs_number(nine + digit))]
    assume(found)
    (number,) = found
    return number


def upn_of(eleven: str, last: str) -> str:
    (number,) = (number for letter in UPN_LETTERS if (number := upn(letter + eleven + last)))
    return number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("943 476 5919", "9434765919"),
        ("943-476-5919", "9434765919"),
        (" 9990000018\t", "9990000018"),
        ("9434765918", None),
        ("999 000 0000", None),
        ("943476591", None),
        ("94347659190", None),
        ("943476591٩", None),
        ("", None),
        ("nonsense!!", None),
    ],
)
def test_nhs_number_has_a_check_digit(typed: str, number: str | None) -> None:
    assert nhs_number(typed) == number


def test_some_nhs_numbers_have_no_right_check_digit() -> None:
    """Where it would be 10: the first nine digits 999000000."""
    assert [digit for digit in range(10) if nhs_number(f"999000000{digit}")] == []
    assert [digit for digit in range(10) if nhs_number(f"999000001{digit}")] == [8]


@given(NINE)
def test_every_wrong_digit_of_an_nhs_number_is_caught(nine: str) -> None:
    number = nhs_number_of(nine)
    wrong = [number[:at] + digit + number[at + 1 :] for at in range(10) for digit in DIGITS if digit != number[at]]
    assert len(wrong) == 90
    assert [one for one in wrong if nhs_number(one)] == []


@given(NINE)
def test_every_two_neighbours_of_an_nhs_number_swapped_are_caught(nine: str) -> None:
    number = nhs_number_of(nine)
    for at in range(9):
        swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        assert nhs_number(swapped) == (number if swapped == number else None)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("H801200001001", "H801200001001"),  # 8·2 + 0·3 + 1·4 + 2·5 + 1·10 + 1·13 = 53, and 53 - 2·23 = 7 is H
        ("h801 2000 01001", "H801200001001"),
        ("A801200001001", None),
        ("I801200001001", None),
        ("H80120000100", None),
        ("H8012000010011", None),
        ("8801200001001", None),
        ("H80120000100A", None),
        ("", None),
    ],
)
def test_upn_has_a_check_letter(typed: str, number: str | None) -> None:
    assert upn(typed) == number


def test_a_temporary_upn_ends_in_a_letter_that_counts_by_its_place() -> None:
    assert upn("U80120000100A") == "U80120000100A"  # 8·2 + 1·4 + 2·5 + 1·10 + 0·13 = 40, and 40 - 23 = 17 is U
    assert upn("F80120000100Z") is None
    assert upn_of("80120000100", "Z") == f"{UPN_LETTERS[(40 + 22 * 13) % 23]}80120000100Z"
    assert [last for last in "IOS" if any(upn(f"{letter}80120000100{last}") for letter in UPN_LETTERS)] == []


@given(ELEVEN, st.sampled_from(DIGITS + UPN_LETTERS))
def test_every_wrong_character_of_a_upn_is_caught(eleven: str, last: str) -> None:
    """A digit for a digit and a letter for a letter: in the last place a letter counts as much as some digit."""
    number = upn_of(eleven, last)
    for at, right in enumerate(number):
        others = UPN_LETTERS if right in UPN_LETTERS else DIGITS
        wrong = [number[:at] + other + number[at + 1 :] for other in others if other != right]
        assert [one for one in wrong if upn(one)] == []


@given(ELEVEN, st.sampled_from(DIGITS + UPN_LETTERS))
def test_every_two_neighbours_of_a_upn_swapped_are_caught(eleven: str, last: str) -> None:
    number = upn_of(eleven, last)
    for at in range(1, 12):
        swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        assert upn(swapped) == (number if swapped == number else None)


def test_local_number_is_compared_without_spaces_and_case() -> None:
    assert local_number(" ls 00123\t") == "LS00123"
    assert [local_number(text) for text in ("", "n/a", "not known")] == [None, None, None]
