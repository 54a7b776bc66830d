"""Lists taken away as files: asked for, made in the seat that asked, downloaded, erased."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
from typing import Any

import openpyxl
import pytest
from django.http import HttpResponse
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from mace.access.models import Scope
from mace.access.services import restrict
from mace.accounts.models import Membership
from mace.audit.models import ReadEntry
from mace.casework.rules import CASE_COLUMNS
from mace.core import clock
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.exporting import tasks
from mace.exporting.models import Export, ExportFile
from mace.exporting.selectors import lists
from mace.exporting.selectors.readers import readers_of
from mace.exporting.services import making
from mace.exporting.services.asking import MAKE, ask_for_case, ask_for_list
from mace.exporting.services.erasing import erase_expired
from mace.notifications.models import Message
from referrals.models import ChildIdentity
from referrals.rules import age_on
from tests.access.world import make_world
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import MONDAY, another_child, open_case, submitted_referral

WHY = "For the monthly meeting of the partnership"


def asked(cast: Cast, name: str, what: str = "cases", query: str = "", *, kind: str = "csv") -> Export:
    """Asked for on the page, as a person would."""
    url = reverse("exporting:ask", args=[what]) + query
    answer = cast.client(name).post(url, {"format": kind, "reason": WHY})
    assert answer.status_code == 302, answer.content.decode()
    with acting_as(cast[name]):
        return Export.objects.latest("pk")


def run(cast: Cast, name: str, export: Export) -> bool:
    return tasks.make_export(membership_id=cast[name].membership_id, export_id=export.pk)


def now_of(cast: Cast, name: str, export: Export) -> Export:
    with acting_as(cast[name]):
        return Export.objects.get(pk=export.pk)


def made(cast: Cast, name: str, what: str = "cases", query: str = "", *, kind: str = "csv") -> Export:
    """Asked for, and made by the task, which starts in no seat."""
    export = asked(cast, name, what, query, kind=kind)
    run(cast, name, export)
    return now_of(cast, name, export)


def download(cast: Cast, name: str, export: Export) -> Any:
    return cast.client(name).get(reverse("exporting:file", args=[export.reference]))


def rows_of(answer: HttpResponse) -> list[list[str]]:
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_list_of_cases_is_asked_for_made_and_downloaded(cast: Cast) -> None:
    case = open_case(cast)
    with acting_as(cast["coordinator"]):
        child = ChildIdentity.objects.get(child=case.child_id).full_name
    export = made(cast, "coordinator")
    assert (export.status, export.rows) == ("ready", 1)
    answer = download(cast, "coordinator", export)
    marking, head, row = rows_of(answer)
    assert marking[0].startswith("OFFICIAL-SENSITIVE · exported by ")
    assert export.reference in marking[0]
    assert WHY in marking[0]
    assert "delete after" in marking[0]
    assert head[:3] == ["Name", "Age", "Case"]
    assert (row[0], row[2]) == (child, case.reference)


def table(cast: Cast, name: str, what: str, query: str = "") -> list[dict[str, str]]:
    """The rows of an export by their headings."""
    _, head, *rows = rows_of(download(cast, name, made(cast, name, what, query)))
    return [dict(zip(head, row, strict=True)) for row in rows]


def page(cast: Cast, name: str, export: Export) -> str:
    return cast.client(name).get(reverse("exporting:export", args=[export.reference])).content.decode()


def links(cast: Cast, name: str, path: str, pattern: str) -> list[str]:
    """References that a page links to, in its order."""
    body = cast.client(name).get(path).content.decode()
    return list(dict.fromkeys(re.findall(f'href="{pattern}([A-Z]-[0-9A-Z]{{4}}-[0-9A-Z]{{4}})/"', body)))


# --- What is in them -------------------------------------------------------------------------------------------------


def test_each_list_holds_the_rows_of_its_page_in_their_order(cast: Cast) -> None:
    world = make_world(cast)
    submitted_referral(cast, child=another_child(5), at=MONDAY + dt.timedelta(days=1))
    for what, path, pattern, head in (
        ("cases", "/cases/", "/cases/", "Case"),
        ("referrals", "/referrals/", "/referrals/", "Reference"),
        ("actions", "/actions/", "/actions/", "Reference"),
        ("reviews", "/reviews/", "/reviews/", "Reference"),
    ):
        for name in ("coordinator", "chair"):
            expected = links(cast, name, path, pattern)
            assert [row[head] for row in table(cast, name, what)] == expected, (what, name)
            assert expected or name == "chair"
    waiting = links(cast, "coordinator", "/referrals/screening/", "/referrals/") or [
        reference[:11]
        for reference in re.findall(
            r"/referrals/(R-[0-9A-Z]{4}-[0-9A-Z]{4})/screen/",
            cast.client("coordinator").get("/referrals/screening/").content.decode(),
        )
    ]
    rows = table(cast, "coordinator", "screening")
    assert [row["Reference"] for row in rows] == list(dict.fromkeys(waiting))
    assert world.waiting.reference in waiting
    assert len(waiting) == 3
    assert rows[0]["Rating"] == "Moderate"


def test_what_stands_in_the_rows_of_actions_reviews_and_referrals(cast: Cast) -> None:
    world = make_world(cast)
    actions = {row["Reference"]: row for row in table(cast, "coordinator", "actions")}
    row = actions[world.action.reference]
    assert (row["Action"], row["Child"], row["Case"]) == ("Visit the flat", "Tamika Brightwater", world.case.reference)
    assert (row["Agency"], row["Owner"], row["Due"], row["Status"]) == (
        *("Anytown Police", "Police Member", "2026-04-01", "Open"),
    )
    assert table(cast, "chair", "actions")[0]["Action"] == "Visit the flat"
    [review] = table(cast, "coordinator", "reviews")
    assert (review["Reference"], review["Case"], review["Due"]) == (
        *(world.review.reference, world.case.reference, "2026-05-25"),
    )
    assert int(review["Days overdue"]) == max((clock.today() - dt.date(2026, 5, 25)).days, 0)
    referrals = {row["Reference"]: row for row in table(cast, "coordinator", "referrals")}
    assert referrals[world.referral.reference]["Case"] == world.case.reference
    assert referrals[world.waiting.reference]["Status"] == "Submitted"
    about = {row["Reference"]: (row["Name"], row["About"]) for row in table(cast, "coordinator", "screening")}
    assert about[world.matter.reference] == ("The skate park year 10s", "A peer group")


def test_the_list_of_cases_is_narrowed_and_has_the_columns_of_the_page(cast: Cast) -> None:
    case = open_case(cast)
    query = "?state=open&columns=born&columns=case"
    [row] = table(cast, "coordinator", "cases", query)
    assert row == {"Name": "Tamika Brightwater", "Case": case.reference, "Date of birth": "2011-03-27"}
    assert table(cast, "coordinator", "cases", "?state=closed") == []
    assert table(cast, "coordinator", "cases", "?rating=significant") == []
    body = cast.client("coordinator").get(f"/cases/{query}").content.decode()
    assert 'href="/exports/new/cases/?state=open&amp;columns=case&amp;columns=born"' in body
    asking = cast.client("coordinator").get(f"/exports/new/cases/{query}").content.decode()
    assert "<strong>State: Open</strong>" in asking
    assert "Name, Case, Date of birth" in asking


@pytest.mark.parametrize(("what", "query"), [("cases", "?rating=serious"), ("actions", "?show=all")])
def test_a_list_narrowed_by_what_there_is_not_is_never_exported_as_a_whole(cast: Cast, what: str, query: str) -> None:
    for send in (cast.client("coordinator").get, cast.client("coordinator").post):
        answer = send(reverse("exporting:ask", args=[what]) + query)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/{what}/{query}")
    with acting_as(cast["coordinator"]):
        assert not Export.objects.exists()


def test_every_column_has_its_value(cast: Cast) -> None:
    open_case(cast)
    query = "?" + "&".join(f"columns={name}" for name in CASE_COLUMNS)
    [row] = table(cast, "coordinator", "cases", query)
    assert list(row) == ["Name", *CASE_COLUMNS.values()]
    assert row["Age"] == str(age_on(dt.date(2011, 3, 27), clock.today()))
    assert (row["Rating"], row["Main category"], row["Open at"]) == ("Moderate", "County lines", "Pre-MACE")
    assert (row["Lead professional"], row["Coordinator"]) == ("Practitioner", "Coordinator")
    assert (row["Lead agency"], row["Opened"], row["Rated"]) == (
        *("Anytown Children’s Services", "2026-03-02", "2026-03-02"),
    )


def test_what_a_seat_does_not_see_is_not_in_its_file(cast: Cast) -> None:
    case, other = open_case(cast), open_case(cast, child=another_child(4))
    with acting_as(cast["coordinator"]):
        people = {cast.memberships["coordinator"]: Scope.FULL}
        restrict(record_id=case.pk, people=people, reason="An operation", by=cast["coordinator"])
    assert {row["Case"] for row in table(cast, "coordinator", "cases")} == {case.reference, other.reference}
    assert case.reference not in {row["Case"] for row in table(cast, "chair", "cases")}
    assert table(cast, "stranger_coordinator", "cases") == []


def test_a_list_is_read_in_chunks_to_its_end(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [open_case(cast, child=another_child(number)) for number in range(3)]
    monkeypatch.setattr(lists, "CHUNK", 1)
    expected = {case.reference for case in cases}
    assert {row["Case"] for row in table(cast, "coordinator", "cases")} == expected
    assert {row["Case"] for row in table(cast, "coordinator", "cases", "?state=open")} == expected


def test_a_workbook_has_days_marking_and_no_name_in_its_properties(cast: Cast) -> None:
    open_case(cast)
    export = made(cast, "coordinator", "cases", "?columns=born&columns=age", kind="xlsx")
    answer = download(cast, "coordinator", export)
    assert answer["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book.worksheets[0]
    assert sheet["A1"].value.startswith("OFFICIAL-SENSITIVE · exported by Coordinator, Coordinator, Anytown Children")
    assert [cell.value for cell in sheet[2]] == ["Name", "Age", "Date of birth"]
    assert (sheet["A3"].value, sheet["C3"].value.date()) == ("Tamika Brightwater", dt.date(2011, 3, 27))
    assert (book.properties.title, book.properties.lastModifiedBy) == (export.reference, None)
    assert hashlib.sha256(answer.content).hexdigest() == export.digest


def test_a_name_that_looks_like_a_formula_is_not_computed(cast: Cast) -> None:
    open_case(cast, child={"forename": "=1+1", "surname": "@SUM(A1)"})
    assert table(cast, "coordinator", "cases")[0]["Name"] == "'=1+1 @SUM(A1)"
    export = made(cast, "coordinator", "cases", kind="xlsx")
    cell = openpyxl.load_workbook(io.BytesIO(download(cast, "coordinator", export).content)).worksheets[0]["A3"]
    assert (cell.value, cell.data_type) == ("=1+1 @SUM(A1)", "s")


def test_a_list_that_is_too_long_is_refused_with_what_to_do(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2):
        open_case(cast, child=another_child(number))
    monkeypatch.setattr(making, "ROWS_AT_MOST", 1)
    export = made(cast, "coordinator")
    assert (export.status, export.problem) == ("failed", making.TOO_LONG)
    assert "Narrow it, and ask again" in page(cast, "coordinator", export)
    assert download(cast, "coordinator", export).status_code == 410


def test_a_list_narrowed_by_what_is_no_more_is_refused(cast: Cast) -> None:
    export = asked(cast, "coordinator", "cases", "?state=open")
    with as_owner():
        Export.objects.filter(pk=export.pk).update(chosen={"tier": "no_such_tier"})
    assert not run(cast, "coordinator", export)
    assert "Ask again from the list" in now_of(cast, "coordinator", export).problem


# --- Who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "what", "status"),
    [
        ("manager", "cases", 403),
        ("coordinator", "screening", 200),
        ("chair", "actions", 200),
        ("police_lead", "cases", 403),
        ("police_lead", "screening", 403),
        ("police_lead", "reviews", 403),
        ("practitioner", "cases", 403),
        ("police_member", "cases", 403),
        ("board", "actions", 403),
        ("ig", "cases", 403),
        ("coordinator", "nothing", 404),
        ("coordinator", "case", 404),
    ],
)
def test_who_may_export_which_list(cast: Cast, name: str, what: str, status: int) -> None:
    assert cast.client(name).get(reverse("exporting:ask", args=[what])).status_code == status


def test_pages_offer_it_to_those_who_may(cast: Cast) -> None:
    make_world(cast)
    for path, what in (
        ("/cases/", "cases/"),
        ("/referrals/", "referrals/"),
        ("/referrals/screening/", "screening/"),
        ("/actions/?show=overdue", "actions/?show=overdue"),
        ("/reviews/", "reviews/"),
    ):
        assert f'href="/exports/new/{what}"' in cast.client("coordinator").get(path).content.decode()
    for path in ("/cases/", "/referrals/", "/actions/", "/reviews/"):
        assert "/exports/new/" not in cast.client("practitioner").get(path).content.decode()
    case = links(cast, "coordinator", "/cases/", "/cases/")[0]
    for name, offered in (("practitioner", True), ("police_lead", True), ("police_member", False)):
        body = cast.client(name).get(f"/cases/{case}/").content.decode()
        assert ("PDF of this case" in body) is offered, name


def test_services_ask_too(cast: Cast) -> None:
    case = open_case(cast)
    for name, what in (("practitioner", "cases"), ("police_lead", "screening")):
        with acting_as(cast[name]), pytest.raises(NotAllowed):
            ask_for_list(what=what, chosen={}, format="csv", reason=WHY, by=cast[name], at=clock.now())
    with acting_as(cast["coordinator"]):
        [reader] = [one for one in readers_of(case.pk) if one.member.agency_id == cast.agencies["social_care"].pk][:1]
        with pytest.raises(RuleBroken):
            ask_for_list(what="cases", chosen={}, format="pdf", reason=WHY, by=cast["coordinator"], at=clock.now())
        with pytest.raises(RuleBroken):
            ask_for_list(
                what="cases", chosen={}, format="csv", reason="  short  ", by=cast["coordinator"], at=clock.now()
            )
    with acting_as(cast["practitioner"]), pytest.raises(NotAllowed):
        ask_for_case(case=case, reader=reader, reason=WHY, by=cast["practitioner"], at=clock.now())
    with acting_as(cast["police_member"]), pytest.raises(NotAllowed):
        ask_for_case(case=case, reader=None, reason=WHY, by=cast["police_member"], at=clock.now())


def test_a_reason_is_asked_for_and_kept(cast: Cast) -> None:
    url = reverse("exporting:ask", args=["cases"])
    for reason in ("", "too short"):
        answer = cast.client("coordinator").post(url, {"format": "csv", "reason": reason})
        assert answer.status_code == 422
        assert "at least 10 characters" in answer.content.decode()
    assert WHY in page(cast, "coordinator", made(cast, "coordinator"))


def test_sign_in_must_be_fresh_to_ask_and_to_download(cast: Cast) -> None:
    open_case(cast)
    export = made(cast, "coordinator")
    client = cast.client("coordinator")
    paths = ["/exports/new/cases/", f"/exports/{export.reference}/file/"]
    assert [client.get(path).status_code for path in paths] == [200, 200]
    session = client.session
    session["began_at"] -= 600
    session["used_at"] = session["began_at"] + 600
    session.pop("account_authentication_methods", None)
    session.save()
    assert [client.get(path).status_code for path in paths] == [302, 302]


# --- Making ----------------------------------------------------------------------------------------------------------


def test_sending_twice_while_it_waits_makes_one(cast: Cast) -> None:
    first, second = asked(cast, "coordinator"), asked(cast, "coordinator")
    assert first == second
    run(cast, "coordinator", first)
    assert asked(cast, "coordinator") != first


def test_the_task_carries_ids_only_and_can_be_queued_again(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        export = asked(cast, "coordinator")
        cast.client("coordinator").post(reverse("exporting:export", args=[export.reference]))
    ids = {"membership_id": cast["coordinator"].membership_id, "export_id": export.pk}
    sent = [call for call in callbacks if getattr(call, "args", ()) == (MAKE,)]
    assert [call.keywords for call in sent] == [{"kwargs": ids}] * 2  # type: ignore[attr-defined]
    run(cast, "coordinator", export)
    with django_capture_on_commit_callbacks() as callbacks:
        cast.client("coordinator").post(reverse("exporting:export", args=[export.reference]))
    assert not [call for call in callbacks if getattr(call, "args", ()) == (MAKE,)]


def test_making_it_twice_makes_one(cast: Cast) -> None:
    open_case(cast)
    export = made(cast, "coordinator")
    assert not run(cast, "coordinator", export)
    assert now_of(cast, "coordinator", export).ready_at == export.ready_at


def test_a_task_for_another_seat_makes_nothing(cast: Cast) -> None:
    export = asked(cast, "coordinator")
    for name in ("chair", "manager", "police_lead", "stranger_coordinator"):
        assert not run(cast, name, export)
    assert not tasks.make_export(membership_id=10**9, export_id=export.pk)
    assert now_of(cast, "coordinator", export).status == "waiting"


def test_whoever_left_meanwhile_gets_nothing(cast: Cast) -> None:
    export = asked(cast, "coordinator")
    with as_owner():
        Membership.objects.filter(pk=cast["coordinator"].membership_id).update(
            until_on=clock.today() - dt.timedelta(days=1)
        )
    assert not run(cast, "coordinator", export)
    with as_owner():
        assert Export.objects.get(pk=export.pk).status == "waiting"
        assert ExportFile.objects.count() == 0


def test_death_while_it_is_made_leaves_it_to_be_made(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    open_case(cast)
    export = asked(cast, "coordinator")

    def die(*_: object, **__: object) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(making, "csv_file", die)
        with pytest.raises(KeyboardInterrupt):
            run(cast, "coordinator", export)
    assert now_of(cast, "coordinator", export).status == "waiting"
    with monkeypatch.context() as patch:
        patch.setattr(making, "notify", die)  # after the file and the entry are written
        with pytest.raises(KeyboardInterrupt):
            run(cast, "coordinator", export)
    with as_owner():
        assert ExportFile.objects.count() == 0
        assert ReadEntry.objects.filter(action="export made").count() == 0
    assert run(cast, "coordinator", export)


def test_a_fault_of_ours_is_told_and_not_waited_for(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    export = asked(cast, "coordinator")

    def fail(*_: object) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(making, "csv_file", fail)
    with pytest.raises(ZeroDivisionError):
        run(cast, "coordinator", export)
    found = now_of(cast, "coordinator", export)
    assert (found.status, found.problem) == ("failed", making.FAULT)
    with acting_as(cast["coordinator"]):
        message = Message.objects.get(path=f"/exports/{export.reference}/")
    assert message.subject == f"Export {export.reference} could not be made"


def test_whoever_asked_is_told_when_it_is_ready(cast: Cast) -> None:
    open_case(cast)
    export = made(cast, "coordinator")
    with acting_as(cast["coordinator"]):
        message = Message.objects.get(path=f"/exports/{export.reference}/")
    assert message.subject == f"Export {export.reference} is ready"
    assert "Brightwater" not in message.subject + message.text


# --- Downloading and erasing -----------------------------------------------------------------------------------------


def test_only_the_seat_that_asked_sees_and_downloads_it(cast: Cast) -> None:
    open_case(cast)
    export = made(cast, "coordinator")
    for name in ("chair", "manager", "practitioner", "police_lead", "stranger_coordinator"):
        for path in ("", "file/"):
            answer = cast.client(name).get(f"/exports/{export.reference}/{path}")
            assert answer.status_code == 404, (name, path)
        assert export.reference not in cast.client(name).get("/exports/").content.decode()
    assert export.reference in cast.client("coordinator").get("/exports/").content.decode()


def test_the_download_is_kept_by_nobody_on_its_way(cast: Cast) -> None:
    open_case(cast)
    export = made(cast, "coordinator")
    answer = download(cast, "coordinator", export)
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == f'attachment; filename="{export.reference}.csv"'
    assert answer["Content-Type"] == "text/csv; charset=utf-8"


def test_asking_making_and_each_download_are_on_record_with_how_many(cast: Cast) -> None:
    cases = [open_case(cast, child=another_child(number)) for number in range(2)]
    export = made(cast, "coordinator")
    for _ in range(2):
        download(cast, "coordinator", export)
    page(cast, "coordinator", export)
    with acting_as(cast["coordinator"]):
        entries = ReadEntry.objects.filter(reference=export.reference).order_by("pk")
        found = [(one.kind, one.action, one.rows, set(one.records)) for one in entries]
    keys = {case.pk for case in cases}
    assert found == [
        ("export", "export asked for", 0, set()),
        ("export", "export made", 2, keys),
        ("export", "export taken away", 2, keys),
        ("export", "export taken away", 2, keys),
    ]


def test_it_is_gone_when_something_in_it_is_not_seen_any_more(cast: Cast) -> None:
    case = open_case(cast)
    export = made(cast, "coordinator")
    assert download(cast, "coordinator", export).status_code == 200
    with acting_as(cast["coordinator"]):
        people = {cast.memberships["chair"]: Scope.FULL}
        restrict(record_id=case.pk, people=people, reason="An operation", by=cast["coordinator"])
    answer = download(cast, "coordinator", export)
    assert answer.status_code == 410
    assert "Something in this file is not open to you any more" in answer.content.decode()
    assert "Download the file" not in page(cast, "coordinator", export)


def erase(cast: Cast, at: dt.datetime, name: str = "system") -> int:
    with acting_as(cast[name]):
        return erase_expired(by=cast[name], at=at)


def test_its_content_is_erased_after_a_day(cast: Cast) -> None:
    open_case(cast)
    export = made(cast, "coordinator")
    assert export.ready_at is not None
    assert export.expires_at == export.ready_at + dt.timedelta(hours=24)
    assert erase(cast, export.expires_at - dt.timedelta(seconds=1)) == 0
    assert erase(cast, export.expires_at, "stranger_system") == 0
    assert download(cast, "coordinator", export).status_code == 200
    assert erase(cast, export.expires_at) == 1
    assert now_of(cast, "coordinator", export).status == "expired"
    with as_owner():
        assert ExportFile.objects.count() == 0
    answer = download(cast, "coordinator", export)
    assert answer.status_code == 410
    assert "ask for it again, with the reason" in answer.content.decode()


def test_its_time_is_up_even_before_it_is_erased(cast: Cast) -> None:
    open_case(cast)
    export = made(cast, "coordinator")
    assert export.ready_at is not None
    before = export.ready_at - dt.timedelta(days=3)
    with as_owner():
        Export.objects.filter(pk=export.pk).update(ready_at=before, expires_at=before + dt.timedelta(days=1))
    assert download(cast, "coordinator", export).status_code == 410
    assert "is over, and it is erased" in page(cast, "coordinator", export)


def test_what_waits_since_yesterday_is_given_up(cast: Cast) -> None:
    export = asked(cast, "coordinator")
    erase(cast, export.asked_at + dt.timedelta(hours=23))
    assert now_of(cast, "coordinator", export).status == "waiting"
    erase(cast, export.asked_at + dt.timedelta(hours=25))
    assert now_of(cast, "coordinator", export).status == "failed"
    assert not run(cast, "coordinator", export)


def test_the_clock_erases_in_every_partnership(cast: Cast, settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    open_case(cast)
    export = made(cast, "coordinator")
    asked_of: list[int] = []
    monkeypatch.setattr(tasks.erase_exports_of, "delay", lambda *, partnership_id: asked_of.append(partnership_id))
    tasks.erase_exports()
    assert set(asked_of) == {cast.partnership.pk, cast.other_partnership.pk}
    assert export.expires_at is not None
    monkeypatch.setattr(clock, "now", lambda: export.expires_at)
    for key in asked_of:
        tasks.erase_exports_of(partnership_id=key)
    assert now_of(cast, "coordinator", export).status == "expired"
