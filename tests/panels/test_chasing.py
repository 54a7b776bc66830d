"""The chase: each step once, the right people, no names; nothing lost or doubled when it runs late or twice."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from mace.access.models import Disclosure, Grant, Scope
from mace.access.services import grants_on, restrict
from mace.accounts.models import Holding
from mace.core import clock
from mace.core.clock import london_time
from mace.core.errors import NotAllowed
from mace.core.forms import long_date
from mace.core.seat import acting_as
from mace.notifications.mail import mail_for
from mace.notifications.models import Message
from panels.models import Action, Chaser, ChaseStep
from panels.selectors.actions import action_by_reference, escalated_to, overdue_words
from panels.services.actions import close_action, extend_action, report_on_action
from panels.services.chasing import chase_partnership
from panels.services.sharing import end_expired_sharing
from referrals.models import Case
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.sharing import shared
from tests.panels.given import CHILD, NOW, a_case, an_action

DUE = dt.date(2026, 3, 11)  # a Wednesday


def chase(cast: Cast, on: dt.date, *, seat: str = "system") -> int:
    with acting_as(cast[seat]):
        return chase_partnership(by=cast[seat], at=london_time(on, 7))


def messages(cast: Cast) -> list[tuple[str, str, str]]:
    """(to whom, subject, path) of every chase, in the order sent."""
    with acting_as(cast["system"]):
        rows = Message.objects.filter(dedupe_key__startswith="chase:").select_related("recipient__user")
        return [
            (row.recipient.user.name, row.subject, row.path)
            for row in rows.order_by("created_at", "recipient__user__name")
        ]


def chasers(cast: Cast) -> list[tuple[str, dt.date, str]]:
    with acting_as(cast["coordinator"]):
        return list(Chaser.objects.order_by("pk").values_list("step", "chased_on", "told"))


@pytest.mark.parametrize(
    ("on", "people", "words", "told"),
    [
        (dt.date(2026, 3, 4), ["Practitioner"], "is due in 7 days", "the owner"),
        (dt.date(2026, 3, 11), ["Practitioner"], "is due today", "the owner"),
        (dt.date(2026, 3, 12), ["Manager", "Practitioner"], "is 1 day overdue", "the owner and the team manager"),
        (
            dt.date(2026, 3, 18),
            ["Practitioner", "Social Care Lead"],
            "is 7 days overdue",
            "the owner and the lead of Anytown Children’s Services",
        ),
        (
            dt.date(2026, 3, 25),
            ["Chair", "Practitioner"],
            "is 14 days overdue",
            "the owner and the chairs of Pre-MACE panel",
        ),
        (dt.date(2026, 4, 8), ["Board", "Practitioner"], "is 28 days overdue", "the owner and the strategic board"),
    ],
)
def test_each_step_tells_whom_the_ladder_says(
    cast: Cast, on: dt.date, people: list[str], words: str, told: str
) -> None:
    action = an_action(cast, agency="social_care", owner="practitioner", due_on=DUE)
    assert chase(cast, on) == 1
    assert [(name, subject) for name, subject, _ in messages(cast)] == [
        (name, f"Action {action.reference} {words}") for name in people
    ]
    assert chasers(cast)[-1][1:] == (on, told)


def test_ladder_climbed_day_by_day_takes_each_step_once(cast: Cast) -> None:
    an_action(cast, agency="social_care", owner="practitioner", due_on=DUE)
    for days in range(60):
        for _ in range(2):
            chase(cast, dt.date(2026, 3, 2) + dt.timedelta(days=days))
    assert [(step, on) for step, on, _ in chasers(cast)] == [
        ("week_before", dt.date(2026, 3, 4)),
        ("on_the_day", dt.date(2026, 3, 11)),
        ("day_after", dt.date(2026, 3, 12)),
        ("week_after", dt.date(2026, 3, 18)),
        ("fortnight_after", dt.date(2026, 3, 25)),
        ("four_weeks_after", dt.date(2026, 4, 8)),
    ]
    assert len(messages(cast)) == 1 + 1 + 2 + 2 + 2 + 2


def test_worker_that_slept_sends_the_highest_step_only(cast: Cast) -> None:
    an_action(cast, agency="social_care", owner="practitioner", due_on=DUE)
    assert chase(cast, dt.date(2026, 3, 26)) == 1
    assert chase(cast, dt.date(2026, 3, 26)) == 0
    assert [name for name, _, _ in messages(cast)] == ["Chair", "Practitioner"]
    assert [(step, told) for step, _, told in chasers(cast)] == [
        ("week_before", "passed over"),
        ("on_the_day", "passed over"),
        ("day_after", "passed over"),
        ("week_after", "passed over"),
        ("fortnight_after", "the owner and the chairs of Pre-MACE panel"),
    ]


def test_database_refuses_a_second_chaser(cast: Cast) -> None:
    action = an_action(cast, due_on=DUE)
    chase(cast, DUE)
    with acting_as(cast["coordinator"]):
        [first] = Chaser.objects.filter(step="on_the_day")
        with pytest.raises(IntegrityError), transaction.atomic():
            Chaser.objects.create(
                record_id=action.record_id, action=action, step=first.step, due_on=DUE, chased_on=DUE, told="x"
            )


def test_update_does_not_stop_the_chase_but_completion_does(cast: Cast) -> None:
    case = a_case(cast)
    open_one, done = an_action(cast, case, due_on=DUE), an_action(cast, case, due_on=DUE)
    with acting_as(cast["police_lead"]):
        report_on_action(action=open_one, text="Half done", by=cast["police_lead"], at=NOW)
        close_action(action=done, status="done", note="", by=cast["police_lead"], at=NOW)
    assert chase(cast, DUE) == 1
    assert {subject for _, subject, _ in messages(cast)} == {f"Action {open_one.reference} is due today"}


def test_more_time_begins_the_ladder_anew(cast: Cast) -> None:
    action = an_action(cast, due_on=DUE)
    chase(cast, dt.date(2026, 3, 12))
    with acting_as(cast["coordinator"]):
        extend_action(action=action, due_on=dt.date(2026, 4, 1), reason="Warrant", by=cast["coordinator"], at=NOW)
    assert chase(cast, dt.date(2026, 3, 20)) == 0
    assert chase(cast, dt.date(2026, 3, 25)) == 1
    assert [(step, told) for step, _, told in chasers(cast)] == [
        ("week_before", "passed over"),
        ("on_the_day", "passed over"),
        ("day_after", "the lead of Anytown Police"),
        ("week_before", "the lead of Anytown Police"),
    ]


def test_agency_without_managers_is_chased_with_its_lead(cast: Cast) -> None:
    an_action(cast, owner="police_member", due_on=DUE)
    chase(cast, dt.date(2026, 3, 12))
    assert [name for name, _, _ in messages(cast)] == ["Police Lead", "Police Member"]
    assert chasers(cast)[-1][2] == "the owner and the lead of Anytown Police"


def test_owner_who_left_is_chased_with_the_agencys_lead(cast: Cast) -> None:
    an_action(cast, owner="police_member", due_on=DUE)
    with as_owner():
        cast.memberships["police_member"].until_on = dt.date(2026, 3, 3)
        cast.memberships["police_member"].save()
    chase(cast, DUE)
    assert [name for name, _, _ in messages(cast)] == ["Police Lead"]


def test_panel_without_a_chair_is_chased_with_the_coordinators(cast: Cast) -> None:
    an_action(cast, due_on=DUE)
    with as_owner():
        Holding.objects.filter(principal=cast.panels["pre_mace"].principal).update(until_on=dt.date(2026, 3, 1))
    chase(cast, dt.date(2026, 3, 25))
    assert [name for name, _, _ in messages(cast)] == ["Coordinator", "Police Lead"]
    assert chasers(cast)[-1][2] == "the lead of Anytown Police and the coordinators"


def test_of_a_restricted_case_only_those_named_are_told_and_somebody_always_is(cast: Cast) -> None:
    """Each step that would tell a manager, the leads, chairs or board goes to who runs the case instead."""
    case, coordinator = a_case(cast), cast["coordinator"]
    action = an_action(cast, case, agency="social_care", owner="practitioner", due_on=DUE)
    people = {cast.memberships[name]: Scope.FULL for name in ("practitioner", "chair")}
    with acting_as(coordinator):
        restrict(record_id=case.pk, people=people, reason="A colleague’s family", by=coordinator)
    told: dict[str, list[str]] = {}
    with as_owner():
        steps = dict(ChaseStep.objects.filter(partnership=cast.partnership).values_list("days_after_due", "code"))
    for days in sorted(steps):
        before = messages(cast)
        chase(cast, DUE + dt.timedelta(days=days))
        told[steps[days]] = [name for name, _, _ in messages(cast)[len(before) :]]
    assert len(told) >= 5
    assert {name for names in told.values() for name in names} == {"Practitioner", "Chair"}
    assert [code for code, names in told.items() if not names] == []
    with acting_as(cast["chair"]):
        assert Chaser.objects.filter(action=action).count() == len(steps)


def test_partnership_changes_its_ladder_without_a_developer(cast: Cast) -> None:
    an_action(cast, agency="social_care", owner="practitioner", due_on=DUE)
    with as_owner():
        ChaseStep.objects.filter(partnership=cast.partnership).exclude(code="week_after").delete()
        ChaseStep.objects.filter(code="week_after").update(days_after_due=3, tells_board=True)
    assert chase(cast, dt.date(2026, 3, 13)) == 0
    assert chase(cast, dt.date(2026, 3, 16)) == 1  # the third day is a Saturday
    assert [name for name, _, _ in messages(cast)] == ["Board", "Practitioner", "Social Care Lead"]


def test_each_partnership_chases_its_own(cast: Cast) -> None:
    an_action(cast, due_on=DUE)
    assert chase(cast, DUE, seat="stranger_system") == 0
    with acting_as(cast["police_lead"]), pytest.raises(NotAllowed):
        chase_partnership(by=cast["police_lead"], at=NOW)
    assert messages(cast) == []


def test_messages_and_mails_name_no_child(cast: Cast) -> None:
    action = an_action(cast, agency="social_care", owner="practitioner", due_on=DUE)
    for days in (-7, 0, 1, 7, 14, 28):
        chase(cast, DUE + dt.timedelta(days=days))
    with acting_as(cast["system"]):
        rows = list(Message.objects.select_related("recipient__user"))
        said = "\n".join(
            f"{row.subject}\n{row.text}\n{row.path}\n{mail_for(row).message().as_string()}" for row in rows
        )
    assert len(rows) > 10
    assert action.reference in said
    for word in (*CHILD.split(), action.text, "Invented Road"):
        assert word not in said
    assert {path for name, _, path in messages(cast) if name == "Board"} == {"/actions/"}
    assert {path for name, _, path in messages(cast) if name != "Board"} == {f"/actions/{action.reference}/"}


def test_board_reads_what_was_escalated_and_no_action(cast: Cast) -> None:
    action = an_action(cast, due_on=DUE)
    chase(cast, dt.date(2026, 4, 8))
    with acting_as(cast["board"]):
        assert [row.subject for row in escalated_to(cast["board"])] == [f"Action {action.reference} is 28 days overdue"]
        assert not Action.objects.exists()
        assert not Chaser.objects.exists()


def test_agency_sees_the_chasers_of_its_own_actions_only(cast: Cast) -> None:
    case = a_case(cast)
    mine, other = an_action(cast, case, due_on=DUE), an_action(cast, case, agency="health", due_on=DUE)
    chase(cast, DUE)
    with acting_as(cast["police_lead"]):
        assert {row.action_id for row in Chaser.objects.all()} == {mine.pk}
    with acting_as(cast["coordinator"]):
        assert {row.action_id for row in Chaser.objects.all()} == {mine.pk, other.pk}


def test_words_say_who_was_told(cast: Cast) -> None:
    action = an_action(cast, due_on=DUE)
    chase(cast, dt.date(2026, 3, 18))
    with acting_as(cast["police_lead"]):
        found = action_by_reference(action.reference)
        assert overdue_words(found, dt.date(2026, 3, 20)) == (
            "9 days overdue, the lead of Anytown Police told on 18 March"
        )


def test_many_actions_cost_the_same_look(cast: Cast, django_assert_num_queries: object) -> None:
    case = a_case(cast)
    for count in (1, 25):
        while_open = [an_action(cast, case, due_on=DUE) for _ in range(count)]
        assert while_open
        chase(cast, DUE)
        with acting_as(cast["system"]), django_assert_num_queries(4):  # type: ignore[operator]
            assert (
                chase_partnership(by=cast["system"], at=london_time(DUE, 9)) == 0
            )  # savepoint, ladder, actions, release


def test_command_runs_it_for_every_partnership(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    an_action(cast, due_on=DUE)
    for expected in (1, 0):
        call_command("chase", "--on", "2026-03-11")
        assert capsys.readouterr().out.splitlines() == [
            f"Anytown: reviews made 0, reviews chased 0, actions chased {expected}, sharing ended 0",
            "Elsewhere: reviews made 0, reviews chased 0, actions chased 0, sharing ended 0",
        ]


# --- Sharing until a date --------------------------------------------------------------------------------------------

LAST_DAY = clock.today() + dt.timedelta(days=30)
"""The database ends a grant by its own clock, so the last day lies ahead of today."""
AFTER = LAST_DAY + dt.timedelta(days=1)


def give(cast: Cast, case: Case, scope: Scope, ends_on: dt.date | None) -> None:
    shared(cast, case.pk, "health", scope, at=NOW, ends_on=ends_on)


def end(cast: Cast, on: dt.date) -> int:
    with acting_as(cast["system"]):
        return end_expired_sharing(by=cast["system"], at=london_time(on, 7))


def test_sharing_ends_after_its_last_day(cast: Cast) -> None:
    case = a_case(cast)
    give(cast, case, Scope.SUMMARY, LAST_DAY)
    assert end(cast, LAST_DAY) == 0
    with acting_as(cast["health_lead"]):
        assert Case.objects.exists()
    assert end(cast, AFTER) == 1
    assert end(cast, AFTER) == 0
    with acting_as(cast["health_lead"]):
        assert not Case.objects.exists()
    with acting_as(cast["coordinator"]):
        ended = Disclosure.objects.get(agency=cast.agencies["health"])
        assert (ended.withdrawn_reason, ended.withdrawn_by_id) == (
            f"Made until {long_date(LAST_DAY)}",
            cast["system"].membership_id,
        )


def until_of(case: Case, principal: int) -> dt.datetime | None:
    with as_owner():
        return Grant.objects.values_list("until", flat=True).get(record_id=case.pk, principal=principal)


def test_whoever_is_given_an_action_sees_it_as_long_as_their_agency(cast: Cast) -> None:
    """Not a minute longer; and when the agency is given more time, or time without end, so are they."""
    case, agency, member = a_case(cast), cast.agencies["health"].principal, cast.memberships["health_lead"].principal
    give(cast, case, Scope.IDENTITY, LAST_DAY)
    an_action(cast, case, agency="health", owner="health_lead")
    assert until_of(case, member) == until_of(case, agency) == london_time(AFTER)
    give(cast, case, Scope.SUMMARY, LAST_DAY + dt.timedelta(days=30))
    assert until_of(case, member) == until_of(case, agency) == london_time(AFTER + dt.timedelta(days=30))
    give(cast, case, Scope.SUMMARY, None)
    assert until_of(case, member) is None
    assert until_of(case, agency) is None


def test_another_decision_in_force_keeps_what_it_gave(cast: Cast) -> None:
    case = a_case(cast)
    give(cast, case, Scope.FULL, LAST_DAY)
    give(cast, case, Scope.IDENTITY, None)
    assert end(cast, AFTER) == 1
    with acting_as(cast["coordinator"]):
        assert grants_on(case.pk)[cast.agencies["health"].principal] == Scope.IDENTITY
        assert (
            Disclosure.objects.filter(agency=cast.agencies["health"], withdrawn_at=None).get().scope == Scope.IDENTITY
        )


def test_other_partnerships_sharing_is_left_alone(cast: Cast) -> None:
    give(cast, a_case(cast), Scope.SUMMARY, LAST_DAY)
    with acting_as(cast["stranger_system"]):
        assert end_expired_sharing(by=cast["stranger_system"], at=london_time(LAST_DAY + dt.timedelta(days=300))) == 0
