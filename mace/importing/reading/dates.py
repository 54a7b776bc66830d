"""Dates as people write them in spreadsheets, read day first as the United Kingdom writes them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from mace.importing.reading.cells import CellValue

Order = Literal["day_first", "month_first"]
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb febr february",
            "mar mch march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        1,
    )
    for name in names.split()
}
EMPTY = frozenset(
    [
        "n/a",
        "na",
        "n.a",
        "n.a.",
        "none",
        "nil",
        "-",
        "--",
        "---",
        "–",
        "—",
        "?",
        "??",
        "???",
        "tbc",
        "t.b.c",
        "tba",
        "tbd",
        ".",
        "..",
        "n/k",
        "nk",
        "n.k",
        "unknown",
        "blank",
        "null",
    ]
) | {"not known", "to be confirmed", "not applicable", "not yet", "n / a", "no date", "#n/a"}
"""What people write, in lower case, where they have nothing to write."""
LEAST_SERIAL, MOST_SERIAL = 7_306, 73_050
"""Excel’s numbers of days for 1 January 1920 and 31 December 2099."""

_WEEKDAY = r"(?:(?:mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?[,.]?\s+)?"
_TIME = r"(?:[T,\s]+(?:at\s+)?\d{1,2}[:.]\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:am|pm|z|hrs)?)?"
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _TIME, re.IGNORECASE)
_FIGURES = re.compile(_WEEKDAY + r"(\d{1,2})\s*[-/.\\]\s*(\d{1,2})\s*[-/.\\]\s*(\d{4}|\d{2})\.?" + _TIME, re.IGNORECASE)
_SPACED = re.compile(r"(\d{1,2}) (\d{1,2}) (\d{4}|\d{2})")
_DAY_MONTH = re.compile(
    _WEEKDAY + r"(\d{1,2})(?:st|nd|rd|th)?(?:\s+of)?[\s./-]*([a-z]{3,9})\.?,?[\s./-]*'?(\d{4}|\d{2})" + _TIME,
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    _WEEKDAY + r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4}|\d{2})" + _TIME, re.IGNORECASE
)
_RUN = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NO_YEAR = re.compile(
    _WEEKDAY + r"(\d{1,2})(?:st|nd|rd|th)?\s*(?:[-/.]\s*(\d{1,2})|(?:of\s+)?([a-z]{3,9}))\.?", re.IGNORECASE
)
_INSIDE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})(?!\d)|\d{1,2}(?:st|nd|rd|th)?[\s-]+[a-z]{3,9}[\s-]+(?:\d{4}|\d{2})(?!\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found where a date is looked for. ``kind`` is empty for a date that is certain, else a short code.

    The codes are ``empty`` (clearly nothing), ``no_such_day``, ``month_first``, ``no_year``, ``no_day``,
    ``year_only``, ``with_words``, ``several``, ``unreadable``. With any of them ``on`` is ``None``, and ``suggestion``
    may hold the date it could be.
    """

    on: dt.date | None
    kind: str = ""
    words: str = ""
    suggestion: dt.date | None = None


def clearly_empty(text: str) -> bool:
    """Whether the text says plainly that there is nothing: ``n/a``, ``tbc``, ``?``."""
    return text.strip().lower() in EMPTY or not re.search(r"[^\s\-–—?.]", text)


def read_date(value: CellValue, text: str, *, birth: bool, order: Order, today: dt.date) -> Found:
    """The date of a cell. A year of two figures is of this century, unless that makes a birth lie in the future."""
    if isinstance(value, dt.date):
        return Found(value.date() if isinstance(value, dt.datetime) else value)
    if clearly_empty(text):
        return Found(None, "empty")
    plain = re.sub(r"\s+", " ", text).strip()
    if isinstance(value, bool):
        return Found(None, "unreadable", "is not a date")
    if re.fullmatch(r"\d+(\.\d+)?", plain):
        return _from_number(plain, birth=birth, today=today)
    parts = _parts(plain)
    if parts:
        return _from_parts(*parts, birth=birth, order=order, today=today)
    return _in_words(plain, birth=birth, order=order, today=today)


def _parts(plain: str) -> tuple[str, int, int, str] | None:
    """Figures or names, first and second number, and the year as written; ``None`` where it has no such shape."""
    if found := _ISO.fullmatch(plain):
        return "named", int(found[3]), int(found[2]), found[1]
    if found := _FIGURES.fullmatch(plain) or _SPACED.fullmatch(plain):
        return "figures", int(found[1]), int(found[2]), found[3]
    if (found := _DAY_MONTH.fullmatch(plain)) and found[2].lower() in MONTHS:
        return "named", int(found[1]), MONTHS[found[2].lower()], found[3]
    if (found := _MONTH_DAY.fullmatch(plain)) and found[1].lower() in MONTHS:
        return "named", int(found[2]), MONTHS[found[1].lower()], found[3]
    return None


def _from_parts(how: str, first: int, second: int, year: str, *, birth: bool, order: Order, today: dt.date) -> Found:
    day, month = (second, first) if how == "figures" and order == "month_first" else (first, second)
    on = _day(whole_year(year, day, month, birth=birth, today=today), month, day)
    if on:
        return Found(on)
    other = _day(whole_year(year, month, day, birth=birth, today=today), day, month)
    if how == "figures" and other:
        first_word = "the day" if order == "day_first" else "the month"
        return Found(None, "month_first", f"is no date with {first_word} first", other)
    return Found(None, "no_such_day", "is a day that the calendar does not have")


def _from_number(plain: str, *, birth: bool, today: dt.date) -> Found:
    number = float(plain)
    if LEAST_SERIAL <= number <= MOST_SERIAL:
        return Found(dt.date(1899, 12, 30) + dt.timedelta(days=int(number)))
    if 1900 <= number <= 2099:
        return Found(None, "year_only", "is a year without day and month")
    if len(plain) == 8 and (run := _RUN.fullmatch(plain)):
        iso = _day(int(run[1]), int(run[2]), int(run[3])) if run[1][:2] in {"19", "20"} else None
        british = _day(int(plain[4:]), int(plain[2:4]), int(plain[:2])) if plain[4:6] in {"19", "20"} else None
        if bool(iso) != bool(british):
            return Found(iso or british)
    if len(plain) == 6:
        day, month = int(plain[:2]), int(plain[2:4])
        maybe = _day(whole_year(plain[4:], day, month, birth=birth, today=today), month, day)
        return Found(None, "unreadable", "is a number, not a date", maybe)
    return Found(None, "unreadable", "is a number, not a date")


def _in_words(plain: str, *, birth: bool, order: Order, today: dt.date) -> Found:
    """What is no plain date: without a year, without a day, with other words, or nothing that can be read."""
    if day_and_month(plain):
        return Found(None, "no_year", "has no year")
    if (found := re.fullmatch(r"([a-z]{3,9})\.?[\s,/-]*'?(\d{4}|\d{2})", plain, re.IGNORECASE)) and found[
        1
    ].lower() in MONTHS:
        return Found(None, "no_day", "has no day")
    if re.fullmatch(r"\W*(19|20)\d\d\W*", plain):
        return Found(None, "year_only", "is a year without day and month")
    inside = _INSIDE.findall(plain)
    if len(inside) > 1:
        return Found(None, "several", "holds more than one date")
    if inside and (parts := _parts(inside[0])):
        date = _from_parts(*parts, birth=birth, order=order, today=today).on
        return Found(None, "with_words", "holds other words beside a date", date)
    return Found(None, "unreadable", "is not a date")


def day_and_month(plain: str) -> tuple[int, int] | None:
    """Day and month of a date without a year: ``30/10``, ``30 Oct``, ``30th October``."""
    found = _NO_YEAR.fullmatch(plain.strip())
    if not found:
        return None
    month = int(found[2]) if found[2] else MONTHS.get(found[3].lower(), 0)
    day = int(found[1])
    return (day, month) if _day(2024, month, day) else None


def nearest_year(day: int, month: int, *, after: dt.date, around: dt.date) -> dt.date | None:
    """The date with a year that lies nearest ``around``, before it counted twice.

    On or after ``after`` where one does.
    """
    days = [found for year in range(around.year - 1, around.year + 3) if (found := _day(year, month, day))]
    fitting = [on for on in days if on >= after] or days
    return min(fitting, key=lambda on: (on - around).days if on >= around else 2 * (around - on).days, default=None)


def whole_year(year: str, day: int, month: int, *, birth: bool, today: dt.date) -> int:
    """The year with its century; a birth is not in the future."""
    if len(year) == 4:
        return int(year)
    whole = 2000 + int(year)
    on = _day(whole, month, day)
    return whole - 100 if birth and (on > today if on else whole > today.year) else whole


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def years_old(born: dt.date, on: dt.date) -> int:
    """The age in whole years on that day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
