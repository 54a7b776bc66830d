"""What in a row does not go together: dates out of order, another age than by birth, a closed case that is open."""

from __future__ import annotations

import datetime as dt
import re

from mace.importing.reading.dates import years_old
from mace.importing.reading.fields import words_of
from mace.importing.reading.result import Doubt, Value
from mace.importing.reading.values import Row

OLDEST_SERVED = 26
"""Arrangements for children go on to 25 at most; from this age a birth date is doubtful."""
YOUNGEST_SERVED = 4
MOST_AHEAD = 2 * 366
"""Days that a meeting or review may lie ahead before it is doubtful."""
EARLIEST = dt.date(2005, 1, 1)
AGE_LEEWAY = 2
"""Years that an age may have stood unchanged, in a row without any date."""
NOT_BEFORE = (
    ("pre_mace_on", "referred_on"),
    ("mace_on", "referred_on"),
    ("mace_on", "pre_mace_on"),
    ("closed_on", "referred_on"),
    ("next_review_on", "referred_on"),
    ("next_review_on", "pre_mace_on"),
    ("next_review_on", "mace_on"),
)
_DATES = ("referred_on", "pre_mace_on", "mace_on", "closed_on", "next_review_on")
_SAYS_CLOSED = re.compile(r"\b(clos(?:e|ed|ing|ure)|nfa|step(?:ped)? down|ended|discharged?)\b", re.IGNORECASE)
_SAYS_OPEN = re.compile(r"\b(stay|remain|keep|not|esc|escalate|re-?open)\b", re.IGNORECASE)


def check_row(row: Row, *, today: dt.date) -> None:
    """Adds the doubts of a row whose values have been read. Values stay as they are."""
    born = _date(row, "date_of_birth")
    for name in _DATES:
        on = _date(row, name)
        if on is None:
            continue
        if born and on < born:
            _doubt(row, name, "before_birth", f"The {_words(name)} is before the date of birth.")
        elif on < EARLIEST:
            _doubt(row, name, "date_unlikely", f"The {_words(name)} is very long ago.")
        elif name in {"referred_on", "closed_on"} and on > today:
            _doubt(row, name, "in_future", f"The {_words(name)} is in the future.")
        elif (on - today).days > MOST_AHEAD:
            _doubt(row, name, "in_future", f"The {_words(name)} is far in the future.")
    for later, earlier in NOT_BEFORE:
        first, second = _date(row, earlier), _date(row, later)
        if first and second and second < first:
            _doubt(row, later, "out_of_order", f"The {_words(later)} is before the {_words(earlier)}.")
            break
    if born:
        _check_age(row, born, today)
    _check_state(row)


def _check_age(row: Row, born: dt.date, today: dt.date) -> None:
    now = years_old(born, today)
    if not YOUNGEST_SERVED <= now < OLDEST_SERVED:
        _doubt(
            row,
            "date_of_birth",
            "age_unlikely",
            "By the date of birth this person is not of an age that these arrangements are for.",
        )
    said = row.value("age")
    if not isinstance(said, int):
        return
    known = [on for name in _DATES[:3] if (on := _date(row, name)) and born < on <= today]
    least = years_old(born, min(known)) if known else now - AGE_LEEWAY
    if not least <= said <= now:
        span = f"{least}" if least == now else f"between {least} and {now}"
        _doubt(
            row,
            "age",
            "age_differs",
            f"The age is {said}; by the date of birth it was {span} since the row’s first date. The date of "
            "birth counts.",
        )


def _check_state(row: Row) -> None:
    state, outcome = row.value("state"), row.value("outcome")
    closes = isinstance(outcome, str) and bool(_SAYS_CLOSED.search(outcome)) and not _SAYS_OPEN.search(outcome)
    if state == "open" and closes:
        _doubt(row, "state", "state_differs", "It says open, and the outcome says closed. It is taken as open.")
    elif state == "open" and _date(row, "closed_on"):
        _doubt(row, "state", "state_differs", "It says open, and there is a date closed. It is taken as open.")
    elif (
        state == "closed"
        and isinstance(outcome, str)
        and re.search(r"\b(stay|remain|keep)s? open\b", outcome, re.IGNORECASE)
    ):
        _doubt(row, "state", "state_differs", "It says closed, and the outcome says open. It is taken as closed.")


def _date(row: Row, name: str) -> dt.date | None:
    found = row.value(name)
    return found if isinstance(found, dt.date) else None


def _words(name: str) -> str:
    words = words_of("people", name)
    return words[0].lower() + words[1:]


def _doubt(row: Row, name: str, kind: str, words: str) -> None:
    value: Value = row.values[name]
    if not words.endswith(("counts.", "open.", "closed.")):
        words += " It is taken as it stands."
    row.doubts.append(Doubt(row.sheet, value.cell, name, value.text, words, kind))
