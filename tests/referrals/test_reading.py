"""What is read of a case, a child or an address is of that one, whatever else the seat sees."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields
from typing import Any

import pytest
from django.http import Http404

from mace.access.models import Scope
from mace.core.errors import NotAllowed
from mace.core.seat import acting_as
from referrals.models import Case, Child, ChildMerge, Referral
from referrals.selectors import case_by_reference, case_content, next_review_due
from referrals.selectors.addresses import protected_addresses
from referrals.selectors.cases import CaseContent, cases_by_ids, earlier_cases, referral_content
from referrals.selectors.merging import (
    cases_of,
    child_in_full,
    child_meant,
    held_in_full,
    merges_of,
    restricted_around,
    same_child_ids,
)
from referrals.services import agree_rating, merge_children, undo_merge
from referrals.services.addresses import protect_address
from tests.access.locks import owner
from tests.access.world import World
from tests.factories.files import attached
from tests.factories.panels import HELD
from tests.factories.referrals import another_child, open_case
from tests.volt.test_records import show_to_police

LATER = HELD + dt.timedelta(days=40)


@pytest.fixture
def second(world: World) -> Case:
    """A case of another child, opened later than everything else."""
    made = open_case(world.cast, at=LATER, child=another_child(1))
    with acting_as(world.cast["coordinator"]):
        return Case.objects.select_related("child").get(pk=made.pk)


def keys(content: CaseContent) -> dict[str, Any]:
    """What it is made of, by primary keys."""
    found = {one.name: getattr(content, one.name) for one in fields(content)}
    return {
        name: [row.pk for row in value] if isinstance(value, list) else value and value.pk
        for name, value in found.items()
    }


def test_a_case_says_what_was_written_of_it(world: World) -> None:
    seat = world.cast["coordinator"]
    with acting_as(seat):
        before = [keys(case_content(world.case)), keys(referral_content(world.referral))]
        agree_rating(case=world.case, rating="moderate", source="x", by=seat, at=HELD)
        agreed = keys(case_content(world.case))
        assert agreed == before[0] | {"ratings": agreed["ratings"]}
    second = open_case(world.cast, at=LATER, child=another_child(1))
    with acting_as(seat):
        attached(world.cast, Referral.objects.get(case=second))
        agree_rating(case=second, rating="significant", source="x", by=seat, at=LATER)
        assert [keys(case_content(world.case)), keys(referral_content(world.referral))] == [agreed, before[1]]
        other = keys(case_content(second))
        for name, value in other.items():
            assert value
            mine = agreed[name]
            assert not ({*value} & {*mine} if isinstance(value, list) else value == mine), name


def scope_of(case: Case) -> int:
    return int(case_by_reference(case.reference).seat_scope)  # type: ignore[attr-defined]


def address_shown(case: Case) -> bool:
    return bool(case_by_reference(case.reference).address_shown)  # type: ignore[attr-defined]


def test_a_case_is_read_with_the_scope_and_address_that_are_its_own(world: World, second: Case) -> None:
    cast, practitioner = world.cast, world.cast["practitioner"]
    show_to_police(cast, second.pk, Scope.FULL)
    with acting_as(cast["police_lead"]):
        assert [scope_of(case) for case in (world.case, second)] == [2, 3]
        assert [case.pk for case in cases_by_ids([world.case.pk])] == [world.case.pk]
        assert [held_in_full(Child(pk=case.child_id)) for case in (world.case, second)] == [False, True]
    with acting_as(practitioner):

        def shown() -> list[tuple[int, bool]]:
            return [(case.pk, address_shown(case)) for case in (world.case, second)]

        assert shown() == [(world.case.pk, False), (second.pk, False)]
        made = protect_address(
            record_id=second.pk,
            child_id=second.child_id,
            address="Hidden",
            reason="x",
            since_on=LATER.date(),
            by=practitioner,
            at=LATER,
        )
        assert shown() == [(world.case.pk, False), (second.pk, True)]
        assert [list(protected_addresses(pk)) for pk in (world.child.pk, second.child_id)] == [[], [made]]
    owner("update referrals_protectedaddress set until_on = since_on where record_id = %s", made.pk)
    with acting_as(practitioner):
        assert shown() == [(world.case.pk, False), (second.pk, False)]


def test_a_repeat_is_of_the_same_child_in_the_same_partnership(world: World, second: Case) -> None:
    cast = world.cast
    with acting_as(cast["coordinator"]):
        assert earlier_cases(Referral(child=world.child, partnership=cast.partnership)) == [world.case]
        assert earlier_cases(Referral(child=second.child, partnership=cast.partnership)) == [second]
        assert earlier_cases(Referral(child=world.child, partnership=cast.other_partnership)) == []
        assert earlier_cases(world.referral) == []
        assert earlier_cases(Referral(partnership=cast.partnership)) == []


def test_the_next_review_is_due_after_the_last_one_held_of_that_case(world: World, second: Case) -> None:
    held = "update referrals_review set status = %s, held_on = %s, case_id = %s where id = %s"
    opened = world.case.opened_on + dt.timedelta(days=84)
    for status, of, due in (
        ("held", world.case, dt.date(2026, 8, 24)),
        ("cancelled", world.case, opened),
        ("held", second, opened),
    ):
        owner(held, status, dt.date(2026, 6, 1), of.pk, world.review.pk)
        with acting_as(world.cast["coordinator"]):
            assert next_review_due(world.case) == due


def test_a_child_is_found_by_its_reference_or_that_of_its_case(world: World, second: Case) -> None:
    cast = world.cast
    children = [world.child, second.child]
    with acting_as(cast["coordinator"]):
        assert [child_in_full(child.reference) for child in children] == children
        assert [child_meant(child.reference.lower()) for child in children] == children
        assert [child_meant(case.reference) for case in (world.case, second)] == children
        assert [list(cases_of(child)) for child in children] == [[world.case], [second]]
        assert child_meant("C-0000-0000") is None
        with pytest.raises(Http404):
            child_in_full("X-0000-0000")
    show_to_police(cast, second.pk, Scope.FULL)
    with acting_as(cast["police_lead"]):
        assert child_in_full(second.child.reference) == second.child
        assert [child_meant(child.reference) for child in children] == [None, second.child]
        assert Child.objects.filter(pk=world.child.pk).exists()
        with pytest.raises(Http404):
            child_in_full(world.child.reference)


def test_records_of_one_child_are_those_merged_with_it_and_not_parted_again(world: World, second: Case) -> None:
    seat = world.cast["coordinator"]

    def merged(gone: Child, kept: Child) -> ChildMerge:
        return merge_children(gone=gone, kept=kept, reason="x", by=seat, at=LATER)

    with acting_as(seat):
        waiting = Child.objects.get(pk=Referral.objects.get(pk=world.waiting.pk).child_id)
        one, other = world.child, second.child
        fourth = Child.objects.exclude(pk__in=[waiting.pk, one.pk, other.pk]).first()
        assert fourth is None
        first = merged(waiting, one)
        assert [same_child_ids(child.pk) for child in (one, waiting, other)] == [
            {one.pk, waiting.pk},
            {one.pk, waiting.pk},
            {other.pk},
        ]
        assert [merges_of(child) for child in (waiting, one, other)] == [[first], [first], []]
        last = merged(one, other)
        everybody = {one.pk, waiting.pk, other.pk}
        assert [same_child_ids(child.pk) for child in (one, waiting, other)] == [everybody] * 3
        assert [merges_of(child) for child in (waiting, one, other)] == [[first], [last, first], [last]]
        undo_merge(merge=first, reason="x", by=seat, at=LATER)
        assert [same_child_ids(child.pk) for child in (one, waiting)] == [{one.pk, other.pk}, {waiting.pk}]
        with pytest.raises(NotAllowed, match="no such merge"):
            undo_merge(merge=first, reason="x", by=seat, at=LATER)


def test_a_restriction_is_around_the_child_of_that_case(world: World, second: Case) -> None:
    with acting_as(world.cast["coordinator"]):
        assert [restricted_around(child) for child in (world.child, second.child)] == [False, False]
    owner("update access_record set restricted = true where id = %s", second.child_id)
    with acting_as(world.cast["coordinator"]):
        assert [restricted_around(Child(pk=pk)) for pk in (world.child.pk, second.child_id)] == [False, True]
