"""A manager's word before the coordinators get a referral, where the partnership wants it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mace.access.models import Grant
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from referrals.enums import ReferralStatus
from referrals.models import Referral
from referrals.services import save_section, submit_referral, withdraw_referral
from referrals.services.approving import approve_referral, send_back_referral
from referrals.services.lists import save_list, standing
from tests.dashboards.markup import Markup
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import FILLED, MONDAY, draft_referral, submitted_referral
from tests.referrals.doing import LATER, inbox_of


@pytest.fixture
def approving(cast: Cast) -> Cast:
    """The partnership lets managers approve referrals."""
    switch(cast, on=True)
    return cast


def switch(cast: Cast, *, on: bool) -> None:
    seat = cast["coordinator"]
    with acting_as(seat):
        entries = [replace(entry, active=on) for entry in standing("practice").entries.values()]
        save_list(list_name="practice", entries=entries, adopted=False, why="Agreed", version=None, by=seat, at=MONDAY)


def waiting(cast: Cast, **changes: Any) -> Referral:
    made = submitted_referral(cast, **changes)
    assert made.status == ReferralStatus.WITH_MANAGER
    return made


def test_without_that_way_of_working_a_referral_goes_to_the_coordinators_at_once(cast: Cast) -> None:
    assert submitted_referral(cast).status == ReferralStatus.SUBMITTED
    switch(cast, on=True)
    waiting(cast, child={"forename": "Odile", "surname": "Vane"})


def test_the_manager_has_it_before_the_coordinators(approving: Cast) -> None:
    made = waiting(approving)
    assert made.submitted_on is None
    for name in ("practitioner", "manager", "coordinator", "chair", "other_practitioner"):
        with acting_as(approving[name]):
            assert Referral.objects.exists() == (name in ("practitioner", "manager")), name
    assert inbox_of(approving, "manager") == [f"Referral {made.reference} waits for your approval"]
    assert inbox_of(approving, "coordinator") == []
    with acting_as(approving["manager"]):
        done = approve_referral(referral=made, by=approving["manager"], at=LATER)
    assert (done.status, done.submitted_on, done.submitted_at) == (ReferralStatus.SUBMITTED, LATER.date(), MONDAY)
    assert done.approved_by_id == approving["manager"].membership_id
    assert inbox_of(approving, "coordinator") == [f"Referral {made.reference} was sent"]
    assert inbox_of(approving, "practitioner") == [f"Referral {made.reference} was approved and sent"]
    with acting_as(approving["coordinator"]):
        assert Referral.objects.get() == made
    with acting_as(approving["manager"]), pytest.raises(RuleBroken, match="any more"):
        approve_referral(referral=made, by=approving["manager"], at=LATER)


def test_sent_back_it_is_mended_and_comes_again(approving: Cast) -> None:
    made, seat = waiting(approving), approving["manager"]
    with acting_as(seat):
        with pytest.raises(RuleBroken, match="what is missing"):
            send_back_referral(referral=made, reason=" ", by=seat, at=LATER)
        back = send_back_referral(referral=made, reason="Who was at the discussion?", by=seat, at=LATER)
    assert (back.status, back.decision_reason) == (ReferralStatus.RETURNED, "Who was at the discussion?")
    with acting_as(approving["coordinator"]):
        assert not Referral.objects.exists()
    writer = approving["practitioner"]
    with acting_as(writer):
        save_section(
            referral=back,
            section="voice",
            data=FILLED["voice"] | {"wants": "A dog"},
            version=None,
            operation="",
            by=writer,
            at=LATER,
        )
        again = submit_referral(referral=back, by=writer, at=LATER)
        assert again.status == ReferralStatus.WITH_MANAGER
        assert submit_referral(referral=back, by=writer, at=LATER).version == again.version
    with acting_as(seat):
        assert approve_referral(referral=again, by=seat, at=LATER).status == ReferralStatus.SUBMITTED


def test_only_a_manager_of_the_team_approves(approving: Cast) -> None:
    made = waiting(approving)
    for name in ("practitioner", "coordinator", "chair", "police_lead", "social_care_lead"):
        with pytest.raises(NotAllowed), acting_as(approving[name]):
            approve_referral(referral=made, by=approving[name], at=LATER)
    seat = approving["manager"]
    with acting_as(seat), pytest.raises(NotAllowed):
        approve_referral(referral=made, by=replace(seat, team_id=None), at=LATER)
    with acting_as(seat):
        assert Referral.objects.get(pk=made.pk).status == ReferralStatus.WITH_MANAGER


def test_a_managers_own_referral_and_one_of_a_team_without_a_manager_go_at_once(approving: Cast) -> None:
    own = submitted_referral(approving, by="manager")
    assert (own.status, own.approved_by_id) == (ReferralStatus.SUBMITTED, approving["manager"].membership_id)
    other = submitted_referral(approving, by="voluntary_member", child={"forename": "Odile", "surname": "Vane"})
    assert (other.status, other.approved_by_id) == (ReferralStatus.SUBMITTED, None)


def test_withdrawn_while_it_waits_it_needs_a_reason_and_nobody_else_is_told(approving: Cast) -> None:
    made, seat = waiting(approving), approving["practitioner"]
    with acting_as(seat):
        with pytest.raises(RuleBroken, match="why the referral"):
            withdraw_referral(referral=made, by=seat, at=LATER)
        assert withdraw_referral(referral=made, by=seat, at=LATER, reason="Moved").status == ReferralStatus.WITHDRAWN
    assert inbox_of(approving, "coordinator") == []
    with as_owner():
        assert not Grant.objects.filter(
            record_id=made.record_id, principal=approving["coordinator"].partnership_principal
        ).exists()


def test_the_pages_of_manager_and_writer(approving: Cast) -> None:
    writer, manager = approving.client("practitioner"), approving.client("manager")
    draft = draft_referral(approving)
    answer = writer.post(f"/referrals/{draft.reference}/check/")
    assert answer["Location"].endswith("/submitted/")
    assert "A manager of your team reads the referral first" in writer.get(answer["Location"]).content.decode()
    page = writer.get(f"/referrals/{draft.reference}/").content.decode()
    assert "With the manager" in page
    assert "Approve it" not in page
    home = manager.get("/").content.decode()
    assert f"Approve referral {draft.reference}" in home
    here = f"/referrals/{draft.reference}/approve/"
    body = manager.get(here).content.decode()
    Markup(body).check()
    assert "Tamika Brightwater" in body
    assert writer.get(here).status_code == 403
    refused = manager.post(here, {"decision": "back"})
    assert refused.status_code == 422
    assert "Say what is missing" in refused.content.decode()
    assert manager.post(here, {"decision": "approve"}).status_code == 302
    assert manager.get(here).status_code == 302
