"""A referral as it is written and sent: what is kept, what is refused, who sees it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from mace.access.services import grants_on
from mace.core.errors import Conflict, NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.notifications.models import Message
from referrals.enums import ReferralStatus, Section
from referrals.models import (
    Child,
    ChildVoice,
    Concern,
    DraftSection,
    PlanStep,
    Prerequisite,
    Referral,
    RiskAssessment,
    SafetyPlan,
    ToldConsent,
)
from referrals.reference import entries
from referrals.sections import OPTIONAL, SECTIONS
from referrals.selectors import (
    mentions_of,
    waiting_referrals,
)
from referrals.services import (
    save_section,
    start_referral,
    submit_referral,
)
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import MONDAY, draft_referral, submitted_referral
from tests.referrals.doing import LATER, ROLES_WITHOUT, inbox_of

# --- Drafts ----------------------------------------------------------------------------------------------------------


def test_draft_is_seen_by_its_writer_alone(cast: Cast) -> None:
    made = draft_referral(cast)
    with acting_as(cast["practitioner"]):
        assert Referral.objects.get() == made
        assert DraftSection.objects.count() == len(SECTIONS)
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
            "capacity": "",
            "care_act": "",
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


@pytest.mark.parametrize("section", [s for s in SECTIONS if s not in OPTIONAL])
def test_missing_page_is_named(cast: Cast, section: str) -> None:
    made = draft_referral(cast, leave_out=(section,))
    with acting_as(cast["practitioner"]):
        with pytest.raises(RuleBroken) as caught:
            submit_referral(referral=made, by=cast["practitioner"], at=MONDAY)
        assert caught.value.field == section
        assert Section(section).label in caught.value.message
        assert not Child.objects.exists()


def test_optional_pages_may_be_left_out(cast: Cast) -> None:
    assert {"mentions", "around", "surroundings"} == OPTIONAL
    made = draft_referral(cast, leave_out=tuple(OPTIONAL))
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
