"""What a referral says beyond the concern: care, school, health, family, surroundings; and what is asked from 18."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mace.core.seat import acting_as
from referrals.models import Circumstances, Concern, ToldConsent
from referrals.sections import SECTIONS, Asked, SectionForm
from referrals.services import save_section, submit_referral
from tests.dashboards.markup import Markup
from tests.factories.cast import Cast
from tests.factories.referrals import FILLED, MONDAY, draft_referral, open_case, submitted_referral

ON = dt.date(2026, 3, 2)
ADULT = {"date_of_birth_year": "2007", "date_of_birth_month": "3", "date_of_birth_day": "2"}
TOLD_18 = {"child_told": "yes", "consent": "given", "capacity": "has", "care_act": "assessment"}


def judged(cast: Cast, section: str, *, adult: bool = False, **changes: Any) -> SectionForm:
    with acting_as(cast["practitioner"]):
        form = SECTIONS[section](FILLED[section] | changes, asked=Asked(on=ON, adult=adult))
        form.is_valid()
        return form


def test_everything_is_kept_where_others_read_it(cast: Cast) -> None:
    referral = submitted_referral(cast)
    with acting_as(cast["coordinator"]):
        found, concern = Circumstances.objects.get(referral=referral), Concern.objects.get(referral=referral)
    assert (concern.legal_status, concern.school) == ("CIN", "Anytown Academy")
    assert (found.known_to, found.attendance, found.sen_needs) == (["youth_justice", "camhs"], 82, ["SEMH"])
    assert found.neurodiversity == {"adhd": "awaited"}
    assert [person["name"] for person in found.around] == ["Joy Oakes", "Sam Farrow"]
    assert found.contexts == {"place": "Met outside the station after school."}
    assert found.moments == [{"kind": "exclusion", "on": "2026-01-12", "about": "Sent home for good"}]
    assert (found.missing_times, found.nrm) == (2, "not_referred")
    body = cast.client("coordinator").get(f"/referrals/{referral.reference}/screen/").content.decode()
    Markup(body).check()
    for words in (
        "82 per cent, which is a concern",
        "ADHD: assessment awaited",
        "Joy Oakes, has parental responsibility",
        "Sam Farrow, Anytown Youth Project",
        "Permanent exclusion",
        "2 times in 12 months",
        "Considered, not referred: Being looked at with the police this week.",
    ):
        assert words in body, words


def test_pages_that_are_left_out_say_nothing_and_what_is_taken_out_goes(cast: Cast) -> None:
    made, seat = draft_referral(cast, leave_out=("around", "surroundings")), cast["practitioner"]
    with acting_as(seat):
        submit_referral(referral=made, by=seat, at=MONDAY)
        found = Circumstances.objects.get()
        assert (found.around, found.contexts, found.missing, found.nrm) == ([], {}, "", "")


@pytest.mark.parametrize(
    ("section", "changes", "field", "words"),
    [
        ("situation", {"attendance": "101"}, "attendance", "100 or less"),
        ("situation", {"lives_here": "yes", "home_told": "no"}, "placing_authority", "Choose the authority"),
        ("situation", {"lives_here": "yes", "placing_authority": "other"}, "home_told", "whether the home authority"),
        (
            "situation",
            {"home_told_on_day": "3", "home_told_on_month": "3", "home_told_on_year": "2026"},
            "home_told_on",
            "today or in the past",
        ),
        ("around", {"around_2_contact": "School"}, "around_2_name", "Enter the name of person 3"),
        ("around", {"around_0_relation": ""}, "around_0_relation", "Choose who person 1 is"),
        ("surroundings", {"moment_1_about": "A fall"}, "moment_1_kind", "Choose what moment 2 was"),
        ("surroundings", {"moment_1_kind": "arrest"}, "moment_1_on", "Enter the date of moment 2"),
        ("surroundings", {"moment_0_on_year": "2027"}, "moment_0_on", "today or in the past"),
        ("surroundings", {"missing_times": ""}, "missing_times", "how many times"),
        ("surroundings", {"nrm_reason": ""}, "nrm_reason", "why the child was not referred"),
    ],
)
def test_what_cannot_be_is_said(cast: Cast, section: str, changes: dict[str, Any], field: str, words: str) -> None:
    form = judged(cast, section, **changes)
    assert list(form.errors) == [field]
    assert words in str(form.errors[field])


def test_from_18_capacity_and_care_act_are_asked_and_parents_are_not(cast: Cast) -> None:
    assert set(judged(cast, "told").fields) & {"capacity", "care_act", "parents_told"} == {"parents_told"}
    empty = judged(cast, "told", adult=True)
    assert set(empty.errors) == {"capacity", "care_act"}
    assert "parents_told" not in empty.fields
    client, made = cast.client("practitioner"), draft_referral(cast, child=ADULT, leave_out=("told",))
    here = f"/referrals/{made.reference}/pages/told/"
    body = client.get(here).content.decode()
    Markup(body).check()
    assert "Was the young person told" in body
    assert "parents_told" not in body
    assert client.post(here, TOLD_18 | {"version": "0"}).status_code == 302
    seat = cast["practitioner"]
    with acting_as(seat):
        submit_referral(referral=made, by=seat, at=MONDAY)
        told = ToldConsent.objects.get()
        assert (told.parents_told, told.capacity, told.care_act) == (None, "has", "assessment")
    page = client.get(f"/referrals/{made.reference}/").content.decode()
    assert "Has capacity to decide about this" in page
    assert "Parents or carers told" not in page


def test_a_birthday_mended_later_takes_no_answer_away(cast: Cast) -> None:
    made, seat = draft_referral(cast, child=ADULT, leave_out=("told",)), cast["practitioner"]
    with acting_as(seat):
        for data in (TOLD_18, FILLED["told"] | TOLD_18):
            row = save_section(referral=made, section="told", data=data, version=None, operation="", by=seat, at=MONDAY)
        assert row.complete
        assert (row.data["capacity"], row.data["parents_told"]) == ("has", "no")


def test_the_case_page_shows_it_in_full_scope_alone(cast: Cast) -> None:
    case = open_case(cast)
    assert "Joy Oakes" in cast.client("coordinator").get(f"/cases/{case.reference}/").content.decode()
