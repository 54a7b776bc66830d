"""Numbers that carry their own check: NHS number and UPN. Pure functions of what was typed."""

from __future__ import annotations

import re

NHS_NUMBER_LENGTH = 10
UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
"""Check letters by their value, 0 to 22: the alphabet without I, O and S."""
UPN_SHAPE = re.compile(rf"[{UPN_LETTERS}][0-9]{{11}}[0-9{UPN_LETTERS}]")


def nhs_number(text: str) -> str | None:
    """The ten digits of an NHS number whose check digit is right, else ``None``. Spaces and dashes are left out.

    Modulus 11 (NHS Data Dictionary, NHS NUMBER): each of the first nine digits is multiplied by 10 down to 2; eleven
    less the sum's remainder by eleven is the tenth (11 counts as 0; 10 makes the number invalid). Test numbers
    beginning with 999 are checked like all others.
    """
    digits = _bare(text)
    if len(digits) != NHS_NUMBER_LENGTH or not (digits.isascii() and digits.isdigit()):
        return None
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
    check = 11 - total % 11
    return digits if check % 11 == int(digits[9]) and check != 10 else None


def upn(text: str) -> str | None:
    """The thirteen characters of a Unique Pupil Number whose check letter is right, else ``None``; capitals come out.

    A letter and twelve digits; the last of a temporary number is a letter too. Each character after the first is
    multiplied by its position, 2 to 13, a letter counting by its place among the check letters; the sum's remainder by
    23 is the check letter's place (Department for Education, Unique Pupil Numbers: a guide for schools and local
    authorities). Spaces and dashes are left out.
    """
    number = _bare(text).upper()
    if not UPN_SHAPE.fullmatch(number):
        return None
    total = sum(_worth(character) * weight for weight, character in enumerate(number[1:], start=2))
    return number if UPN_LETTERS[total % 23] == number[0] else None


def local_number(text: str) -> str | None:
    """An agency's own number for a child made comparable; ``None`` for what has no digit, such as “n/a”."""
    number = re.sub(r"\s", "", text).upper()
    return number if any(character.isdigit() for character in number) else None


def _bare(text: str) -> str:
    return re.sub(r"[\s-]", "", text)


def _worth(character: str) -> int:
    return int(character) if character.isdigit() else UPN_LETTERS.index(character)
