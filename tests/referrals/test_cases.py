"""Cases: opened, joined, escalated, closed, and who reads what."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from mace.access.models import Disclosure, Scope
from mace.access.services import grants_on, withdraw
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from referrals.models import (
    Case,
    Child,
    ChildIdentity,
    Concern,
    Referral,
    TierPeriod,
)
from referrals.selectors import (
    case_by_reference,
    case_content,
    cases_page,
    referrals_of,
)
from referrals.services import (
    accept_referral,
    agree_rating,
    close_tier,
    escalate_case,
)
from tests.factories.cast import Cast
from tests.factories.referrals import MONDAY, STUCK, another_child, draft_referral, open_case, submitted_referral
from tests.factories.sharing import shared
from tests.referrals.doing import LATER, decide, inbox_of


def test_accepting_opens_the_case_at_pre_mace_on_the_referral_s_record(cast: Cast) -> None:
    case = open_case(cast)
    with acting_as(cast["coordinator"]):
        found = case_by_reference(case.reference)
        referral = Referral.objects.get()
        assert (found.record_id, referral.case_id, referral.status) == (referral.record_id, found.pk, "accepted")
        assert (found.opened_on, found.closed_on, found.lead_agency) == (
            MONDAY.date(),
            None,
            cast.agencies["social_care"],
        )
        assert [(t.tier, t.from_on, t.why) for t in found.open_tiers] == [
            ("pre_mace", MONDAY.date(), "Meets the criteria")
        ]
        assert (found.summary.rating, found.summary.primary_category) == ("moderate", "county_lines")
        assert found.summary.account == "May be made to carry drugs by older people."
        disclosure = Disclosure.objects.get()
        assert (disclosure.agency, disclosure.scope, disclosure.told) == (
            cast.agencies["social_care"],
            Scope.FULL,
            True,
        )
        seat = cast["practitioner"]
        assert grants_on(found.record_id) == dict.fromkeys(
            [seat.principal, seat.team_principal, seat.partnership_principal, seat.agency_principal], 3
        )


def test_lead_professional_of_another_team_sees_the_case_with_their_manager(cast: Cast) -> None:
    case = open_case(cast, lead="other_practitioner")
    with acting_as(cast["other_practitioner"]):
        assert case_by_reference(case.reference).team == cast.memberships["other_practitioner"].team
        assert case_content(case).concern is not None
    assert inbox_of(cast, "other_practitioner") == [f"You are lead professional for case {case.reference}"]


@pytest.mark.parametrize("lead", ["police_member", "stranger_practitioner", "board"])
def test_lead_professional_must_be_able_to_answer_reviews_here(cast: Cast, lead: str) -> None:
    made = submitted_referral(cast)
    with pytest.raises(RuleBroken) as caught, acting_as(cast["coordinator"]):
        accept_referral(
            referral=made, reason="x", lead_professional=cast.memberships[lead], by=cast["coordinator"], at=LATER
        )
    assert caught.value.field == "lead_professional"


def test_who_sees_an_open_case(cast: Cast) -> None:
    case = open_case(cast)
    seen = {"practitioner", "manager", "coordinator", "social_care_lead", "system"}
    for name, seat in cast.seats.items():
        with acting_as(seat):
            assert Case.objects.filter(pk=case.pk).exists() is (name in seen), name
            assert ChildIdentity.objects.exists() is (name in seen), name
            assert [found.pk for found in cases_page()[0]] == ([case.pk] if name in seen else []), name


def test_scope_decides_what_a_partner_reads(cast: Cast) -> None:
    case = open_case(cast)

    def share_with_police(scope: Scope) -> None:
        shared(cast, case.record_id, "police", scope, at=LATER)

    def police() -> Case:
        return case_by_reference(case.reference)

    share_with_police(Scope.IDENTITY)
    with acting_as(cast["police_lead"]):
        assert police().child.identity.full_name == "Tamika Brightwater"
        assert not hasattr(police(), "summary")
        assert dataclasses.asdict(case_content(police())) == dict.fromkeys(
            ("profile", "concern", "told", "circumstances", "voice", "assessment", "plan")
        ) | {name: [] for name in ("prerequisites", "scores", "steps", "ratings", "tiers", "referrals", "files")}
    share_with_police(Scope.SUMMARY)
    with acting_as(cast["police_lead"]):
        assert police().summary.rating == "moderate"
        content = case_content(police())
        assert [tier.tier for tier in content.tiers] == ["pre_mace"]
        assert (content.concern, content.profile, content.plan, content.referrals) == (None, None, None, [])
        assert not Referral.objects.exists()
    share_with_police(Scope.FULL)
    with acting_as(cast["police_lead"]):
        content = case_content(police())
        assert content.concern is not None
        assert content.voice is not None
        assert [step.text for step in content.steps] == ["Taxi to and from school"]
    with acting_as(cast["coordinator"]):
        withdraw(
            record_id=case.record_id, agency=cast.agencies["police"], reason="Done", by=cast["coordinator"], at=LATER
        )
    with acting_as(cast["police_lead"]):
        assert not Case.objects.exists()
        assert not Concern.objects.exists()


def second_referral(cast: Cast, child_id: int | None, at: dt.datetime) -> Referral:
    with acting_as(cast["coordinator"]):
        reference = Child.objects.get(pk=child_id).reference
    return submitted_referral(
        cast, by="other_practitioner", at=at, child={"same_as": reference}, risk={"rating": "significant"}
    )


def test_further_referral_joins_the_open_case_and_is_seen_and_withdrawn_with_it(cast: Cast) -> None:
    case = open_case(cast)
    shared(cast, case.record_id, "police", Scope.FULL)
    further = second_referral(cast, case.child_id, LATER)
    with acting_as(cast["police_lead"]):
        assert not Referral.objects.filter(pk=further.pk).exists()
    joined = decide(cast, "accept", further)
    assert joined.pk == case.pk
    for name in ("practitioner", "manager", "police_lead"):
        with acting_as(cast[name]):
            content = case_content(case_by_reference(case.reference))
            assert content.referrals[0].reference == further.reference
            assert content.assessment is not None
            assert content.assessment.rating == "significant"
    with acting_as(cast["coordinator"]):
        assert TierPeriod.objects.count() == 1
        withdraw(
            record_id=case.record_id, agency=cast.agencies["police"], reason="Done", by=cast["coordinator"], at=LATER
        )
    with acting_as(cast["police_lead"]):
        assert not Referral.objects.exists()
        assert not Case.objects.exists()


def test_joining_by_hand_is_refused_to_who_may_not_screen(cast: Cast) -> None:
    case = open_case(cast)
    further = second_referral(cast, case.child_id, LATER)
    for name in ("practitioner", "other_practitioner", "stranger_coordinator", "police_lead", "admin"):
        with acting_as(cast[name]), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select referrals_join_case(%s, %s)", [further.record_id, case.record_id])


def close(cast: Cast, case: Case, tier: str = "pre_mace", **more: Any) -> Case:
    with acting_as(cast["coordinator"]):
        values = {
            "case": case,
            "tier": tier,
            "outcome": "closed",
            "reason": "Safer",
            "by": cast["coordinator"],
            "at": LATER,
        }
        return close_tier(**(values | more))  # type: ignore[arg-type]


def test_case_is_open_while_any_tier_is(cast: Cast) -> None:
    case = open_case(cast)
    with acting_as(cast["coordinator"]):
        escalate_case(case=case, reason="Stuck", criteria=STUCK, by=cast["coordinator"], at=MONDAY)
        with pytest.raises(RuleBroken, match="open at MACE already"):
            escalate_case(case=case, reason="Again", criteria=STUCK, by=cast["coordinator"], at=MONDAY)
        assert [t.tier for t in case_by_reference(case.reference).open_tiers] == ["pre_mace", "mace"]
    assert close(cast, case).closed_on is None
    assert close(cast, case, "mace").closed_on == LATER.date()
    with pytest.raises(RuleBroken, match="not open at MACE"):
        close(cast, case, "mace")
    with acting_as(cast["coordinator"]), pytest.raises(RuleBroken, match="This case is closed"):
        escalate_case(case=case, reason="x", criteria=STUCK, by=cast["coordinator"], at=LATER)


def test_escalation_may_close_pre_mace(cast: Cast) -> None:
    case = open_case(cast)
    with acting_as(cast["coordinator"]):
        escalate_case(case=case, reason="Stuck", criteria=STUCK, by=cast["coordinator"], at=LATER, keep_pre_mace=False)
        assert list(TierPeriod.objects.order_by("pk").values_list("tier", "to_on", "outcome")) == [
            ("pre_mace", LATER.date(), "escalated"),
            ("mace", None, ""),
        ]
        assert Case.objects.get().closed_on is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": " "}, "Say why"),
        ({"outcome": "nonsense"}, "Choose an outcome"),
        ({"tier": "over_18"}, "not open at 18 to 25 panel"),
        ({"at": MONDAY - dt.timedelta(days=1)}, "before the day it was opened"),
    ],
)
def test_closing_a_tier_is_refused(cast: Cast, change: dict[str, Any], words: str) -> None:
    case = open_case(cast)
    with pytest.raises(RuleBroken, match=words):
        close(cast, case, **change)


@pytest.mark.parametrize("name", ["practitioner", "manager", "police_lead"])
def test_tiers_are_decided_by_coordinator_and_chair(cast: Cast, name: str) -> None:
    case = open_case(cast)
    with acting_as(cast[name]):
        with pytest.raises(NotAllowed):
            escalate_case(case=case, reason="x", criteria=STUCK, by=cast[name], at=LATER)
        with pytest.raises(NotAllowed):
            close_tier(case=case, tier="pre_mace", outcome="closed", reason="x", by=cast[name], at=LATER)
        with pytest.raises(NotAllowed):
            agree_rating(case=case, rating="emerging", source="Panel", by=cast[name], at=LATER)


def test_after_closure_a_new_referral_opens_a_new_case(cast: Cast) -> None:
    case = open_case(cast)
    close(cast, case)
    again = decide(cast, "accept", second_referral(cast, case.child_id, LATER))
    assert again.pk != case.pk
    assert again.child_id == case.child_id


def test_agreed_rating_becomes_the_case_s_and_assessments_stay(cast: Cast) -> None:
    case = open_case(cast)
    with acting_as(cast["coordinator"]):
        agree_rating(case=case, rating="emerging", source="Pre-MACE panel", by=cast["coordinator"], at=LATER)
        found = case_by_reference(case.reference)
        assert (found.summary.rating, found.summary.rated_on) == ("emerging", LATER.date())
        content = case_content(found)
        assert [(r.rating, r.agreed_on, r.source) for r in content.ratings] == [
            ("emerging", LATER.date(), "Pre-MACE panel")
        ]
        assert content.assessment is not None
        assert content.assessment.rating == "moderate"
        with pytest.raises(RuleBroken, match="Choose a rating"):
            agree_rating(case=case, rating="none", source="x", by=cast["coordinator"], at=LATER)


def test_cases_page_follows_on_by_its_key(cast: Cast) -> None:
    made = [open_case(cast, at=MONDAY + dt.timedelta(hours=n), child=another_child(n)) for n in range(5)]
    draft_referral(cast, at=LATER, child=another_child(9))
    with acting_as(cast["practitioner"]):
        first, key = cases_page(size=3)
        rest, end = cases_page(size=3, after=key)
    assert [case.pk for case in [*first, *rest]] == [case.pk for case in reversed(made)]
    assert end == ""


def test_own_list_holds_own_team_s_and_for_the_coordinator_all_that_were_sent(cast: Cast) -> None:
    mine = submitted_referral(cast, child=another_child(1))
    draft = draft_referral(cast, child=another_child(2), at=LATER)
    other = submitted_referral(cast, by="other_practitioner", child=another_child(3))
    expected = {
        "practitioner": {mine.pk, draft.pk},
        "manager": {mine.pk},
        "other_practitioner": {other.pk},
        "coordinator": {mine.pk, other.pk},
        "stranger_coordinator": set(),
        "police_lead": set(),
    }
    for name, seen in expected.items():
        with acting_as(cast[name]):
            assert {row.pk for row in referrals_of(cast[name])} == seen, name
