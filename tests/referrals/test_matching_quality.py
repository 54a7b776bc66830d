"""How many children typed twice are found, and how many of those offered are the one meant, among invented people."""

from __future__ import annotations

import random
import sys
from collections import Counter
from dataclasses import dataclass, field, replace

import pytest

from mace.core.names import name_key
from mace.core.seat import acting_as
from referrals.selectors import Wanted, possible_matches
from referrals.selectors.matching import all_surely_meant
from tests.access.locks import owner, owner_rows
from tests.factories.cast import Cast
from tests.referrals.people import KINDS, Person, population, typed_again

SEED = 20260302
RECALL, PRECISION = 0.95, 0.9
LEAST_OF_A_KIND = 0.85


def keep(cast: Cast, people: list[Person]) -> dict[int, int]:
    """Records of all of them in the cast's partnership, child to place in the list."""
    rows = [
        (
            *(person.forename, person.surname, person.aliases, person.born),
            *(person.nhs, name_key(person.forename, person.surname)),
        )
        for person in people
    ]
    seat = cast["practitioner"]
    found = owner_rows(
        "insert into access_record (kind, partnership_id, sort_at, restricted) "
        "select 'child', %s, now(), false from generate_series(1, %s) returning id",
        *(seat.partnership_id, len(rows)),
    )
    keys = sorted(key for (key,) in found)
    owner(
        "insert into referrals_child (record_id, reference, created_at) select k, 'P-' || k, now() from unnest(%s) k",
        keys,
    )
    owner(
        "insert into referrals_childidentity (record_id, child_id, address, forename, surname, aliases, date_of_birth, "
        "nhs_number, name_key) select k, k, '', f, s, a, b, n, c "
        "from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::date[], %s::text[], %s::text[]) "
        "as t (k, f, s, a, b, n, c)",
        *(keys, *([list(column) for column in zip(*rows, strict=True)])),
    )
    owner("analyze referrals_childidentity")
    return {key: place for place, key in enumerate(keys)}


def wanted(typed: Person) -> Wanted:
    return Wanted(typed.forename, typed.surname, typed.born, typed.aliases, typed.day_known, typed.nhs)


@dataclass(slots=True)
class Quality:
    """How many were asked and found of each kind, how many were offered, and how many of these were meant."""

    asked: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    offered: int = 0

    @property
    def recall(self) -> float:
        return self.found.total() / self.asked.total()

    @property
    def precision(self) -> float:
        return self.found.total() / self.offered

    def __str__(self) -> str:
        kinds = (f"{kind:<34}{self.found[kind]:>5} of {of:>4}" for kind, of in self.asked.items())
        return "\n".join(["", *kinds, f"recall {self.recall:.3f}, precision {self.precision:.3f}", ""])


def read_from_end_to_end() -> int:
    """How often this transaction has read the identities of all children."""
    ((times,),) = owner_rows("select seq_scan from pg_stat_xact_user_tables where relname = 'referrals_childidentity'")
    return int(times)


def measured(cast: Cast, *, people: int, pairs: int) -> Quality:
    """Children typed twice, and as many who are not known yet: for these whatever is offered is wrong."""
    draw, found = random.Random(SEED), Quality()
    known = population(draw, people)
    places = keep(cast, known)
    with acting_as(cast["practitioner"]):
        for kind, at, typed in typed_again(draw, known, pairs):
            answers = [places[match.child_id] for match in possible_matches(wanted(typed))]
            found.asked[kind] += 1
            found.found[kind] += at in answers
            found.offered += len(answers)
        for stranger in population(draw, pairs):
            found.offered += len(possible_matches(wanted(replace(stranger, nhs=""))))
    sys.stdout.write(str(found))
    return found


def check(found: Quality) -> None:
    assert found.asked.keys() == {kind.name for kind in KINDS}
    assert found.recall >= RECALL
    assert found.precision >= PRECISION
    assert [kind for kind, of in found.asked.items() if found.found[kind] < LEAST_OF_A_KIND * of] == []


def test_who_is_typed_twice_is_found_and_few_others_are_offered(cast: Cast) -> None:
    check(measured(cast, people=3000, pairs=396))


def test_whom_a_row_surely_means_is_whom_the_search_finds_with_the_same_day_and_name_or_number(cast: Cast) -> None:
    """The one asks for all rows at once, the other for one child and whoever is like it."""
    draw = random.Random(SEED)
    known = population(draw, 600)
    keep(cast, [*known, *(replace(one, nhs="") for one in known[:60])])
    typed = [wanted(one) for _, _, one in typed_again(draw, known, 120)] + [wanted(one) for one in known[40:100]]
    with acting_as(cast["coordinator"]):
        answers = all_surely_meant(typed)
        found = 0
        for each, (meant, unsure) in zip(typed, answers, strict=True):
            key = name_key(each.forename, each.surname)
            likely = [
                match
                for match in possible_matches(each)
                if match.same_birth and (match.numbers or name_key(match.forename, match.surname) == key)
            ]
            numbered = [match for match in likely if match.numbers]
            assert (meant, unsure) == (next(iter(numbered if len(numbered) == 1 else likely), None), False)
            found += meant is not None
    assert 60 < found < len(typed)


@pytest.mark.deep
def test_who_is_typed_twice_is_found_among_many(cast: Cast) -> None:
    check(measured(cast, people=20_000, pairs=1_980))
    with acting_as(cast["coordinator"]):
        typed = [wanted(one) for one in population(random.Random(SEED), 50)]
        assert len([meant for meant, _ in all_surely_meant(typed) if meant]) > 40
    assert read_from_end_to_end() == 0
