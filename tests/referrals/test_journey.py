"""From the first word to an open case."""

from __future__ import annotations

from mace.core.seat import acting_as
from referrals.models import Referral
from referrals.selectors import case_by_reference, case_content
from tests.factories.cast import Cast
from tests.factories.referrals import open_case, submitted_referral


def test_submitted_referral_waits(cast: Cast) -> None:
    made = submitted_referral(cast)
    with acting_as(cast["coordinator"]):
        assert Referral.objects.get().reference == made.reference


def test_accepted_referral_opens_a_case(cast: Cast) -> None:
    case = open_case(cast)
    with acting_as(cast["coordinator"]):
        found = case_by_reference(case.reference)
        content = case_content(found)
        assert content.assessment is not None
        assert content.assessment.rating == "moderate"
        assert [tier.tier for tier in found.open_tiers] == ["pre_mace"]
