"""Assessments of a case: the tool as data, the advice, who must agree to a lower rating, drafts, double sending."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from mace.core.errors import Conflict, NotAllowed, RuleBroken
from mace.core.seat import acting_as
from referrals.models import Case, CaseDraft, CaseSummary, DomainScore, DraftSection, RiskAssessment
from referrals.rules import is_lower
from referrals.selectors.assessing import assessments_of, in_force
from referrals.selectors.assessment_words import factor_pairs
from referrals.selectors.cases import case_content
from referrals.selectors.codes import forget_codes
from referrals.selectors.risk_tool import begins_at, suggested_rating, tool_version
from referrals.selectors.two_assessments import compare
from referrals.selectors.written import decision_of
from referrals.services import agree_rating, close_tier
from referrals.services.assessing import assess_case, case_risk, confirm_assessment, send_back_assessment
from referrals.services.case_drafts import save_case_draft
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import MONDAY, draft_referral, open_case, submitted_referral
from tests.referrals.assessed import LATER, RATED, all_scored, assess, own_list, scored, shipped
from tests.referrals.doing import inbox_of

WEEK = dt.timedelta(days=7)


@pytest.fixture(autouse=True)
def lists_read_anew() -> Iterator[None]:
    yield
    forget_codes()


@pytest.fixture
def case(cast: Cast) -> Case:
    return open_case(cast)


def rating_of(cast: Cast, case: Case) -> tuple[str, dt.date]:
    with acting_as(cast["coordinator"]):
        return CaseSummary.objects.values_list("rating", "rated_on").get(case=case)


# --- The tool --------------------------------------------------------------------------------------------------------


def test_the_version_of_the_tool_is_that_of_the_list_and_its_words_stay_readable(cast: Cast, case: Case) -> None:
    with acting_as(cast["practitioner"]):
        assert tool_version() == "Shipped"
    before = assess(cast, case, missing_score="3", missing_evidence="Two nights")
    own_list(
        cast,
        "risk_domain",
        [{"code": "missing", "label": "Away from home"}, {"code": "new", "label": "Debts"}],
        version=3,
    )
    after = assess(cast, case, at=LATER + WEEK, **scored(3), new_score="1", new_evidence="x")
    assert (before.tool_version, after.tool_version) == ("Shipped", "Own version 3")
    assert (before.total, before.domains, after.total, after.domains) == (None, 12, 4, 2)
    with acting_as(cast["practitioner"]):
        words = DomainScore.objects.order_by("pk").values_list("assessment_id", "domain", "domain_words", "score")
        assert list(words.filter(assessment__in=[before, after])) == [
            (before.pk, "missing", "Missing", 3),
            (after.pk, "missing", "Away from home", 3),
            (after.pk, "new", "Debts", 1),
        ]
    with acting_as(cast["stranger_practitioner"]):
        assert tool_version() == "Shipped"


def test_what_a_score_rests_on_is_kept_with_the_words_of_its_source(cast: Cast, case: Case) -> None:
    said = {"missing_on_day": "1", "missing_on_month": "3", "missing_on_year": "2026", "missing_source": "parent"}
    made = assess(cast, case, **scored(2), **said, missing_confidence="high", pull_ticks=["money", "debt"])
    with acting_as(cast["practitioner"]):
        score = DomainScore.objects.get(assessment=made)
    assert (score.rests_on, score.source, score.source_words, score.confidence) == (
        dt.date(2026, 3, 1),
        "parent",
        "A parent or carer",
        "high",
    )
    assert made.pull_ticks == [["money", "Money, clothes or things"], ["debt", "A debt to be worked off"]]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"missing_score": "2"}, "missing_evidence"),
        ({"missing_source": "parent"}, "missing_score"),
        ({"missing_score": "1", "missing_evidence": "x", "missing_confidence": "certain"}, "missing_confidence"),
        ({"missing_score": "1", "missing_evidence": "x", "missing_on_day": "40"}, "missing_on"),
        ({"changes": ""}, "changes"),
        ({"rating": ""}, "rating"),
        ({"cse_level": "pink"}, "cse_level"),
        ({"push_ticks": ["money"]}, "push_ticks"),
    ],
)
def test_an_assessment_that_is_not_complete_is_not_written(
    cast: Cast, case: Case, said: dict[str, str], field: str
) -> None:
    with acting_as(cast["practitioner"]):
        assert field in case_risk(case, RATED | said, LATER).errors
    with pytest.raises(RuleBroken):
        assess(cast, case, **said)
    with acting_as(cast["practitioner"]):
        assert RiskAssessment.objects.filter(record_id=case.pk).count() == 1


@pytest.mark.parametrize(
    ("total", "rating"),
    [(0, "emerging"), (9, "emerging"), (10, "moderate"), (19, "moderate"), (20, "significant"), (36, "significant")],
)
def test_the_total_advises_by_the_thresholds_shipped(cast: Cast, total: int, rating: str) -> None:
    with acting_as(cast["practitioner"]):
        assert suggested_rating(total) == rating
        assert suggested_rating(None) == ""


def test_a_partnership_sets_its_own_thresholds(cast: Cast) -> None:
    own_list(cast, "risk_band", [{"code": "moderate", "label": "From 5"}, {"code": "unheard", "label": "7"}])
    with acting_as(cast["practitioner"]):
        assert [suggested_rating(total) for total in (4, 5, 6, 7)] == ["", "moderate", "moderate", ""]
    with acting_as(cast["stranger_practitioner"]):
        assert suggested_rating(5) == "emerging"
    assert [begins_at(words) for words in ("10 to 19", "20 and over", "none")] == [10, 20, None]


def test_a_total_stands_only_where_every_domain_is_scored(cast: Cast, case: Case) -> None:
    whole = assess(cast, case, rating="significant", **all_scored(22))
    assert (whole.total, whole.suggested) == (22, "significant")
    part = assess(cast, case, at=LATER + WEEK, rating="significant", **scored(3, 3, 3))
    assert (part.total, part.suggested) == (None, "")


# --- Lowering --------------------------------------------------------------------------------------------------------


def test_ratings_stand_in_order() -> None:
    pairs = [("emerging", "moderate", True), ("moderate", "moderate", False), ("significant", "moderate", False)]
    assert [is_lower(a, b) for a, b, _ in pairs] == [lower for _, _, lower in pairs]
    assert (is_lower("emerging", ""), is_lower("", "moderate")) == (False, False)


def test_a_rating_no_lower_than_before_becomes_the_cases_at_once(cast: Cast, case: Case) -> None:
    made = assess(cast, case, rating="significant")
    assert (made.needs_manager, decision_of(made)) == (False, "")
    assert rating_of(cast, case) == ("significant", LATER.date())


@pytest.mark.parametrize(
    "said",
    [
        {"rating": "emerging"},
        {
            "rating": "moderate",
        },
    ],
)
def test_a_lower_rating_waits_for_the_manager_and_the_cases_stays(cast: Cast, case: Case, said: dict[str, str]) -> None:
    lowers = said if said["rating"] == "emerging" else said | all_scored(25)
    with pytest.raises(RuleBroken):  # without a reason
        assess(cast, case, **lowers)
    made = assess(cast, case, **lowers, lowering_reason="Calmer")
    assert made.needs_manager is True
    assert rating_of(cast, case) == ("moderate", MONDAY.date())
    assert inbox_of(cast, "manager") == [f"An assessment of case {case.reference} waits for you"]
    with acting_as(cast["practitioner"]):
        first = RiskAssessment.objects.order_by("pk")[0]
        assert in_force(assessments_of(case)) == first
        assert case_content(case).assessment == first
        assert decision_of(assessments_of(case)[0]) == "waiting"


def lowered(cast: Cast, case: Case) -> RiskAssessment:
    return assess(cast, case, rating="emerging", lowering_reason="Calmer")


def test_the_manager_confirms_and_then_it_counts(cast: Cast, case: Case) -> None:
    made = lowered(cast, case)
    with acting_as(cast["manager"]):
        confirm_assessment(assessment=made, case=case, by=cast["manager"], at=LATER + WEEK)
        assert in_force(assessments_of(case)) == made
        assert case_content(case).assessment == made
        with pytest.raises(RuleBroken):
            confirm_assessment(assessment=made, case=case, by=cast["manager"], at=LATER + WEEK)
    assert rating_of(cast, case) == ("emerging", (LATER + WEEK).date())
    assert f"Your assessment of case {case.reference} was confirmed" in inbox_of(cast, "practitioner")


def test_the_manager_sends_back_with_a_reason_and_the_rating_stays(cast: Cast, case: Case) -> None:
    made = lowered(cast, case)
    manager = cast["manager"]
    with acting_as(manager):
        with pytest.raises(RuleBroken):
            send_back_assessment(assessment=made, case=case, reason=" ", by=manager, at=LATER)
        send_back_assessment(assessment=made, case=case, reason="Too early", by=manager, at=LATER)
        assert decision_of(assessments_of(case)[0]) == "sent_back"
        assert in_force(assessments_of(case)) != made
    assert rating_of(cast, case) == ("moderate", MONDAY.date())
    assert f"Your assessment of case {case.reference} was sent back" in inbox_of(cast, "practitioner")


@pytest.mark.parametrize("name", ["practitioner", "coordinator", "chair", "other_practitioner", "stranger_coordinator"])
def test_nobody_but_the_teams_manager_decides(cast: Cast, case: Case, name: str) -> None:
    made = lowered(cast, case)
    with acting_as(cast[name]), pytest.raises(NotAllowed):
        confirm_assessment(assessment=made, case=case, by=cast[name], at=LATER)
    assert rating_of(cast, case)[0] == "moderate"


def test_a_case_without_a_team_is_decided_by_its_coordinator(cast: Cast, case: Case) -> None:
    with as_owner():
        Case.objects.filter(pk=case.pk).update(team=None)
    made = lowered(cast, case)
    assert f"An assessment of case {case.reference} waits for you" in inbox_of(cast, "coordinator")
    with acting_as(cast["manager"]), pytest.raises(NotAllowed):
        confirm_assessment(assessment=made, case=case, by=cast["manager"], at=LATER)
    with acting_as(cast["coordinator"]):
        confirm_assessment(assessment=made, case=case, by=cast["coordinator"], at=LATER)
    assert rating_of(cast, case)[0] == "emerging"


def test_a_managers_own_lower_rating_counts_at_once_and_still_has_its_reason(cast: Cast, case: Case) -> None:
    with pytest.raises(RuleBroken):
        assess(cast, case, "manager", rating="emerging")
    made = assess(cast, case, "manager", rating="emerging", lowering_reason="Calmer")
    assert made.needs_manager is False
    assert rating_of(cast, case)[0] == "emerging"


def test_confirming_late_does_not_undo_what_came_between(cast: Cast, case: Case) -> None:
    made = lowered(cast, case)
    assess(cast, case, at=LATER + WEEK, rating="significant")
    with acting_as(cast["manager"]):
        confirm_assessment(assessment=made, case=case, by=cast["manager"], at=LATER + 2 * WEEK)
    assert rating_of(cast, case) == ("significant", (LATER + WEEK).date())


def test_a_panels_later_rating_is_not_undone_either(cast: Cast, case: Case) -> None:
    made = lowered(cast, case)
    chair = cast["coordinator"]
    with acting_as(chair):
        agree_rating(case=case, rating="significant", source="Pre-MACE", by=chair, at=LATER + WEEK)
    with acting_as(cast["manager"]):
        confirm_assessment(assessment=made, case=case, by=cast["manager"], at=LATER + 2 * WEEK)
    assert rating_of(cast, case) == ("significant", (LATER + WEEK).date())


def test_what_waits_for_nobody_is_not_decided(cast: Cast, case: Case) -> None:
    made = assess(cast, case)
    with acting_as(cast["manager"]), pytest.raises(RuleBroken):
        confirm_assessment(assessment=made, case=case, by=cast["manager"], at=LATER)


# --- Who, when, how often --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["practitioner", "manager", "coordinator"])
def test_lead_manager_and_coordinator_assess(cast: Cast, case: Case, name: str) -> None:
    assert assess(cast, case, name).written_by_id == cast[name].membership_id


@pytest.mark.parametrize("name", ["chair", "other_practitioner", "social_care_lead", "stranger_coordinator"])
def test_others_do_not(cast: Cast, case: Case, name: str) -> None:
    with pytest.raises(NotAllowed):
        assess(cast, case, name)


def test_a_closed_case_is_not_assessed(cast: Cast, case: Case) -> None:
    coordinator = cast["coordinator"]
    with acting_as(coordinator):
        close_tier(case=case, tier="pre_mace", outcome="closed", reason="Safe", by=coordinator, at=LATER)
    with pytest.raises(RuleBroken):
        assess(cast, case)


def test_the_same_page_sent_twice_writes_one(cast: Cast, case: Case) -> None:
    first, second = assess(cast, case, operation="a"), assess(cast, case, operation="a")
    assert first == second
    assert assess(cast, case, operation="b") != first


def save(cast: Cast, case: Case, name: str, version: int | None, operation: str = "", **said: str) -> CaseDraft:
    with acting_as(cast[name]):
        return save_case_draft(
            case=case,
            kind="assessment",
            data=RATED | said,
            version=version,
            operation=operation,
            by=cast[name],
            at=LATER,
        )


def test_two_writers_of_one_draft_are_told_and_nothing_is_lost(cast: Cast, case: Case) -> None:
    assert save(cast, case, "practitioner", 0, rationale="Mine").version == 1
    with pytest.raises(Conflict) as conflict:
        save(cast, case, "manager", 0, rationale="Theirs")
    assert (conflict.value.version, conflict.value.theirs["rationale"]) == (1, "Mine")
    assert save(cast, case, "manager", 1, "op", rationale="Theirs").version == 2
    assert save(cast, case, "manager", 1, "op", rationale="Theirs").version == 2  # a retry
    assert save(cast, case, "manager", 1, "op", rationale="Theirs, more").version == 3  # the same page goes on
    assert save(cast, case, "practitioner", None, rationale="Whatever stands").version == 4


def test_what_is_sent_empties_the_draft_and_a_stale_page_is_told(cast: Cast, case: Case) -> None:
    draft = save(cast, case, "practitioner", 0, "a")
    with acting_as(cast["practitioner"]):
        assess_case(case=case, typed=draft.data, operation="a", by=cast["practitioner"], at=LATER)
        assert CaseDraft.objects.values_list("data", "version").get() == ({}, 2)
    with pytest.raises(Conflict):
        save(cast, case, "manager", 1)


@pytest.mark.parametrize("name", ["chair", "other_practitioner", "social_care_lead"])
def test_a_draft_is_saved_by_those_who_may_send_it(cast: Cast, case: Case, name: str) -> None:
    with pytest.raises(NotAllowed):
        save(cast, case, name, 0)


# --- Comparing -------------------------------------------------------------------------------------------------------


def test_two_assessments_side_by_side_say_what_changed(cast: Cast, case: Case) -> None:
    assess(cast, case, rating="moderate", **all_scored(12), pull_ticks=["money"])
    assess(cast, case, at=LATER + WEEK, rating="significant", **all_scored(24) | {"missing_score": "3"}, pull_ticks=[])
    with acting_as(cast["practitioner"]):
        later, earlier, _ = assessments_of(case)
        rows, apart = compare(earlier, later)
    said = {row.question: row for row in rows}
    assert apart == ""
    assert said["Rating"].change == "Higher: Moderate to significant"
    assert said["Why"].change == ""
    assert said["What pulls towards harm"][1:] == ("Money, clothes or things", "", "No longer said")
    assert said["Missing"].change == "Higher: 1 to 3"
    assert said["Total of the scores"][1:3] == ("12 of 36. It only advises.", "25 of 36. It only advises.")


def test_totals_of_different_versions_are_left_out_and_that_is_said(cast: Cast, case: Case) -> None:
    assess(cast, case, **all_scored(12))
    domains = shipped("risk_domain")
    domains[0]["label"] = "Away from home"
    own_list(cast, "risk_domain", domains)
    assess(cast, case, at=LATER + WEEK, **all_scored(12))
    with acting_as(cast["practitioner"]):
        later, earlier, _ = assessments_of(case)
        rows, apart = compare(earlier, later)
    questions = [row.question for row in rows]
    assert "Total of the scores" not in questions
    assert "Away from home (earlier: Missing)" in questions
    assert apart == (
        "The two were made by different versions of the tool (Shipped; Own version 1). "
        "Their totals cannot be compared and are left out."
    )


def test_push_and_pull_written_as_one_stay_readable(cast: Cast, case: Case) -> None:
    with as_owner():
        RiskAssessment.objects.update(push_pull_factors="Fear and money", tool_version="12 domains, 1")
    with acting_as(cast["practitioner"]):
        (old,) = assessments_of(case)
        assert ("What pushes or pulls", "Fear and money") in factor_pairs(old)


# --- In a referral ---------------------------------------------------------------------------------------------------


def test_a_referral_rated_below_its_scores_needs_the_reason_and_is_not_held_up(cast: Cast) -> None:
    with acting_as(cast["practitioner"]):
        said = all_scored(25) | {"rating": "emerging"}
    with pytest.raises(RuleBroken):
        submitted_referral(cast, risk=said)
    referral = submitted_referral(cast, risk=said | {"lowering_reason": "Her mother acts at once"})
    with acting_as(cast["coordinator"]):
        made = RiskAssessment.objects.get(record_id=referral.pk)
    assert (made.rating, made.suggested, made.needs_manager) == ("emerging", "significant", False)
    page = cast.client("coordinator").get(f"/referrals/{referral.reference}/screen/").content.decode()
    assert "Lower than the scores suggest" in page
    assert "The scores suggest: Significant. Her mother acts at once" in page


def test_a_draft_from_when_push_and_pull_were_one_loses_nothing(cast: Cast) -> None:
    referral = draft_referral(cast)
    with as_owner():
        row = DraftSection.objects.get(referral=referral, section="risk")
        row.data = {k: v for k, v in row.data.items() if not k.startswith(("push_", "pull_"))}
        row.data["push_pull_factors"] = "Fear and money"
        row.save()
    page = cast.client("practitioner").get(f"/referrals/{referral.reference}/pages/risk/").content.decode()
    assert "Fear and money" in page
