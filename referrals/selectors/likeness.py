"""How alike two names and two dates of birth are, and what that says of two children: pure functions, in words too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from rapidfuzz.distance import OSA, JaroWinkler

from mace.core.names import name_key, name_parts
from referrals.reference import forms_of_one_name

SAME, PART, FORM, SOUNDS, WRITTEN, SHORT, OTHER = 1.0, 0.96, 0.95, 0.94, 0.9, 0.8, 0.0
"""How near two first names or surnames are: the same, one part of two, forms of one first name (Kate and Katherine), by
sound, by writing, by writing but short."""
LIKE, LIKE_IN_SOUND = 0.88, 0.7
"""Jaro-Winkler, from which two words are written alike, and from which a like sound counts, which alone is coarse."""
SHORTEST = 3
"""Letters: in a name so short one that differs may well make another name."""

TWO_OF_THREE = 2

Heard = Collection[str]
"""Pairs of parts that sound alike, wanted and found, each as ``"tameka tamika"``."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name in two parts, as it was typed."""

    forename: str
    surname: str

    def __str__(self) -> str:
        return f"{self.forename} {self.surname}"


@dataclass(frozen=True, slots=True)
class Naming:
    """How near first names and surnames are, and whether one of the names was read the other way round."""

    forename: float
    surname: float
    turned: bool = False

    @property
    def both(self) -> bool:
        return self.forename > OTHER and self.surname > OTHER

    @property
    def total(self) -> float:
        return self.forename + self.surname - (0.05 if self.turned else 0)

    @property
    def words(self) -> str:
        """`surname sounds alike`; empty when nothing is alike."""
        if self.turned:
            return "names the other way round"
        if not self.both:
            return "same first name, another surname" if self.forename == SAME else ""
        if min(self.forename, self.surname) == SAME:
            return "same name"
        alone = {self.forename: "surname", self.surname: "first name"}.get(SAME, "name")
        least = min(self.forename, self.surname)
        if least == PART:
            return f"one part of the {alone} is the same"
        if least == FORM:
            return "first names are forms of one name"
        return f"{alone} sounds alike" if least == SOUNDS else f"{alone} is written alike"


def nearness(wanted: str, found: str, heard: Heard) -> float:
    """How near one first name or surname is to another, each of one or more parts."""
    ours, theirs = name_parts(wanted), name_parts(found)
    if not ours or not theirs:
        return OTHER
    one, other = "".join(ours), "".join(theirs)
    if one == other or sorted(ours) == sorted(theirs):
        return SAME
    near = _near(one, other, f"{one} {other}" in heard)
    if len(ours) > 1 or len(theirs) > 1:
        pairs = {(a, b): _near(a, b, f"{a} {b}" in heard) for a in ours for b in theirs}
        best = [max(pairs[a, b] for b in theirs) for a in ours] if len(ours) <= len(theirs) else []
        best += [max(pairs[a, b] for a in ours) for b in theirs] if len(theirs) <= len(ours) else []
        near = max(near, min(PART, *best))
    return near


def first_names(wanted: str, found: str, heard: Heard) -> float:
    """How near two first names are; forms of one name count although they look like two."""
    near = nearness(wanted, found, heard)
    if near >= FORM:
        return near
    return FORM if forms_of_one_name(name_key(wanted), name_key(found)) else near


def _near(one: str, other: str, sounds: bool) -> float:
    if one == other:
        return SAME
    alike = JaroWinkler.similarity(one, other)
    if sounds and alike >= LIKE_IN_SOUND:
        return SOUNDS
    slips = OSA.distance(one, other)
    if alike < LIKE and slips > 1:
        return OTHER
    return WRITTEN if min(len(one), len(other)) > SHORTEST else SHORT


def naming(wanted: Name, found: Name, heard: Heard) -> Naming:
    """The better of reading both names straight and reading one the other way round."""
    straight = Naming(
        first_names(wanted.forename, found.forename, heard), nearness(wanted.surname, found.surname, heard)
    )
    turned = Naming(
        nearness(wanted.forename, found.surname, heard), nearness(wanted.surname, found.forename, heard), turned=True
    )
    return max(straight, turned, key=lambda one: (one.both, one.total)) if turned.both else straight


def names_of(forename: str, surname: str, aliases: str) -> Iterator[Name]:
    """The name, then each other name; one word stands for the first name."""
    yield Name(forename, surname)
    for alias in aliases.replace(";", ",").replace("/", ",").split(","):
        *first, last = alias.split() or [""]
        if first:
            yield Name(" ".join(first), last)
        elif last:
            yield Name(last, surname)


def may_be_mistyped(wanted: dt.date, found: dt.date) -> bool:
    """Whether two of day, month and year are the same, or one is 1 January, which stands for a date that nobody knew.

    One part that is the same says nothing: of any two children one in six pairs has that.
    """
    same = (wanted.day == found.day) + (wanted.month == found.month) + (wanted.year == found.year)
    return same >= TWO_OF_THREE or (1, 1) in {(wanted.month, wanted.day), (found.month, found.day)}


def date_words(wanted: dt.date, found: dt.date, *, days_known: bool = True) -> str:
    """How two dates of birth may be one: `day and month swapped`. Empty when nothing speaks for it."""
    year, month, day = wanted.year, wanted.month, wanted.day
    slips = sum(OSA.distance(f"{wanted:{part}}", f"{found:{part}}") for part in ("%Y", "%m", "%d"))
    ways = (
        ("born in the same month, day not known", not days_known and (year, month) == (found.year, found.month)),
        ("same date of birth", wanted == found),
        ("day and month swapped", (year, month, day) == (found.year, found.day, found.month)),
        ("a year apart", (month, day) == (found.month, found.day) and abs(year - found.year) == 1),
        ("a day apart", abs((wanted - found).days) == 1),
        ("one digit of the date of birth differs", slips == 1),
        ("a month apart", (year, day) == (found.year, found.day) and abs(month - found.month) == 1),
    )
    return next((words for words, so in ways if so), "")
