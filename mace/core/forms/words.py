"""Dates and labels as they stand in sentences."""

from __future__ import annotations

import calendar
import datetime as dt
import re

DAY_MONTH_YEAR = ("day", "month", "year")
MONTHS = {name[:3].lower(): number for number, name in enumerate(calendar.month_name) if number}
TWO_LINES = re.compile(r"\r\n?")
# Attributes that would make the browser check, cut short or suggest, each of which is done better by our own words.
UNWANTED_ATTRIBUTES = ("required", "maxlength", "minlength", "placeholder", "min", "max", "step", "autofocus")


def long_date(value: dt.date) -> str:
    """`27 March 2011`."""
    return f"{value.day} {calendar.month_name[value.month]} {value.year}"


def in_sentence(label: str) -> str:
    """The label as it stands inside a sentence: `Date of birth` gives `date of birth`, `NHS number` stays."""
    first = label.split(" ", 1)[0]
    return label if len(first) > 1 and any(letter.isupper() for letter in first[1:]) else label[:1].lower() + label[1:]


def own(label: str) -> str:
    """The label ready to stand in a message that is filled with `%`."""
    return label.rstrip("?.: ").replace("%", "%%")


def iso_date(text: str) -> dt.date | None:
    """`2011-03-27` as a date; None if it is none."""
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None
