"""Whatever people do, in whatever order: every seat is told exactly what a small model says it may see.

The model (``seen.py``) is plain Python. After each step the database is asked as the role in every seat; and of the
other ways to be told something, a few are asked for seats and cases drawn anew.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mace.access.models import IN_FORCE, Bar, Disclosure, EmergencyAccess, Grant, Kind, LawfulBasis, Scope, SetAside
from mace.access.services import (
    bar_person,
    disclose,
    lift_bar,
    lift_restriction,
    name_person,
    restrict,
    unname_person,
    withdraw,
)
from mace.access.services.records import call
from mace.accounts.models import Holding, Membership, User
from mace.casework.services.handing_over import hand_over
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.names import name_key
from mace.core.references import emergency_reference
from mace.core.seat import acting_as
from panels.services.sharing import end_expired_sharing
from referrals.models import Case, ChildMerge
from referrals.services import merge_children, undo_merge
from tests.access.seen import CASES, FULL, ONE, SEATS, TWO, Decision, Model
from tests.access.state import (
    BARRED,
    CHECKS,
    IN_AN_EMERGENCY,
    LEADERS,
    LEAVERS,
    NAMED,
    ON,
    PARTNERS,
    PAST,
    SCOPES,
    Check,
    World,
    check_pdf,
    through_sql,
)
from tests.factories.cast import Cast
from tests.factories.owner import as_owner

# --- The machine -----------------------------------------------------------------------------------------------------


class Sharing(RuleBasedStateMachine):
    """Each rule does one thing through the services and says to the model what it means."""

    world: ClassVar[World]
    checks: ClassVar[tuple[Check, ...]] = CHECKS
    checks_each_step: ClassVar[int] = 2

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.cast = self.world.cast
        self.coordinator = self.cast["coordinator"]
        self.turn = 0
        self.run = transaction.atomic()
        self.run.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.run.__exit__(None, None, None)

    def record(self, case: str) -> int:
        return self.world.records[case]

    # --- Sharing with agencies

    @rule(case=ON, agency=PARTNERS, scope=SCOPES, ends=st.booleans())
    def share_with_an_agency(self, case: str, agency: str, scope: int, ends: bool) -> None:
        given: dict[str, Any] = {
            "record_id": self.record(case),
            "agency": self.cast.agencies[agency],
            "scope": Scope(scope),
            "purpose": "Checks",
            "lawful_basis": LawfulBasis.PUBLIC_TASK,
            "necessity": "They hold records",
            "told": True,
            "by": self.coordinator,
            "at": clock.now(),
            "ends_on": clock.today() + dt.timedelta(days=3) if ends else None,
        }
        with acting_as(self.coordinator):
            if case in self.model.restricted:
                with pytest.raises(RuleBroken):
                    disclose(**given)
                return
            disclose(**given)
        self.model.disclose(Decision(case, agency, scope, ends))

    @rule(case=ON, agency=st.one_of(PARTNERS, st.just("social_care")))
    def withdraw_from_an_agency(self, case: str, agency: str) -> None:
        with acting_as(self.coordinator):
            withdraw(
                record_id=self.record(case),
                agency=self.cast.agencies[agency],
                reason="x",
                by=self.coordinator,
                at=clock.now(),
            )
        self.model.withdraw(case, agency)

    @rule()
    def everything_with_an_end_comes_to_it(self) -> None:
        with as_owner():
            Disclosure.objects.filter(withdrawn_at=None, ends_on__isnull=False).update(
                ends_on=clock.today() - dt.timedelta(days=1)
            )
            SetAside.objects.filter(until__isnull=False).update(until=PAST)
            Holding.objects.filter(until_at__isnull=False).update(until_at=PAST)
            Grant.objects.filter(until__isnull=False).exclude(kind=Kind.CHILD).update(until=PAST)
        self.model.expire()

    @rule()
    def what_has_ended_is_cleared_away(self) -> None:
        with acting_as(self.cast["system"]):
            end_expired_sharing(by=self.cast["system"], at=clock.now())
        self.model.sweep()

    # --- People

    @rule(case=ON, person=NAMED, scope=SCOPES)
    def name_somebody(self, case: str, person: str, scope: int) -> None:
        model, principal = self.model, f"seat {person}"
        refused = model.barred(person, case) or (
            case in model.restricted
            and not any(principal in model.grants[at] for at in model.around(case) if at in CASES)
        )
        with acting_as(self.coordinator):
            given: dict[str, Any] = {"record_id": self.record(case), "scope": Scope(scope), "by": self.coordinator}
            if refused:
                with pytest.raises(RuleBroken):
                    name_person(membership=self.cast.memberships[person], **given)
                return
            name_person(membership=self.cast.memberships[person], **given)
        model.name(case, person, scope)

    @rule(case=ON, person=NAMED)
    def take_a_name_off(self, case: str, person: str) -> None:
        with acting_as(self.coordinator):
            unname_person(record_id=self.record(case), membership=self.cast.memberships[person], by=self.coordinator)
        self.model.unname(case, person)

    @rule(case=ON, to=LEADERS)
    def hand_over(self, case: str, to: str) -> None:
        model = self.model
        own = model.grants[case].get(f"seat {to}")
        refused = (
            to in model.gone
            or to == model.lead[case]
            or model.barred(to, case)
            or (case in model.restricted and (own is None or own.scope < FULL))
        )
        with acting_as(self.coordinator):
            found = Case.objects.get(pk=self.record(case))
            given: dict[str, Any] = {"case": found, "to": self.cast.memberships[to], "reason": "She moved"}
            if refused:
                with pytest.raises(RuleBroken):
                    hand_over(by=self.coordinator, at=clock.now(), **given)
                return
            hand_over(by=self.coordinator, at=clock.now(), **given)
        model.hand_over(case, to)

    @rule(person=LEAVERS, whole=st.booleans())
    def leave(self, person: str, whole: bool) -> None:
        """The account is closed, or the role ends."""
        seat = self.cast.memberships[person]
        with as_owner():
            if whole:
                User.objects.filter(pk=seat.user_id).update(is_active=False)
            else:
                Membership.objects.filter(pk=seat.pk).update(until_on=clock.today() - dt.timedelta(days=1))
        self.model.gone.add(person)

    @precondition(lambda self: bool(self.model.gone))
    @rule()
    def come_back(self) -> None:
        people = [self.cast.memberships[person] for person in self.model.gone]
        with as_owner():
            User.objects.filter(pk__in=[seat.user_id for seat in people]).update(is_active=True)
            Membership.objects.filter(pk__in=[seat.pk for seat in people]).update(until_on=None)
        self.model.gone.clear()

    @rule(chairs=st.booleans())
    def chair_a_panel_or_not(self, chairs: bool) -> None:
        with as_owner():
            Holding.objects.filter(
                membership=self.cast.memberships["chair"], principal=self.cast.panels["pre_mace"].principal
            ).update(until_on=None if chairs else clock.today() - dt.timedelta(days=1))
        self.model.chairs = chairs

    # --- Restrictions, bars, emergencies

    @rule(case=ON, people=st.dictionaries(NAMED, SCOPES, max_size=2))
    def restrict(self, case: str, people: dict[str, int]) -> None:
        everybody = {person: scope for person, scope in people.items() if not self.model.barred(person, case)}
        everybody |= {"coordinator": FULL}
        with acting_as(self.coordinator):
            restrict(
                record_id=self.record(case),
                people={self.cast.memberships[person]: Scope(scope) for person, scope in everybody.items()},
                reason="An operation",
                by=self.coordinator,
            )
        self.model.restrict(case, everybody)

    @rule(case=ON)
    def lift_a_restriction(self, case: str) -> None:
        with acting_as(self.coordinator):
            lift_restriction(record_id=self.record(case), reason="Over", by=self.coordinator)
        self.model.lift(case)

    @rule(case=ON, person=BARRED)
    def bar(self, case: str, person: str) -> None:
        user = self.cast.memberships[person].user
        with acting_as(self.coordinator):
            given: dict[str, Any] = {"record_id": self.record(case), "user": user, "reason": "An aunt"}
            if self.model.barred(person, case):
                with pytest.raises(RuleBroken):
                    bar_person(by=self.coordinator, at=clock.now(), **given)
                return
            bar_person(by=self.coordinator, at=clock.now(), **given)
        self.model.bars.add((case, person))

    @precondition(lambda self: bool(self.model.bars))
    @rule(data=st.data())
    def lift_a_bar(self, data: st.DataObject) -> None:
        case, person = data.draw(st.sampled_from(sorted(self.model.bars)))
        with acting_as(self.coordinator):
            bar = Bar.objects.get(record_id=self.record(case), user=self.cast.memberships[person].user, lifted_at=None)
            lift_bar(bar=bar, reason="No aunt", by=self.coordinator, at=clock.now())
        self.model.bars.remove((case, person))

    @rule(case=ON, person=IN_AN_EMERGENCY)
    def open_in_an_emergency(self, case: str, person: str) -> None:
        model, seat = self.model, self.cast[person]
        if person in model.gone:
            return
        identity = self.world.cases[case].child.identity
        key, reference = name_key(identity.forename, identity.surname), emergency_reference()
        with acting_as(seat):
            found = call(
                "select referrals_begin_emergency(%s, %s, %s, 'She is missing tonight', %s, %s)",
                [key, identity.date_of_birth, reference, clock.now(), clock.today() + dt.timedelta(days=2)],
            )
        if case in model.restricted or model.barred(person, case):
            assert found is None
            return
        assert found == self.record(case)
        model.begin_emergency(case, person, f"emergency {reference}")

    @precondition(lambda self: bool(self.model.emergencies))
    @rule(data=st.data())
    def an_emergency_ends(self, data: st.DataObject) -> None:
        principal = data.draw(st.sampled_from(sorted(self.model.emergencies)))
        with as_owner():
            number = EmergencyAccess.objects.get(reference=principal.removeprefix("emergency ")).principal
            Holding.objects.filter(principal=number).update(until_at=PAST)
        del self.model.emergencies[principal]

    # --- One child

    @precondition(lambda self: not self.model.merged)
    @rule()
    def say_that_two_records_are_one_child(self) -> None:
        gone, kept = (self.world.cases[case].child for case in (TWO, ONE))
        with acting_as(self.coordinator):
            given: dict[str, Any] = {"gone": gone, "kept": kept, "reason": "One birth", "by": self.coordinator}
            if self.model.restricted:
                with pytest.raises(RuleBroken):
                    merge_children(at=clock.now(), **given)
                return
            merge_children(at=clock.now(), **given)
        self.model.merged = True

    @precondition(lambda self: self.model.merged)
    @rule()
    def say_that_they_are_two(self) -> None:
        with acting_as(self.coordinator):
            merge = ChildMerge.objects.get(undone_at=None)
            if self.model.restricted:
                with pytest.raises(RuleBroken):
                    undo_merge(merge=merge, reason="Cousins", by=self.coordinator, at=clock.now())
                return
            undo_merge(merge=merge, reason="Cousins", by=self.coordinator, at=clock.now())
        self.model.merged = False

    # --- Told exactly that

    @initialize(turn=st.integers(min_value=0, max_value=10_000))
    def begin_somewhere(self, turn: int) -> None:
        self.turn = turn

    @invariant()
    def every_seat_reads_what_the_model_says(self) -> None:
        for name in SEATS:
            told = {entry for entry in through_sql(self.world, name) if entry[0] != "of somebody else"}
            assert told == self.model.sees(name), name

    @invariant()
    def a_few_are_told_the_same_in_other_ways(self) -> None:
        """The next of the other ways, for the next seats and cases, round and round from where the run began."""
        for _ in range(self.checks_each_step):
            self.turn += 1
            check = self.checks[self.turn % len(self.checks)]
            name, case = SEATS[self.turn * 5 % len(SEATS)], CASES[self.turn // 2 % 2]
            if name not in self.model.gone:
                check(self.world, self.model, name, case)


def settled(examples: int, *, random: bool = False) -> settings:
    """So many runs of twenty steps; the same ones each time unless ``random``. A failure says how to see it again."""
    return settings(
        max_examples=examples,
        stateful_step_count=20,
        deadline=None,
        derandomize=not random,
        database=None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )


def run(cast: Cast, given: settings, *, number: int | None = None, **changes: Any) -> None:
    """Run the machine on a world of its own; ``number`` fixes what is drawn."""
    machine = type("Machine", (Sharing,), {"world": World(cast), **changes})
    run_state_machine_as_test(machine if number is None else seed(number)(machine), settings=given)


@pytest.mark.parametrize("part", [1, pytest.param(2, marks=pytest.mark.deep)])
def test_whatever_is_done_every_seat_is_told_what_the_model_says(cast: Cast, part: int) -> None:
    run(cast, settled(30), number=part)


@pytest.mark.deep
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", [1, 2])
def test_the_same_a_thousand_times_with_documents(cast: Cast, part: int) -> None:
    run(cast, settled(500, random=True), checks=(*CHECKS, check_pdf), checks_each_step=6)


OPENED = {
    "case_granted_see": "referrals_case",
    "casesummary_granted_see": "referrals_casesummary",
    "concern_full_see": "referrals_concern",
    "minute_shared_see": "panels_minute",
}


@pytest.mark.parametrize("policy", OPENED)
def test_an_open_policy_would_be_noticed_at_once(cast: Cast, policy: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f'alter policy "{policy}" on "{OPENED[policy]}" using (true)')
    with pytest.raises(AssertionError):
        run(cast, settings(settled(1), stateful_step_count=1, phases=[Phase.generate]), number=1)


@pytest.mark.deep
@pytest.mark.parametrize(
    ("table", "column", "condition"),
    [
        ("access_grant", "grant_mine_see", "and {table}.record_id <> all ((select mace_barred())::bigint[])"),
        ("access_grant", "grant_mine_see", "and ({table}.until is null or {table}.until > now())"),
    ],
)
def test_a_condition_taken_away_would_be_noticed(cast: Cast, table: str, column: str, condition: str) -> None:
    assert condition in IN_FORCE
    without = IN_FORCE.replace(condition, "").replace("{table}", f'"{table}"')
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f'alter policy "{column}" on "{table}" using ({without})')
    with pytest.raises(AssertionError):
        run(cast, settings(settled(50), phases=[Phase.generate]), number=1)
