"""A child who is known already is found, offered and linked."""

from __future__ import annotations

import datetime as dt

import pytest

from mace.core.errors import RuleBroken
from mace.core.seat import acting_as
from referrals.enums import Section
from referrals.models import (
    Child,
    ChildIdentity,
    Referral,
)
from referrals.selectors import (
    Wanted,
    possible_matches,
)
from referrals.services import (
    save_section,
    submit_referral,
)
from tests.factories.cast import Cast
from tests.factories.referrals import FILLED, another_child, draft_referral, submitted_referral
from tests.referrals.doing import LATER, ROLES_WITHOUT


def test_sound_alike_with_same_birth_is_a_match_in_own_partnership_only(cast: Cast) -> None:
    submitted_referral(cast)
    born = dt.date(2011, 3, 27)
    with acting_as(cast["other_practitioner"]):
        assert not ChildIdentity.objects.exists()
        [match] = possible_matches(Wanted("Tameka", "Britewater", born))
        assert (match.name, match.why) == ("Tamika Brightwater", "same date of birth, name sounds alike")
        assert possible_matches(Wanted("Tamika", "Brightwater", born))[0].why == "same date of birth, same name"
        assert len(possible_matches(Wanted("Tamika", "Brightwater", dt.date(2011, 3, 28)))) == 1
        assert possible_matches(Wanted("Wojciech", "Kowalski", born)) == []
    for name in ("stranger_practitioner", *ROLES_WITHOUT):
        with acting_as(cast[name]):
            assert possible_matches(Wanted("Tamika", "Brightwater", born)) == [], name


def test_swapped_day_and_month_and_a_year_off_are_found(cast: Cast) -> None:
    submitted_referral(cast, child={"date_of_birth_day": "5", "date_of_birth_month": "3"})
    with acting_as(cast["other_practitioner"]):
        assert len(possible_matches(Wanted("Tamika", "Brightwater", dt.date(2011, 5, 3)))) == 1
        assert len(possible_matches(Wanted("Tameka", "Britewater", dt.date(2011, 5, 3)))) == 1
        assert len(possible_matches(Wanted("Tameka", "Britewater", dt.date(2010, 3, 5)))) == 1


def test_same_child_is_linked_and_keeps_its_details(cast: Cast) -> None:
    first = submitted_referral(cast, by="other_practitioner")
    alike = {"forename": "Tameka", "surname": "Britewater", "address": "2 Other Street"}
    made = draft_referral(cast, child=alike)
    seat = cast["practitioner"]
    with acting_as(seat), pytest.raises(RuleBroken, match="‘The child’ is not complete"):
        submit_referral(referral=made, by=seat, at=LATER)
    with acting_as(cast["coordinator"]):
        child = Child.objects.get()
    with acting_as(seat):
        assert not Child.objects.exists()
        save_section(
            referral=made,
            section="child",
            data=FILLED[Section.CHILD] | alike | {"same_as": child.reference},
            version=None,
            operation="",
            by=seat,
            at=LATER,
        )
        sent = submit_referral(referral=made, by=seat, at=LATER)
        assert (sent.child_id, sent.made_child) == (child.pk, False)
    with acting_as(cast["coordinator"]):
        identity = ChildIdentity.objects.get()
        assert (identity.full_name, identity.address) == ("Tamika Brightwater", "1 Invented Road, Anytown")
        assert set(Referral.objects.values_list("child_id", flat=True)) == {child.pk}
        assert first.child_id == child.pk


def test_different_child_gets_a_record_of_its_own(cast: Cast) -> None:
    submitted_referral(cast, by="other_practitioner")
    submitted_referral(cast, child={"same_as": "different"})
    with acting_as(cast["coordinator"]):
        assert Child.objects.count() == 2
    with acting_as(cast["practitioner"]):
        assert Child.objects.count() == 1


def test_reference_of_a_child_that_was_not_offered_links_nothing(cast: Cast) -> None:
    other = submitted_referral(cast, by="other_practitioner", child=another_child(3))
    with acting_as(cast["coordinator"]):
        reference = Child.objects.get(pk=other.child_id).reference
    made = submitted_referral(cast, child={"same_as": reference})
    assert made.child_id != other.child_id
    with acting_as(cast["practitioner"]):
        assert ChildIdentity.objects.get().full_name == "Tamika Brightwater"
