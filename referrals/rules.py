"""Rules that need no database: ages, due dates, and what a draft's rows amount to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

ADULT_AT = 18
REVIEW_EVERY = dt.timedelta(days=84)
REVIEW_MADE_BEFORE = dt.timedelta(days=21)
ROWS_SHOWN, ROWS_ADDED, ROWS_MOST = 5, 3, 30


def age_on(born: dt.date, on: dt.date) -> int:
    """Completed years; who is born on 29 February has their birthday on 1 March in other years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def is_child(born: dt.date, on: dt.date) -> bool:
    """Under 18; from 18 the pages say *young person*."""
    return age_on(born, on) < ADULT_AT


def adult_from(born: dt.date) -> dt.date:
    """The first day on which somebody is 18: who is born on 29 February on 1 March, as ``age_on`` counts."""
    year = born.year + ADULT_AT
    try:
        return born.replace(year=year)
    except ValueError:
        return dt.date(year, 3, 1)


def adult_if_born_by(on: dt.date) -> dt.date:
    """The latest date of birth of somebody who is 18 on that day."""
    year = on.year - ADULT_AT
    try:
        return on.replace(year=year)
    except ValueError:
        return dt.date(year, 2, 28)


def person_word(born: dt.date, on: dt.date) -> str:
    return "child" if is_child(born, on) else "young person"


def review_due(opened_on: dt.date, last_held_on: dt.date | None = None) -> dt.date:
    """Twelve weeks after the case opened or the last review was held (Lewisham report 2024, 1.3)."""
    return (last_held_on or opened_on) + REVIEW_EVERY


def review_made_from(due_on: dt.date) -> dt.date:
    """The day from which a review is made, so that its answer can be read before the meeting."""
    return due_on - REVIEW_MADE_BEFORE


def prerequisite_fault(*, met: bool, met_on: dt.date | None, reason: str, on: dt.date) -> str:
    """What is wrong with one prerequisite, or nothing: yes needs a date that has been, no needs its reason."""
    if met:
        if met_on is None:
            return "Enter the date"
        return "The date must be today or in the past" if met_on > on else ""
    return "" if reason.strip() else "Give the reason why not"


RATINGS = ("emerging", "moderate", "significant")
"""The lowest first."""


def is_lower(rating: str, than: str) -> bool:
    """Whether a rating stands below another; never where one of the two is none."""
    return rating in RATINGS and than in RATINGS and RATINGS.index(rating) < RATINGS.index(than)


VOICE_MISSING_AFTER = dt.timedelta(weeks=12)


def voice_wanted_since(on: dt.date) -> dt.date:
    """The day since which something of the child must be on record, or the voice counts as missing."""
    return on - VOICE_MISSING_AFTER


AGE_BANDS = ((11, "Under 11"), (14, "11 to 13"), (16, "14 or 15"), (ADULT_AT, "16 or 17"))


def age_band(born: dt.date, on: dt.date) -> str:
    """`14 or 15`: how old somebody was, so roughly that it names nobody."""
    age = age_on(born, on)
    return next((words for below, words in AGE_BANDS if age < below), "18 or over")


Typed = Mapping[str, str | list[str]]


def one(data: Typed, name: str) -> str:
    """A field of a draft as one text."""
    value = data.get(name, "")
    return value if isinstance(value, str) else (value[-1] if value else "")


NOT_ATTACHED = "no"
"""The answer to which file stands in place of what is typed: none."""


def names_file_gone(data: Typed, present: Collection[str]) -> bool:
    """Whether a page of a draft lets a file stand in that is not among those of these references any more."""
    said = one(data, "attached")
    return said not in {"", NOT_ATTACHED} and said not in present


def rows_wanted(data: Typed) -> int:
    """How many rows a page with rows shows: as many as it was asked for, or more when more are filled."""
    asked = one(data, "rows")
    count = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else ROWS_SHOWN
    return max(ROWS_SHOWN, min(count, ROWS_MOST))


@dataclass(frozen=True, slots=True)
class Mention:
    """A person, place or theme that a referral names, and what it says of them."""

    name: str
    about: str


@dataclass(frozen=True, slots=True)
class Mentions:
    """Who and what a referral names besides the child."""

    people: tuple[Mention, ...] = ()
    places: tuple[Mention, ...] = ()
    themes: tuple[Mention, ...] = ()

    @property
    def count(self) -> int:
        return len(self.people) + len(self.places) + len(self.themes)


MENTION_KINDS = ("person", "place", "theme")


def mentions_in(data: Typed) -> Mentions:
    """The filled rows of the draft page *mentions*, in their order."""
    found = [
        tuple(
            Mention(name, one(data, f"{kind}_{row}_about").strip())
            for row in range(rows_wanted(data))
            if (name := one(data, f"{kind}_{row}_name").strip())
        )
        for kind in MENTION_KINDS
    ]
    return Mentions(*found)
