"""Decisions on a referral, what follows a return, and withdrawal."""

from __future__ import annotations

import datetime as dt

import pytest

from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from referrals.enums import Section
from referrals.models import (
    ChildIdentity,
    ChildVoice,
    Concern,
    RiskAssessment,
    SafetyPlan,
)
from referrals.selectors import (
    waiting_referrals,
)
from referrals.services import (
    redirect_referral,
    save_section,
    submit_referral,
    withdraw_referral,
)
from tests.factories.cast import Cast
from tests.factories.referrals import FILLED, MONDAY, another_child, draft_referral, submitted_referral
from tests.referrals.doing import LATER, ROLES_WITHOUT, decide, inbox_of


@pytest.mark.parametrize("how", ["accept", "return", "redirect", "decline"])
def test_decision_needs_a_reason(cast: Cast, how: str) -> None:
    made = submitted_referral(cast)
    with pytest.raises(RuleBroken) as caught:
        decide(cast, how, made, reason="  ")
    assert caught.value.field == "reason"


@pytest.mark.parametrize(
    ("how", "status"), [("return", "returned"), ("redirect", "redirected"), ("decline", "declined")]
)
def test_decision_is_kept_and_the_referrer_told(cast: Cast, how: str, status: str) -> None:
    made = submitted_referral(cast)
    decided = decide(cast, how, made)
    assert (decided.status, decided.decision_reason, decided.decided_on) == (status, "Because", LATER.date())
    assert decided.decided_by_id == cast["coordinator"].membership_id
    [subject] = inbox_of(cast, "practitioner")
    assert subject.startswith(f"Referral {made.reference} was ")


def test_redirection_says_where(cast: Cast) -> None:
    made = submitted_referral(cast)
    with acting_as(cast["coordinator"]), pytest.raises(RuleBroken, match="which service"):
        redirect_referral(referral=made, to=" ", reason="x", by=cast["coordinator"], at=LATER)
    assert decide(cast, "redirect", made).redirected_to == "Early help"


@pytest.mark.parametrize("how", ["accept", "return", "redirect", "decline"])
@pytest.mark.parametrize("first", ["accept", "decline", "redirect"])
def test_what_is_decided_is_not_decided_again(cast: Cast, first: str, how: str) -> None:
    made = submitted_referral(cast)
    decide(cast, first, made)
    with pytest.raises(RuleBroken, match="This cannot be done: the referral is"):
        decide(cast, how, made)


@pytest.mark.parametrize("name", ["practitioner", "manager", "police_lead", *ROLES_WITHOUT])
def test_only_coordinator_and_chair_screen(cast: Cast, name: str) -> None:
    made = submitted_referral(cast)
    with pytest.raises(NotAllowed):
        decide(cast, "decline", made, by=name)


def test_coordinator_of_another_partnership_finds_nothing_to_screen(cast: Cast) -> None:
    made = submitted_referral(cast)
    with acting_as(cast["stranger_coordinator"]):
        assert waiting_referrals() == []
    with pytest.raises(NotAllowed):
        decide(cast, "decline", made, by="stranger_coordinator")


def test_draft_cannot_be_screened(cast: Cast) -> None:
    made = draft_referral(cast)
    with pytest.raises(NotAllowed):
        decide(cast, "accept", made)


def test_waiting_is_oldest_first_with_its_rating(cast: Cast) -> None:
    newer = submitted_referral(cast, at=LATER, child=another_child(1))
    older = submitted_referral(cast, at=MONDAY, child=another_child(2), risk={"rating": "significant"})
    with acting_as(cast["coordinator"]):
        assert [(row.pk, row.rating) for row in waiting_referrals()] == [  # type: ignore[attr-defined]
            (older.pk, "significant"),
            (newer.pk, "moderate"),
        ]


# --- Return and resubmission -----------------------------------------------------------------------------------------


def test_returned_referral_is_mended_and_only_what_changed_is_written_anew(cast: Cast) -> None:
    made = submitted_referral(cast)
    decide(cast, "return", made)
    seat = cast["practitioner"]
    at = LATER + dt.timedelta(days=1)
    with acting_as(seat):
        for section, change in (
            ("risk", {"rating": "significant"}),
            ("child", {"surname": "Brightwater-Jones"}),
            ("concern", {"primary_category": "CSE"}),
        ):
            save_section(
                referral=made,
                section=section,
                data=FILLED[Section(section)] | change,
                version=None,
                operation="",
                by=seat,
                at=at,
            )
        sent = submit_referral(referral=made, by=seat, at=at)
        assert (sent.status, sent.submitted_at) == ("submitted", at)
        assert list(RiskAssessment.objects.order_by("pk").values_list("rating", flat=True)) == [
            "moderate",
            "significant",
        ]
        assert SafetyPlan.objects.count() == ChildVoice.objects.count() == Concern.objects.count() == 1
        assert Concern.objects.get().primary_category == "CSE"
        assert ChildIdentity.objects.get().full_name == "Tamika Brightwater-Jones"
    assert inbox_of(cast, "coordinator") == [
        f"Referral {made.reference} was sent",
        f"Referral {made.reference} was sent again",
    ]


def test_manager_of_the_team_may_mend_a_returned_referral(cast: Cast) -> None:
    made = submitted_referral(cast)
    decide(cast, "return", made)
    with acting_as(cast["manager"]):
        save_section(
            referral=made,
            section="voice",
            data=FILLED[Section.VOICE],
            version=None,
            operation="",
            by=cast["manager"],
            at=LATER,
        )
        assert (
            submit_referral(referral=made, by=cast["manager"], at=LATER).referrer_id
            == cast["practitioner"].membership_id
        )


# --- Withdrawal ------------------------------------------------------------------------------------------------------


def test_draft_is_withdrawn_without_a_reason_and_nobody_is_told(cast: Cast) -> None:
    made = draft_referral(cast)
    with acting_as(cast["practitioner"]):
        assert withdraw_referral(referral=made, by=cast["practitioner"], at=LATER).status == "withdrawn"
    assert inbox_of(cast, "coordinator") == []


def test_sent_referral_is_withdrawn_with_a_reason_and_leaves_the_queue(cast: Cast) -> None:
    made = submitted_referral(cast)
    seat = cast["practitioner"]
    with acting_as(seat):
        with pytest.raises(RuleBroken, match="Say why"):
            withdraw_referral(referral=made, by=seat, at=LATER)
        withdraw_referral(referral=made, reason="Moved away", by=seat, at=LATER)
        with pytest.raises(RuleBroken):
            withdraw_referral(referral=made, reason="Again", by=seat, at=LATER)
    with acting_as(cast["coordinator"]):
        assert waiting_referrals() == []
    assert f"Referral {made.reference} was withdrawn" in inbox_of(cast, "coordinator")


def test_coordinator_may_not_withdraw_for_the_referrer(cast: Cast) -> None:
    made = submitted_referral(cast)
    with acting_as(cast["coordinator"]), pytest.raises(NotAllowed):
        withdraw_referral(referral=made, reason="x", by=cast["coordinator"], at=LATER)
