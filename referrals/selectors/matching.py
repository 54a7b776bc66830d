"""Children who may be the same: a function of the database answers, because the referrer may not see their records.

It answers candidates; what they are worth, and why, is judged here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from django.db import connection

from mace.core.forms import long_date
from mace.core.names import name_key
from referrals.selectors.likeness import (
    OTHER,
    SAME,
    SOUNDS,
    WRITTEN,
    Naming,
    date_words,
    may_be_mistyped,
    names_of,
    naming,
)
from referrals.selectors.sameness import any_apart

MOST = 10
WORTH = {
    "same date of birth": 1.0,
    "day and month swapped": 0.6,
    "born in the same month, day not known": 0.5,
    "a year apart": 0.5,
    "one digit of the date of birth differs": 0.4,
    "a day apart": 0.4,
    "a month apart": 0.3,
}
"""What a date adds when the likeliest are put first."""
ENOUGH = {"day and month swapped": SOUNDS + WRITTEN, "a year apart": SOUNDS + WRITTEN}
NEARLY = SAME + WRITTEN
"""What both names must come to where the date is not the same: one of them the same, unless the slip is a usual one."""
MATCHES = (
    "select child, reference, forename, surname, known_as, date_of_birth, birth_day_known, same_nhs, other_nhs, "
    "same_upn, same_local, heard from referrals_child_matches(%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
SURE = (
    "select place, child, reference, forename, surname, known_as, date_of_birth, birth_day_known, same_nhs, other_nhs, "
    "same_upn, same_local, heard from referrals_children_meant(%s::text[], %s::text[], %s::text[], %s::date[], "
    "%s::text[], %s::text[], %s::text[]) order by place, nth"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The child meant, as far as it was typed; numbers as ``mace.core.numbers`` makes them comparable."""

    forename: str
    surname: str
    date_of_birth: dt.date
    aliases: str = ""
    birth_day_known: bool = True
    nhs_number: str = ""
    upn: str = ""
    local_id: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row of ``referrals_child_matches``."""

    child_id: int
    reference: str
    forename: str
    surname: str
    known_as: str
    date_of_birth: dt.date
    birth_day_known: bool
    same_nhs: bool
    other_nhs: bool
    same_upn: bool
    same_local: bool
    heard: list[str]


@dataclass(frozen=True, slots=True)
class Match:
    """A child of the seat's own partnership who may be the one meant, and why."""

    child_id: int
    reference: str
    forename: str
    surname: str
    date_of_birth: dt.date
    same_birth: bool
    numbers: tuple[str, ...]
    birth: str
    naming: Naming
    known_as: str

    @property
    def name(self) -> str:
        return f"{self.forename} {self.surname}"

    @property
    def strong(self) -> bool:
        """Whether somebody should look at both records unasked: a number, or the same birth and like names."""
        return bool(self.numbers) or (self.same_birth and self.naming.both)

    @property
    def by_name_alone(self) -> bool:
        return not self.numbers and not self.birth

    @property
    def why(self) -> str:
        """`same date of birth, surname sounds alike`."""
        said = [f"same {number}" for number in self.numbers]
        said.append(self.birth or f"born {long_date(self.date_of_birth)}")
        said += [self.naming.words] if self.naming.words else []
        said += [f"also known as {self.known_as}"] if self.known_as else []
        return ", ".join(said)

    @property
    def rank(self) -> tuple[int, float]:
        """The likelier the greater: numbers before all, then date and name together."""
        return len(self.numbers), WORTH.get(self.birth, 0.0) + self.naming.total


def possible_matches(wanted: Wanted, *, besides: int | None = None) -> list[Match]:
    """The likeliest first, at most ten.

    ``besides`` is the child that has a record already: it is left out, and so is who is said to be somebody else.

    The name alone counts where nothing else is found and one child only is called so: others' names say too little.
    """
    found = candidates(wanted, besides=besides)
    judged = [match for one in found if one.child_id != besides and (match := judge(wanted, one))]
    more = [match for match in judged if not match.by_name_alone]
    likeliest = more or (judged if len(judged) == 1 else [])
    return sorted(likeliest, key=lambda match: match.rank, reverse=True)[:MOST]


def surely_meant(wanted: Wanted) -> tuple[Match | None, bool]:
    """As ``all_surely_meant`` answers it, of one."""
    return all_surely_meant([wanted])[0]


def all_surely_meant(
    wanted: Sequence[Wanted], *, but: Callable[[Collection[int]], Collection[int]] = lambda _: ()
) -> list[tuple[Match | None, bool]]:
    """For each: the child that a row of a spreadsheet speaks of without anybody being asked, if there is one.

    That takes the same date of birth, and a number or the very name. Also whether it could be several who are said to
    be different children, so that nothing tells which: then there is none. ``but`` answers which of some children's
    keys are not the ones. One statement for all of them, and one for each that could be several.
    """
    judged = [
        [match for one in found if (match := judge(each, one)) and _is_sure(each, match)]
        for each, found in zip(wanted, sure_candidates(wanted), strict=True)
    ]
    others = set(but({match.child_id for found in judged for match in found})) if any(judged) else set()
    return [_one_of([match for match in found if match.child_id not in others]) for found in judged]


def _is_sure(wanted: Wanted, match: Match) -> bool:
    if not match.same_birth:
        return False
    same_name = name_key(match.forename, match.surname) == name_key(wanted.forename, wanted.surname)
    return bool(match.numbers) or same_name


def _one_of(found: list[Match]) -> tuple[Match | None, bool]:
    found = sorted(found, key=lambda match: match.rank, reverse=True)
    numbered = [match for match in found if match.numbers]
    meant = numbered if len(numbered) == 1 else found
    if len(meant) > 1 and any_apart([match.child_id for match in meant]):
        return None, True
    return next(iter(meant), None), False


def sure_candidates(wanted: Sequence[Wanted]) -> list[list[Candidate]]:
    """Of what ``candidates`` finds for each: those with its date of birth and its very name or one of its numbers.

    Their days of birth are known. Asked at once, and only by seats that screen referrals.
    """
    found: list[list[Candidate]] = [[] for _ in wanted]
    if not wanted:
        return found
    columns = [
        (
            *(each.forename, each.surname, name_key(each.forename, each.surname), each.date_of_birth),
            *(each.nhs_number, each.upn, each.local_id),
        )
        for each in wanted
    ]
    with connection.cursor() as cursor:
        cursor.execute(SURE, [list(column) for column in zip(*columns, strict=True)])
        for place, *row in cursor.fetchall():
            found[place - 1].append(Candidate(*row))
    return found


def candidates(wanted: Wanted, *, besides: int | None = None) -> list[Candidate]:
    """Who the database finds, the likeliest first, at most fifty."""
    with connection.cursor() as cursor:
        cursor.execute(
            MATCHES,
            [
                *(wanted.forename, wanted.surname, wanted.aliases, wanted.date_of_birth, wanted.birth_day_known),
                *(wanted.nhs_number, wanted.upn, wanted.local_id, besides),
            ],
        )
        return [Candidate(*row) for row in cursor.fetchall()]


def judge(wanted: Wanted, found: Candidate) -> Match | None:
    """What a candidate is worth; ``None`` when too little speaks for the same child.

    A number that is the same is enough. Another NHS number needs the same date of birth and the same name.
    """
    numbers = tuple(
        words
        for words, same in (
            ("NHS number", found.same_nhs),
            ("UPN", found.same_upn),
            ("number at your agency", found.same_local),
        )
        if same
    )
    days_known = wanted.birth_day_known and found.birth_day_known
    birth = date_words(wanted.date_of_birth, found.date_of_birth, days_known=days_known)
    best, known_as = best_naming(wanted, found)
    match = Match(
        found.child_id,
        found.reference,
        found.forename,
        found.surname,
        found.date_of_birth,
        wanted.date_of_birth == found.date_of_birth and days_known,
        numbers,
        birth,
        best,
        known_as,
    )
    if numbers:
        return match
    if found.other_nhs and not (match.same_birth and best.forename == best.surname == SAME):
        return None
    if not birth and not may_be_mistyped(wanted.date_of_birth, found.date_of_birth):
        return None
    return match if is_enough(birth, best) else None


def is_enough(birth: str, names: Naming) -> bool:
    """Whether date and name together speak for the same child.

    The same date asks for names that are alike, or the same first name: children are given another surname. A date that
    may be mistyped asks for more of the names, and no date at all for the same name.
    """
    if birth == "same date of birth":
        return names.both or names.forename == SAME
    if birth:
        return names.both and names.forename + names.surname >= ENOUGH.get(birth, NEARLY)
    return names.forename == names.surname == SAME


def best_naming(wanted: Wanted, found: Candidate) -> tuple[Naming, str]:
    """The nearest of all names that are known of both, and the other name that it was found by."""
    best, known_as = Naming(OTHER, OTHER), ""
    for number, ours in enumerate(names_of(wanted.forename, wanted.surname, wanted.aliases)):
        for other, theirs in enumerate(names_of(found.forename, found.surname, found.known_as)):
            said = naming(ours, theirs, found.heard)
            if (said.both, said.total) > (best.both, best.total):
                best, known_as = said, str(theirs) if other else str(ours) if number else ""
    return best, known_as
