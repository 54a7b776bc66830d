"""Whose a referral or a review is: which of those that a seat sees are on its lists."""

from __future__ import annotations

from dataclasses import replace

from mace.core.seat import Seat, acting_as
from referrals.selectors import mentions_of, open_reviews_for, referral_by_reference, referrals_of, waiting_referrals
from referrals.selectors.reviews import review_by_reference
from referrals.services import make_review
from tests.access.locks import owner
from tests.access.world import World
from tests.factories.panels import HELD
from tests.factories.referrals import another_child, submitted_referral

OWN, OTHER = "practitioner", "other_practitioner"
"""Of the practitioner's and the manager's team, and of another one."""


def seat_of(world: World, name: str) -> Seat:
    """A ``leaderless`` manager has no team."""
    return replace(world.cast["manager"], team_id=None) if name == "leaderless" else world.cast[name]


def team_of(world: World, name: str) -> int | None:
    return world.cast.memberships[name].team_id if name else None


WHOSE_REFERRAL = [
    ("practitioner", "practitioner", OTHER, True),
    ("practitioner", "manager", OWN, False),
    ("practitioner", "manager", OTHER, False),
    ("manager", "manager", OTHER, True),
    ("manager", "practitioner", OWN, True),
    ("manager", "practitioner", OTHER, False),
    ("leaderless", "practitioner", "", False),
    ("coordinator", "practitioner", OTHER, True),
]


def test_a_seat_lists_its_own_referrals_a_manager_the_team_s_and_a_coordinator_all(world: World) -> None:
    for name, writer, team, listed in WHOSE_REFERRAL:
        owner(
            "update referrals_referral set written_by_principal = %s, team_id = %s where record_id = %s",
            world.cast[writer].principal,
            team_of(world, team),
            world.referral.pk,
        )
        with acting_as(world.cast["manager" if name == "leaderless" else name]):
            assert referral_by_reference(world.referral.reference) == world.referral
            assert (world.referral in referrals_of(seat_of(world, name))) is listed


WHOSE_REVIEW = [
    ("practitioner", "practitioner", OTHER, True),
    ("practitioner", "manager", OWN, False),
    ("manager", "manager", OTHER, True),
    ("manager", "practitioner", OWN, True),
    ("manager", "practitioner", OTHER, False),
    ("leaderless", "practitioner", "", False),
    ("coordinator", "practitioner", OTHER, True),
    ("chair", "practitioner", OTHER, True),
]


def test_a_lead_professional_lists_the_reviews_of_their_cases_a_manager_the_team_s_and_a_coordinator_all(
    world: World,
) -> None:
    for name, lead, team, listed in WHOSE_REVIEW:
        owner(
            "update referrals_case set lead_professional_id = %s, team_id = %s where record_id = %s",
            world.cast[lead].membership_id,
            team_of(world, team),
            world.case.pk,
        )
        with acting_as(world.cast["manager" if name == "leaderless" else name]):
            assert review_by_reference(world.review.reference) == world.review
            assert open_reviews_for(seat_of(world, name)) == ([world.review] if listed else [])


OPEN = [
    ("due", True),
    ("answered", True),
    ("held", False),
    ("cancelled", False),
]


def test_reviews_are_listed_until_they_are_held(world: World) -> None:
    for status, listed in OPEN:
        owner(
            "update referrals_review set status = %s, answered_on = due_on, answered_by_id = %s, held_on = due_on, "
            "rating = 'moderate', recommendation = 'close' where id = %s",
            status,
            world.cast["practitioner"].membership_id,
            world.review.pk,
        )
        with acting_as(world.cast["practitioner"]):
            assert open_reviews_for(world.cast["practitioner"]) == ([world.review] if listed else [])


def test_a_reference_stands_for_one_of_several(world: World) -> None:
    seat = world.cast["coordinator"]
    with acting_as(seat):
        another = make_review(case=world.case, due_on=HELD.date(), by=seat, at=HELD)
        assert another is not None
        assert [review_by_reference(one.reference) for one in (world.review, another)] == [world.review, another]
        for one in (world.referral, world.waiting):
            assert referral_by_reference(one.reference) == one


def test_what_waits_is_what_was_sent_and_not_decided_each_with_its_own_rating_and_mentions(world: World) -> None:
    mentions = {"person_0_name": "Vee"}
    second = submitted_referral(
        world.cast, at=HELD, child=another_child(1), risk={"rating": "significant"}, mentions=mentions
    )
    with acting_as(world.cast["coordinator"]):
        found = [(referral.pk, referral.rating) for referral in waiting_referrals()]  # type: ignore[attr-defined]
        assert found == [(world.waiting.pk, "moderate"), (world.matter.pk, None), (second.pk, "significant")]
        named = [[person.name for person in mentions_of(one).people] for one in (world.waiting, second)]
        assert named == [["“Dex”"], ["Vee"]]
