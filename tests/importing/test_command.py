"""The same from the shell: what is in the file, what importing it would do, and doing it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from mace.importing.models import Import
from referrals.models import Case
from tests.access.tables import digests
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.importing.sheets import book, row, tracker

ROWS = [row("Marla Quillfeather", "04/05/2011", rating="sig"), row("Tobin Ashgrove", "approx 15", rating="Grade B")]


def said(*arguments: object) -> str:
    out = io.StringIO()
    call_command("import_tracker", *map(str, arguments), "--partnership", "anytown", stdout=out)
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tracker.xlsx"
    path.write_bytes(tracker(*ROWS))
    return path


def test_proposing_says_what_is_there_and_changes_nothing(cast: Cast, file: Path, tmp_path: Path) -> None:
    before, mapping = digests(), tmp_path / "mapping.json"
    out = said(file, "--propose", "--mapping", mapping)
    for words in (
        "Sheet “Tracker”",
        "Headings in row 2",
        "B “DOB” → Date of birth",
        "2 rows read",
        "B4",
        "Nothing was imported.",
    ):
        assert words in out, words
    assert "Quillfeather" not in out
    assert digests() == before
    plan = json.loads(mapping.read_text())
    [sheet] = plan["sheets"]
    assert [column["field"] for column in sheet["columns"]][:4] == ["name", "date_of_birth", "sex", "rating"]


def test_a_mapping_that_was_changed_is_what_counts(cast: Cast, file: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.json"
    said(file, "--propose", "--mapping", mapping)
    plan = json.loads(mapping.read_text())
    for spelling in plan["spellings"]["rating"]:
        spelling.update(code="emerging", sure=True)
    mapping.write_text(json.dumps(plan))
    again = said(file, "--propose", "--mapping", mapping)
    assert "“sig” (1) → emerging" in again
    out = said(file, "--mapping", mapping)
    assert "1 child new here." in out.casefold()
    with as_owner():
        assert Case.objects.select_related("summary").get().summary.rating == "emerging"
    mapping.write_text(json.dumps(plan | {"sheets": [plan["sheets"][0] | {"sheet": "Elsewhere"}]}))
    with pytest.raises(CommandError, match="no sheet “Elsewhere”"):
        said(file, "--propose", "--mapping", mapping)
    mapping.write_text("{")
    with pytest.raises(CommandError, match="cannot be read as JSON"):
        said(file, "--mapping", mapping)


def test_a_dry_run_says_what_would_be_and_changes_nothing(cast: Cast, file: Path) -> None:
    before = digests()
    out = said(file, "--dry-run")
    for words in (
        "1 child new here.",
        "1 case opened.",
        "1 row left out.",
        "Left out: Tracker, row 4: B4:",
        "Doubt: Tracker, D4:",
    ):
        assert words in out, words
    assert "nothing was changed" in out
    assert digests() == before


def test_an_import_is_one_that_coordinators_can_undo(cast: Cast, file: Path) -> None:
    out = said(file)
    with as_owner():
        done = Import.objects.get()
        assert (done.status, Case.objects.count()) == ("imported", 1)
    assert f"Imported as {done.reference}." in out
    client = cast.client("coordinator")
    assert client.post(f"/imports/{done.reference}/undo/", {"reason": "A trial"}).status_code == 302
    with as_owner():
        assert Case.objects.count() == 0


@pytest.mark.parametrize(("content", "words"), [(b"%PDF-1.7", "PDF"), (b"", "empty"), (None, "cannot be read")])
def test_what_cannot_be_read_is_said_in_one_sentence(
    cast: Cast, tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "file.xlsx"
    if content is not None:
        path.write_bytes(content)
    for more in ((), ("--propose",), ("--dry-run",)):
        with pytest.raises(CommandError, match=words):
            said(path, *more)


def test_a_sheet_of_another_kind_is_said_to_be_left_out(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    path.write_bytes(book(Rota=[["Week", "Driver"], ["1", "Ann"], ["2", "Ben"]]))
    assert "Sheet “Rota”: not read" in said(path, "--propose")
    assert "Nothing in this file can be imported" in said(path, "--dry-run")


def test_the_partnership_must_be_there(cast: Cast, file: Path) -> None:
    with pytest.raises(CommandError, match="no partnership called 'nowhere'"):
        call_command("import_tracker", str(file), "--partnership", "nowhere")
