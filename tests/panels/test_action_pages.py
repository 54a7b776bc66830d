"""The pages of actions in each seat: what they show, what they do, and 404 where the action is not theirs to see."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mace.access.services import withdraw
from mace.audit.models import ReadEntry
from mace.core import clock
from mace.core.clock import london_time
from mace.core.seat import acting_as
from panels.models import Action, ActionUpdate
from panels.services.actions import report_on_action
from panels.services.chasing import chase_partnership
from referrals.models import Case
from tests.access.tables import without_token
from tests.factories.cast import Cast
from tests.panels.given import CHILD, NOW, a_case, an_action

DUE = dt.date(2026, 3, 11)
POSTS = ("action_report", "action_close", "action_assign", "action_extend")


@pytest.fixture(autouse=True)
def on_20_march(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages' clock: a Friday, nine days after the due date."""
    monkeypatch.setattr(clock, "now", lambda: london_time(dt.date(2026, 3, 20), 9))


def words(response: object) -> str:
    """The text of a page's main part, spaces made single."""
    html = response.content.decode()  # type: ignore[attr-defined]
    main = html[html.index("<main") :]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def page(action: Action) -> str:
    return reverse("panels:action", args=[action.reference])


def test_lead_sees_the_agencys_actions_how_late_and_who_was_told(cast: Cast) -> None:
    case = a_case(cast)
    action = an_action(cast, case, due_on=DUE)
    an_action(cast, case, due_on=dt.date(2026, 3, 24), text="Ask the school")
    an_action(cast, case, due_on=dt.date(2026, 5, 1), text="Review the warning notice")
    an_action(cast, case, agency="health", text="See the nurse")
    with acting_as(cast["system"]):
        chase_partnership(by=cast["system"], at=london_time(dt.date(2026, 3, 18), 7))
    answer = cast.client("police_lead").get(reverse("panels:actions"))
    assert answer.status_code == 200
    text = words(answer)
    assert "9 days overdue, the lead of Anytown Police told on 18 March" in text
    assert f"{action.reference} · {CHILD}, case {case.reference} · no person named yet" in text
    assert [text.index(part) for part in ("Visit the address", "Ask the school", "Review the warning")] == sorted(
        text.index(part) for part in ("Visit the address", "Ask the school", "Review the warning")
    )
    assert "See the nurse" not in text
    for show, expected in (
        ("overdue", "Visit the address"),
        ("soon", "Ask the school"),
        ("later", "Review the warning"),
    ):
        only = words(cast.client("police_lead").get(reverse("panels:actions"), {"show": show}))
        found = [part for part in ("Visit the address", "Ask the school", "Review the warning") if part in only]
        assert found == [expected]


def test_empty_list_says_what_will_appear(cast: Cast) -> None:
    text = words(cast.client("health_lead").get(reverse("panels:actions")))
    assert "An action appears here when a panel gives one to you or to your agency." in text
    closed = words(cast.client("health_lead").get(reverse("panels:actions"), {"show": "closed"}))
    assert "No action was closed lately" in closed


def test_board_sees_references_only(cast: Cast) -> None:
    action = an_action(cast, due_on=dt.date(2026, 3, 3))
    with acting_as(cast["system"]):
        chase_partnership(by=cast["system"], at=london_time(dt.date(2026, 4, 1), 7))
    answer = cast.client("board").get(reverse("panels:actions"))
    text = words(answer)
    assert f"Action {action.reference} is 29 days overdue" in text
    assert action.text not in text
    assert not any(word in answer.content.decode() for word in CHILD.split())
    assert cast.client("board").get(page(action)).status_code == 404


def test_partner_sees_its_action_and_whom_it_concerns_and_nothing_more(cast: Cast) -> None:
    case = a_case(cast)
    action = an_action(cast, case, due_on=DUE)
    other = an_action(cast, case, agency="health", text="See the nurse")
    answer = cast.client("police_lead").get(page(action))
    text, html = words(answer), answer.content.decode()
    assert answer.status_code == 200
    assert "Visit the address and report" in text
    assert "9 days overdue" in text
    assert CHILD in html
    assert case.reference in html
    with acting_as(cast["coordinator"]):
        assert Case.objects.get().summary.rating == "moderate"
    for hidden in (
        "Moderate",
        "Not rated",
        "See the nurse",
        other.reference,
        "carry drugs",
        "two phones",
        "Agree more time",
    ):
        assert hidden not in html, hidden
    with acting_as(cast["police_lead"]):
        entry = ReadEntry.objects.get()
        assert (entry.action, entry.record_id, entry.reference) == ("action page", case.pk, action.reference)


def test_coordinator_sees_rating_and_may_agree_more_time(cast: Cast) -> None:
    action = an_action(cast, due_on=DUE)
    html = cast.client("coordinator").get(page(action)).content.decode()
    for part in ("Moderate", "Agree more time", "The agency did not act", "Superseded", "Give it to a colleague"):
        assert part in html
    member_html = cast.client("police_lead").get(page(action)).content.decode()
    for part in ("The agency did not act", "Superseded"):
        assert part not in member_html


@pytest.mark.parametrize(
    "name",
    ["police_member", "health_lead", "education_lead", "other_practitioner", "stranger_police", "stranger_coordinator"],
)
def test_others_find_no_action_by_any_door(cast: Cast, name: str) -> None:
    action = an_action(cast, due_on=DUE)
    client = cast.client(name)
    absent = client.get("/actions/A-0000-0000/")
    hidden = client.get(page(action))
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert without_token(hidden.content) == without_token(absent.content)
    for url in ("action_report", "action_close"):
        answer = client.post(reverse(f"panels:{url}", args=[action.reference]), {"text": "x", "status": "done"})
        assert answer.status_code == 404, url
    assert client.get(reverse("panels:action_report", args=[action.reference])).status_code == 405
    assert action.reference not in client.get(reverse("panels:actions")).content.decode()
    with acting_as(cast["coordinator"]):
        assert Action.objects.get().status == "open"


@pytest.mark.parametrize("name", ["analyst", "ig", "admin"])
def test_roles_without_actions_are_refused(cast: Cast, name: str) -> None:
    action = an_action(cast)
    client = cast.client(name)
    assert client.get(reverse("panels:actions")).status_code == 403
    assert client.get(page(action)).status_code == 403
    assert client.get(reverse("panels:written")).status_code == 403


def test_who_sees_the_case_but_does_not_own_the_action_is_refused(cast: Cast) -> None:
    action = an_action(cast, due_on=DUE)
    client = cast.client("practitioner")
    answer = client.get(page(action))
    assert answer.status_code == 200
    assert '<form method="post" action="/actions/' not in answer.content.decode()
    for url, data, status in (
        ("action_report", {"text": "x"}, 403),
        ("action_close", {"status": "done"}, 403),
        ("action_assign", {"colleague": "1"}, 403),
        ("action_extend", {}, 403),
    ):
        assert client.post(reverse(f"panels:{url}", args=[action.reference]), data).status_code == status, url


def test_lead_hands_on_and_the_colleague_reports_and_closes(cast: Cast) -> None:
    action = an_action(cast, due_on=DUE)
    lead, member = cast.client("police_lead"), cast.client("police_member")
    assert member.get(page(action)).status_code == 404
    answer = lead.post(
        reverse("panels:action_assign", args=[action.reference]), {"colleague": cast.memberships["police_member"].pk}
    )
    assert (answer.status_code, answer["Location"]) == (302, page(action))
    operation = re.search(r'name="operation" value="([^"]+)"', member.get(page(action)).content.decode())
    assert operation is not None
    for _ in range(2):
        report = member.post(
            reverse("panels:action_report", args=[action.reference]), {"text": "Visited", "operation": operation[1]}
        )
        assert report.status_code == 302
    assert "Visited" in words(member.get(page(action)))
    wrong = member.post(reverse("panels:action_close", args=[action.reference]), {"status": "not_possible", "note": ""})
    assert wrong.status_code == 422
    assert "Say why it was not done" in words(wrong)
    assert wrong.content.decode().startswith("<!DOCTYPE html>")
    done = member.post(
        reverse("panels:action_close", args=[action.reference]), {"status": "done", "note": "She is safe"}
    )
    assert done.status_code == 302
    text = words(member.get(page(action)))
    assert "Done, 20 March" in text
    assert "She is safe" in text
    with acting_as(cast["coordinator"]):
        assert [row.text for row in ActionUpdate.objects.all()] == [
            "Given to Police Member.",
            "Visited",
            "Done. She is safe",
        ]
    assert action.reference in words(member.get(reverse("panels:actions"), {"show": "closed"}))


@pytest.mark.parametrize("status", ["not_acted", "superseded", "open", "nonsense"])
def test_member_cannot_choose_an_ending_that_is_not_offered(cast: Cast, status: str) -> None:
    action = an_action(cast, owner="police_member", due_on=DUE)
    answer = cast.client("police_member").post(
        reverse("panels:action_close", args=[action.reference]), {"status": status, "note": "Typed words"}
    )
    assert answer.status_code == 422
    assert "Typed words" in answer.content.decode()
    with acting_as(cast["coordinator"]):
        assert Action.objects.get().status == "open"


def test_more_time_with_a_date_that_is_no_date_keeps_what_was_typed(cast: Cast) -> None:
    action = an_action(cast, due_on=DUE)
    client, url = cast.client("coordinator"), reverse("panels:action_extend", args=[action.reference])
    date = {"due_on_day": "31", "due_on_month": "2", "due_on_year": "2026"}
    wrong = client.post(url, date | {"reason": "A warrant is needed"})
    assert wrong.status_code == 422
    assert "New due date must be a real date" in words(wrong)
    assert "A warrant is needed" in wrong.content.decode()
    early = client.post(url, {"due_on_day": "19", "due_on_month": "3", "due_on_year": "2026", "reason": "x"})
    assert "New due date must be on or after 20 March 2026" in words(early)
    good = client.post(
        url, {"due_on_day": "1", "due_on_month": "4", "due_on_year": "2026", "reason": "A warrant is needed"}
    )
    assert good.status_code == 302
    assert "due 1 Apr 2026" in words(client.get(page(action))).lower().replace("due 1 apr", "due 1 Apr")


def test_after_withdrawal_the_action_is_gone_and_what_was_written_stays(cast: Cast) -> None:
    case = a_case(cast)
    action = an_action(cast, case, owner="police_member", due_on=DUE)
    with acting_as(cast["police_member"]):
        report_on_action(action=action, text="Visited at noon", by=cast["police_member"], at=NOW)
    lead = cast.client("police_lead")
    assert lead.get(page(action)).status_code == 200
    with acting_as(cast["coordinator"]):
        withdraw(record_id=case.pk, agency=cast.agencies["police"], reason="Done", by=cast["coordinator"], at=NOW)
    assert lead.get(page(action)).status_code == 404
    assert lead.post(reverse("panels:action_report", args=[action.reference]), {"text": "x"}).status_code == 404
    assert action.reference not in lead.get(reverse("panels:actions")).content.decode()
    for name in ("police_lead", "police_member"):
        answer = cast.client(name).get(reverse("panels:written"))
        html = answer.content.decode()
        assert f"Action {action.reference}" in html
        assert "Visited at noon" in html
        for hidden in (*CHILD.split(), case.reference, action.text):
            assert hidden not in html
    for name in ("health_lead", "stranger_police"):
        assert "Nothing written yet" in words(cast.client(name).get(reverse("panels:written")))


def count(cast: Cast, name: str, url: str) -> int:
    client = cast.client(name)
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize("name", ["coordinator", "police_lead", "chair"])
def test_list_costs_the_same_with_one_and_with_25(cast: Cast, name: str) -> None:
    case = a_case(cast)
    an_action(cast, case, due_on=DUE)
    one = count(cast, name, reverse("panels:actions"))
    for number in range(24):
        an_action(cast, case if number % 2 else a_case(cast, number=number), due_on=DUE, owner="police_member")
    with acting_as(cast["system"]):
        chase_partnership(by=cast["system"], at=london_time(dt.date(2026, 3, 18), 7))
    many = count(cast, name, reverse("panels:actions"))
    bare = count(cast, "health_lead", reverse("panels:written"))
    assert many == one
    assert one - bare <= 4


def test_action_costs_the_same_however_much_was_written(cast: Cast) -> None:
    action = an_action(cast, due_on=DUE, owner="police_member")
    one = count(cast, "police_lead", page(action))
    with acting_as(cast["police_lead"]):
        for number in range(25):
            report_on_action(action=action, text=f"Update {number}", by=cast["police_lead"], at=NOW)
    assert count(cast, "police_lead", page(action)) == one
