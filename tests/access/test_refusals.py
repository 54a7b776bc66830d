"""A partner sees a case at its scope and its own actions; a stranger nothing; after withdrawal what it wrote itself.

Through every channel: pages, API, counts, search, minutes, PDF, and statements sent to the database in the seat.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from mace.access.models import Scope
from mace.access.policy import Capability, can
from mace.access.services import withdraw
from mace.core import clock
from mace.core.clock import london_date, london_time
from mace.core.seat import acting_as
from panels import tasks
from panels.models import Meeting, MinutesDocument
from panels.services.actions import report_on_action
from panels.services.meetings import request_document
from panels.services.sharing import end_expired_sharing
from tests.access.tables import OF_PEOPLE, address, table, undone, without_token
from tests.access.world import World, make_world
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.panels import HELD
from tests.factories.sharing import shared

NAME, SUMMARY = "Tamika Brightwater", "May be made to carry drugs by older people."
FULL_ONLY = ("Her father may be involved", "Found on 27 February", "I just want it to stop", "Anytown Academy")
OTHERS_ACTION = ("Book the check", "The nurse has written")
SAID = "Each agency said what it holds."
STRANGERS = ("stranger_coordinator", "stranger_police", "stranger_practitioner", "other_practitioner")


@pytest.fixture(autouse=True)
def after_both_meetings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Monday; the action has been due since the first of the month."""
    monkeypatch.setattr(clock, "now", lambda: london_time(dt.date(2026, 4, 20), 9))


def everything(world: World, name: str) -> dict[str, str]:
    """All that a seat is answered: every page with what it could be about, and what is found by searching."""
    client, found = world.cast.client(name), {}
    for route, (subject, _) in table()[1].items():
        with undone():  # the log holds what was asked for in vain, and says so to whoever asked
            answer = client.get(address(route, subject, world.references()), follow=True)
        found[route] = answer.content.decode(errors="replace")
    for words in ("Brightwater", "Tamika", world.case.reference):
        with undone():
            found[f"search for {words}"] = client.post("/cases/search/", {"text": words}).content.decode()
    for words in ("Dex", "Anytown Station"):
        with undone():
            found[f"VOLT search for {words}"] = client.post("/volt/search/", {"q": words}).content.decode()
    return found


def where(answers: dict[str, str], words: str) -> list[str]:
    """The answers that hold those words, but for a search that says again what was looked for."""
    return [page for page, body in answers.items() if words in body and not page.endswith(f"search for {words}")]


def withdraw_from(world: World, agency: str) -> None:
    by = world.cast["coordinator"]
    with acting_as(by):
        withdraw(record_id=world.case.pk, agency=world.cast.agencies[agency], reason="Done", by=by, at=HELD)


# --- While it is shared ----------------------------------------------------------------------------------------------


def test_a_partner_is_answered_at_its_scope_and_with_its_own_action_only(world: World) -> None:
    whole = everything(world, "coordinator")
    for words in (*FULL_ONLY, *OTHERS_ACTION, world.withdrawn_action.reference):
        assert where(whole, words), words
    for name, sees_summary in (("police_lead", True), ("police_member", False), ("education_lead", False)):
        answers = everything(world, name)
        for words in (*FULL_ONLY, *OTHERS_ACTION, world.withdrawn_action.reference, world.referral.reference):
            assert where(answers, words) == [], (name, words)
        case = "cases/<str:reference>/"
        assert NAME in answers[case]
        assert where(answers, SUMMARY) == (["api/v1/cases/", f"api/v1/{case}", case] if sees_summary else []), name
        assert bool(where(answers, SAID)) == sees_summary, name
        own = where(answers, "Visit the flat")
        pages = {"actions/", "actions/<str:reference>/", "api/v1/actions/", "api/v1/actions/<str:reference>/", case}
        if name == "education_lead":
            assert own == []
        else:
            assert set(own) >= pages, name


@pytest.mark.parametrize("name", [*STRANGERS, "voluntary_member", "board", "analyst", "ig", "admin"])
def test_nothing_of_it_is_in_any_answer_to_a_stranger(world: World, name: str) -> None:
    answers = everything(world, name)
    secrets = (*FULL_ONLY, *OTHERS_ACTION, NAME, "Brightwater", SUMMARY, SAID, "Visit the flat", "white van")
    if name == "stranger_coordinator":  # whose coordinator was asked about the child, and told enough to know them
        answers = {route: body for route, body in answers.items() if not route.startswith("questions/<")}
    for words in (
        *secrets,
        *(reference for kind, reference in world.references().items() if kind not in {"next_meeting", *OF_PEOPLE}),
    ):
        assert where(answers, words) == [], words


# --- Minutes as a PDF ------------------------------------------------------------------------------------------------


def ready(cast: Cast, name: str, meeting: Meeting) -> MinutesDocument:
    """A document asked for by a seat and made by the worker."""
    with acting_as(cast[name]):
        document = request_document(meeting=meeting, by=cast[name], at=HELD)
    assert tasks.make_document(membership_id=cast[name].membership_id, document_id=str(document.pk))
    return document


def statuses(client: Client, document: MinutesDocument) -> tuple[int, int]:
    page = f"/documents/{document.reference}/"
    return client.get(page).status_code, client.get(f"{page}file/").status_code


def text_of(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def test_a_pdf_made_for_one_seat_is_404_for_all_others(world: World) -> None:
    cast = world.cast
    for owner in ("coordinator", "police_lead"):
        document = ready(cast, owner, world.meeting)
        for name, seat in cast.seats.items():
            if name.endswith("system"):
                continue
            expected = 200 if name == owner else 404 if can(seat, Capability.READ_MEETINGS) else 403
            assert statuses(cast.client(name), document) == (expected, expected), (owner, name)


def test_a_partners_pdf_holds_its_items_and_its_own_actions(world: World) -> None:
    shared(world.cast, world.case.pk, "education", Scope.FULL)  # no item of that meeting
    texts = {}
    for name in ("coordinator", "police_lead"):
        reference = ready(world.cast, name, world.meeting).reference
        texts[name] = text_of(world.cast.client(name).get(f"/documents/{reference}/file/").content)
    found = {
        name: [words in text for words in (NAME, SAID, "Visit the flat", *FULL_ONLY)] for name, text in texts.items()
    }
    assert found["police_lead"] == [True, True, True, False, False, False, False]
    assert ("Book the check" in texts["coordinator"], "Book the check" in texts["police_lead"]) == (True, False)


def test_a_pdf_asked_for_before_withdrawal_is_404_after_it(world: World) -> None:
    client, seat = world.cast.client("police_lead"), world.cast["police_lead"]
    document = ready(world.cast, "police_lead", world.meeting)
    assert statuses(client, document) == (200, 200)
    withdraw_from(world, "police")
    for again in ((), (Scope.IDENTITY,)):
        for scope in again:
            shared(world.cast, world.case.pk, "police", scope)
        assert statuses(client, document) == (404, 404)
        hidden, absent = client.get(f"/documents/{document.reference}/"), client.get("/documents/D-0000-0000/")
        assert without_token(hidden.content) == without_token(absent.content)
        with acting_as(seat):
            assert not MinutesDocument.objects.filter(pk=document.pk).exists()
            assert Meeting.objects.filter(pk=world.meeting.pk).exists()
    with as_owner():
        assert MinutesDocument.objects.filter(pk=document.pk, content__isnull=False).exists()


def test_a_pdf_that_was_waiting_at_withdrawal_holds_nothing_of_the_case(world: World) -> None:
    seat = world.cast["police_lead"]
    withdraw_from(world, "police")
    assert tasks.make_document(membership_id=seat.membership_id, document_id=str(world.document.pk))
    answer = world.cast.client("police_lead").get(f"/documents/{world.document.reference}/file/")
    assert answer.status_code == 200
    text = text_of(answer.content)
    assert world.meeting.reference in text
    for words in (NAME, SAID, SUMMARY, "Visit the flat", world.case.reference):
        assert words not in text


def test_a_pdf_made_at_a_wider_scope_is_404_at_a_narrower_one(world: World) -> None:
    last_day = london_date(dt.datetime.now(dt.UTC))  # the database ends a grant by its own clock
    shared(world.cast, world.case.pk, "police", Scope.FULL, ends_on=last_day)
    document = ready(world.cast, "police_lead", world.meeting)
    client, system = world.cast.client("police_lead"), world.cast["system"]
    assert "Book the check" in text_of(client.get(f"/documents/{document.reference}/file/").content)
    with acting_as(system):
        assert end_expired_sharing(by=system, at=london_time(last_day + dt.timedelta(days=2))) == 1
    assert client.get(f"/cases/{world.case.reference}/").status_code == 200
    assert statuses(client, document) == (404, 404)
    text = text_of(client.get(f"/documents/{ready(world.cast, 'police_lead', world.meeting).reference}/file/").content)
    assert ("Visit the flat" in text, "Book the check" in text) == (True, False)


# --- After withdrawal ------------------------------------------------------------------------------------------------


def counts(cast: Cast, name: str) -> dict[str, Any]:
    """Every number that a seat is told: home, lists, API, search, and the dashboard where the role has one."""
    client, found = cast.client(name), dict[str, Any]()
    home = client.get("/")
    found["home"] = {card["label"]: card["count"] for card in home.context["cards"]}
    found["home total"] = home.context["total"]
    found["cases"] = len(client.get("/cases/").context["rows"])
    found["search"] = client.post("/cases/search/", {"text": "Brightwater"}).context["count"]
    found["actions"] = {card["label"]: card["count"] for card in client.get("/actions/").context["cards"]}
    for resource in ("cases", "referrals", "actions"):
        found[f"api {resource}"] = len(client.get(f"/api/v1/{resource}/").json()["results"])
    if can(cast[name], Capability.DASHBOARD):
        board = client.get("/dashboard/")
        assert board.status_code == 200
        found["dashboard"] = [(row["key"], row["value"]) for row in board.context["summary"]]
        found["dashboard tables"] = board.context["figures"].as_dict()
        found["volt"] = len(client.get("/volt/").context["rows"])
        found["shared by cases"] = len(client.get("/volt/shared/").context["groups"])
    return found


def test_after_withdrawal_every_count_is_what_it_was_before(cast: Cast) -> None:
    before = {name: counts(cast, name) for name in ("police_lead", "police_member", "stranger_police")}
    assert before["police_lead"]["cases"] == before["police_lead"]["api actions"] == 0
    world = make_world(cast)
    shared(world.cast, world.case.pk, "police", Scope.FULL)
    after = {name: counts(cast, name) for name in before}
    lead = after["police_lead"]
    assert (lead["cases"], lead["search"], lead["api cases"], lead["api actions"]) == (1, 1, 1, 2)
    assert (lead["dashboard"][0], lead["home total"] > 0) == (("Referrals", "1"), True)
    assert after["police_member"]["actions"]["Overdue"] == after["police_member"]["api cases"] == 1
    assert after["stranger_police"] == before["stranger_police"]
    withdraw_from(world, "police")
    assert {name: counts(cast, name) for name in before} == before


def test_after_withdrawal_a_partner_reads_what_it_wrote_and_nothing_else(world: World) -> None:
    cast = world.cast
    for name, words in (("police_lead", "The desk has looked"), ("police_member", "Went there on Friday")):
        with acting_as(cast[name]):
            report_on_action(action=world.action, text=words, by=cast[name], at=HELD)
    assert where(everything(world, "police_lead"), "Went there on Friday")
    withdraw_from(world, "police")
    written = {
        "police_lead": ("The desk has looked", "Went there on Friday"),
        "police_member": ("Went there on Friday",),
    }
    for name, own in written.items():
        client, answers = cast.client(name), everything(world, name)
        for words in own:
            assert where(answers, words) == ["actions/written/"], (name, words)
        assert world.action.reference in answers["actions/written/"]
        for words in (NAME, "Brightwater", SUMMARY, SAID, "Visit the flat", *FULL_ONLY, *OTHERS_ACTION):
            assert where(answers, words) == [], (name, words)
        for kind in ("case", "referral", "review", "person", "next_item"):
            assert where(answers, world.references()[kind]) == [], (name, kind)
        for path, absent in (
            (f"/cases/{world.case.reference}/", "/cases/C-0000-0000/"),
            (f"/cases/{world.case.reference}/sharing/", "/cases/C-0000-0000/sharing/"),
            (f"/actions/{world.action.reference}/", "/actions/A-0000-0000/"),
            (f"/api/v1/cases/{world.case.reference}/", "/api/v1/cases/C-0000-0000/"),
            (f"/api/v1/actions/{world.action.reference}/", "/api/v1/actions/A-0000-0000/"),
        ):
            hidden, unknown = client.get(path), client.get(absent)
            assert (hidden.status_code, unknown.status_code) == (404, 404), (name, path)
            assert without_token(hidden.content) == without_token(unknown.content), (name, path)
        for what in ("report", "close"):
            answer = client.post(f"/actions/{world.action.reference}/{what}/", {"text": "More", "status": "done"})
            assert answer.status_code == 404
    assert "Went there on Friday" not in everything(world, "police_member")["actions/<str:reference>/"]
    minutes = cast.client("police_lead").get(f"/meetings/{world.meeting.reference}/minutes/")
    assert (minutes.status_code, SAID in minutes.content.decode()) == (200, False)
