"""Giving, handing on, reporting, extending and ending actions: what changes, and who may not."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from mace.access.models import Disclosure, NamedPerson, Scope
from mace.access.services import grants_on, share, withdraw
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.core.together import Together
from mace.notifications.models import Message
from panels.enums import ActionStatus
from panels.models import Action, ActionUpdate, Meeting
from panels.selectors.actions import (
    ACTION_PARTS,
    action_parts,
    open_actions_for,
    overdue_words,
    with_history,
    written_by_agency,
)
from panels.services.actions import assign_action, close_action, create_action, extend_action, report_on_action
from panels.services.planning import plan_meeting
from referrals.models import Case, CaseSummary, ChildIdentity
from tests.factories.cast import Cast
from tests.panels.given import CHILD, NOW, TODAY, a_case, an_action


def told(cast: Cast) -> list[tuple[str, str]]:
    """Who was told what of actions, by the system's own view of all messages."""
    with acting_as(cast["system"]):
        rows = Message.objects.filter(dedupe_key__startswith="action:").order_by(
            "created_at", "subject", "recipient__user__name"
        )
        return [(row.recipient.user.name, row.subject) for row in rows.select_related("recipient__user")]


# --- Giving ----------------------------------------------------------------------------------------------------------


def test_due_date_is_28_days_without_a_meeting(cast: Cast) -> None:
    assert an_action(cast).due_on == TODAY + dt.timedelta(days=28)


def test_due_date_is_the_panels_next_meeting_when_sooner(cast: Cast) -> None:
    case = a_case(cast)
    with acting_as(cast["coordinator"]):
        for panel, day in (("pre_mace", 18), ("operational", 10)):
            plan_meeting(
                panel=cast.panels[panel],
                starts_at=dt.datetime(2026, 3, day, 14, tzinfo=dt.UTC),
                place="",
                at=NOW,
                by=cast["coordinator"],
            )
        assert Meeting.objects.count() == 2
    assert an_action(cast, case).due_on == dt.date(2026, 3, 18)
    assert an_action(cast, case, due_on=dt.date(2026, 6, 1)).due_on == dt.date(2026, 6, 1)


def test_agency_without_a_grant_gets_identity_and_nothing_more(cast: Cast) -> None:
    case = a_case(cast)
    with acting_as(cast["police_lead"]):
        assert not Case.objects.exists()
    action = an_action(cast, case)
    with acting_as(cast["coordinator"]):
        decision = Disclosure.objects.get(record_id=case.pk, agency=cast.agencies["police"])
        assert (decision.scope, decision.purpose, decision.lawful_basis, decision.told) == (
            Scope.IDENTITY,
            "To carry out an action given by the panel",
            "public_task",
            True,
        )
        assert decision.necessity
    with acting_as(cast["police_lead"]):
        assert Case.objects.get() == case
        assert ChildIdentity.objects.get().full_name == CHILD
        assert not CaseSummary.objects.exists()
        assert list(Action.objects.all()) == [action]


def test_wider_sharing_in_force_is_left_as_it_is(cast: Cast) -> None:
    case = a_case(cast)
    an_action(cast, case, agency="social_care", owner="practitioner")
    with acting_as(cast["coordinator"]):
        assert Disclosure.objects.filter(record_id=case.pk).count() == 1
        grants = grants_on(case.pk)
        assert grants[cast["practitioner"].principal] == Scope.FULL
        assert grants[cast.agencies["social_care"].principal] == Scope.FULL


def test_named_owner_sees_the_action_and_whom_it_concerns(cast: Cast) -> None:
    case = a_case(cast)
    action = an_action(cast, case, owner="police_member")
    with acting_as(cast["police_member"]):
        assert list(Action.objects.all()) == [action]
        assert ChildIdentity.objects.get().full_name == CHILD
        assert not CaseSummary.objects.exists()
        assert NamedPerson.objects.get().user_id == cast["police_member"].user_id
    assert told(cast) == [("Police Member", f"New action {action.reference}")]


def test_without_a_named_owner_the_agencys_lead_is_told(cast: Cast) -> None:
    action = an_action(cast)
    assert told(cast) == [("Police Lead", f"New action {action.reference}")]


def test_agency_sees_its_own_actions_only(cast: Cast) -> None:
    case = a_case(cast)
    mine, other = an_action(cast, case), an_action(cast, case, agency="health")
    with acting_as(cast["police_lead"]):
        assert list(Action.objects.all()) == [mine]
    with acting_as(cast["health_lead"]):
        assert list(Action.objects.all()) == [other]
    with acting_as(cast["practitioner"]):
        assert set(Action.objects.all()) == {mine, other}
    with acting_as(cast["police_lead"]):
        close_action(action=mine, status="done", note="", by=cast["police_lead"], at=NOW)
    with acting_as(cast["practitioner"]):
        found = Together(action_parts).read(*ACTION_PARTS, record=case.pk)
        assert with_history(found)[0] == [other, mine]  # open ones first
    for name in (
        "police_member",
        "education_lead",
        "stranger_police",
        "stranger_coordinator",
        "other_practitioner",
        "board",
    ):
        with acting_as(cast[name]):
            assert not Action.objects.exists(), name


def test_form_sent_twice_makes_one_action(cast: Cast) -> None:
    case = a_case(cast)
    first = an_action(cast, case, operation="one")
    assert an_action(cast, case, operation="one") == first
    assert an_action(cast, case) != an_action(cast, case)
    with acting_as(cast["coordinator"]):
        assert Action.objects.count() == 3
        with pytest.raises(IntegrityError), transaction.atomic():
            Action.objects.filter(operation="").update(operation="one")


@pytest.mark.parametrize("name", ["practitioner", "police_lead", "manager", "board", "admin"])
def test_only_coordinator_and_chair_give_actions(cast: Cast, name: str) -> None:
    case = a_case(cast)
    with acting_as(cast[name]), pytest.raises(NotAllowed):
        create_action(
            record_id=case.pk,
            item=None,
            strand="victim",
            text="Do",
            measure="",
            owner_agency=cast.agencies["police"],
            owner=None,
            due_on=None,
            by=cast[name],
            at=NOW,
        )


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"text": "  "}, "text"),
        ({"due_on": dt.date(2026, 3, 1)}, "due_on"),
        ({"agency": "other_police"}, "owner_agency"),
        ({"agency": "voluntary"}, "owner"),  # it has no lead
        ({"owner": "health_lead"}, "owner"),
        ({"owner": "stranger_police"}, "owner"),
    ],
)
def test_what_an_action_needs(cast: Cast, more: dict[str, object], field: str) -> None:
    with pytest.raises(RuleBroken) as broken:
        an_action(cast, **more)  # type: ignore[arg-type]
    assert broken.value.field == field


# --- Handing on ------------------------------------------------------------------------------------------------------


def test_lead_gives_the_action_to_a_colleague_who_then_sees_it(cast: Cast) -> None:
    action = an_action(cast)
    with acting_as(cast["police_member"]):
        assert not Action.objects.exists()
    with acting_as(cast["police_lead"]):
        assign_action(action=action, to=cast.memberships["police_member"], by=cast["police_lead"], at=NOW)
    with acting_as(cast["police_member"]):
        assert open_actions_for(cast["police_member"], TODAY) == [action]
        assert [row.text for row in ActionUpdate.objects.all()] == ["Given to Police Member."]
    assert ("Police Member", f"Action {action.reference} is now yours") in told(cast)


def test_colleague_who_had_it_before_sees_it_no_more(cast: Cast) -> None:
    action = an_action(cast, owner="police_member")
    with acting_as(cast["police_lead"]):
        assign_action(action=action, to=cast.memberships["police_lead"], by=cast["police_lead"], at=NOW)
    with acting_as(cast["police_member"]):
        assert not Action.objects.exists()
        assert not ChildIdentity.objects.exists()


def test_colleague_with_another_action_there_stays_named(cast: Cast) -> None:
    case = a_case(cast)
    action, other = an_action(cast, case, owner="police_member"), an_action(cast, case, owner="police_member")
    with acting_as(cast["police_lead"]):
        assign_action(action=action, to=cast.memberships["police_lead"], by=cast["police_lead"], at=NOW)
    with acting_as(cast["police_member"]):
        assert list(Action.objects.all()) == [other]


def test_handing_on_never_narrows_what_a_colleague_sees(cast: Cast) -> None:
    case = a_case(cast)
    action = an_action(cast, case, agency="social_care", owner="social_care_lead")
    with acting_as(cast["coordinator"]):
        assign_action(action=action, to=cast.memberships["practitioner"], by=cast["coordinator"], at=NOW)
        assert grants_on(case.pk)[cast["practitioner"].principal] == Scope.FULL


@pytest.mark.parametrize("to", ["health_lead", "practitioner", "stranger_police"])
def test_action_goes_to_people_of_the_owner_agency_only(cast: Cast, to: str) -> None:
    action = an_action(cast)
    with acting_as(cast["police_lead"]), pytest.raises(RuleBroken):
        assign_action(action=action, to=cast.memberships[to], by=cast["police_lead"], at=NOW)


@pytest.mark.parametrize("name", ["practitioner", "police_member", "health_lead", "manager", "stranger_coordinator"])
def test_others_may_not_hand_it_on(cast: Cast, name: str) -> None:
    action = an_action(cast)
    with acting_as(cast[name]), pytest.raises(NotAllowed):
        assign_action(action=action, to=cast.memberships["police_member"], by=cast[name], at=NOW)


# --- Reporting, ending, more time ------------------------------------------------------------------------------------


def test_updates_are_appended(cast: Cast) -> None:
    action = an_action(cast, owner="police_member")
    with acting_as(cast["police_member"]):
        for text, operation in (("Visited", "a"), ("Visited", "a"), ("Seen", "b"), ("Seen", "")):
            report_on_action(action=action, text=text, operation=operation, by=cast["police_member"], at=NOW)
        assert [row.text for row in ActionUpdate.objects.filter(action=action)] == ["Visited", "Seen", "Seen"]
        with pytest.raises(ProgrammingError, match="permission denied"):
            ActionUpdate.objects.filter(action=action).update(text="Nothing")


@pytest.mark.parametrize("name", ["police_lead", "police_member", "coordinator", "chair"])
def test_owner_lead_coordinator_and_chair_may_close(cast: Cast, name: str) -> None:
    action = an_action(cast, owner="police_member")
    with acting_as(cast[name]):
        closed = close_action(action=action, status="done", note="", by=cast[name], at=NOW)
        assert (closed.status, closed.closed_on) == (ActionStatus.DONE, TODAY)
        with pytest.raises(RuleBroken, match="ended on 2 March 2026: done"):
            close_action(action=action, status="done", note="", by=cast[name], at=NOW)


@pytest.mark.parametrize(
    "name",
    ["practitioner", "manager", "health_lead", "education_lead", "stranger_police", "stranger_coordinator", "board"],
)
def test_others_may_neither_report_nor_close(cast: Cast, name: str) -> None:
    action = an_action(cast, owner="police_member")
    with acting_as(cast[name]):
        with pytest.raises(NotAllowed):
            report_on_action(action=action, text="Seen", by=cast[name], at=NOW)
        with pytest.raises(NotAllowed):
            close_action(action=action, status="done", note="", by=cast[name], at=NOW)
    with acting_as(cast["coordinator"]):
        assert Action.objects.get().status == ActionStatus.OPEN
        assert not ActionUpdate.objects.exists()


@pytest.mark.parametrize("status", ["not_possible", "not_acted", "superseded"])
def test_action_that_was_not_done_says_why(cast: Cast, status: str) -> None:
    action = an_action(cast)
    with acting_as(cast["coordinator"]):
        with pytest.raises(RuleBroken) as broken:
            close_action(action=action, status=status, note=" ", by=cast["coordinator"], at=NOW)
        assert broken.value.field == "note"
        close_action(action=action, status=status, note="Moved away", by=cast["coordinator"], at=NOW)
        update = ActionUpdate.objects.get()
        assert update.text == f"{ActionStatus(status).label}. Moved away"


@pytest.mark.parametrize("status", ["not_acted", "superseded"])
def test_agency_does_not_say_these_of_itself(cast: Cast, status: str) -> None:
    action = an_action(cast)
    with acting_as(cast["police_lead"]), pytest.raises(NotAllowed):
        close_action(action=action, status=status, note="We did not", by=cast["police_lead"], at=NOW)


def test_unknown_ending_is_refused(cast: Cast) -> None:
    action = an_action(cast)
    for status in ("open", "", "gone"):
        with acting_as(cast["coordinator"]), pytest.raises(RuleBroken):
            close_action(action=action, status=status, note="x", by=cast["coordinator"], at=NOW)


def test_more_time_is_agreed_by_coordinator_with_a_reason(cast: Cast) -> None:
    action = an_action(cast, due_on=dt.date(2026, 3, 9))
    with acting_as(cast["coordinator"]):
        for due_on, reason, field in (
            (dt.date(2026, 3, 9), "Warrant", "due_on"),
            (dt.date(2026, 3, 20), " ", "reason"),
        ):
            with pytest.raises(RuleBroken) as broken:
                extend_action(action=action, due_on=due_on, reason=reason, by=cast["coordinator"], at=NOW)
            assert broken.value.field == field
        extend_action(action=action, due_on=dt.date(2026, 3, 20), reason="Warrant", by=cast["coordinator"], at=NOW)
        assert Action.objects.get().due_on == dt.date(2026, 3, 20)
        assert ActionUpdate.objects.get().text == "More time agreed: due 20 March 2026 instead of 9 March 2026. Warrant"
    assert ("Police Lead", f"More time agreed for action {action.reference}") in told(cast)
    with acting_as(cast["police_lead"]), pytest.raises(NotAllowed):
        extend_action(action=action, due_on=dt.date(2026, 4, 20), reason="Busy", by=cast["police_lead"], at=NOW)


# --- After the sharing ends ------------------------------------------------------------------------------------------


def test_after_withdrawal_only_what_the_agency_wrote_is_left(cast: Cast) -> None:
    case = a_case(cast)
    action = an_action(cast, case, owner="police_member")
    an_action(cast, case, agency="health")
    with acting_as(cast["police_member"]):
        report_on_action(action=action, text="Visited", by=cast["police_member"], at=NOW)
    with acting_as(cast["coordinator"]):
        report_on_action(action=action, text="Asked again", by=cast["coordinator"], at=NOW)
    with acting_as(cast["police_lead"]):
        assert {row.text for row in ActionUpdate.objects.all()} == {"Visited", "Asked again"}
    with acting_as(cast["coordinator"]):
        withdraw(record_id=case.pk, agency=cast.agencies["police"], reason="Done", by=cast["coordinator"], at=NOW)
    for name in ("police_lead", "police_member"):
        with acting_as(cast[name]):
            assert not Action.objects.exists()
            assert not Case.objects.exists()
            assert not ChildIdentity.objects.exists()
            assert [(row.action_reference, row.text) for row in written_by_agency(cast[name])] == [
                (action.reference, "Visited")
            ]
            assert ActionUpdate.objects.count() == 1
            with pytest.raises(NotAllowed):
                report_on_action(action=action, text="More", by=cast[name], at=NOW)


def test_what_a_coordinator_writes_is_not_their_own_agencys(cast: Cast) -> None:
    case = a_case(cast)
    action = an_action(cast, case)
    with acting_as(cast["coordinator"]):
        report_on_action(action=action, text="Asked again", by=cast["coordinator"], at=NOW)
        withdraw(record_id=case.pk, agency=cast.agencies["social_care"], reason="Moved", by=cast["coordinator"], at=NOW)
    with acting_as(cast["social_care_lead"]):
        assert not ActionUpdate.objects.exists()


# --- Words -----------------------------------------------------------------------------------------------------------


def test_open_actions_are_those_of_the_seats_work(cast: Cast) -> None:
    case = a_case(cast)
    police = an_action(cast, case, owner="police_member")
    social = an_action(cast, case, agency="social_care", owner="practitioner")
    other = an_action(cast, case, agency="social_care", owner="other_practitioner", due_on=dt.date(2026, 3, 5))
    expected = {
        "police_lead": [police],
        "police_member": [police],
        "practitioner": [social],
        "manager": [social],
        "other_practitioner": [other],
        "social_care_lead": [other, social],
        "coordinator": [other, police, social],
        "chair": [other, police, social],
        "health_lead": [],
        "board": [],
        "stranger_coordinator": [],
    }
    for name, actions in expected.items():
        with acting_as(cast[name]):
            assert open_actions_for(cast[name], TODAY) == actions, name


def test_words_say_how_late_and_who_was_told(cast: Cast) -> None:
    case = a_case(cast)
    action = an_action(cast, case, due_on=dt.date(2026, 3, 9))
    with acting_as(cast["coordinator"]):
        share(record_id=case.pk, principal=cast["coordinator"].partnership_principal, scope=Scope.FULL)
        [row] = Action.objects.prefetch_related("chasers")
        assert overdue_words(row, dt.date(2026, 3, 9)) == "due today"
        assert overdue_words(row, dt.date(2026, 3, 18)) == "9 days overdue"
        close_action(action=action, status="done", note="", by=cast["coordinator"], at=NOW)
        [row] = Action.objects.prefetch_related("chasers")
        assert overdue_words(row, dt.date(2026, 3, 18)) == "Done, 2 March"
