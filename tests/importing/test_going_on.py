"""A check and an import that take long, die anywhere or run twice; what whoever asked is told; what a row costs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from mace.core.seat import acting_as
from mace.importing import tasks
from mace.importing.enums import ImportStatus
from mace.importing.models import Import, ImportedRow
from mace.importing.services import bringing, checking
from mace.importing.services.bringing import run_import
from mace.importing.services.checking import check
from mace.importing.services.planning import start
from mace.notifications.models import Message
from referrals.models import Case, Child
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import open_case
from tests.importing.ground import AT, brought, checked, imported, started
from tests.importing.sheets import HEAD, book, row, tracker

NAMES = ("Marla Quillfeather", "Tobin Ashgrove", "Wren Halloway", "Ivy Penhallow", "Jory Trevean")
FIVE = [row(name, f"0{number + 1}/05/2011") for number, name in enumerate(NAMES)]
LONG = "\ufb03" * 80
"""Eighty letters that become two hundred and forty once they are written small for the sort key."""
PLACES = [
    ["Location", "Concern", "First raised", "RAG"],
    *([f"The arches {number}", "Dealing", "01/02/2026", "R"] for number in range(3)),
]
MIXED = book(
    Tracker=[
        ["t"],
        HEAD,
        *FIVE,
        row("Marla Quillfeather", "04/05/2011", referred="01/03/2026", pre="", mace="20/03/2026"),
        row(f"Ivo {LONG}", "04/05/2012"),
        row("Ann Nobody", "approx 15"),
        row("Tamika Brightwater", "27/03/2011", actions="Police to look - Police by 30/04/2026"),
    ],
    Locations=PLACES,
)
"""Known and new, one child on two rows, a row that cannot be stored, one that waits for a decision, places."""


def waiting(cast: Cast, content: bytes) -> Import:
    """Brought, and set to be checked."""
    file, seat = brought(cast, content), cast["coordinator"]
    with acting_as(seat):
        return start(file=file, status=ImportStatus.CHECKING, by=seat, queue=False)


def again(file: Import) -> Import:
    with as_owner():
        return Import.objects.get(pk=file.pk)


@pytest.mark.parametrize("at_once", [1, 3])
def test_a_check_that_dies_anywhere_finds_what_one_in_one_go_finds(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """It dies after each of its steps, before and after that is kept, and always goes on where it stopped."""
    open_case(cast)
    seat = cast["coordinator"]
    whole = checked(cast, brought(cast, MIXED)).found
    assert whole["counts"]["places"] == 3
    assert whole["counts"]["left_out"] == 2
    monkeypatch.setattr(bringing, "AT_ONCE", at_once)
    file, through, rows = waiting(cast, MIXED), bringing.Bringing.bring, [0]

    def dies(self: bringing.Bringing, some: bringing.Some) -> int:
        through(self, some)
        monkeypatch.setattr(bringing.Bringing, "bring", through)
        raise KeyboardInterrupt

    done = None
    while done is None:
        monkeypatch.setattr(bringing.Bringing, "bring", dies)
        with acting_as(seat), pytest.raises(KeyboardInterrupt):
            check(file=again(file), by=seat, at=AT)
        monkeypatch.setattr(bringing.Bringing, "bring", through)
        assert again(file).rows_done == rows[-1]
        with acting_as(seat):
            done = check(file=again(file), by=seat, at=AT, more=iter([True, False]).__next__)
        kept = again(file)
        rows.append(kept.rows_done)
        assert (kept.rows_all, rows[-1] > rows[-2]) == (12, True)
        assert done is not None or kept.found.keys() == {"so_far"}
    assert (rows[-1], len(rows) > 11 / at_once) == (12, True)
    assert (done.status, done.found) == (ImportStatus.CHECKED, whole)
    with as_owner():
        assert (Case.objects.count(), Child.objects.count(), ImportedRow.objects.count()) == (1, 1, 0)


def test_a_second_check_at_once_goes_on_with_what_the_first_found(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """As two workers do it when the page is sent twice: the other one is through when this one comes to its turn."""
    monkeypatch.setattr(bringing, "AT_ONCE", 2)
    file, seat, tried = waiting(cast, tracker(*FIVE)), cast["coordinator"], list[int]()
    whole = checking._try

    def counted(one: bringing.Bringing, some: bringing.Some, progress: checking.Progress) -> checking.Progress:
        tried.append(progress.done)
        return whole(one, some, progress)

    monkeypatch.setattr(checking, "_try", counted)
    old = again(file)
    with acting_as(seat):
        turns = iter([True, True, False])
        assert check(file=file, by=seat, at=AT, more=lambda: next(turns)) is None
        done = check(file=old, by=seat, at=AT)  # read before the first began
        assert done is not None
        assert done.found["counts"] == {"children": 5, "cases": 5}
        assert tried == [0, 2, 4]
        assert check(file=old, by=seat, at=AT) is None


def test_a_check_that_goes_on_after_midnight_is_of_the_day_on_which_it_began(cast: Cast) -> None:
    """What lay in the future when it began does so to its end."""
    eve = dt.datetime(2026, 4, 1, 22, tzinfo=dt.UTC)
    content = tracker(FIVE[0], row("Tobin Ashgrove", "02/05/2011", referred="02/04/2026", pre="02/04/2026"))
    file, seat = waiting(cast, content), cast["coordinator"]
    with acting_as(seat):
        turns = iter([True, False])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bringing, "AT_ONCE", 1)
            assert check(file=file, by=seat, at=eve, more=lambda: next(turns)) is None
            done = check(file=again(file), by=seat, at=eve + dt.timedelta(hours=3))
    assert done is not None
    assert [row for _, row, _ in done.found["left_out"]] == [4]


@pytest.mark.parametrize("status", [ImportStatus.CHECKING, ImportStatus.IMPORTING])
def test_what_takes_long_goes_on_in_another_task(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, status: ImportStatus
) -> None:
    monkeypatch.setattr(bringing, "AT_ONCE", 2)
    checks = status == ImportStatus.CHECKING
    task: Any = tasks.check_import if checks else tasks.run_import
    file = waiting(cast, tracker(*FIVE)) if checks else started(cast, tracker(*FIVE))
    queued: list[dict[str, int]] = []
    monkeypatch.setattr(task, "delay", lambda **given: queued.append(given))
    arguments = {"membership_id": cast["coordinator"].membership_id, "import_id": file.pk}
    monkeypatch.setattr(tasks, "SECONDS", -1)
    assert not task(**arguments)
    assert queued == [arguments]
    turns = iter([100.0, 101.0, 999.0])  # when it begins, and before each two of the five
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "time", SimpleNamespace(monotonic=lambda: next(turns)))
        patch.setattr(tasks, "SECONDS", 60)
        assert not task(**arguments)
    assert (queued, again(file).rows_done) == ([arguments, arguments], 2)
    body = cast.client("coordinator").get(f"/imports/{file.reference}/").content.decode()
    assert f"2 of 5 rows are {'checked' if checks else 'done'}." in body
    monkeypatch.setattr(tasks, "SECONDS", 60)
    assert task(**arguments)
    assert not task(**arguments)
    assert queued == [arguments, arguments]
    ended = again(file)
    assert ended.status == (ImportStatus.CHECKED if checks else ImportStatus.IMPORTED)
    with as_owner():
        assert Case.objects.count() == (0 if checks else 5)


# --- What whoever asked is told --------------------------------------------------------------------------------------


def told(cast: Cast) -> list[tuple[str, str, int, int | None]]:
    with as_owner():
        rows = Message.objects.order_by("created_at", "subject")
        return list(rows.values_list("subject", "path", "recipient_id", "about"))


def test_who_asked_is_told_once_when_it_is_checked_and_when_it_is_done(cast: Cast) -> None:
    """By reference: nothing of the file, no name. However often the worker comes to it."""
    file, seat = waiting(cast, tracker(*FIVE)), cast["coordinator"]
    arguments = {"membership_id": seat.membership_id, "import_id": file.pk}
    to = (f"/imports/{file.reference}/", seat.membership_id, None)
    assert tasks.check_import(**arguments)
    assert not tasks.check_import(**arguments)
    assert told(cast) == [(f"Import {file.reference} is checked", *to)]
    with acting_as(seat):
        start(file=file, status=ImportStatus.CHECKING, by=seat, queue=False)
    assert tasks.check_import(**arguments)
    assert len(told(cast)) == 2  # asked once more
    with acting_as(seat):
        start(file=file, status=ImportStatus.IMPORTING, by=seat, queue=False)
    assert tasks.run_import(**arguments)
    assert not tasks.run_import(**arguments)
    assert told(cast)[2:] == [(f"Import {file.reference} is done", *to)]
    client = cast.client("coordinator")
    inbox = client.get("/inbox/").content.decode()
    assert f"Import {file.reference} is done" in inbox
    assert client.get(to[0]).status_code == 200
    with as_owner():
        said = " ".join(f"{one.subject} {one.text}" for one in Message.objects.all())
    assert not [name for name in NAMES for part in name.split() if part in said]


def test_who_asked_is_told_when_the_file_cannot_be_read_any_more(cast: Cast) -> None:
    file = waiting(cast, tracker(*FIVE))
    plan = again(file).plan
    with as_owner():
        Import.objects.update(plan=plan | {"sheets": [plan["sheets"][0] | {"sheet": "Elsewhere"}]})
    tasks.check_import(membership_id=cast["coordinator"].membership_id, import_id=file.pk)
    assert [subject for subject, *_ in told(cast)] == [f"Import {file.reference} could not be checked"]
    assert again(file).status == ImportStatus.PLANNING


@pytest.mark.parametrize("task", [tasks.check_import, tasks.run_import])
def test_who_asked_is_told_of_a_fault_once_and_can_go_on(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, task: Callable[..., bool]
) -> None:
    file = waiting(cast, tracker(*FIVE)) if task is tasks.check_import else started(cast, tracker(*FIVE))
    before, through = len(told(cast)), bringing.Bringing.bring

    def breaks(self: bringing.Bringing, some: bringing.Some) -> int:
        through(self, some)
        raise ZeroDivisionError

    monkeypatch.setattr(bringing.Bringing, "bring", breaks)
    arguments = {"membership_id": cast["coordinator"].membership_id, "import_id": file.pk}
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            task(**arguments)
    assert [subject for subject, *_ in told(cast)[before:]] == [f"Import {file.reference} has stopped"]
    monkeypatch.setattr(bringing.Bringing, "bring", through)
    assert task(**arguments)


# --- What a row costs ------------------------------------------------------------------------------------------------


@contextmanager
def counted() -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    said: list[str] = []

    def note(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        said.append(str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield said


def many(number: int, offset: int = 0) -> bytes:
    """So many rows: every fourth child on two, every fifth known, with an action each."""
    rows = []
    for at in range(number):
        child = at - 1 if at % 4 == 1 else at
        name = f"{chr(65 + child // 26)}{chr(97 + child % 26)}den Quillfeather{chr(97 + offset)}"
        born = f"{child % 28 + 1:02}/05/{2008 + child % 7}"
        rows.append(row(name, born, rating="sig", actions="Police to look - Police by 30/04/2027"))
    return tracker(*rows)


def test_forty_rows_take_as_many_statements_as_eight(cast: Cast) -> None:
    """Of whatever kind: new children and known ones, cases opened and joined, actions, cells. Asked once for all."""
    seat, told = cast["coordinator"], []
    for number in (8, 40):
        imported(cast, many(4, number))  # some are here already
        file = waiting(cast, many(number, number))
        with counted() as asked, acting_as(seat):
            done = check(file=file, by=seat, at=AT)
        assert done is not None
        assert done.found["counts"]["added"] >= 5
        assert done.found["counts"]["actions"] == number
        with acting_as(seat):
            going = start(file=done, status=ImportStatus.IMPORTING, by=seat, queue=False)
        with counted() as written, acting_as(seat):
            assert run_import(file=going, by=seat, at=AT)
        told.append((len(asked), len(written)))
    assert told[0] == told[1], told
    assert max(told[0]) <= 50
