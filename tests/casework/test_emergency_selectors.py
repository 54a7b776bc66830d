"""What is read of uses of emergency access, by itself: each question asked as somebody who sees every use."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection
from django.http import Http404

from mace.access.models import EmergencyAccess, Scope
from mace.accounts.models import Role
from mace.audit.models import ReadKind
from mace.audit.services import record_read
from mace.casework.rules import EMERGENCY_SEARCH
from mace.casework.selectors.emergency import (
    emergency_by_reference,
    emergency_context,
    emergency_rows,
    last_plan,
    misses_today,
    running_emergency,
    what_was_opened,
)
from mace.core import clock
from mace.core.seat import acting_as
from referrals.models import Case, PlanStep, SafetyPlan
from referrals.selectors import case_by_reference
from tests.access.locks import owner
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import another_child, open_case

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def case(cast: Cast) -> Case:
    return open_case(cast)


@pytest.fixture
def other(cast: Cast) -> Case:
    return open_case(cast, child=another_child(1))


def used(cast: Cast, name: str, case: Case, *, ends: int = 3, scope: Scope = Scope.FULL) -> EmergencyAccess:
    """A use as it stands in the table, which ends in so many hours."""
    until = clock.now() + ends * HOUR
    with as_owner():
        return EmergencyAccess.objects.create(
            record_id=case.pk,
            partnership=cast.partnership,
            membership=cast.memberships[name],
            scope=scope,
            reason="She rang from a house she cannot leave",
            begun_at=until - 3 * HOUR,
            ends_at=until,
            review_due_on=until.date(),
        )


def held_for(cast: Cast, case: Case, *, hours: int | None = 3) -> Case:
    """The case as its page reads it, held for so many hours, or for ever."""
    with acting_as(cast["coordinator"]):
        found = case_by_reference(case.reference)
    found.seat_until = None if hours is None else clock.now() + hours * HOUR  # type: ignore[attr-defined]
    return found


def test_a_running_emergency_is_the_seats_own_of_this_case_that_lasts(cast: Cast, case: Case, other: Case) -> None:
    own = used(cast, "health_lead", case)
    used(cast, "police_lead", case, ends=4)
    used(cast, "health_lead", other, ends=5)
    used(cast, "education_lead", case, ends=0)
    lasting, for_ever = held_for(cast, case), held_for(cast, case, hours=None)
    with as_owner():
        assert running_emergency(lasting, cast["health_lead"]) == own
        assert running_emergency(lasting, cast["education_lead"]) is None
        assert running_emergency(for_ever, cast["health_lead"]) is None
        assert running_emergency(lasting, replace(cast["health_lead"], role=Role.AUDITOR)) is None


def test_the_last_plan_is_the_cases_own_with_its_own_steps(cast: Cast, case: Case, other: Case) -> None:
    with as_owner():
        steps = []
        for number, record in ((2, case), (3, other)):
            plan = SafetyPlan.objects.get(record_id=record.pk)
            step = PlanStep.objects.filter(plan=plan).latest("pk")
            plan.pk, plan.version = None, number
            plan.save(force_insert=True)
            step.pk, step.plan, step.text = None, plan, f"Of version {number}"
            step.save(force_insert=True)
            steps.append(step)
        found = last_plan(case)
    assert found is not None
    assert (found.plan.record_id, found.plan.version, found.steps) == (case.pk, 2, [steps[0]])


@pytest.mark.parametrize(
    ("scope", "words", "shows_plan"),
    [
        (Scope.FULL, "The whole case", False),
        (Scope.SUMMARY, "The summary and the last safety plan of a closed case", True),
    ],
)
def test_only_of_a_closed_case_the_plan_stands_by_itself(
    cast: Cast, case: Case, scope: Scope, words: str, shows_plan: bool
) -> None:
    access, lasting = used(cast, "health_lead", case, scope=scope), held_for(cast, case)
    with as_owner():
        context = emergency_context(lasting, cast["health_lead"])
    assert (context["emergency"], context["last_plan"] is not None) == (access, shows_plan)
    with acting_as(cast["ig"]):
        rows = emergency_rows(emergency_by_reference(access.reference), on=clock.today())
    assert {row["key"]: row["value"] for row in rows}["What was opened"] == words


def test_a_use_is_found_by_its_own_reference(cast: Cast, case: Case, other: Case) -> None:
    uses = [used(cast, "health_lead", case), used(cast, "police_lead", other)]
    with acting_as(cast["ig"]):
        assert [emergency_by_reference(use.reference) for use in uses] == uses
        with pytest.raises(Http404):
            emergency_by_reference("E-0000-0000")


def entry(cast: Cast, name: str, action: str, *, reference: str = "", record: int | None = None, rows: int = 0) -> int:
    """An entry of the read log; its key."""
    with acting_as(cast[name]):
        record_read(
            by=cast[name], action=action, reference=reference, record_id=record, rows=rows, kind=ReadKind.SEARCH
        )
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("select max(id) from audit_readentry")
        return int(cursor.fetchone()[0])


def set_entry(key: int, column: str, value: object) -> None:
    owner("alter table audit_readentry disable trigger user")
    owner(f"update audit_readentry set {column} = %s where id = %s", value, key)
    owner("alter table audit_readentry enable trigger user")


def test_misses_are_the_seats_own_searches_without_a_match(cast: Cast) -> None:
    for name, action, rows in (
        ("health_lead", EMERGENCY_SEARCH, 0),
        ("health_lead", EMERGENCY_SEARCH, 1),
        ("health_lead", "case search", 0),
        ("police_lead", EMERGENCY_SEARCH, 0),
    ):
        entry(cast, name, action, rows=rows)
    set_entry(entry(cast, "health_lead", EMERGENCY_SEARCH), "refused", True)
    with as_owner():
        assert misses_today(cast["health_lead"]) == 1


def test_what_was_opened_is_what_this_person_read_around_the_case_while_it_lasted(cast: Cast, case: Case) -> None:
    access = used(cast, "health_lead", case)
    for name, action, reference in (  # long before: each is like the search that opened it but for one thing
        ("health_lead", EMERGENCY_SEARCH, "E-0000-0000"),
        ("health_lead", "emergency access", access.reference),
        ("police_lead", EMERGENCY_SEARCH, access.reference),
    ):
        key = entry(cast, name, action, reference=reference, record=case.pk)
        set_entry(key, "at", clock.now() - 10 * HOUR)
    entry(cast, "health_lead", EMERGENCY_SEARCH, reference=access.reference, record=case.pk, rows=1)
    entry(cast, "health_lead", "case page", reference=case.reference, record=case.pk)
    entry(cast, "police_lead", "case sharing", reference=case.reference, record=case.pk)
    entry(cast, "health_lead", "home")
    with acting_as(cast["ig"]):
        assert [(read.what, read.reference) for read in what_was_opened(access)] == [("Case page", case.reference)]
