"""Referrals and cases through the services: what is allowed, what is refused, who sees what afterwards."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from mace.access.models import Disclosure, Scope
from mace.access.services import disclose, grants_on, withdraw
from mace.core.errors import Conflict, NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.notifications.models import Message
from referrals.enums import ReferralStatus, Section
from referrals.models import (
    Case,
    Child,
    ChildIdentity,
    ChildVoice,
    Concern,
    DraftSection,
    PlanStep,
    Prerequisite,
    Referral,
    RiskAssessment,
    SafetyPlan,
    TierPeriod,
    ToldConsent,
)
from referrals.reference import entries
from referrals.selectors import (
    case_by_reference,
    case_content,
    cases_page,
    mentions_of,
    possible_matches,
    referrals_of,
    waiting_referrals,
)
from referrals.services import (
    accept_referral,
    agree_rating,
    close_tier,
    decline_referral,
    escalate_case,
    redirect_referral,
    return_referral,
    save_section,
    start_referral,
    submit_referral,
    withdraw_referral,
)
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import FILLED, MONDAY, another_child, draft_referral, open_case, submitted_referral

LATER = MONDAY + dt.timedelta(days=7)
ROLES_WITHOUT = ("board", "analyst", "ig", "admin")


def inbox_of(cast: Cast, name: str) -> list[str]:
    with acting_as(cast[name]):
        return list(
            Message.objects.filter(recipient_principal=cast[name].principal)
            .order_by("created_at", "subject")
            .values_list("subject", flat=True)
        )


def decide(cast: Cast, how: str, referral: Referral, by: str = "coordinator", **more: Any) -> Any:
    verbs: dict[str, Any] = {
        "accept": lambda **k: accept_referral(lead_professional=None, **k),
        "return": return_referral,
        "redirect": lambda **k: redirect_referral(to="Early help", **k),
        "decline": decline_referral,
    }
    with acting_as(cast[by]):
        return verbs[how](**{"referral": referral, "reason": "Because", "by": cast[by], "at": LATER} | more)


# --- Drafts ----------------------------------------------------------------------------------------------------------


def test_draft_is_seen_by_its_writer_alone(cast: Cast) -> None:
    made = draft_referral(cast)
    with acting_as(cast["practitioner"]):
        assert Referral.objects.get() == made
        assert DraftSection.objects.count() == 8
    for name in set(cast.seats) - {"practitioner"}:
        with acting_as(cast[name]):
            assert not Referral.objects.exists(), name
            assert not DraftSection.objects.exists(), name


@pytest.mark.parametrize("name", [*ROLES_WITHOUT, "police_lead", "police_member"])
def test_who_may_not_file_may_not_start(cast: Cast, name: str) -> None:
    with acting_as(cast[name]), pytest.raises(NotAllowed):
        start_referral(by=cast[name], at=MONDAY)


def test_voluntary_service_may_file_where_the_partnership_allows(cast: Cast) -> None:
    made = submitted_referral(cast, by="voluntary_member")
    assert made.status == ReferralStatus.SUBMITTED
    with acting_as(cast["coordinator"]):
        assert [row.pk for row in waiting_referrals()] == [made.pk]


def test_another_seat_may_not_save_into_a_draft(cast: Cast) -> None:
    made = draft_referral(cast)
    for name in ("other_practitioner", "coordinator", "manager", "stranger_practitioner"):
        with acting_as(cast[name]), pytest.raises(NotAllowed):
            save_section(
                referral=made,
                section="voice",
                data={"wants": "x"},
                version=None,
                operation="",
                by=cast[name],
                at=MONDAY,
            )


def test_invalid_page_is_kept_and_not_complete(cast: Cast) -> None:
    seat = cast["practitioner"]
    with acting_as(seat):
        made = start_referral(by=seat, at=MONDAY)
        row = save_section(
            referral=made,
            section="told",
            data={"child_told": "no", "surplus": "x"},
            version=0,
            operation="o",
            by=seat,
            at=MONDAY,
        )
        assert not row.complete
        assert row.data == {
            "child_told": "no",
            "child_not_told_reason": "",
            "parents_told": "",
            "parents_not_told_reason": "",
            "views": "",
            "consent": "",
        }


def test_stale_version_conflicts_with_what_stands(cast: Cast) -> None:
    seat = cast["practitioner"]
    with acting_as(seat):
        made = start_referral(by=seat, at=MONDAY)

        def save(text: str, version: int | None, operation: str) -> DraftSection:
            return save_section(
                referral=made,
                section="voice",
                data={"words_said": text},
                version=version,
                operation=operation,
                by=seat,
                at=MONDAY,
            )

        assert save("one", 0, "a").version == 1
        assert save("one", 0, "a").version == 1
        assert save("two", 1, "b").version == 2
        with pytest.raises(Conflict) as caught:
            save("three", 1, "c")
        assert (caught.value.version, caught.value.theirs["words_said"]) == (2, "two")
        assert save("two", 1, "d").version == 3, "the same content is no conflict"
        assert save("four", None, "").version == 4


def test_draft_history_begins_when_the_referral_is_sent(cast: Cast) -> None:
    draft_referral(cast)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("select count(*) from audit_change where table_name = 'referrals_draftsection'")
        assert cursor.fetchone() == (0,)


# --- Submission ------------------------------------------------------------------------------------------------------


def test_submission_writes_every_part_and_shares_it(cast: Cast) -> None:
    made = submitted_referral(cast)
    with acting_as(cast["coordinator"]):
        found = Referral.objects.get()
        assert (found.status, found.submitted_on, found.pk) == ("submitted", dt.date(2026, 3, 2), made.pk)
        child = Child.objects.get()
        assert child.identity.full_name == "Tamika Brightwater"
        assert child.profile.ethnicity == "BCRB"
        concern = Concern.objects.get()
        assert (concern.primary_category, concern.other_categories, concern.wider_factors) == (
            "county_lines",
            ["CCE"],
            ["missing", "exclusion"],
        )
        assert (concern.legal_status, concern.education_status, concern.key_team) == (
            "CIN",
            "mainstream",
            "Adolescent team",
        )
        assert [(p.kind, p.met, str(p.met_on), p.reason) for p in Prerequisite.objects.order_by("kind")] == [
            ("child_protection", True, "2026-02-27", ""),
            ("police_report", False, "None", "The report is being made today."),
            ("strategy_discussion", True, "2026-02-27", ""),
        ]
        told = ToldConsent.objects.get()
        assert (told.child_told, told.parents_told, told.consent) == (True, False, "given")
        assert ChildVoice.objects.get().words == "I just want it to stop."
        risk = RiskAssessment.objects.get()
        assert (risk.rating, risk.total, [(s.domain, s.score) for s in risk.scores.all()]) == (
            "moderate",
            None,
            [("missing", 2)],
        )
        assert SafetyPlan.objects.get().version == 1
        assert PlanStep.objects.get().by_when == dt.date(2026, 3, 9)
        mentions = mentions_of(found)
        assert ([m.name for m in mentions.people], [m.name for m in mentions.places]) == (
            ["“Dex”"],
            ["Anytown Station"],
        )
        assert set(grants_on(found.record_id)) == {
            cast["practitioner"].principal,
            cast["manager"].team_principal,
            cast["coordinator"].partnership_principal,
        }


def test_total_is_kept_only_when_every_domain_is_scored(cast: Cast) -> None:
    domains = [entry.code for entry in entries() if entry.list_name == "risk_domain"]
    scores = {f"{code}_score": "1" for code in domains} | {f"{code}_evidence": "Seen" for code in domains}
    submitted_referral(cast, risk=scores)
    with acting_as(cast["coordinator"]):
        assert RiskAssessment.objects.get().total == 12


def test_coordinators_are_told_by_reference_and_never_by_name(cast: Cast) -> None:
    made = submitted_referral(cast)
    with acting_as(cast["coordinator"]):
        message = Message.objects.get()
        assert message.subject == f"Referral {made.reference} was sent"
        assert message.path == f"/referrals/{made.reference}/screen/"
        for text in (message.subject, message.text, message.path):
            assert "Tamika" not in text
            assert "Brightwater" not in text


def test_double_submit_makes_one(cast: Cast) -> None:
    made = submitted_referral(cast)
    with acting_as(cast["practitioner"]):
        again = submit_referral(referral=made, by=cast["practitioner"], at=LATER)
        assert again.submitted_at == MONDAY
        assert Child.objects.count() == RiskAssessment.objects.count() == 1
    assert inbox_of(cast, "coordinator") == [f"Referral {made.reference} was sent"]


@pytest.mark.parametrize("section", [s for s in Section.values if s != "mentions"])
def test_missing_page_is_named(cast: Cast, section: str) -> None:
    made = draft_referral(cast, leave_out=(section,))
    with acting_as(cast["practitioner"]):
        with pytest.raises(RuleBroken) as caught:
            submit_referral(referral=made, by=cast["practitioner"], at=MONDAY)
        assert caught.value.field == section
        assert Section(section).label in caught.value.message
        assert not Child.objects.exists()


def test_mentions_may_be_left_out(cast: Cast) -> None:
    made = draft_referral(cast, leave_out=("mentions",))
    with acting_as(cast["practitioner"]):
        assert submit_referral(referral=made, by=cast["practitioner"], at=MONDAY).status == "submitted"
        assert mentions_of(made).count == 0


def test_page_that_was_complete_is_judged_again(cast: Cast) -> None:
    """The date of a strategy discussion lay in the future of the day on which the referral is sent."""
    made = draft_referral(cast, at=MONDAY)
    with acting_as(cast["practitioner"]), pytest.raises(RuleBroken, match="Before a referral"):
        submit_referral(referral=made, by=cast["practitioner"], at=MONDAY - dt.timedelta(days=10))


def test_sent_referral_can_no_longer_be_changed(cast: Cast) -> None:
    made = submitted_referral(cast)
    seat = cast["practitioner"]
    with acting_as(seat), pytest.raises(RuleBroken, match="can no longer be changed"):
        save_section(referral=made, section="voice", data={}, version=None, operation="", by=seat, at=LATER)


# --- Duplicates ------------------------------------------------------------------------------------------------------


def test_sound_alike_with_same_birth_is_a_match_in_own_partnership_only(cast: Cast) -> None:
    submitted_referral(cast)
    born = dt.date(2011, 3, 27)
    with acting_as(cast["other_practitioner"]):
        assert not ChildIdentity.objects.exists()
        [match] = possible_matches("Tameka", "Britewater", born)
        assert (match.name, match.why) == ("Tamika Brightwater", "same date of birth, name sounds alike")
        assert possible_matches("Tamika", "Brightwater", born)[0].why == "same date of birth, same name"
        assert len(possible_matches("Tamika", "Brightwater", dt.date(2011, 3, 28))) == 1
        assert possible_matches("Wojciech", "Kowalski", born) == []
    for name in ("stranger_practitioner", *ROLES_WITHOUT):
        with acting_as(cast[name]):
            assert possible_matches("Tamika", "Brightwater", born) == [], name


def test_swapped_day_and_month_and_a_year_off_are_found(cast: Cast) -> None:
    submitted_referral(cast, child={"date_of_birth_day": "5", "date_of_birth_month": "3"})
    with acting_as(cast["other_practitioner"]):
        assert len(possible_matches("Tamika", "Brightwater", dt.date(2011, 5, 3))) == 1
        assert len(possible_matches("Tameka", "Britewater", dt.date(2011, 5, 3))) == 1
        assert len(possible_matches("Tameka", "Britewater", dt.date(2010, 3, 5))) == 1


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


# --- Screening -------------------------------------------------------------------------------------------------------


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


# --- Cases -----------------------------------------------------------------------------------------------------------


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
        with acting_as(cast["coordinator"]):
            disclose(
                record_id=case.record_id,
                agency=cast.agencies["police"],
                scope=scope,
                purpose="Checks",
                lawful_basis="public_task",
                necessity="Police hold records",
                told=True,
                by=cast["coordinator"],
                at=LATER,
            )

    def police() -> Case:
        return case_by_reference(case.reference)

    share_with_police(Scope.IDENTITY)
    with acting_as(cast["police_lead"]):
        assert police().child.identity.full_name == "Tamika Brightwater"
        assert not hasattr(police(), "summary")
        assert dataclasses.asdict(case_content(police())) == dict.fromkeys(
            ("profile", "concern", "told", "voice", "assessment", "plan")
        ) | {name: [] for name in ("prerequisites", "scores", "steps", "ratings", "tiers", "referrals")}
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
    with acting_as(cast["coordinator"]):
        disclose(
            record_id=case.record_id,
            agency=cast.agencies["police"],
            scope=Scope.FULL,
            purpose="Checks",
            lawful_basis="public_task",
            necessity="Police hold records",
            told=True,
            by=cast["coordinator"],
            at=MONDAY,
        )
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
        escalate_case(case=case, reason="Stuck", by=cast["coordinator"], at=MONDAY)
        with pytest.raises(RuleBroken, match="open at MACE already"):
            escalate_case(case=case, reason="Again", by=cast["coordinator"], at=MONDAY)
        assert [t.tier for t in case_by_reference(case.reference).open_tiers] == ["pre_mace", "mace"]
    assert close(cast, case).closed_on is None
    assert close(cast, case, "mace").closed_on == LATER.date()
    with pytest.raises(RuleBroken, match="not open at MACE"):
        close(cast, case, "mace")
    with acting_as(cast["coordinator"]), pytest.raises(RuleBroken, match="This case is closed"):
        escalate_case(case=case, reason="x", by=cast["coordinator"], at=LATER)


def test_escalation_may_close_pre_mace(cast: Cast) -> None:
    case = open_case(cast)
    with acting_as(cast["coordinator"]):
        escalate_case(case=case, reason="Stuck", by=cast["coordinator"], at=LATER, keep_pre_mace=False)
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
            escalate_case(case=case, reason="x", by=cast[name], at=LATER)
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
