"""Numbers of people, and whether they can be what they are said to be."""

from __future__ import annotations

import re

UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
"""The check letters of the Department for Education’s guide to unique pupil numbers, by the remainder of 23."""


def bare(text: str) -> str:
    """The number without spaces, points and strokes, in capitals: what two numbers are compared by."""
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def is_nhs_number(text: str) -> bool:
    """Ten figures of which the last checks the others (NHS Data Dictionary, Modulus 11)."""
    figures = bare(text)
    if not re.fullmatch(r"\d{10}", figures):
        return False
    check = 11 - sum(int(figure) * (10 - at) for at, figure in enumerate(figures[:9])) % 11
    return check != 10 and check % 11 == int(figures[9])


def is_upn(text: str) -> bool:
    """A letter that checks what follows, eleven figures, and a figure or, in a temporary number, a letter."""
    upn = bare(text)
    if not re.fullmatch(r"[A-Z]\d{11}[0-9A-Z]", upn) or upn[-1] not in UPN_LETTERS + "0123456789":
        return False
    figures = [int(c) for c in upn[1:12]] + [UPN_LETTERS.index(upn[12]) if upn[12].isalpha() else int(upn[12])]
    return UPN_LETTERS[sum(weight * figure for weight, figure in enumerate(figures, 2)) % 23] == upn[0]
