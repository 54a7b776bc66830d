"""Making what was asked for, downloading it, and erasing it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from mace.access.models import Scope
from mace.access.services import restrict
from mace.accounts.models import Membership
from mace.audit.models import ReadEntry
from mace.core import clock
from mace.core.seat import acting_as
from mace.exporting import tasks
from mace.exporting.models import Export, ExportFile
from mace.exporting.services import making
from mace.exporting.services.asking import MAKE
from mace.exporting.services.erasing import erase_expired
from mace.notifications.models import Message
from tests.exporting.taken import asked, download, made, now_of, page, run
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import another_child, open_case

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
