"""How many children typed twice are found, and how many of those offered are the one meant, among invented people."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

from mace.core.names import name_key
from mace.core.seat import acting_as
from referrals.selectors import Wanted, possible_matches
from tests.access.locks import owner, owner_rows
from tests.factories.cast import Cast
from tests.referrals.people import Person, population, typed_again

SEED = 20260302
RECALL, PRECISION = 0.95, 0.9
LEAST_OF_A_KIND = 0.8


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


def measured(cast: Cast, size: int, pairs: int) -> tuple[Counter[str], Counter[str], int, int, list[str]]:
    """Asked and found of each kind, how many were offered, how many of these were meant, and what was missed."""
    draw = random.Random(SEED)
    people = population(draw, size)
    places = keep(cast, people)
    asked, found, offered, meant, missed = Counter[str](), Counter[str](), 0, 0, list[str]()
    with acting_as(cast["practitioner"]):
        for kind, at, typed in typed_again(draw, people, pairs):
            answers = possible_matches(wanted(typed))
            hit = at in {places[match.child_id] for match in answers}
            asked[kind] += 1
            found[kind] += hit
            offered += len(answers)
            meant += hit
            if not hit:
                missed.append(f"{kind}: {people[at]} typed {typed}")
            missed += [
                f"    wrong for {typed}: {m.name} {m.date_of_birth}: {m.why}"
                for m in answers
                if places[m.child_id] != at
            ]
        for stranger in population(draw, pairs):
            answers = possible_matches(wanted(replace(stranger, nhs="")))
            offered += len(answers)
            missed += [f"    STR for {stranger}: {m.name} {m.date_of_birth}: {m.why}" for m in answers]
    return asked, found, offered, meant, missed


def test_who_is_typed_twice_is_found_and_few_others_are_offered(cast: Cast) -> None:
    asked, found, offered, meant, missed = measured(cast, 3000, 396)
    for kind in asked:
        print(f"{kind:<34}{found[kind]:>4} of {asked[kind]:>4}  {found[kind] / asked[kind]:.2f}")
    print(f"recall {meant / asked.total():.3f}, precision {meant / offered:.3f}")
    print("\n".join(missed))
    assert meant / asked.total() >= RECALL
    assert meant / offered >= PRECISION
    assert [kind for kind in asked if found[kind] / asked[kind] < LEAST_OF_A_KIND] == []
