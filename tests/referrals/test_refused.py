"""What is hidden, another's, or another partnership's is refused in the service's or the page's own words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mace.access.policy import Capability
from mace.core.errors import NotAllowed
from mace.core.seat import Seat, acting_as
from referrals.models import Referral
from referrals.services import (
    agree_rating,
    answer_review,
    hold_review,
    merge_children,
    return_referral,
    save_review,
    withdraw_referral,
)
from referrals.services.addresses import address_changes
from tests.access.locks import owner
from tests.access.test_locks_functions import hold
from tests.access.world import World
from tests.factories.panels import HELD
from tests.factories.referrals import draft_referral, submitted_referral
from tests.referrals.test_reviews import ANSWERS


def refused(seat: Seat, do: Callable[[], object]) -> Any:
    """What the refusal says."""
    with acting_as(seat), pytest.raises(NotAllowed) as caught:
        do()
    [said] = caught.value.args
    return said


def test_what_a_seat_does_not_see_it_does_not_change(world: World) -> None:
    seat, writer = world.cast["stranger_coordinator"], world.cast["stranger_practitioner"]
    assert [
        refused(writer, lambda: withdraw_referral(referral=world.waiting, by=writer, at=HELD, reason="x")),
        refused(seat, lambda: agree_rating(case=world.case, rating="moderate", source="x", by=seat, at=HELD)),
        refused(seat, lambda: hold_review(review=world.review, by=seat, at=HELD)),
        refused(seat, lambda: merge_children(gone=world.child, kept=world.child, reason="x", by=seat, at=HELD)),
    ] == ["no such referral", "no such case", "no such review", "no such child"]


def test_where_a_child_lives_is_changed_by_who_holds_it_in_full(world: World) -> None:
    said = refused(world.cast["police_lead"], lambda: address_changes(record_id=world.case.pk, day=HELD.date()))
    assert said == Capability.PROTECT_ADDRESS


def test_a_referral_of_another_partnership_is_not_decided_by_whoever_holds_it(world: World) -> None:
    seat = world.cast["stranger_coordinator"]
    hold(seat.principal, world.waiting.pk, 3)
    with acting_as(seat):
        assert Referral.objects.filter(pk=world.waiting.pk).exists()
    assert refused(seat, lambda: return_referral(referral=world.waiting, reason="x", by=seat, at=HELD)) == (
        Capability.SCREEN
    )


def test_a_referral_is_taken_back_by_its_writer_while_their_agency_may_refer(world: World) -> None:
    cast, seat = world.cast, world.cast["coordinator"]
    assert refused(seat, lambda: withdraw_referral(referral=world.waiting, by=seat, at=HELD, reason="x")) == (
        Capability.FILE_REFERRAL
    )
    draft = draft_referral(cast, by="voluntary_member")
    no_longer = replace(cast["voluntary_member"], may_refer=False)
    assert refused(no_longer, lambda: withdraw_referral(referral=draft, by=no_longer, at=HELD)) == (
        Capability.FILE_REFERRAL
    )
    with acting_as(cast["voluntary_member"]):
        assert withdraw_referral(referral=draft, by=cast["voluntary_member"], at=HELD).status == "withdrawn"


def test_a_review_is_answered_by_the_lead_and_no_other_who_sees_it(world: World) -> None:
    seat = world.cast["practitioner"]
    owner(
        "update referrals_case set lead_professional_id = %s where record_id = %s",
        world.cast["manager"].membership_id,
        world.case.pk,
    )
    answers: dict[str, Any] = ANSWERS
    save: dict[str, Any] = {"review": world.review, "by": seat, "at": HELD}
    assert refused(seat, lambda: answer_review(**save, **answers)) == Capability.ANSWER_REVIEW
    assert refused(seat, lambda: save_review(**save, data=ANSWERS, version=None, operation="")) == (
        Capability.ANSWER_REVIEW
    )
    client, path = world.cast.client("practitioner"), f"/reviews/{world.review.reference}/"
    assert (client.get(path).status_code, client.post(path, ANSWERS).status_code) == (200, 403)


def test_pages_that_write_a_referral_are_its_writer_s(world: World) -> None:
    sent = submitted_referral(world.cast, child={"forename": "Bela", "surname": "Quince"})
    for page, own in (
        ("pages/voice/", 302),
        ("pages/nonsense/", 404),
        ("check/", 302),
        ("submitted/", 200),
        ("withdraw/", 200),
    ):
        path = f"/referrals/{sent.reference}/{page}"
        answers = [world.cast.client(name).get(path).status_code for name in ("practitioner", "coordinator")]
        assert answers == [own, 404 if own == 404 else 403], page
