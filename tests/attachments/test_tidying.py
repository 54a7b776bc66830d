"""What the worker does by itself: files that wait are scanned, what belongs to no row is swept away."""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from mace.accounts.selectors import system_seat
from mace.attachments import tasks
from mace.attachments import vault as vault_
from mace.attachments.models import Attachment
from mace.attachments.services import remove_file, scan_files, sweep_files
from mace.core.seat import acting_as
from mace.settings.schedule import SCHEDULE
from referrals.models import Referral
from tests.attachments.scanner import EICAR, Clamd
from tests.factories.cast import Cast
from tests.factories.files import PDF, attached
from tests.factories.referrals import MONDAY, draft_referral
from tests.referrals.doing import LATER, inbox_of

DAY = 24 * 3600
VIRUS = EICAR + b" in a text"


@pytest.fixture
def draft(cast: Cast) -> Referral:
    return draft_referral(cast)


def scanned(cast: Cast) -> int:
    seat = system_seat(cast.partnership.pk)
    with acting_as(seat):
        return scan_files(by=seat, at=LATER)


def seen(cast: Cast) -> list[tuple[str, str]]:
    with acting_as(cast["practitioner"]):
        return list(Attachment.objects.order_by("pk").values_list("scan", "removed_reason"))


def unscanned(cast: Cast, draft: Referral, settings: Any, *contents: bytes) -> list[Attachment]:
    """Attached while there was no scanner, with any content."""
    settings.CLAMD = None
    return [attached(cast, draft, content=content) for content in contents]


def test_files_that_wait_are_scanned_when_the_scanner_is_back(cast: Cast, draft: Referral, settings: Any) -> None:
    with Clamd() as daemon:
        gone = daemon.address
    settings.CLAMD = gone
    attached(cast, draft)
    attached(cast, draft, content=b"Some words")
    assert seen(cast) == [("waiting", "")] * 2
    assert scanned(cast) == 0
    with Clamd() as daemon:
        settings.CLAMD = daemon.address
        assert scanned(cast) == 2
        assert seen(cast) == [("clean", "")] * 2
        assert scanned(cast) == 0
        assert daemon.scanned == 2


def test_without_a_scanner_nothing_is_done(cast: Cast, draft: Referral, settings: Any) -> None:
    unscanned(cast, draft, settings, PDF)
    assert scanned(cast) == 0
    assert seen(cast) == [("not_scanned", "")]


def test_an_infected_file_is_removed_and_whoever_attached_it_is_told(
    cast: Cast, draft: Referral, settings: Any, vault: Path, django_capture_on_commit_callbacks: Any
) -> None:
    bad, _ = unscanned(cast, draft, settings, VIRUS, PDF)
    before = inbox_of(cast, "practitioner")
    with Clamd() as daemon, django_capture_on_commit_callbacks(execute=False) as queued:
        settings.CLAMD = daemon.address
        assert scanned(cast) == 2
    for callback in queued:
        if "discard" in repr(callback):
            callback()
    assert seen(cast) == [("infected", "A virus was found"), ("clean", "")]
    assert not vault_.place_of(bad.partnership_id, bad.file).exists()
    assert len([path for path in vault.rglob("*") if path.is_file()]) == 1
    assert inbox_of(cast, "practitioner")[len(before) :] == [f"File {bad.reference} was removed"]


def test_a_file_that_cannot_be_read_or_scanned_is_marked_and_does_not_stop_the_others(
    cast: Cast, draft: Referral, settings: Any
) -> None:
    lost, _ = unscanned(cast, draft, settings, PDF, PDF)
    vault_.discard(partnership_id=lost.partnership_id, file=lost.file)
    with Clamd() as daemon:
        settings.CLAMD = daemon.address
        assert scanned(cast) == 2
        assert seen(cast) == [("failed", ""), ("clean", "")]
        assert scanned(cast) == 1  # it is asked for again, and again is not there


def test_the_scan_of_one_partnership_leaves_others_alone(cast: Cast, draft: Referral, settings: Any) -> None:
    unscanned(cast, draft, settings, PDF)
    other = system_seat(cast.other_partnership.pk)
    with Clamd() as daemon, acting_as(other):
        settings.CLAMD = daemon.address
        assert scan_files(by=other, at=LATER) == 0


# --- Sweeping --------------------------------------------------------------------------------------------------------


def aged(path: Path, seconds: float = DAY + 60) -> Path:
    then = time.time() - seconds
    os.utime(path, (then, then))
    return path


def stray(partnership_id: int, *, seconds: float = DAY + 60) -> Path:
    """A file whose row was never written."""
    file = uuid.uuid4()
    vault_.put(b"x", partnership_id=partnership_id, file=file, owner="T-NONE")
    return aged(vault_.place_of(partnership_id, file), seconds)


def swept(partnership_id: int) -> int:
    seat = system_seat(partnership_id)
    with acting_as(seat):
        return sweep_files(by=seat)


def test_what_belongs_to_no_row_is_swept_after_a_day(cast: Cast, draft: Referral) -> None:
    here, there = cast.partnership.pk, cast.other_partnership.pk
    kept, removed = attached(cast, draft), attached(cast, draft)
    seat = cast["practitioner"]
    with acting_as(seat):
        remove_file(attachment=removed, reason="x", by=seat, at=MONDAY)  # never committed, so its bytes are there
    standing = aged(vault_.place_of(here, kept.file))
    gone = [stray(here), aged(vault_.place_of(here, removed.file))]
    unfinished = standing.with_name(f"{kept.file.hex}-00{vault_.UNFINISHED}")
    unfinished.write_bytes(b"x")
    gone.append(aged(unfinished))
    young, elsewhere = stray(here, seconds=DAY - 600), stray(there)
    assert swept(here) == 3
    assert [path.exists() for path in gone] == [False] * 3
    assert [path.exists() for path in (standing, young, elsewhere)] == [True] * 3
    assert swept(there) == 1
    assert not elsewhere.exists()


def test_a_file_of_another_partnership_that_lies_in_the_wrong_folder_is_no_reason_to_keep_it(
    cast: Cast, draft: Referral
) -> None:
    kept = attached(cast, draft)
    right = vault_.place_of(cast.partnership.pk, kept.file)
    wrong = vault_.place_of(cast.other_partnership.pk, kept.file)
    wrong.parent.mkdir(parents=True)
    wrong.write_bytes(right.read_bytes())
    aged(right), aged(wrong)
    assert (swept(cast.other_partnership.pk), swept(cast.partnership.pk)) == (1, 0)
    assert (wrong.exists(), right.exists()) == (False, True)


def test_a_sweep_in_any_other_seat_removes_nothing(cast: Cast) -> None:
    path = stray(cast.partnership.pk)
    for name in ("coordinator", "practitioner", "admin"):
        with acting_as(cast[name]), pytest.raises(DatabaseError, match="for the service itself"), transaction.atomic():
            sweep_files(by=cast[name])
    assert path.exists()


def test_many_files_are_swept_a_part_at_a_time(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mace.attachments.services.tidying.ASKED_AT_ONCE", 2)
    for _ in range(5):
        stray(cast.partnership.pk)
    assert swept(cast.partnership.pk) == 5


def test_beat_starts_both_for_every_partnership(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tasks that beat names are there, and each starts one for every partnership, which does its work."""
    for name, each in (("scan_files", "scan_files_of"), ("sweep_files", "sweep_files_of")):
        assert f"mace.attachments.tasks.{name}" in {entry["task"] for entry in SCHEDULE.values()}
        started: list[int] = []
        monkeypatch.setattr(getattr(tasks, each), "delay", lambda *, partnership_id: started.append(partnership_id))  # noqa: B023
        getattr(tasks, name)()
        assert sorted(started) == sorted([cast.partnership.pk, cast.other_partnership.pk])
    path = stray(cast.partnership.pk)
    tasks.sweep_files_of(partnership_id=cast.partnership.pk)
    tasks.scan_files_of(partnership_id=cast.partnership.pk)
    assert not path.exists()
