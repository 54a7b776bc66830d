"""Leaving a case to named people and keeping one person from it, through the pages and everything around them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mace.access.models import Bar, Grant, Record, Scope
from mace.access.services import bar_person, restrict, share
from mace.accounts.models import Role
from mace.core import clock
from mace.core.clock import london_time
from mace.core.errors import RuleBroken
from mace.core.seat import acting_as
from mace.notifications.models import Message
from panels.chasing_tasks import chase_actions_of, make_reviews_of
from panels.enums import ItemKind
from panels.models import AgendaItem
from panels.services.actions import assign_action, create_action
from panels.services.meetings import add_case_item, invite_agency, publish_agenda
from referrals.models import Case, Child, Referral, Review
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.panels import PLANNED, item_of, planned_meeting
from tests.factories.referrals import MONDAY, another_child, open_case, submitted_referral
from tests.factories.sharing import shared
from tests.volt.test_records import place
from volt.models import PersonOfConcern
from volt.services import record_person

NAME = "Tamika Brightwater"


def url(view: str, case: Case) -> str:
    return reverse(f"casework:{view}", args=[case.reference])


def answers(cast: Cast, *named: str, scope: Scope = Scope.FULL, **more: str) -> dict[str, str]:
    """What the form is sent with: those named, each at a scope, and why."""
    seats = {f"seat_{cast.memberships[name].reference}": str(scope.value) for name in named}
    return seats | {"reason": "The child of a colleague"} | more


def restricted(cast: Cast, case: Case, *named: str) -> None:
    by = cast["coordinator"]
    with acting_as(by):
        restrict(
            record_id=case.pk,
            people={cast.memberships[name]: Scope.FULL for name in named},
            reason="The child of a colleague",
            by=by,
        )


def holds(cast: Cast, name: str, record_id: int) -> bool:
    with acting_as(cast[name]):
        return Grant.objects.filter(record_id=record_id).exists()


# --- The page --------------------------------------------------------------------------------------------------------


def test_page_says_who_loses_the_case_before_anything_happens(cast: Cast) -> None:
    case = open_case(cast)
    shared(cast, case.pk, scope=Scope.FULL)
    client = cast.client("coordinator")
    assert "Restrict this case to named people" in client.get(url("case_restrict", case)).content.decode()
    checks = client.post(url("case_restrict", case), answers(cast, "coordinator", "practitioner")).content.decode()
    for words in ("Check who loses this case", "Lead of Anytown Police", "Police Lead", "Manager of Adolescent team"):
        assert words in checks, words
    assert "Coordinators" not in checks  # the only one is named
    assert holds(cast, "police_lead", case.pk)
    with as_owner():
        assert not Record.objects.filter(restricted=True).exists()


def test_confirmed_it_leaves_the_case_to_those_named_and_says_so_to_them(cast: Cast) -> None:
    case = open_case(cast)
    shared(cast, case.pk, scope=Scope.FULL)
    police = cast.client("police_lead")
    assert police.get(url("case", case)).status_code == 200
    client = cast.client("coordinator")
    sent = answers(cast, "coordinator", "practitioner", confirmed="yes")
    assert client.post(url("case_restrict", case), sent).status_code == 302
    for name, status in (("coordinator", 200), ("practitioner", 200), ("manager", 404), ("social_care_lead", 404)):
        assert cast.client(name).get(url("case", case)).status_code == status, name
    assert police.get(url("case", case)).status_code == 404
    for page in ("case", "case_sharing"):
        assert "Only the people named on it can see this case" in client.get(url(page, case)).content.decode()


@pytest.mark.parametrize(
    ("named", "more", "message"),
    [
        (("practitioner",), {}, "Name at least one coordinator or chair"),
        (("coordinator",), {"reason": ""}, "Say why the case is restricted"),
    ],
)
def test_it_is_refused_without_a_reason_or_somebody_to_run_it(
    cast: Cast, named: tuple[str, ...], more: dict[str, str], message: str
) -> None:
    case = open_case(cast)
    answer = cast.client("coordinator").post(url("case_restrict", case), answers(cast, *named, confirmed="yes") | more)
    assert (answer.status_code, message in answer.content.decode()) == (422, True)
    assert holds(cast, "manager", case.pk)


def test_the_same_page_changes_the_list_and_lifting_gives_back_what_was_before(cast: Cast) -> None:
    case = open_case(cast)
    shared(cast, case.pk)
    client = cast.client("coordinator")
    client.post(url("case_restrict", case), answers(cast, "coordinator", "health_lead", confirmed="yes"))
    assert holds(cast, "health_lead", case.pk)
    client.post(url("case_restrict", case), answers(cast, "coordinator", "police_member", confirmed="yes"))
    assert [holds(cast, name, case.pk) for name in ("health_lead", "police_member", "practitioner")] == [
        False,
        True,
        False,
    ]
    lifted = client.post(url("case_restrict", case), {"lift": "yes", "lift-reason": "It is over"})
    assert lifted.status_code == 302
    # whoever was only on the list has nothing from before; who stands on it still is named until taken off
    assert [
        holds(cast, name, case.pk)
        for name in ("health_lead", "police_member", "practitioner", "manager", "police_lead")
    ] == [False, True, True, True, True]
    with acting_as(cast["police_lead"]):
        assert Grant.objects.get(record_id=case.pk).scope == Scope.SUMMARY
    off = {"off": cast.memberships["police_member"].reference, "off-reason": "Done"}
    assert client.post(url("case_name", case), off).status_code == 302
    assert not holds(cast, "police_member", case.pk)


def test_lifting_asks_why(cast: Cast) -> None:
    case = open_case(cast)
    restricted(cast, case, "coordinator")
    answer = cast.client("coordinator").post(url("case_restrict", case), {"lift": "yes", "lift-reason": ""})
    assert answer.status_code == 422
    assert not holds(cast, "practitioner", case.pk)


def test_who_left_themselves_off_the_list_is_led_away_from_the_case(cast: Cast) -> None:
    case = open_case(cast)
    client = cast.client("coordinator")
    with acting_as(cast["coordinator"]):
        share(record_id=case.pk, principal=cast.panels["pre_mace"].principal, scope=Scope.FULL)
    answer = client.post(url("case_restrict", case), answers(cast, "chair", confirmed="yes"))
    assert (answer.status_code, answer["Location"]) == (302, "/cases/")
    assert client.get(url("case", case)).status_code == 404
    assert cast.client("chair").get(url("case", case)).status_code == 200


def test_number_of_statements_does_not_grow_with_the_people(cast: Cast) -> None:
    case = open_case(cast)
    client = cast.client("coordinator")

    def statements(page: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url(page, case)).status_code == 200
        return len(queries)

    pages = ("case_restrict", "case_bars", "case_name", "case_sharing")
    before = [min(statements(page) for _ in range(2)) for page in pages]
    assert max(before) <= 14
    with as_owner():
        for number in range(25):
            cast.join(f"member_{number}", cast.agencies["police"], Role.AGENCY_MEMBER)
    assert [min(statements(page) for _ in range(2)) for page in pages] == before


# --- What goes on around it ------------------------------------------------------------------------------------------


def test_sharing_and_inviting_are_refused_on_the_form(cast: Cast) -> None:
    case = open_case(cast)
    meeting = planned_meeting(cast, case)
    item = item_of(cast, meeting, case)
    restricted(cast, case, "coordinator")
    client = cast.client("coordinator")
    why = {
        "scope": "2",
        "purpose": "Checks",
        "lawful_basis": "public_task",
        "necessity": "They know",
        "told": "yes",
        "confirmed": "yes",
    }
    police = str(cast.agencies["police"].pk)
    for path, chosen in (
        (url("case_share", case), {"agency": police}),
        (reverse("panels:item_invite", args=[item.reference]), {"agencies": [police]}),
    ):
        answer = client.post(path, why | chosen)
        assert answer.status_code == 422
        assert "This case is restricted. Name the people who may see it" in answer.content.decode()
    with acting_as(cast["coordinator"]), pytest.raises(RuleBroken, match="This case is restricted"):
        invite_agency(
            item=item,
            agency=cast.agencies["police"],
            scope=Scope.SUMMARY,
            purpose="Checks",
            lawful_basis="public_task",
            necessity="They know",
            told=True,
            told_reason="",
            by=cast["coordinator"],
            at=PLANNED,
        )


def test_unnamed_chair_meets_neither_the_item_nor_a_gap(cast: Cast) -> None:
    """Three items, the second restricted: what the chair is shown is what it would be if there were two."""
    cases = [open_case(cast), *(open_case(cast, child=another_child(number)) for number in (1, 2))]
    meeting = planned_meeting(cast, cases[1])
    with acting_as(cast["coordinator"]):
        for case in (cases[0], cases[2]):
            add_case_item(
                meeting=meeting, case=case, kind=ItemKind.NEW, minutes_allowed=10, by=cast["coordinator"], at=PLANNED
            )
    hidden = cases[0]
    restricted(cast, hidden, "coordinator", "practitioner")
    with acting_as(cast["coordinator"]):
        publish_agenda(meeting=meeting, by=cast["coordinator"], at=PLANNED)
        assert AgendaItem.objects.filter(meeting=meeting).count() == 3
        reference = AgendaItem.objects.get(meeting=meeting, subject_id=hidden.pk).reference
    for name in ("chair", "manager"):
        with acting_as(cast[name]):
            assert AgendaItem.objects.filter(meeting=meeting).count() == 2, name
    chair = cast.client("chair")
    for page in ("meeting", "agenda", "run", "agenda_publish", "minutes"):
        answer = chair.get(reverse(f"panels:{page}", args=[meeting.reference]), follow=True)
        assert answer.status_code == 200, page
        body = answer.content.decode()
        for words in (hidden.reference, reference, NAME, "Item 3", "3 items", "30 of", "30 minutes"):
            assert words not in body, (page, words)
    run = chair.get(reverse("panels:run", args=[meeting.reference])).content.decode()
    assert cases[1].reference in run
    assert cases[2].reference in run
    with acting_as(cast["system"]):
        told = Message.objects.filter(recipient=cast.memberships["chair"]).values_list("text", flat=True)
        assert [text for text in told if "3" in text] == []
    with acting_as(cast["coordinator"]):
        ours = cast.client("coordinator").get(reverse("panels:meeting", args=[meeting.reference])).content.decode()
    assert NAME in ours


def test_chasing_and_making_reviews_go_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = open_case(cast)
    restricted(cast, case, "coordinator", "practitioner")
    with acting_as(cast["coordinator"]):
        create_action(
            record_id=case.pk,
            item=None,
            strand="victim",
            text="See her",
            measure="",
            owner_agency=cast.agencies["social_care"],
            owner=cast.memberships["practitioner"],
            due_on=dt.date(2026, 3, 11),
            by=cast["coordinator"],
            at=MONDAY,
        )
    monkeypatch.setattr(clock, "now", lambda: london_time(dt.date(2026, 5, 25), 7))
    chase_actions_of(partnership_id=cast.partnership.pk)
    make_reviews_of(partnership_id=cast.partnership.pk)
    with acting_as(cast["coordinator"]):
        assert Review.objects.filter(case=case).count() == 1
    with acting_as(cast["system"]):
        subjects = set(
            Message.objects.filter(recipient=cast.memberships["practitioner"]).values_list("subject", flat=True)
        )
    assert any("overdue" in subject for subject in subjects)


def test_action_goes_to_a_person_named_on_it_only(cast: Cast) -> None:
    case = open_case(cast)
    restricted(cast, case, "coordinator", "police_lead")
    given = {
        "record_id": case.pk,
        "item": None,
        "strand": "victim",
        "text": "See her",
        "measure": "",
        "owner_agency": cast.agencies["police"],
        "due_on": None,
        "by": cast["coordinator"],
        "at": MONDAY,
    }
    with acting_as(cast["coordinator"]):
        for owner in (None, cast.memberships["police_member"]):
            with pytest.raises(RuleBroken, match="Choose a person who is named on it"):
                create_action(**given, owner=owner)
        action = create_action(**given, owner=cast.memberships["police_lead"])
    with acting_as(cast["police_lead"]), pytest.raises(RuleBroken, match="It is restricted"):
        assign_action(action=action, to=cast.memberships["police_member"], by=cast["police_lead"], at=MONDAY)
    assert not holds(cast, "police_member", case.pk)


def test_unnamed_practitioner_refers_the_child_anew_without_learning_anything(cast: Cast) -> None:
    case = open_case(cast)
    restricted(cast, case, "coordinator", "practitioner")
    referral = submitted_referral(cast, by="other_practitioner")
    with acting_as(cast["other_practitioner"]):
        again = Referral.objects.get(pk=referral.pk)
        assert again.child_id not in (None, case.child_id)
        assert Child.objects.count() == 1
    assert not holds(cast, "other_practitioner", case.pk)


# --- Bars ------------------------------------------------------------------------------------------------------------


def barred(cast: Cast, case: Case, name: str, *, by: str = "coordinator") -> None:
    with acting_as(cast[by]):
        bar_person(record_id=case.pk, user=cast.memberships[name].user, reason="An aunt", by=cast[by], at=MONDAY)


def test_bar_is_set_and_lifted_through_the_page_and_nobody_is_told(cast: Cast) -> None:
    case = open_case(cast)
    client = cast.client("coordinator")
    practitioner = cast.memberships["practitioner"]
    assert cast.client("practitioner").get(url("case", case)).status_code == 200
    with as_owner():
        messages = Message.objects.count()
    sent = {"person": practitioner.user.reference, "reason": "An aunt of the child"}
    assert client.post(url("case_bars", case), sent).status_code == 302
    page = client.get(url("case_bars", case)).content.decode()
    assert "An aunt of the child" in page
    hidden, absent = (cast.client("practitioner").get(f"/cases/{ref}/") for ref in (case.reference, "C-0000-0000"))
    assert (hidden.status_code, absent.status_code) == (404, 404)
    again = client.post(url("case_bars", case), sent)
    assert (again.status_code, "This person is barred already" in again.content.decode()) == (422, True)
    lift = {"lift": practitioner.user.reference, "lift-reason": ""}
    assert client.post(url("case_bars", case), lift).status_code == 422
    assert client.post(url("case_bars", case), lift | {"lift-reason": "It was somebody else"}).status_code == 302
    assert cast.client("practitioner").get(url("case", case)).status_code == 200
    with as_owner():
        assert Message.objects.count() == messages
        assert Bar.objects.get().lifted_reason == "It was somebody else"


def test_barred_person_is_offered_and_refused_with_a_word_to_whoever_chose_them(cast: Cast) -> None:
    case = open_case(cast)
    barred(cast, case, "police_member")
    client = cast.client("coordinator")
    seat = cast.memberships["police_member"]
    page = client.get(url("case_restrict", case)).content.decode()
    assert "Police Member" in page
    answer = client.post(url("case_restrict", case), answers(cast, "coordinator", "police_member", confirmed="yes"))
    assert (answer.status_code, "Somebody you named is barred" in answer.content.decode()) == (422, True)
    shared(cast, case.pk, scope=Scope.FULL)
    named = {"person": seat.reference, "scope": "1", "reason": "To look"}
    answer = client.post(url("case_name", case), named)
    assert (answer.status_code, "Police Member cannot be named on it" in answer.content.decode()) == (422, True)
    with acting_as(cast["coordinator"]), pytest.raises(RuleBroken, match="cannot be given an action"):
        create_action(
            record_id=case.pk,
            item=None,
            strand="victim",
            text="See her",
            measure="",
            owner_agency=cast.agencies["police"],
            owner=seat,
            due_on=None,
            by=cast["coordinator"],
            at=MONDAY,
        )


def test_barred_chair_sees_the_meeting_and_no_gap_in_it(cast: Cast) -> None:
    case, other = open_case(cast), open_case(cast, child=another_child(1))
    meeting = planned_meeting(cast, case)
    with acting_as(cast["coordinator"]):
        add_case_item(
            meeting=meeting, case=other, kind=ItemKind.NEW, minutes_allowed=10, by=cast["coordinator"], at=PLANNED
        )
        publish_agenda(meeting=meeting, by=cast["coordinator"], at=PLANNED)
    chair = cast.client("chair")
    page = reverse("panels:run", args=[meeting.reference])
    assert NAME in chair.get(page).content.decode()
    barred(cast, case, "chair")
    body = chair.get(page).content.decode()
    assert (NAME in body, case.reference in body, other.reference in body) == (False, False, True)
    agenda = chair.get(reverse("panels:agenda", args=[meeting.reference])).content.decode()
    assert ("Minutes used: 10 of 120" in agenda, case.reference in agenda) == (True, False)


def test_bar_and_restriction_hold_for_the_same_child_as_a_person_of_concern(cast: Cast) -> None:
    case = open_case(cast)
    with acting_as(cast["coordinator"]):
        child = Child.objects.get(pk=case.child_id)
        person = record_person(name="Tam", child=child, by=cast["coordinator"], at=MONDAY)
        share(record_id=person.pk, principal=cast["manager"].principal, scope=Scope.FULL)
    page = cast.client("coordinator").get(url("case_bars", case)).content.decode()
    assert person.reference in page
    with acting_as(cast["manager"]):
        assert PersonOfConcern.objects.exists()
    barred(cast, case, "manager")
    with acting_as(cast["manager"]):
        assert not PersonOfConcern.objects.exists()
    with acting_as(cast["stranger_coordinator"]):
        assert not PersonOfConcern.objects.exists()
    restricted(cast, case, "coordinator")
    with acting_as(cast["practitioner"]):
        assert not PersonOfConcern.objects.exists()
    with acting_as(cast["coordinator"]):
        second = record_person(name="Tam again", child=child, by=cast["coordinator"], at=MONDAY)
    with as_owner():
        assert set(Record.objects.filter(pk__in=[person.pk, second.pk]).values_list("restricted", flat=True)) == {True}


def test_bar_on_a_place_closes_the_place_only(cast: Cast) -> None:
    case, location = open_case(cast), place(cast)
    client = cast.client("coordinator")
    sent = {"person": cast.memberships["practitioner"].user.reference, "reason": "Lives there"}
    assert client.post(reverse("casework:volt_bars", args=[location.reference]), sent).status_code == 302
    practitioner = cast.client("practitioner")
    assert practitioner.get(reverse("volt:record", args=[location.reference])).status_code == 404
    assert practitioner.get(url("case", case)).status_code == 200
