"""The course of a case: criteria kept as they were answered, closings and who is told, who led it when, repeats."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from mace.access.models import Scope
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.notifications.models import Message
from referrals.models import Case, CaseClosure, ClosureTold, CriterionMet, LeadPeriod, ListVersion, Referral
from referrals.rules_cases import Ticked
from referrals.selectors import case_by_reference
from referrals.selectors.codes import forget_codes
from referrals.selectors.course import closures_to_complete, notes_unread, repeats_among
from referrals.services import (
    accept_referral,
    acknowledge_notes,
    close_tier,
    complete_closure,
    decline_referral,
    escalate_case,
    hand_over_case,
    merge_children,
)
from referrals.services.closing import ClosingDetails, Informed
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import MONDAY, STUCK, open_case, submitted_referral
from tests.factories.sharing import shared

LATER = MONDAY + dt.timedelta(days=30)
SAID = ClosingDetails(plan_after="School and her aunt", view="I am glad")


# --- Criteria --------------------------------------------------------------------------------------------------------


def test_criteria_of_a_screening_are_kept_with_their_words_and_belong_to_the_case(cast: Cast) -> None:
    referral, seat = submitted_referral(cast), cast["coordinator"]
    ticked = [Ticked("concern", "met", "Two phones"), Ticked("plan", "not_met"), Ticked("value", "not_known", "Ask")]
    with acting_as(seat):
        case = accept_referral(
            referral=referral, reason="Yes", lead_professional=None, by=seat, at=LATER, criteria=ticked
        )
        rows = list(CriterionMet.objects.order_by("pk"))
        assert [(row.code, row.met, row.evidence) for row in rows] == [
            ("concern", "met", "Two phones"),
            ("plan", "not_met", ""),
            ("value", "not_known", "Ask"),
        ]
        assert {row.record_id for row in rows} == {case.pk}
        assert rows[0].words == "There is a clear concern about exploitation or harm outside the family."
        assert {(row.occasion, row.list_version, row.referral_id) for row in rows} == {("screening", 0, referral.pk)}


def test_criteria_keep_the_words_and_the_version_of_the_partnership_s_own_list(cast: Cast) -> None:
    case, seat = open_case(cast), cast["coordinator"]
    entries = [{"code": "local", "label": "Our own criterion", "group": "", "proposed": False, "active": True}]
    with acting_as(seat):
        ListVersion.objects.create(
            partnership=cast.partnership,
            list_name="escalation_criterion",
            version=3,
            entries=entries,
            made_by_id=seat.membership_id,
            made_at=LATER,
        )
        forget_codes()
        with pytest.raises(RuleBroken, match="list of criteria has changed"):
            escalate_case(case=case, reason="Stuck", criteria=STUCK, by=seat, at=LATER)
        ours = [Ticked("local", "met", "As we say")]
        escalate_case(case=case, reason="Stuck", criteria=ours, by=seat, at=LATER)
        kept = CriterionMet.objects.get()
    forget_codes()
    assert (kept.words, kept.list_version, kept.evidence) == ("Our own criterion", 3, "As we say")


def test_a_declined_referral_keeps_its_criteria_and_who_has_the_whole_of_it_alone_reads_them(cast: Cast) -> None:
    referral, seat = submitted_referral(cast), cast["coordinator"]
    with acting_as(seat):
        decline_referral(referral=referral, reason="No", by=seat, at=LATER, criteria=[Ticked("concern", "not_met")])
    seen = {}
    for name in ("coordinator", "practitioner", "police_lead", "stranger_coordinator"):
        with acting_as(cast[name]):
            seen[name] = CriterionMet.objects.count()
    assert seen == {"coordinator": 1, "practitioner": 1, "police_lead": 0, "stranger_coordinator": 0}


def test_an_escalation_without_a_criterion_that_is_met_changes_nothing(cast: Cast) -> None:
    case, seat = open_case(cast), cast["coordinator"]
    with acting_as(seat):
        for criteria in ([], [Ticked("stuck", "not_met")], [Ticked("stuck", "met")]):
            with pytest.raises(RuleBroken):
                escalate_case(case=case, reason="Stuck", criteria=criteria, by=seat, at=LATER)
        assert [period.tier for period in case_by_reference(case.reference).open_tiers] == ["pre_mace"]
        assert not CriterionMet.objects.exists()


def test_answers_to_criteria_are_never_changed(cast: Cast) -> None:
    case, seat = open_case(cast), cast["coordinator"]
    with acting_as(seat):
        escalate_case(case=case, reason="Stuck", criteria=STUCK, by=seat, at=LATER)
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            CriterionMet.objects.update(met="not_met")
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
        CriterionMet.objects.update(evidence="")


# --- Closing ---------------------------------------------------------------------------------------------------------


def close(cast: Cast, case: Case, by: str = "coordinator", **changes: Any) -> Case:
    values: dict[str, Any] = {
        "tier": "pre_mace",
        "outcome": "closed",
        "reason": "Safe",
        "details": SAID,
        "at": LATER,
    } | changes
    with acting_as(cast[by]):
        return close_tier(case=case, by=cast[by], **(values | changes))


def test_everybody_told_of_a_closing_gets_the_reference_and_no_name(cast: Cast) -> None:
    case = open_case(cast)
    shared(cast, case.pk, "police", Scope.SUMMARY)
    told = [
        Informed(True, agency_id=cast.agencies["police"].pk),
        Informed(True, membership_id=cast["practitioner"].membership_id),
        Informed(False, "Never involved", agency_id=cast.agencies["health"].pk),
    ]
    close(cast, case, details=ClosingDetails(plan_after="School", view="Glad", informed=told))
    for name in ("police_lead", "practitioner"):
        with acting_as(cast[name]):
            message = Message.objects.get(subject=f"Case {case.reference} is closed")
            assert message.text == f"Case {case.reference} is closed. Outcome: Closed: the risk has reduced."
            assert "Tamika" not in f"{message.subject} {message.text} {message.path}"
    with acting_as(cast["health_lead"]):
        assert not Message.objects.filter(subject__contains="closed").exists()
    with acting_as(cast["coordinator"]):
        rows = ClosureTold.objects.order_by("pk").values_list("agency__name", "person__user__name", "told", "reason")
        assert list(rows) == [
            ("Anytown Police", None, True, ""),
            (None, "Practitioner", True, ""),
            ("Anytown NHS Trust", None, False, "Never involved"),
        ]


@pytest.mark.parametrize(
    ("details", "words"),
    [
        (ClosingDetails(plan_after="School"), "why they were not asked"),
        (ClosingDetails(plan_after=" ", view="Glad"), "what the plan is afterwards"),
        (ClosingDetails("School", "Glad", informed=[Informed(False, " ", agency_id=1)]), "why they are not told"),
    ],
)
def test_closing_says_all_of_it_or_nothing_is_closed(cast: Cast, details: ClosingDetails, words: str) -> None:
    case = open_case(cast)
    with pytest.raises(RuleBroken, match=words):
        close(cast, case, details=details)
    with acting_as(cast["coordinator"]):
        assert case_by_reference(case.reference).closed_on is None
        assert not CaseClosure.objects.exists()


def test_an_agency_that_nobody_leads_is_not_said_to_be_told(cast: Cast) -> None:
    case = open_case(cast)
    told = [Informed(True, agency_id=cast.agencies["voluntary"].pk)]
    with pytest.raises(RuleBroken, match="Nobody leads Safe Harbour here"):
        close(cast, case, details=ClosingDetails("School", "Glad", informed=told))


def test_a_closing_without_its_details_waits_for_them_and_takes_them_once(cast: Cast) -> None:
    case = open_case(cast)
    close(cast, case, by="coordinator", details=None)
    seat = cast["coordinator"]
    with acting_as(seat):
        (waiting,) = closures_to_complete()
        assert waiting.case_id == case.pk
        complete_closure(closure=waiting, details=SAID, by=seat, at=LATER)
        assert closures_to_complete() == []
        with pytest.raises(RuleBroken, match="given already"):
            complete_closure(closure=waiting, details=SAID, by=seat, at=LATER)
    with acting_as(cast["practitioner"]), pytest.raises(NotAllowed):
        complete_closure(closure=waiting, details=SAID, by=cast["practitioner"], at=LATER)


# --- Who led it ------------------------------------------------------------------------------------------------------


def hand_over(cast: Cast, case: Case, to: str, at: dt.datetime = LATER) -> Case:
    seat = cast["coordinator"]
    with acting_as(seat):
        return hand_over_case(
            case=case,
            to=cast.memberships[to],
            reason="She moved",
            note="Ring on Mondays",
            outstanding="The taxi",
            by=seat,
            at=at,
        )


def test_who_led_a_case_when_can_be_asked(cast: Cast) -> None:
    case = open_case(cast)
    hand_over(cast, case, "other_practitioner")
    close(cast, case, at=LATER + dt.timedelta(days=10))
    with acting_as(cast["coordinator"]):
        rows = LeadPeriod.objects.order_by("pk").values_list(
            "lead__user__name", "manager__user__name", "from_on", "to_on"
        )
        assert list(rows) == [
            ("Practitioner", "Manager", MONDAY.date(), LATER.date()),
            ("Other Practitioner", None, LATER.date(), LATER.date() + dt.timedelta(days=10)),
        ]
        assert [row.note for row in LeadPeriod.objects.order_by("pk")] == ["", "Ring on Mondays"]


def test_the_new_lead_says_that_the_notes_are_read_and_nobody_else_can(cast: Cast) -> None:
    case = open_case(cast)
    with acting_as(cast["coordinator"]):
        assert notes_unread() == []
    with acting_as(cast["practitioner"]), pytest.raises(RuleBroken, match="no handover notes"):
        acknowledge_notes(case=case, by=cast["practitioner"], at=LATER)
    hand_over(cast, case, "other_practitioner")
    with acting_as(cast["coordinator"]):
        assert [period.case_id for period in notes_unread()] == [case.pk]
        with pytest.raises(NotAllowed):
            acknowledge_notes(case=case, by=cast["coordinator"], at=LATER)
    seat = cast["other_practitioner"]
    with acting_as(seat):
        read = acknowledge_notes(case=case, by=seat, at=LATER)
        again = acknowledge_notes(case=case, by=seat, at=LATER + dt.timedelta(days=3))
    assert read.read_at == again.read_at == LATER
    with acting_as(cast["coordinator"]):
        assert notes_unread() == []


# --- Repeats ---------------------------------------------------------------------------------------------------------


def referred_again(cast: Cast, at: dt.datetime, **child: Any) -> Case:
    referral = submitted_referral(cast, at=at, child=child)
    with acting_as(cast["coordinator"]):
        return accept_referral(referral=referral, reason="Again", lead_professional=None, by=cast["coordinator"], at=at)


@pytest.mark.parametrize(("days", "repeat"), [(0, True), (365, True), (366, False)])
def test_a_case_within_12_months_after_the_last_one_closed_is_a_repeat(cast: Cast, days: int, repeat: bool) -> None:
    first = open_case(cast)
    close(cast, first)
    with acting_as(cast["coordinator"]):
        child = Referral.objects.get().child
    assert child is not None
    second = referred_again(cast, LATER + dt.timedelta(days=days), same_as=child.reference)
    with acting_as(cast["coordinator"]):
        found = repeats_among([first.pk, second.pk])
        assert {key: earlier.reference for key, earlier in found.items()} == (
            {second.pk: first.reference} if repeat else {}
        )
        assert case_by_reference(second.reference).repeat_of == (first.reference if repeat else None)  # type: ignore[attr-defined]
        assert case_by_reference(first.reference).repeat_of is None  # type: ignore[attr-defined]


def test_records_of_one_child_count_together_and_who_does_not_see_the_earlier_case_is_told_nothing(cast: Cast) -> None:
    first = open_case(cast)
    close(cast, first)
    other = {"forename": "Ottoline", "surname": "Farrow", "date_of_birth_year": "2010"}
    second = referred_again(cast, LATER, **other)
    shared(cast, second.pk, "police", Scope.FULL)
    seat = cast["coordinator"]
    with acting_as(seat):
        assert repeats_among([second.pk]) == {}
        merge_children(gone=first.child, kept=second.child, reason="One child", by=seat, at=LATER)
        assert repeats_among([second.pk])[second.pk].reference == first.reference
        assert case_by_reference(second.reference).repeat_of == first.reference  # type: ignore[attr-defined]
    with acting_as(cast["police_lead"]):
        assert Case.objects.filter(pk=second.pk).exists()
        assert repeats_among([second.pk]) == {}
        assert case_by_reference(second.reference).repeat_of is None  # type: ignore[attr-defined]
