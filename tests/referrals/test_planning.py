"""Safety plans of a case: versions, who they were made with, how steps stand, which held on a day."""

from __future__ import annotations

import datetime as dt

import pytest

from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from referrals.models import Case, PlanStep
from referrals.sections.base import Asked
from referrals.sections.case import CasePlan
from referrals.selectors.assessing import plan_in_force, plans_of
from tests.factories.cast import Cast
from tests.factories.referrals import MONDAY, open_case
from tests.referrals.assessed import LATER, PLANNED, plan

DAY = dt.timedelta(days=1)


@pytest.fixture
def case(cast: Cast) -> Case:
    return open_case(cast)


def test_a_new_version_says_with_whom_and_how_its_steps_stand(cast: Cast, case: Case) -> None:
    said = {"made_with": "Her aunt", "step_1_text": "A phone", "step_1_who": "Police", "step_1_state": "not_working"}
    made = plan(cast, case, **said, step_1_note="It was taken")
    assert (made.version, made.with_whom) == (2, "The child; Parents or carers; Her aunt")
    with acting_as(cast["practitioner"]):
        steps = PlanStep.objects.filter(plan=made).order_by("pk")
        assert list(steps.values_list("text", "who", "state", "note")) == [
            ("A mentor", "Safe Harbour", "under_way", ""),
            ("A phone", "Police", "not_working", "It was taken"),
        ]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"made_with_ticks": []}, "made_with_ticks"),
        ({"step_0_state": "not_working"}, "step_0_note"),
        ({"step_0_text": "", "step_0_who": ""}, "step_0_text"),
        ({"step_1_note": "Without a step"}, "step_1_text"),
        ({"step_0_state": "gone"}, "step_0_state"),
        ({"summary": ""}, "summary"),
    ],
)
def test_a_plan_that_is_not_complete_is_not_put_in_force(
    cast: Cast, case: Case, said: dict[str, object], field: str
) -> None:
    with acting_as(cast["practitioner"]):
        assert field in CasePlan(PLANNED | said, asked=Asked(on=LATER.date())).errors
    with pytest.raises(RuleBroken):
        plan(cast, case, **said)


@pytest.mark.parametrize("name", ["chair", "other_practitioner", "social_care_lead"])
def test_plans_are_written_by_those_who_assess(cast: Cast, case: Case, name: str) -> None:
    with pytest.raises(NotAllowed):
        plan(cast, case, name)


def test_the_plan_in_force_on_any_day_and_until_when(cast: Cast, case: Case) -> None:
    second = plan(cast, case)
    third = plan(cast, case, at=LATER)
    fourth = plan(cast, case, at=LATER + 7 * DAY)
    opened, day = MONDAY.date(), LATER.date()
    with acting_as(cast["practitioner"]):
        found = {on: plan_in_force(case, on) for on in (opened - DAY, opened, day - DAY, day, day + 7 * DAY)}
        versions = [row.version for row in plans_of(case)]
    assert versions == [4, 3, 2, 1]
    assert found.pop(opened - DAY) is None
    assert [held and (held.plan.version, held.until) for held in found.values()] == [
        (1, day),
        (1, day),
        (3, (LATER + 7 * DAY).date()),  # of two on one day the later one
        (4, None),
    ]
    assert (second.version, third.version, fourth.version) == (2, 3, 4)


def test_the_next_version_begins_with_the_last(cast: Cast, case: Case) -> None:
    made = plan(cast, case, made_with="Her aunt", step_0_by_day="9", step_0_by_month="4", step_0_by_year="2026")
    with acting_as(cast["practitioner"]):
        typed = CasePlan.filled(made, list(made.steps.all()))
        form = CasePlan(typed, asked=Asked(on=LATER.date()))
        assert form.is_valid()
        assert form.steps() == [
            {
                "text": "A mentor",
                "who": "Safe Harbour",
                "by_when": dt.date(2026, 4, 9),
                "state": "under_way",
                "note": "",
            }
        ]
        assert form.cleaned_data["made_with_ticks"] == ["child", "parents"]
