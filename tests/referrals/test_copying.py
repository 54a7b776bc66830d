"""A referral of a brother, sister or friend begun with parts of one's own."""

from __future__ import annotations

import pytest

from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from referrals.enums import Section
from referrals.models import DraftSection, Referral
from referrals.sections import SECTIONS
from referrals.services import submit_referral
from referrals.services.copying import COPIED, copy_referral
from tests.dashboards.markup import Markup
from tests.factories.cast import Cast
from tests.factories.referrals import FILLED, draft_referral, submitted_referral
from tests.referrals.doing import LATER

OWN = {Section.SITUATION, Section.TOLD, Section.VOICE, Section.RISK}
"""What is each child's own."""


def test_chosen_parts_are_copied_and_none_counts_as_done(cast: Cast) -> None:
    source, seat = submitted_referral(cast), cast["practitioner"]
    assert set(COPIED) == set(SECTIONS) - OWN
    with acting_as(seat):
        made = copy_referral(source=source, parts=["child", "plan", "voice"], by=seat, at=LATER)
        copied = {draft.section: draft for draft in made.sections.all()}
        assert set(copied) == {"child", "plan"}
        assert copied["child"].data == {"surname": "Brightwater", "address": "1 Invented Road, Anytown"}
        assert copied["plan"].data["made_with"] == FILLED[Section.PLAN]["made_with"]
        assert not any(draft.complete for draft in copied.values())
        with pytest.raises(RuleBroken):
            submit_referral(referral=made, by=seat, at=LATER)
        assert (made.child_id, made.status) == (None, "draft")


def test_a_protected_address_is_not_copied(cast: Cast) -> None:
    protected = {"address_protected": ["yes"], "address_reason": "He looks for her"}
    source, seat = draft_referral(cast, child=protected), cast["practitioner"]
    with acting_as(seat):
        made = copy_referral(source=source, parts=["child"], by=seat, at=LATER)
        assert DraftSection.objects.get(referral=made).data == {"surname": "Brightwater"}


def test_a_double_click_makes_one(cast: Cast) -> None:
    source, seat = submitted_referral(cast), cast["practitioner"]
    with acting_as(seat):
        made = [copy_referral(source=source, parts=["plan"], by=seat, at=LATER, operation="twice") for _ in range(2)]
        assert made[0] == made[1]
        assert Referral.objects.count() == 2
        with pytest.raises(RuleBroken, match="at least one part"):
            copy_referral(source=source, parts=["voice"], by=seat, at=LATER)


@pytest.mark.parametrize("name", ["coordinator", "chair", "other_practitioner", "police_lead"])
def test_nobody_copies_from_what_others_wrote(cast: Cast, name: str) -> None:
    source = submitted_referral(cast)
    with pytest.raises(NotAllowed), acting_as(cast[name]):
        copy_referral(source=source, parts=["plan"], by=cast[name], at=LATER)


def test_it_is_begun_on_its_page(cast: Cast) -> None:
    source, client = submitted_referral(cast), cast.client("practitioner")
    here = f"/referrals/{source.reference}/copy/"
    assert here in client.get(f"/referrals/{source.reference}/").content.decode()
    body = client.get(here).content.decode()
    Markup(body).check()
    assert "Tamika" not in body
    refused = client.post(here, {})
    assert refused.status_code == 422
    assert "Choose at least one part" in refused.content.decode()
    answer = client.post(here, {"parts": ["child", "around"]})
    page = client.get(answer["Location"]).content.decode()
    assert page.count("In progress") == 2
    assert source.reference not in page
    assert cast.client("coordinator").get(here).status_code == 403
