"""The pages of a meeting, without scripts, each in the right seat, from planning to approved minutes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from mace.access.models import Disclosure, Scope
from mace.audit.models import ReadEntry
from mace.core import clock
from mace.core.seat import acting_as
from panels.enums import MeetingStatus
from panels.models import Action, AgendaItem, Attendance, ItemInvitation, Meeting, Minute
from referrals.models import Case, ChildIdentity, CriterionMet, TierPeriod
from tests.access.tables import without_token
from tests.factories.cast import Cast
from tests.factories.panels import (
    HELD,
    SAID,
    approved_meeting,
    drafted_meeting,
    item_of,
    planned_meeting,
    published_meeting,
    started_meeting,
)
from tests.factories.referrals import another_child, open_case
from tests.panels.test_minutes import two_cases


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the pages stands at the meeting's hour."""
    monkeypatch.setattr(clock, "now", lambda: HELD)
    monkeypatch.setattr(clock, "today", HELD.date)


def url(name: str, *args: str) -> str:
    return reverse(f"panels:{name}", args=args)


def said(client: Client, address: str, expect: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == expect, answer.status_code
    return answer.content.decode()


def post(client: Client, address: str, data: dict[str, Any] | None = None, expect: int = 302) -> Any:
    answer = client.post(address, data or {})
    assert answer.status_code == expect, answer.content.decode()
    return answer


def name_of(cast: Cast, case: Case) -> str:
    with acting_as(cast["coordinator"]):
        return ChildIdentity.objects.get(child=case.child_id).full_name


def test_a_meeting_from_plan_to_approved_minutes_without_scripts(cast: Cast) -> None:  # noqa: PLR0915 (one journey)
    case = open_case(cast)
    name = name_of(cast, case)
    coordinator, chair = cast.client("coordinator"), cast.client("chair")
    assert "Plan a meeting" in said(coordinator, url("meetings"))
    plan = {
        "panel": str(cast.panels["pre_mace"].pk),
        "day_day": "16",
        "day_month": "3",
        "day_year": "2026",
        "time": "10:00",
        "place": "Town hall",
    }
    post(coordinator, url("meeting_new"), plan)
    post(coordinator, url("meeting_new"), plan)
    with acting_as(cast["coordinator"]):
        meeting = Meeting.objects.get()
    ref = meeting.reference
    builder = said(coordinator, url("agenda", ref))
    assert name in builder
    assert "not discussed yet" in builder
    post(
        coordinator,
        url("agenda_add", ref, "case"),
        {"case": case.reference, "kind": "new", "minutes": "10", "review": ""},
    )
    post(coordinator, url("agenda_add", ref, "standing"), {"title": "Welcome", "minutes": "5"})
    item = item_of(cast, meeting, case)
    assert "Minutes used: 15 of 120" in said(coordinator, url("agenda", ref))
    post(coordinator, url("item_change", item.reference), {"do": "down"})
    post(coordinator, url("item_change", item.reference), {"do": "minutes", "minutes": "12"})
    with acting_as(cast["coordinator"]):
        assert list(AgendaItem.objects.values_list("title", "minutes_allowed")) == [("Welcome", 5), ("", 12)]
    assert "Invite agencies for " + name in said(coordinator, url("item_invite", item.reference))
    invitation = {
        "agencies": [str(cast.agencies["police"].pk), str(cast.agencies["education"].pk)],
        "scope": "2",
        "purpose": "To say what they hold",
        "lawful_basis": "public_task",
        "necessity": "They may know",
        "told": "no",
        "told_reason": "Her father may be involved",
    }
    checks = coordinator.post(url("item_invite", item.reference), invitation).content.decode()
    assert "Check before you share" in checks
    assert "Police Lead" in checks
    with acting_as(cast["coordinator"]):
        assert not ItemInvitation.objects.exists()
    post(coordinator, url("item_invite", item.reference), invitation | {"confirmed": "yes"})
    with acting_as(cast["coordinator"]):
        assert set(ItemInvitation.objects.values_list("agency__name", "scope")) == {
            ("Anytown Police", 2),
            ("Anytown Education", 2),
        }
        assert Disclosure.objects.filter(told_reason="Her father may be involved").count() == 2
    assert "Anytown Education (summary), Anytown Police (summary)" in said(coordinator, url("agenda_publish", ref))
    assert name not in said(chair, url("meeting", ref))
    post(coordinator, url("agenda_publish", ref))

    assert name in said(chair, url("run", ref))
    assert post(chair, url("meeting_start", ref), expect=422).context["start"].errors
    post(chair, url("meeting_start", ref), {"read": "on"})
    agencies = {key: cast.agencies[key].pk for key in ("social_care", "police", "health")}
    assert "not quorate without" in said(chair, url("run", ref))
    post(
        chair,
        url("run", ref),
        {f"presence_{pk}": "present" for pk in agencies.values()} | {f"who_{agencies['police']}": "DI Example"},
    )
    assert "The meeting is quorate." in said(chair, url("run", ref))
    with acting_as(cast["chair"]):
        assert set(Attendance.objects.values_list("agency__name", "who")) == {
            ("Anytown Children’s Services", ""),
            ("Anytown Police", "DI Example"),
            ("Anytown NHS Trust", ""),
        }
    page = said(chair, url("item_minute", item.reference))
    assert name in page
    assert "Escalate to MACE" in page
    minutes = {
        "discussion": "Police know the house",
        "rationale": "",
        "decision": "escalate",
        "decision_reason": "Stuck",
        "rating": "significant",
        "version": "0",
        "op": "a",
    }
    again = post(chair, url("item_minute", item.reference), minutes, expect=422).content.decode()
    assert "Say why it was right to share this information" in again
    assert "Police know the house" in again
    post(chair, url("item_minute", item.reference), minutes | {"rationale": "To keep her safe"})
    action = {
        "action-text": "Visit the station",
        "action-who": f"agency-{cast.agencies['police'].pk}",
        "action-measure": "",
        "action-due_on_day": "1",
        "action-due_on_month": "4",
        "action-due_on_year": "2026",
        "action-operation": "once",
    }
    post(chair, url("item_action", item.reference), action)
    post(chair, url("item_action", item.reference), action)
    with acting_as(cast["chair"]):
        assert Action.objects.get().due_on == dt.date(2026, 4, 1)
    assert "Visit the station" in said(chair, url("item_minute", item.reference))
    post(chair, url("meeting_finish", ref))
    assert "This is a draft" in said(coordinator, url("minutes", ref))
    assert coordinator.get(url("approve", ref)).status_code == 403
    page = said(chair, url("approve", ref))
    assert "Stuck" in page
    assert "a criterion for escalation that is met, with its evidence missing" in page
    post(chair, url("approve", ref), expect=422)
    bare = {"criterion_stuck": "met", "criteria_version": "0"}
    post(chair, url("item_criteria", item.reference), bare)
    post(chair, url("approve", ref), expect=422)
    full = bare | {"criterion_stuck_note": "Two plans, no change", "criterion_group": "not_known"}
    post(chair, url("item_criteria", item.reference), full | {"criterion_group": "met"}, expect=409)
    post(chair, url("item_criteria", item.reference), full | {"criteria_version": "1"})
    post(chair, url("approve", ref))
    with acting_as(cast["chair"]):
        kept = CriterionMet.objects.filter(occasion="escalation").values_list("code", "met", "evidence")
        assert set(kept) == {("stuck", "met", "Two plans, no change"), ("group", "not_known", "")}
    with acting_as(cast["chair"]):
        assert Meeting.objects.get().status == MeetingStatus.APPROVED
        assert set(TierPeriod.objects.values_list("tier", flat=True)) == {"pre_mace", "mace"}
    read = said(cast.client("police_lead"), url("minutes", ref))
    for text in (
        name,
        "Police know the house",
        "To keep her safe",
        "Escalate to MACE",
        "Visit the station",
        "DI Example",
    ):
        assert text in read
    with acting_as(cast["police_lead"]):
        assert ReadEntry.objects.filter(action="minutes", reference=ref).count() == 1


def test_partners_pages_hold_their_own_items_and_actions_only(cast: Cast) -> None:
    first, second, meeting = two_cases(cast)
    names = {"police_lead": name_of(cast, first), "health_lead": name_of(cast, second)}
    meeting = drafted_meeting(cast, meeting)
    chair = cast.client("chair")
    for name in names:
        assert "Discussion" not in said(cast.client(name), url("meeting", meeting.reference))
        assert cast.client(name).get(url("minutes", meeting.reference)).status_code == 302
    post(chair, url("approve", meeting.reference))
    for name, other in (("police_lead", "health_lead"), ("health_lead", "police_lead")):
        client = cast.client(name)
        for page in ("meeting", "minutes"):
            text = said(client, url(page, meeting.reference))
            assert names[name] in text, (name, page)
            assert names[other] not in text, (name, page)
            assert "Invited:" not in text, (name, page)


STRANGERS = ("stranger_police", "stranger_coordinator", "education_lead", "other_practitioner", "police_member")


@pytest.mark.parametrize("name", STRANGERS)
def test_hidden_meeting_answers_like_an_absent_one(cast: Cast, name: str) -> None:
    case = open_case(cast)
    meeting = approved_meeting(cast, case)
    client = cast.client(name)
    assert meeting.reference not in said(client, url("meetings"))
    for page in ("meeting", "minutes"):
        hidden, absent = client.get(url(page, meeting.reference)), client.get(url(page, "M-0000-0000"))
        assert hidden.status_code == absent.status_code == 404
        assert without_token(hidden.content) == without_token(absent.content)
    assert client.post(url("document_request", meeting.reference)).status_code == 404


WRITERS_ONLY: tuple[tuple[str, str], ...] = (
    ("agenda", "meeting"),
    ("agenda_publish", "meeting"),
    ("run", "meeting"),
    ("approve", "meeting"),
    ("item_invite", "item"),
    ("item_minute", "item"),
    ("meeting_cancel", "meeting"),
    ("meeting_close", "meeting"),
    ("meeting_start", "meeting"),
    ("meeting_finish", "meeting"),
    ("item_change", "item"),
    ("item_action", "item"),
    ("item_carry", "item"),
)


@pytest.mark.parametrize("name", ["practitioner", "manager", "police_lead", "board", "ig", "stranger_police"])
def test_the_work_of_the_panel_is_closed_to_other_roles(cast: Cast, name: str) -> None:
    meeting = published_meeting(cast, open_case(cast), scope=Scope.FULL)
    item = item_of(cast, meeting)
    client = cast.client(name)
    assert client.get(url("meeting_new")).status_code == client.post(url("meeting_new")).status_code == 403
    for page, about in WRITERS_ONLY:
        address = url(page, meeting.reference if about == "meeting" else item.reference)
        assert client.post(address).status_code == 403, page


@pytest.mark.parametrize("name", ["stranger_coordinator"])
def test_the_work_of_a_hidden_panel_is_not_found(cast: Cast, name: str) -> None:
    meeting = published_meeting(cast, open_case(cast))
    item = item_of(cast, meeting)
    client = cast.client(name)
    for page, about in WRITERS_ONLY:
        if page == "approve":
            continue
        address = url(page, meeting.reference if about == "meeting" else item.reference)
        answer = client.get(address) if page == "agenda" else client.post(address)
        assert answer.status_code == 404, page


def autosave(client: Client, item: AgendaItem, **data: str) -> Any:
    return client.post(
        url("item_minute", item.reference), data, headers={"accept": "application/json", "x-requested-with": "fetch"}
    )


def test_autosave_answers_version_and_conflict_with_the_others_text(cast: Cast) -> None:
    meeting = started_meeting(cast, published_meeting(cast, open_case(cast)))
    item = item_of(cast, meeting)
    chair, coordinator = cast.client("chair"), cast.client("coordinator")
    first = autosave(chair, item, discussion="One", rationale="", version="0", op="a")
    assert (first.status_code, first.json()) == (200, {"saved_at": HELD.isoformat(), "version": 1})
    assert autosave(chair, item, discussion="One", rationale="", version="0", op="a").json()["version"] == 1
    other = autosave(coordinator, item, discussion="Two", rationale="", version="0", op="b")
    assert other.status_code == 409
    assert other.json() == {
        "version": 1,
        "theirs": {"discussion": "One", "rationale": "", "decision": "", "decision_reason": "", "rating": ""},
    }
    page = post(
        coordinator,
        url("item_minute", item.reference),
        {"discussion": "Two", "version": "0", "op": "c", "rationale": "Because"},
        expect=409,
    ).content.decode()
    assert "Theirs reads" in page
    assert "One" in page
    assert ">\nTwo</textarea>" in page
    assert 'name="version" value="1"' in page
    post(
        coordinator,
        url("item_minute", item.reference),
        {"discussion": "Two and one", "rationale": "Because", "version": "1", "op": "d"},
    )
    with acting_as(cast["chair"]):
        assert Minute.objects.get().discussion == "Two and one"
    post(chair, url("meeting_finish", meeting.reference))


def test_refused_approval_names_what_is_missing_and_links_to_it(cast: Cast) -> None:
    case = open_case(cast)
    meeting = started_meeting(cast, published_meeting(cast, case))
    chair = cast.client("chair")
    post(chair, url("meeting_finish", meeting.reference))
    page = post(chair, url("approve", meeting.reference), expect=422).content.decode()
    item = item_of(cast, meeting)
    assert "There is a problem" in page
    assert f'<a href="{url("item_minute", item.reference)}">1. {name_of(cast, case)}: ' in page
    assert "a decision missing" in page


def test_a_form_with_errors_keeps_what_was_typed(cast: Cast) -> None:
    meeting = planned_meeting(cast, open_case(cast))
    item = item_of(cast, meeting)
    coordinator = cast.client("coordinator")
    page = post(
        coordinator,
        url("item_invite", item.reference),
        {"agencies": [str(cast.agencies["police"].pk)], "scope": "2", "purpose": "Checks", "told": "no"},
        expect=422,
    ).content.decode()
    assert "Say why the child and family have not been told" in page
    assert ">\nChecks</textarea>" in page
    page = post(
        coordinator,
        url("meeting_new"),
        {"place": "Room 9", "day_day": "1", "day_month": "3", "day_year": "2026"},
        expect=422,
    ).content.decode()
    assert "Date must be today or in the future" in page
    assert 'value="Room 9"' in page


def test_messages_of_refused_steps_say_why(cast: Cast) -> None:
    meeting = planned_meeting(cast)
    coordinator = cast.client("coordinator")
    answer = post(coordinator, url("agenda_publish", meeting.reference))
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "The agenda is empty. Add at least one item before you publish it."
    ]


def test_no_address_carries_more_than_a_reference(cast: Cast) -> None:
    case = open_case(cast)
    meeting = published_meeting(cast, case)
    surname = name_of(cast, case).split()[-1]
    page = said(cast.client("coordinator"), url("meeting", meeting.reference))
    assert surname in page
    addresses: Callable[[str], list[str]] = lambda text: [part.split('"')[0] for part in text.split('href="')[1:]]  # noqa: E731
    assert not [address for address in addresses(page) if surname.lower() in address.lower()]


def test_minutes_page_keeps_out_of_caches(cast: Cast) -> None:
    meeting = approved_meeting(cast, open_case(cast))
    answer = cast.client("police_lead").get(url("minutes", meeting.reference))
    assert "no-store" in answer["Cache-Control"]
    assert SAID["discussion"] in answer.content.decode()
    other = open_case(cast, child=another_child(1))
    assert name_of(cast, other) not in answer.content.decode()
