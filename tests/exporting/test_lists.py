"""Lists taken away as files: asked for, made in the seat that asked, downloaded, erased."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re

import openpyxl
import pytest
from django.urls import reverse

from mace.access.models import Scope
from mace.access.services import restrict
from mace.casework.rules import CASE_COLUMNS
from mace.core import clock
from mace.core.seat import acting_as
from mace.exporting.models import Export
from mace.exporting.selectors import lists
from mace.exporting.services import making
from referrals.models import ChildIdentity
from referrals.rules import age_on
from tests.access.world import make_world
from tests.exporting.taken import WHY, asked, download, links, made, now_of, page, rows_of, run, table
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import MONDAY, another_child, open_case, submitted_referral


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
