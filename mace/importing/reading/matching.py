"""Rows of one book that look like the same person. Nothing is put together here: what is found is shown to somebody."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from mace.core.names import name_key
from mace.importing.reading.numbers import bare
from mace.importing.reading.result import Doubt, PersonRow, SamePeople

ALIKE, ALIKE_BY_SOUND = 85, 60
"""The least likeness of two names, of 100, for them to be the same name misspelt; less is enough if they sound
the same."""
MOST_COMPARED = 400
"""Rows of one sound that are compared with one another; beyond that only neighbours by birth date are."""


@dataclass(frozen=True, slots=True)
class _Who:
    at: int
    forename: str
    surname: str
    born: dt.date | None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted((self.forename, self.surname)))


def find_same_people(people: list[PersonRow]) -> tuple[list[SamePeople], list[Doubt]]:
    """Groups of rows that look like one person, surely or perhaps, and doubts about names that stand both ways round.

    Such a name is turned round in ``people``, to be as it is in most rows of that person.
    """
    whos = [
        _Who(at, name_key(str(row.value("forename") or "")), name_key(str(row.value("surname") or "")), _born(row))
        for at, row in enumerate(people)
    ]
    sure = _Groups(len(people))
    perhaps: list[tuple[int, int, str]] = []
    for reason, members in _same_numbers(people):
        for one, other in pairwise(members):
            if _may_be(whos[one], whos[other]):
                sure.join(one, other, reason)
            else:
                perhaps.append((one, other, f"{reason}, yet different names or dates of birth"))
    doubts: list[Doubt] = []
    by_name: dict[tuple[tuple[str, ...], dt.date], list[_Who]] = defaultdict(list)
    for who in whos:
        if who.born and who.forename and who.surname:
            by_name[who.names, who.born].append(who)
    for same in by_name.values():
        turned = {who.forename for who in same}
        for who, next_who in pairwise(same):
            sure.join(
                who.at,
                next_who.at,
                "same name the other way round and same date of birth"
                if who.forename != next_who.forename
                else "same name and date of birth",
            )
        doubts += _both_ways(people, same) if len(turned) > 1 else []
    perhaps += _alike(whos, sure)
    return _as_groups(people, sure, perhaps), doubts


def _born(row: PersonRow) -> dt.date | None:
    found = row.value("date_of_birth")
    return found if isinstance(found, dt.date) else None


def _same_numbers(people: Sequence[PersonRow]) -> Iterator[tuple[str, list[int]]]:
    for field, words in (
        ("nhs_number", "same NHS number"),
        ("upn", "same unique pupil number"),
        ("local_id", "same local number"),
    ):
        found: dict[str, list[int]] = defaultdict(list)
        for at, row in enumerate(people):
            if number := row.value(field):
                found[bare(str(number))].append(at)
        for members in found.values():
            if len(members) > 1:
                yield words, members


def _may_be(one: _Who, other: _Who) -> bool:
    """Whether rows with the same number do not contradict one another.

    Names or dates of birth agree, or one has none.
    """
    same_name = one.names == other.names or _names_alike(one, other)
    same_birth = one.born == other.born
    unknown_name = not any(one.names) or not any(other.names)
    return (same_name or unknown_name) and (same_birth or one.born is None or other.born is None)


def _both_ways(people: list[PersonRow], same: Sequence[_Who]) -> list[Doubt]:
    """Turns round what is written otherwise than in most rows of that person, with a doubt at each."""
    usual = max(
        {who.forename for who in same},
        key=lambda name: (sum(who.forename == name for who in same), -_first(same, name)),
    )
    out = []
    for who in same:
        row = people[who.at]
        if who.forename == usual:
            continue
        forename, surname = row.values["forename"], row.values["surname"]
        people[who.at] = replace(row, values={**row.values, "forename": surname, "surname": forename})
        value = row.values.get("name") or forename
        words = (
            "The same two names stand the other way round in another row with this date of birth. They are taken "
            "as they stand there."
        )
        out.append(Doubt(row.sheet, value.cell, "name", value.text, words, "name_order"))
    return out


def _first(same: Sequence[_Who], name: str) -> int:
    return next(who.at for who in same if who.forename == name)


def _alike(whos: Sequence[_Who], sure: _Groups) -> Iterator[tuple[int, int, str]]:
    """Pairs whose names sound or look alike and whose dates of birth are the same or nearly so."""
    buckets: dict[tuple[str | int, ...], list[_Who]] = defaultdict(list)
    for who in whos:
        if who.born and who.forename and who.surname:
            days = sorted((who.born.day, who.born.month))
            buckets["sound", *sorted((sound(who.forename)[1:], sound(who.surname)[1:]))].append(who)
            buckets["day or month", who.born.year, *days].append(who)
            buckets["year", who.born.day, who.born.month].append(who)
    seen: set[tuple[int, int]] = set()
    for one, other in _pairs(buckets.values()):
        key = (one.at, other.at)
        if key in seen or sure.together(*key) or not one.born or not other.born:
            continue
        seen.add(key)
        near = _near(one.born, other.born)
        if near and (one.names == other.names or _names_alike(one, other)):
            names = "same name" if one.names == other.names else "names alike"
            yield one.at, other.at, f"{names}, {near}"


def _pairs(buckets: Iterable[list[_Who]]) -> Iterator[tuple[_Who, _Who]]:
    for bucket in buckets:
        ordered = sorted(bucket, key=lambda who: (who.born or dt.date.min, who.at))
        reach = len(ordered) if len(ordered) <= MOST_COMPARED else 20
        for at, one in enumerate(ordered):
            for other in ordered[at + 1 : at + 1 + reach]:
                yield (one, other) if one.at < other.at else (other, one)


def _names_alike(one: _Who, other: _Who) -> bool:
    """Whether forename and surname are alike, either way round."""
    straight = _alike_words(one.forename, other.forename) and _alike_words(one.surname, other.surname)
    return straight or (_alike_words(one.forename, other.surname) and _alike_words(one.surname, other.forename))


def _alike_words(one: str, other: str) -> bool:
    """Whether two names are one but for a slip of the pen, or sound alike and look not too different."""
    if one == other or fuzz.ratio(one, other) >= ALIKE:
        return True
    if min(len(one), len(other)) >= 4 and OSA.distance(one, other) <= 1:
        return True
    return sound(one) == sound(other) and fuzz.ratio(one, other) >= ALIKE_BY_SOUND


def _near(one: dt.date, other: dt.date) -> str:
    """How two dates of birth are near; empty if they are not."""
    if one == other:
        return "same date of birth"
    if (one.day, one.month, one.year) == (other.month, other.day, other.year):
        return "day and month of birth swapped"
    if (one.day, one.month) == (other.day, other.month) and abs(one.year - other.year) in {1, 10}:
        return "year of birth differs by a figure"
    figures = sum(a != b for a, b in zip(f"{one:%d%m%Y}", f"{other:%d%m%Y}", strict=True))
    return "date of birth differs by a figure" if figures == 1 else ""


@lru_cache(maxsize=20_000)
def sound(name: str) -> str:
    """The Soundex of a name: names that sound alike in English have one."""
    codes = {
        c: str(number) for number, letters in enumerate(("bfpv", "cgjkqsxz", "dt", "l", "mn", "r"), 1) for c in letters
    }
    letters = [c for c in name.lower() if c.isalpha()]
    if not letters:
        return ""
    out, before = letters[0], codes.get(letters[0], "")
    for letter in letters[1:]:
        code = codes.get(letter, "")
        if code and code != before:
            out += code
        if letter not in "hw":
            before = code
    return (out + "000")[:4]


class _Groups:
    """Rows joined into groups, with the reasons."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))
        self.why: list[tuple[int, str]] = []

    def root(self, at: int) -> int:
        while self.parent[at] != at:
            self.parent[at] = self.parent[self.parent[at]]
            at = self.parent[at]
        return at

    def join(self, one: int, other: int, why: str) -> None:
        self.parent[self.root(one)] = self.root(other)
        self.why.append((one, why))

    def together(self, one: int, other: int) -> bool:
        return self.root(one) == self.root(other)


def _as_groups(people: Sequence[PersonRow], sure: _Groups, perhaps: Iterable[tuple[int, int, str]]) -> list[SamePeople]:
    members: dict[int, list[int]] = defaultdict(list)
    reasons: dict[int, list[str]] = defaultdict(list)
    for at in range(len(people)):
        members[sure.root(at)].append(at)
    for at, why in sure.why:
        if why not in reasons[sure.root(at)]:
            reasons[sure.root(at)].append(why)

    def named(rows: Iterable[int]) -> tuple[tuple[str, int], ...]:
        return tuple((people[at].sheet, people[at].row) for at in sorted(rows))

    out = [
        SamePeople(named(rows), "; ".join(reasons[root]), sure=True) for root, rows in members.items() if len(rows) > 1
    ]
    doubtful: dict[tuple[int, int], list[str]] = defaultdict(list)
    for one, other, why in perhaps:
        roots = sorted((sure.root(one), sure.root(other)))
        if roots[0] != roots[1] and why not in doubtful[roots[0], roots[1]]:
            doubtful[roots[0], roots[1]].append(why)
    out += [
        SamePeople(named([*members[a], *members[b]]), "; ".join(why), sure=False) for (a, b), why in doubtful.items()
    ]
    return sorted(out, key=lambda group: (not group.sure, group.rows))
