"""Keeping a file and removing it: bytes first, then the row; what is refused leaves nothing."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from mace.attachments import rules, vault
from mace.attachments.models import Attachment
from mace.attachments.rules import room_fault, size_fault, size_words
from mace.attachments.services import examine, keep_file, remove_file
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from referrals.models import Referral
from tests.attachments.scanner import EICAR, Clamd
from tests.factories.cast import Cast
from tests.factories.files import PDF, attached
from tests.factories.referrals import MONDAY, draft_referral

MB = 1024 * 1024


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def draft(cast: Cast) -> Referral:
    return draft_referral(cast)


def test_sizes_are_said_in_words() -> None:
    assert [size_words(size) for size in (1, 1024, 1535, 1024 * 1023, MB, 20 * MB)] == [
        *("1 KB", "1 KB", "1 KB", "1023 KB", "1.0 MB", "20.0 MB")
    ]


def test_how_much_may_be_attached() -> None:
    assert size_fault(0).startswith("The file is empty")
    assert (size_fault(1), size_fault(20 * MB)) == ("", "")
    assert size_fault(20 * MB + 1).startswith("The file is larger than 20 MB")
    assert room_fault(9, 80 * MB, 20 * MB) == ""
    assert room_fault(10, 0, 1).startswith("10 files are attached")
    assert room_fault(5, 80 * MB, 20 * MB + 1).startswith("All files together may have 100 MB")


def test_a_file_is_kept_with_what_was_found_in_it(cast: Cast, draft: Referral, vault: Path) -> None:
    made = attached(cast, draft, title="  Plan of 3 March ", kind="plan", name="x" * 300)
    assert (made.title, made.kind, made.name, made.size) == ("Plan of 3 March", "plan", "x" * 200, len(PDF))
    assert (made.record_id, made.partnership_id) == (draft.record_id, cast.partnership.pk)
    assert (made.added_by_principal, made.scan, made.scanned_at) == (
        cast["practitioner"].principal,
        "not_scanned",
        None,
    )
    assert files_in(vault) == [
        vault / str(cast.partnership.pk) / made.file.hex[:2] / made.file.hex[2:4] / made.file.hex
    ]


def test_sent_twice_it_is_attached_once(cast: Cast, draft: Referral, vault: Path) -> None:
    first, second = (attached(cast, draft, operation="one") for _ in range(2))
    assert first.pk == second.pk
    assert attached(cast, draft).pk != attached(cast, draft).pk
    assert len(files_in(vault)) == 3


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "The file is empty"), (b"x" * (20 * MB + 1), "larger than 20 MB"), (b"MZ\x00", "cannot be attached")],
)
def test_what_is_refused_leaves_nothing(cast: Cast, draft: Referral, vault: Path, content: bytes, words: str) -> None:
    with pytest.raises(RuleBroken, match=words) as refused:
        attached(cast, draft, content=content)
    assert refused.value.field == "file"
    assert files_in(vault) == []
    with acting_as(cast["practitioner"]):
        assert not Attachment.objects.exists()


def test_there_is_room_for_ten_files_and_a_removed_one_makes_room(cast: Cast, draft: Referral) -> None:
    made = [attached(cast, draft) for _ in range(10)]
    with pytest.raises(RuleBroken, match="10 files are attached"):
        attached(cast, draft)
    seat = cast["practitioner"]
    with acting_as(seat):
        remove_file(attachment=made[3], reason="Twice", by=seat, at=MONDAY)
    attached(cast, draft)


def test_all_files_together_have_a_bound(cast: Cast, draft: Referral, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_TOGETHER", 2 * len(PDF))
    attached(cast, draft)
    attached(cast, draft)
    with pytest.raises(RuleBroken, match="100 MB"):
        attached(cast, draft)


def test_a_row_that_is_refused_takes_its_file_along(
    cast: Cast, draft: Referral, vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat = cast["practitioner"]
    with acting_as(seat), pytest.raises(DatabaseError), transaction.atomic():
        keep_file(
            record_id=draft.record_id,
            partnership_id=draft.partnership_id,
            kind="a kind that is too long for it",
            title="x",
            name="x",
            content=PDF,
            examined=examine(PDF),
            operation="",
            by=seat,
            at=MONDAY,
        )
    assert files_in(vault) == []


def test_a_file_that_is_removed_leaves_its_row_and_loses_its_bytes_at_commit(
    cast: Cast, draft: Referral, vault: Path, django_capture_on_commit_callbacks: Any
) -> None:
    made, seat = attached(cast, draft), cast["practitioner"]
    with acting_as(seat):
        with pytest.raises(RuleBroken, match="Say why"):
            remove_file(attachment=made, reason=" ", by=seat, at=MONDAY)
        with django_capture_on_commit_callbacks(execute=True):
            gone = remove_file(attachment=made, reason=" The wrong file ", by=seat, at=MONDAY)
            assert len(files_in(vault)) == 1
        assert files_in(vault) == []
        assert (gone.removed_reason, gone.removed_by_id, gone.removed_at) == (
            "The wrong file",
            seat.membership_id,
            MONDAY,
        )
        with django_capture_on_commit_callbacks() as queued:
            again = remove_file(attachment=made, reason="Something else", by=seat, at=MONDAY)
        assert (queued, again.removed_reason) == ([], "The wrong file")


def test_a_file_that_is_hidden_cannot_be_removed(cast: Cast, draft: Referral) -> None:
    made, other = attached(cast, draft), cast["other_practitioner"]
    with acting_as(other), pytest.raises(NotAllowed):
        remove_file(attachment=made, reason="x", by=other, at=MONDAY)


@pytest.mark.parametrize(
    "change",
    [
        "size = 0",
        f"size = {20 * MB + 1}",
        "removed_at = now()",
        "removed_at = now(), removed_by_id = added_by_id",
        "removed_reason = 'x'",
        "scan = 'infected'",
    ],
)
def test_the_database_refuses_a_row_that_contradicts_itself(cast: Cast, draft: Referral, change: str) -> None:
    attached(cast, draft)
    with acting_as(cast["practitioner"]), connection.cursor() as cursor:
        with pytest.raises(DatabaseError, match="violates check"), transaction.atomic():
            cursor.execute(f"update attachments_attachment set {change}")
        cursor.execute(
            "update attachments_attachment set scan = 'infected', removed_at = now(), removed_by_id = added_by_id, "
            "removed_reason = 'x'"
        )
        assert cursor.rowcount == 1


# --- With a virus scanner --------------------------------------------------------------------------------------------


def test_a_clean_file_says_when_it_was_scanned(cast: Cast, draft: Referral, settings: Any) -> None:
    with Clamd() as daemon:
        settings.CLAMD = daemon.address
        made = attached(cast, draft)
        assert (made.scan, made.scanned_at, daemon.heard) == ("clean", MONDAY, PDF)


def test_an_infected_file_is_refused_kept_nowhere_and_named_in_no_log(
    cast: Cast, draft: Referral, settings: Any, vault: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Clamd() as daemon, caplog.at_level(logging.INFO):
        settings.CLAMD = daemon.address
        with pytest.raises(RuleBroken, match="A virus was found"):
            attached(cast, draft, content=EICAR, name="Tamika.pdf", title="Tamika’s letter")
    assert files_in(vault) == []
    assert "ClamAV found a virus" in caplog.text
    assert "Tamika" not in caplog.text
    with acting_as(cast["practitioner"]):
        assert not Attachment.objects.exists()


@pytest.mark.parametrize("how", ["silent", "drop"])
def test_a_file_that_could_not_be_scanned_waits(
    cast: Cast, draft: Referral, settings: Any, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("mace.attachments.services.keeping.SCAN_SECONDS", 0.3)
    with Clamd(how=how) as daemon:
        settings.CLAMD = daemon.address
        made = attached(cast, draft)
    assert (made.scan, made.scanned_at) == ("waiting", None)


def test_a_file_that_the_scanner_refuses_is_no_clean_one(cast: Cast, draft: Referral, settings: Any) -> None:
    with Clamd(how="small") as daemon:
        settings.CLAMD = daemon.address
        assert attached(cast, draft).scan == "failed"


def test_a_kept_file_opens_for_its_row_only(cast: Cast, draft: Referral) -> None:
    first, second = attached(cast, draft), attached(cast, draft)
    assert first.sha256 == second.sha256
    with pytest.raises(vault.Unreadable):
        vault.get(
            partnership_id=first.partnership_id,
            file=first.file,
            owner=second.reference,
            size=first.size,
            sha256=first.sha256,
        )
