"""Referrals and cases made as people make them: through the services, each step in the right seat."""

from __future__ import annotations

import datetime as dt
from typing import Any

from mace.access.models import LawfulBasis
from mace.core.clock import london_date
from mace.core.seat import acting_as
from referrals.enums import Section
from referrals.models import Case, Child, ChildQuestion, MissingEpisode, Referral
from referrals.rules_cases import StepSaid, Ticked
from referrals.selectors import case_content, codes
from referrals.selectors.reviews import step_field
from referrals.services import accept_referral, ask_partnership, save_section, start_referral, submit_referral
from referrals.services.pathways import record_missing
from tests.factories.cast import Cast

MONDAY = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
BORN = dt.date(2011, 3, 27)

FILLED: dict[str, dict[str, Any]] = {
    Section.CHILD: {
        "forename": "Tamika",
        "surname": "Brightwater",
        "date_of_birth_day": "27",
        "date_of_birth_month": "3",
        "date_of_birth_year": "2011",
        "sex": "F",
        "ethnicity": "BCRB",
        "first_language": "English",
        "address": "1 Invented Road, Anytown",
    },
    Section.SITUATION: {
        "legal_status": "CIN",
        "education_status": "mainstream",
        "school": "Anytown Academy",
        "known_to": ["youth_justice", "camhs"],
        "attendance": "82",
        "sen_provision": "K",
        "sen_needs": ["SEMH"],
        "neuro_adhd": "awaited",
    },
    Section.AROUND: {
        "around_0_name": "Joy Oakes",
        "around_0_relation": "parent",
        "around_0_responsible": "yes",
        "around_1_name": "Sam Farrow",
        "around_1_relation": "professional",
        "around_1_contact": "Anytown Youth Project",
    },
    Section.CONCERN: {
        "primary_category": "county_lines",
        "other_categories": ["CCE"],
        "wider_factors": ["missing", "exclusion"],
        "account": "Found on 27 February in a house 60 miles away with two phones.",
        "short_account": "May be made to carry drugs by older people.",
        "threshold": "Several agencies must know who she is to keep her safe.",
    },
    Section.SURROUNDINGS: {
        "context_place": "Met outside the station after school.",
        "moment_0_kind": "exclusion",
        "moment_0_about": "Sent home for good",
        "moment_0_on_day": "12",
        "moment_0_on_month": "1",
        "moment_0_on_year": "2026",
        "missing": "yes",
        "missing_times": "2",
        "nrm": "not_referred",
        "nrm_reason": "Being looked at with the police this week.",
    },
    Section.PREREQUISITES: {
        "strategy_discussion_met": "yes",
        "strategy_discussion_on_day": "27",
        "strategy_discussion_on_month": "2",
        "strategy_discussion_on_year": "2026",
        "child_protection_met": "yes",
        "child_protection_on_day": "27",
        "child_protection_on_month": "2",
        "child_protection_on_year": "2026",
        "police_report_met": "no",
        "police_report_reason": "The report is being made today.",
    },
    Section.TOLD: {
        "child_told": "yes",
        "parents_told": "no",
        "parents_not_told_reason": "Her father may be involved.",
        "views": "She does not want her mother to worry.",
        "consent": "given",
    },
    Section.VOICE: {"words_said": "I just want it to stop.", "wants": "To go back to school."},
    Section.RISK: {
        "rating": "moderate",
        "rationale": "Missing twice, new things, an older group; her mother acts at once.",
        "missing_score": "2",
        "missing_evidence": "Two episodes in February, one of two nights.",
        "protective_factors": "Her mother; football.",
    },
    Section.PLAN: {
        "made_with": "The child and her mother",
        "summary": "She is taken to and from school and keeps a safe phone.",
        "step_0_text": "Taxi to and from school",
        "step_0_who": "School",
        "step_0_by_day": "9",
        "step_0_by_month": "3",
        "step_0_by_year": "2026",
    },
    Section.MENTIONS: {
        "person_0_name": "“Dex”",
        "person_0_about": "Older, drives a white van; the child said so.",
        "place_0_name": "Anytown Station",
        "place_0_about": "Where she is met.",
        "theme_0_name": "Phones given as presents",
    },
}


def draft_referral(
    cast: Cast, *, by: str = "practitioner", at: dt.datetime = MONDAY, leave_out: tuple[str, ...] = (), **changes: Any
) -> Referral:
    """A draft with every page filled. ``changes``: page name to fields that differ, ``child={"forename": "Ana"}``."""
    seat = cast[by]
    with acting_as(seat):
        referral = start_referral(by=seat, at=at)
        for section, filled in FILLED.items():
            if section in leave_out:
                continue
            save_section(
                referral=referral,
                section=section,
                data=filled | changes.get(str(section), {}),
                version=None,
                operation="",
                by=seat,
                at=at,
            )
    return referral


def submitted_referral(cast: Cast, *, by: str = "practitioner", at: dt.datetime = MONDAY, **changes: Any) -> Referral:
    """A referral that waits to be screened."""
    referral = draft_referral(cast, by=by, at=at, **changes)
    with acting_as(cast[by]):
        return submit_referral(referral=referral, by=cast[by], at=at)


def open_case(
    cast: Cast,
    *,
    by: str = "practitioner",
    coordinator: str = "coordinator",
    lead: str | None = None,
    at: dt.datetime = MONDAY,
    **changes: Any,
) -> Case:
    """A case open at pre-MACE, led by the referrer unless ``lead`` names another of the cast."""
    referral = submitted_referral(cast, by=by, at=at, **changes)
    with acting_as(cast[coordinator]):
        return accept_referral(
            referral=referral,
            reason="Meets the criteria",
            lead_professional=cast.memberships[lead] if lead else None,
            by=cast[coordinator],
            at=at,
        )


def gone_missing(cast: Cast, case: Case, *, by: str = "practitioner", at: dt.datetime = MONDAY) -> MissingEpisode:
    """The child is missing since the evening before, and not back."""
    with acting_as(cast[by]):
        return record_missing(
            case=case,
            from_on=london_date(at) - dt.timedelta(days=1),
            from_time=dt.time(21, 40),
            about="Last seen at the bus station",
            police_reference="AT/1234",
            operation="",
            by=cast[by],
            at=at,
        )


STUCK = [Ticked("stuck", "met", "No change in six months")]
"""Criteria that are enough to escalate a case."""


def every_criterion(list_name: str, *met: str) -> dict[str, str]:
    """What a form sends that answers each criterion of a list: met with its evidence, or not known."""
    found = {}
    for entry in codes(list_name):
        found[f"criterion_{entry.code}"] = "met" if entry.code in met else "not_known"
        found[f"criterion_{entry.code}_note"] = "As told" if entry.code in met else ""
    return found


def plan_posted(case: Case, state: str = "done", note: str = "") -> dict[str, str]:
    """What the form of a review sends of each step of the plan in force, for a seat that sees the case in full."""
    keys = [step.pk for step in case_content(case).steps]
    return {
        name: said for pk in keys for name, said in ((step_field(pk, "state"), state), (step_field(pk, "note"), note))
    }


def plan_gone_through(case: Case, state: str = "done", note: str = "") -> dict[int, StepSaid]:
    """What a review says of each step of the plan in force. Needs a seat that sees the case in full."""
    return {step.pk: StepSaid(state, note) for step in case_content(case).steps}


def another_child(number: int) -> dict[str, Any]:
    """Fields of the child page for a child unlike the others, so that no duplicate is asked about."""
    first = ("Amara", "Bohdan", "Chidi", "Dilys", "Emre", "Farrah", "Goran", "Hana", "Idris", "Jolanta")
    last = ("Quillfeather", "Osbourne", "Varga", "Mbeki", "Thistlewood", "Zielinski", "Kapoor")
    return {
        "forename": f"{first[number % 10]}{'abcdefghij'[number // 10 % 10] * 2}",
        "surname": last[number % 7],
        "date_of_birth_day": str(number % 28 + 1),
        "date_of_birth_month": str(number % 12 + 1),
        "date_of_birth_year": str(2009 + number % 5),
    }


def asked_elsewhere(cast: Cast, child: Child, *, at: dt.datetime = MONDAY) -> ChildQuestion:
    """The coordinator asks the other partnership whether it knows the child."""
    with acting_as(cast["coordinator"]):
        return ask_partnership(
            child=child,
            asked=cast.other_partnership,
            reason="She may have lived there",
            lawful_basis=LawfulBasis.PUBLIC_TASK,
            with_nhs_number=False,
            by=cast["coordinator"],
            at=at,
        )
