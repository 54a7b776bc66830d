"""Home for every role, the inbox, switching roles, the frame around pages."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from mace.accounts.models import Membership, Role
from mace.core import clock
from mace.core.seat import acting_as
from mace.notifications.models import Message
from mace.notifications.services import notify
from panels.models import Action
from panels.services.actions import create_action
from referrals.services import return_referral
from tests.factories.cast import SINCE, Cast
from tests.factories.owner import as_owner
from tests.factories.panels import drafted_meeting, published_meeting
from tests.factories.referrals import MONDAY, another_child, draft_referral, open_case, submitted_referral

HOME_STATEMENTS = 15


def home(cast: Cast, name: str, **query: str) -> str:
    answer = cast.client(name).get(reverse("casework:home"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def given(cast: Cast, *, agency: str = "police", owner: str | None = None, due: dt.date) -> Action:
    case = open_case(cast)
    seat = cast["coordinator"]
    with acting_as(seat):
        return create_action(
            record_id=case.pk,
            item=None,
            strand="victim",
            text="Check the phone numbers",
            measure="",
            owner_agency=cast.agencies[agency],
            owner=cast.memberships[owner] if owner else None,
            due_on=due,
            by=seat,
            at=MONDAY,
        )


def test_not_signed_in_is_asked_to(cast: Cast) -> None:
    answer = Client().get("/")
    assert answer.status_code == 302
    assert "next=/" in answer.headers["Location"]


@pytest.mark.parametrize(
    "name",
    [
        "practitioner",
        "manager",
        "coordinator",
        "chair",
        "police_lead",
        "police_member",
        "board",
        "analyst",
        "ig",
        "admin",
    ],
)
def test_every_role_has_a_home(cast: Cast, name: str) -> None:
    assert "What needs you today" in home(cast, name)


def test_coordinator_has_what_waits_on_top_oldest_first(cast: Cast) -> None:
    today = clock.today()
    older = submitted_referral(cast, at=clock.london_time(today - dt.timedelta(days=9), 10))
    newer = submitted_referral(cast, at=clock.london_time(today - dt.timedelta(days=1), 10), child=another_child(1))
    body = home(cast, "coordinator")
    assert "waiting for 9 days" in body
    assert body.index(older.reference) < body.index(newer.reference)
    assert older.reference not in home(cast, "practitioner", list="drafts")


def test_practitioner_has_drafts_and_what_came_back(cast: Cast) -> None:
    draft = draft_referral(cast, child=another_child(1))
    returned = submitted_referral(cast)
    with acting_as(cast["coordinator"]):
        return_referral(referral=returned, reason="Add the date", by=cast["coordinator"], at=MONDAY)
    body = home(cast, "practitioner")
    assert body.index(returned.reference) < body.index(draft.reference)
    assert "Add the date" in body
    assert draft.reference not in home(cast, "practitioner", list="returned")
    assert draft.reference not in home(cast, "coordinator")


def test_actions_stand_by_their_date(cast: Cast) -> None:
    action = given(cast, owner="police_member", due=MONDAY.date() + dt.timedelta(days=7))
    late = (clock.today() - action.due_on).days
    for name in ("police_member", "police_lead", "coordinator"):
        body = home(cast, name, list="overdue")
        assert action.reference in body
        assert f"{late} days overdue" in body
        assert action.reference not in home(cast, name, list="later")
    assert action.reference not in home(cast, "health_lead")


def test_lead_has_actions_to_give_to_somebody(cast: Cast) -> None:
    action = given(cast, due=clock.today() + dt.timedelta(days=3))
    assert action.reference in home(cast, "police_lead", list="unassigned")
    assert action.reference in home(cast, "police_lead", list="week")


def test_chair_has_minutes_to_approve_and_meetings_to_run(cast: Cast) -> None:
    case = open_case(cast)
    meeting = published_meeting(cast, case)
    assert meeting.reference in home(cast, "chair", list="run")
    drafted_meeting(cast, meeting)
    assert meeting.reference in home(cast, "chair", list="approve")
    assert meeting.reference not in home(cast, "chair", list="run")


def test_administrator_sees_organisations_and_no_case(cast: Cast) -> None:
    case = open_case(cast)
    body = home(cast, "admin")
    assert "Anytown Police" in body
    assert "Elsewhere Police" not in body
    assert case.reference not in body


def test_menu_has_only_what_the_role_may_open(cast: Cast) -> None:
    assert 'href="/dashboard/"' in home(cast, "analyst")
    assert 'href="/cases/"' not in home(cast, "analyst")
    body = home(cast, "police_member")
    assert 'href="/cases/"' in body
    assert 'href="/referrals/"' not in body
    assert 'href="/referrals/"' in home(cast, "voluntary_member")


def test_inbox_opens_a_message_and_marks_it_read(cast: Cast) -> None:
    with acting_as(cast["coordinator"]):
        notify(
            to=cast.memberships["practitioner"],
            subject="Something for you",
            text="Open it.",
            path="/cases/",
            about=None,
            dedupe_key="a",
            by=cast["coordinator"],
            at=MONDAY,
        )
    client = cast.client("practitioner")
    assert '1<span class="govuk-visually-hidden"> unread' in client.get("/").content.decode()
    assert "Something for you" in client.get(reverse("casework:inbox")).content.decode()
    with acting_as(cast["practitioner"]):
        message = Message.objects.get()
    address = reverse("casework:open_message", args=[message.reference])
    assert client.get(address).status_code == 405
    answer = client.post(address)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/cases/")
    with acting_as(cast["practitioner"]):
        assert Message.objects.get().read_at is not None
    assert "unread" not in client.get("/").content.decode()
    other = cast.client("coordinator")
    assert other.post(address).status_code == 404
    assert "Something for you" not in other.get(reverse("casework:inbox")).content.decode()


def test_mark_all_as_read(cast: Cast) -> None:
    with acting_as(cast["coordinator"]):
        for key in "ab":
            notify(
                to=cast.memberships["practitioner"],
                subject="S",
                text="T",
                path="/",
                about=None,
                dedupe_key=key,
                by=cast["coordinator"],
                at=MONDAY,
            )
    client = cast.client("practitioner")
    assert client.post(reverse("casework:inbox")).status_code == 302
    with acting_as(cast["practitioner"]):
        assert Message.objects.filter(read_at__isnull=True).count() == 0
        assert Message.objects.count() == 2


def second_seat(cast: Cast) -> Membership:
    with as_owner():
        return Membership.objects.create(
            user=cast.memberships["practitioner"].user,
            agency=cast.agencies["police"],
            partnership=cast.partnership,
            role=Role.AGENCY_MEMBER,
            from_on=SINCE,
        )


def test_switching_role_changes_what_is_seen(cast: Cast) -> None:
    case = open_case(cast)
    second = second_seat(cast)
    client = cast.client("practitioner")
    assert "Switch role" in client.get("/").content.decode()
    assert client.get(reverse("casework:case", args=[case.reference])).status_code == 200
    answer = client.post(reverse("casework:seats"), {"role": str(second.pk)})
    assert answer.status_code == 302
    assert "Anytown Police, Agency member" in client.get("/").content.decode()
    assert client.get(reverse("casework:case", args=[case.reference])).status_code == 404


def test_nobody_takes_a_role_of_somebody_else(cast: Cast) -> None:
    second_seat(cast)
    client = cast.client("practitioner")
    answer = client.post(reverse("casework:seats"), {"role": str(cast.memberships["coordinator"].pk)})
    assert answer.status_code == 422
    assert "Anytown Children’s Services, Practitioner" in client.get("/").content.decode()


def test_who_holds_several_roles_chooses_at_sign_in(cast: Cast) -> None:
    second_seat(cast)
    client = cast.client("practitioner")
    session = client.session
    del session["seat"]
    session.save()
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("casework:seats"))


def test_who_holds_no_role_is_told_so(cast: Cast) -> None:
    with as_owner():
        Membership.objects.filter(pk=cast.memberships["police_member"].pk).update(until_on=dt.date(2021, 1, 1))
    client = cast.client("police_member")
    assert client.get("/").headers["Location"] == reverse("no_seat")
    answer = client.get(reverse("no_seat"))
    assert answer.status_code == 403
    assert "You have no role here yet" in answer.content.decode()


@pytest.mark.parametrize("name", ["accessibility", "privacy"])
def test_statements_are_public(cast: Cast, name: str) -> None:
    assert Client().get(reverse(f"casework:{name}")).status_code == 200


def test_statements_of_home_do_not_grow(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = cast.client("coordinator")
    submitted_referral(cast, child=another_child(0))
    client.get("/")
    with django_assert_num_queries(HOME_STATEMENTS):
        client.get("/")
    for number in range(1, 25):
        submitted_referral(cast, child=another_child(number))
    with django_assert_num_queries(HOME_STATEMENTS):
        assert client.get("/").content.decode().count("Screen referral") == 25


def test_what_stands_in_one_list_is_not_shown_again_in_the_next(cast: Cast) -> None:
    action = given(cast, due=clock.today() + dt.timedelta(days=3))
    both = home(cast, "police_lead")
    assert both.count(f'href="/actions/{action.reference}/"') == 1
    assert "1 stands in a list above." in both
    assert home(cast, "police_lead", list="week").count(f'href="/actions/{action.reference}/"') == 1
