"""The pages on which a coordinator brings in a spreadsheet, from the file to the end and back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from mace.audit.models import ReadEntry
from mace.core.seat import acting_as
from mace.importing import tasks
from mace.importing.models import Import, Spelling
from mace.importing.selectors.files import RowLine, rows_of
from referrals.models import Case
from tests.dashboards.markup import Markup
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import open_case
from tests.importing.ground import brought, checked, imported
from tests.importing.sheets import HEAD, book, row, tracker

ODD = [
    ["Young person", "Born", "Grade", "Note to self", "First discussed"],
    ["Marla Quillfeather", "04/05/2011", "Hi", "Aunt rings", "09/02/2026"],
    ["Tobin Ashgrove", "about 15", "Lo", "", "10/02/2026"],
    ["Marla Quilfeather", "04/05/2011", "Hi", "", "11/02/2026"],
]


def sent(client: Client, content: bytes, name: str = "tracker.xlsx") -> Any:
    return client.post("/imports/", {"file": SimpleUploadedFile(name, content)})


def page(client: Client, address: str, *, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    body = answer.content.decode()
    Markup(body).check()
    return body


def version(cast: Cast) -> int:
    with as_owner():
        return Import.objects.get().version


def worked(cast: Cast, task: Any) -> None:
    """What the worker does with the task that was queued."""
    with as_owner():
        file = Import.objects.get()
    task(membership_id=cast["coordinator"].membership_id, import_id=file.pk)


def decided(cast: Cast, client: Client) -> str:
    """Brought in, its columns and values decided on the pages; where the import is."""
    assert "/imports/" in page(client, "/cases/")
    page(client, "/imports/")
    answer = sent(client, book(Feb=ODD))
    assert answer.status_code == 302
    here = answer.headers["Location"]
    body = page(client, here)
    assert "Feb" in body
    # the sheet, its headings and columns
    sheet = page(client, here + "sheets/1/")
    for words in ("Row 1", "Note to self", "Aunt rings", 'name="c-column_4"'):
        assert words in sheet
    columns = {
        f"c-column_{n}": field for n, field in enumerate(("name", "date_of_birth", "rating", "note", "pre_mace_on"), 1)
    }
    chosen = {"step": "columns", "c-names": "forename_surname", "version": version(cast), **columns}
    assert client.post(here + "sheets/1/", chosen).status_code == 302
    # what the values mean
    values = page(client, here + "values/rating/")
    assert "‘Hi’" in values
    names = dict(re.findall(r'<label class="govuk-label[^"]*" for="id_(rating_\d)">\s*‘(\w+)’', values))
    meant = {"Hi": "significant", "Lo": "emerging"}
    given = {field: meant[text] for field, text in names.items()}
    assert len(given) == 2
    assert client.post(here + "values/rating/", given | {"version": version(cast)}).status_code == 302
    with as_owner():
        assert dict(Spelling.objects.values_list("written", "code")) == {"hi": "significant", "lo": "emerging"}
    return here


def check_again(cast: Cast, client: Client, here: str) -> str:
    assert client.post(here + "go/", {"do": "check"}).status_code == 302
    assert "The file is being checked" in page(client, here)
    worked(cast, tasks.check_import)
    return page(client, here)


def test_from_the_file_to_the_cases_and_back(cast: Cast) -> None:
    client = cast.client("coordinator")
    here = decided(cast, client)
    # checked: one row cannot be read, two may be one child
    body = check_again(cast, client, here)
    for words in ("Must be corrected", "Feb, B3", "People on several rows (1)", "1 row left out"):
        assert words in body, words
    assert "about 15" in page(client, here + "cells/1/B3/")
    assert client.post(here + "cells/1/B3/", {"text": "05/06/2012", "version": version(cast)}).status_code == 302
    check_again(cast, client, here)
    people = page(client, here + "people/")
    key = re.search(r'name="([0-9a-f]{16})"', people)
    assert key
    assert client.post(here + "people/", {key[1]: "yes", "version": version(cast)}).status_code == 302
    body = check_again(cast, client, here)
    for words in ("2 children new here", "2 cases opened", "1 referral added"):
        assert words in body, words
    # imported, looked at, taken back
    assert client.post(here + "go/", {"do": "import"}).status_code == 302
    assert "0 of 3 rows are done" in page(client, here)
    worked(cast, tasks.run_import)
    body = page(client, here)
    assert "Imported" in body
    assert page(client, here + "rows/").count("govuk-link app-nowrap") == 3
    with acting_as(cast["coordinator"]):
        assert sorted(Case.objects.values_list("summary__rating", flat=True)) == ["emerging", "significant"]
        case = Case.objects.get(summary__rating="emerging")
    cells = page(client, f"/cases/{case.reference}/spreadsheet/")
    assert "about 15 (read as: 05/06/2012)" in cells
    page(client, here + "undo/")
    assert client.post(here + "undo/", {"reason": "Only a trial"}).status_code == 302
    assert "Only a trial" in page(client, here)
    assert client.get(f"/cases/{case.reference}/").status_code == 404


def test_headings_in_another_row_are_read_when_that_is_said(cast: Cast) -> None:
    client = cast.client("coordinator")
    rows = [["x", "y", "z"], *[[f"filler {n}", "a", "b"] for n in range(3)], *ODD]
    here = sent(client, book(Feb=rows)).headers["Location"]
    said = {"step": "headings", "use": "people", "first": "5", "second": "", "version": version(cast)}
    answer = client.post(here + "sheets/1/", said)
    assert answer.status_code == 302
    assert "B: Born" in page(client, here + "sheets/1/")
    for wrong in (
        {"first": ""},
        {"first": "99"},
        {"first": "0"},
        {"use": "cars"},
        {"first": "5", "second": "999999999999"},
    ):
        answer = client.post(here + "sheets/1/", said | {"version": version(cast)} | wrong)
        assert answer.status_code == 422, wrong
        assert "There is a problem" in answer.content.decode()
    assert client.post(here + "sheets/1/", said | {"use": "nothing", "version": version(cast)}).status_code == 302
    assert "Left out" in page(client, here)


def test_a_decision_made_of_an_older_page_is_not_taken(cast: Cast) -> None:
    client = cast.client("coordinator")
    here = sent(client, tracker(row("Marla Quillfeather", "about 15"))).headers["Location"]
    seen = version(cast)
    assert client.post(here + "cells/1/B3/", {"text": "04/05/2011", "version": seen}).status_code == 302
    answer = client.post(here + "cells/1/B3/", {"text": "05/05/2011", "version": seen})
    assert answer.status_code == 422
    assert "Somebody else changed this import meanwhile" in answer.content.decode()
    with as_owner():
        assert Import.objects.get().decisions["cells"] == {"Tracker": {"B3": "04/05/2011"}}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "Choose a file"),
        (b"", "empty"),
        (b"%PDF-1.7 a report", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "xlsx"),
        (b"x" * (20 * 1024 * 1024 + 1), "larger than 20 MB"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_kept(cast: Cast, content: bytes | None, words: str) -> None:
    client = cast.client("coordinator")
    answer = client.post("/imports/", {}) if content is None else sent(client, content)
    assert answer.status_code == 422
    body = answer.content.decode()
    assert "<title>Error: Bring in cases" in body
    assert words in body
    with as_owner():
        assert not Import.objects.exists()


def test_what_is_not_there_is_not_found(cast: Cast) -> None:
    client = cast.client("coordinator")
    here = sent(client, tracker(row("Marla Quillfeather", "04/05/2011"))).headers["Location"]
    for rest in ("sheets/0/", "sheets/2/", "values/name/", "values/outcome/", "people/", "undo/", "cells/2/B3/"):
        assert client.get(here + rest).status_code == 404, rest
    assert client.post(here + "go/", {"do": "dance"}).status_code == 404
    answer = client.post(here + "cells/1/nowhere/", {"text": "x", "version": version(cast)})
    assert answer.status_code == 422
    assert "is no cell" in answer.content.decode()
    assert "being prepared" in page(client, here)
    assert client.post(here + "go/", {"do": "import"}).status_code == 302
    assert "Load the page again" in page(client, here)  # not checked yet


def test_an_import_that_is_left_forgets_the_file(cast: Cast) -> None:
    client = cast.client("coordinator")
    here = sent(client, tracker(row("Marla Quillfeather", "04/05/2011"))).headers["Location"]
    assert client.post(here + "go/", {"do": "leave"}).status_code == 302
    with as_owner():
        file = Import.objects.get()
        assert (file.content, file.plan, file.outline, file.found) == (None, {}, [], {})
    assert "given up" in page(client, here)
    assert client.get(here + "sheets/1/").status_code == 404
    answer = client.post(here + "cells/1/B3/", {"text": "x"})
    assert answer.status_code == 404


def test_a_change_while_it_is_imported_is_refused(cast: Cast) -> None:
    client = cast.client("coordinator")
    here = sent(client, tracker(row("Marla Quillfeather", "04/05/2011"))).headers["Location"]
    client.post(here + "go/", {"do": "check"})
    answer = client.post(here + "cells/1/B3/", {"text": "x", "version": version(cast)})
    assert answer.status_code == 422
    assert "nothing can be changed now" in answer.content.decode()


def test_statements_do_not_grow_with_rows(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = cast.client("coordinator")
    names = ("Marla", "Tobin", "Wren", "Ivy", "Jory")
    for many in (1, 5):
        rows = [row(f"{name} Quillfeather", f"0{at + 1}/05/2011", rating="RED") for at, name in enumerate(names[:many])]
        file = checked(cast, brought(cast, tracker(*rows)))
        client.get(f"/imports/{file.reference}/")
        with django_assert_num_queries(6):
            assert "being" not in page(client, f"/imports/{file.reference}/").split("<main")[0]
    done = imported(cast, book(Tracker=[HEAD, *rows]))
    with django_assert_num_queries(7):
        page(client, f"/imports/{done.reference}/rows/")


def test_what_is_larger_than_any_file_may_be_is_refused_unread(cast: Cast) -> None:
    client = cast.client("coordinator")
    answer = sent(client, b"x" * (21 * 1024 * 1024))
    assert answer.status_code == 413
    assert "at most 20 MB" in answer.content.decode()
    typed = client.post(
        "/cases/search/", "text=" + "x" * (5 * 1024 * 1024), content_type="application/x-www-form-urlencoded"
    )
    assert typed.status_code == 413


def test_a_page_shows_the_rows_of_its_own_import_alone(cast: Cast) -> None:
    client = cast.client("coordinator")
    first = imported(cast, tracker(row("Marla Quillfeather", "04/05/2011", comments="An aunt")))
    second = imported(
        cast, tracker(row("Tobin Ashgrove", "05/06/2012", comments="An uncle"), row("Wren Halloway", "06/07/2012"))
    )
    with acting_as(cast["coordinator"]):
        cases = {
            str(surname): str(reference)
            for surname, reference in Case.objects.values_list("child__identity__surname", "reference")
        }
    files = (("first", first), ("second", second))
    shown = {name: page(client, f"/imports/{file.reference}/rows/") for name, file in files}
    assert {name: [ref for ref in cases.values() if ref in body] for name, body in shown.items()} == {
        "first": [cases["Quillfeather"]],
        "second": [cases["Ashgrove"], cases["Halloway"]],
    }
    body = page(client, f"/cases/{cases['Quillfeather']}/spreadsheet/")
    assert ("An aunt" in body, "An uncle" in body) == (True, False)
    lines, following = with_seat(cast, second, 0)
    assert ([line.case for line in lines], following > 0) == ([cases["Ashgrove"]], True)
    lines, last = with_seat(cast, second, following)
    assert ([line.case for line in lines], last) == ([cases["Halloway"]], 0)


def with_seat(cast: Cast, file: Import, after: int) -> tuple[list[RowLine], int]:
    with acting_as(cast["coordinator"]):
        return rows_of(file, after=after, size=1)


def test_a_case_that_came_from_no_spreadsheet_has_no_such_page(cast: Cast) -> None:
    case = open_case(cast)
    imported(cast, tracker(row("Marla Quillfeather", "04/05/2011")))
    client = cast.client("coordinator")
    assert client.get(f"/cases/{case.reference}/").status_code == 200
    assert client.get(f"/cases/{case.reference}/spreadsheet/").status_code == 404


def test_what_the_pages_show_is_put_on_record(cast: Cast) -> None:
    client, seat = cast.client("coordinator"), cast["coordinator"]
    here = sent(client, tracker(row("Marla Quillfeather", "04/05/2011"))).headers["Location"]
    done = imported(cast, tracker(row("Tobin Ashgrove", "05/06/2012")))
    with acting_as(seat):
        case = Case.objects.get()
    for address, expected in (
        (here, ("spreadsheet", here.split("/")[2], None)),
        (here + "sheets/1/", ("spreadsheet", here.split("/")[2], None)),
        (here + "cells/1/B3/", ("spreadsheet", here.split("/")[2], None)),
        (f"/imports/{done.reference}/rows/", ("spreadsheet rows", done.reference, None)),
        (f"/cases/{case.reference}/spreadsheet/", ("spreadsheet cells", case.reference, case.pk)),
    ):
        with as_owner():
            before = ReadEntry.objects.count()
        page(client, address)
        with as_owner():
            assert ReadEntry.objects.count() == before + 1, address
            entry = ReadEntry.objects.latest("pk")
        assert (entry.action, entry.reference, entry.record_id) == expected, address
        assert entry.membership_id == seat.membership_id


def test_the_worker_takes_the_import_that_it_was_given(cast: Cast) -> None:
    client, seat = cast.client("coordinator"), cast["coordinator"]
    for name in ("Marla Quillfeather", "Tobin Ashgrove", "Wren Halloway"):
        here = sent(client, tracker(row(name, "04/05/2011"))).headers["Location"]
        client.post(here + "go/", {"do": "check"})
    with as_owner():
        first, second, third = Import.objects.order_by("pk")
    assert tasks.check_import(membership_id=seat.membership_id, import_id=second.pk)
    with as_owner():
        assert list(Import.objects.order_by("pk").values_list("status", flat=True)) == [
            "checking",
            "checked",
            "checking",
        ]
    assert not tasks.check_import(membership_id=cast["stranger_coordinator"].membership_id, import_id=first.pk)
    assert not tasks.run_import(membership_id=seat.membership_id, import_id=third.pk)
