"""Messages: one for each reason, seen by their recipient only, mailed once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage
from django.db import DatabaseError, transaction

from mace.core import clock
from mace.core.errors import NotAllowed
from mace.core.seat import acting_as
from mace.notifications.mail import FolderBackend
from mace.notifications.models import Message
from mace.notifications.selectors import inbox, outbox, unread_count
from mace.notifications.services import SEND_MAIL, mark_read, notify, send_one
from mace.notifications.tasks import send_mail, send_outbox
from tests.factories.cast import Cast
from tests.factories.owner import as_owner

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def tell(
    cast: Cast, name: str = "police_lead", *, by: str = "coordinator", key: str = "k", at: dt.datetime = NOW
) -> bool:
    with acting_as(cast[by]):
        return notify(
            to=cast.memberships[name],
            subject="Action A-0000-0001 is 7 days overdue",
            text="It was due on 23 February.",
            path="/actions/A-0000-0001/",
            about=None,
            dedupe_key=key,
            by=cast[by],
            at=at,
        )


def only(cast: Cast) -> Message:
    with acting_as(cast["system"]):
        return Message.objects.get()


def test_message_is_new_once_whoever_sends_it(cast: Cast) -> None:
    assert tell(cast) is True
    assert tell(cast) is False
    assert tell(cast, by="chair") is False
    assert tell(cast, key="another") is True


def test_only_the_recipient_and_the_system_of_the_partnership_see_it(cast: Cast) -> None:
    tell(cast)
    seen = {}
    for name, seat in cast.seats.items():
        with acting_as(seat):
            seen[name] = Message.objects.count()
    assert {name for name, count in seen.items() if count} == {"police_lead", "system"}
    with acting_as(cast["police_lead"]):
        assert [m.subject for m in inbox(cast["police_lead"])] == ["Action A-0000-0001 is 7 days overdue"]
        assert unread_count(cast["police_lead"]) == 1
    with acting_as(cast["system"]):  # which mails it, and is not told itself
        assert unread_count(cast["system"]) == 0


def test_nobody_sends_without_a_seat(cast: Cast) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        notify(
            to=cast.memberships["police_lead"],
            subject="s",
            text="t",
            path="/",
            about=None,
            dedupe_key="k",
            by=cast["coordinator"],
            at=NOW,
        )


def test_path_that_could_lead_elsewhere_is_refused(cast: Cast) -> None:
    with acting_as(cast["coordinator"]), pytest.raises(ValueError, match="slash"):
        notify(
            to=cast.memberships["police_lead"],
            subject="s",
            text="t",
            path="https://example.org/",
            about=None,
            dedupe_key="k",
            by=cast["coordinator"],
            at=NOW,
        )


def test_reading_is_noted_once_and_by_the_recipient_only(cast: Cast) -> None:
    tell(cast)
    message = only(cast)
    with acting_as(cast["system"]), pytest.raises(NotAllowed):
        mark_read(message=message, by=cast["system"], at=NOW)
    with acting_as(cast["police_lead"]):
        mark_read(message=message, by=cast["police_lead"], at=NOW)
        mark_read(message=message, by=cast["police_lead"], at=NOW + dt.timedelta(hours=1))
        assert inbox(cast["police_lead"]).get().read_at == NOW
        assert unread_count(cast["police_lead"]) == 0


def test_mail_is_queued_with_ids_only_and_after_the_commit(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
) -> None:
    queued: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, kwargs: queued.append((name, kwargs)))
    with django_capture_on_commit_callbacks() as callbacks:  # type: ignore[operator]
        tell(cast)
        tell(cast)
    assert queued == []
    for callback in callbacks:
        callback()
    assert queued == [(SEND_MAIL, {"message_id": str(only(cast).pk), "partnership_id": cast.partnership.pk})]
    assert SEND_MAIL in current_app.tasks


def test_mail_carries_reference_and_link_only(cast: Cast) -> None:
    tell(cast)
    message = only(cast)
    send_mail(message_id=str(message.pk), partnership_id=cast.partnership.pk)
    [sent] = mail.outbox
    assert sent.to == ["police_lead@example.org"]
    assert sent.subject == "Action A-0000-0001 is 7 days overdue"
    assert sent.body.strip().splitlines() == [
        "It was due on 23 February.",
        "",
        "Sign in to see it: http://testserver/actions/A-0000-0001/",
        "",
        f"This message carries references only. Reference of this message: {message.reference}",
    ]
    assert sent.extra_headers["Message-ID"] == f"<{message.reference}@testserver>"


def test_task_run_twice_sends_one_mail(cast: Cast) -> None:
    tell(cast)
    for _ in range(2):
        send_mail(message_id=str(only(cast).pk), partnership_id=cast.partnership.pk)
    send_outbox()
    assert len(mail.outbox) == 1
    assert only(cast).mailed_at is not None


def test_another_partnerships_system_sends_nothing(cast: Cast) -> None:
    tell(cast)
    with acting_as(cast["stranger_system"]):
        assert not send_one(message_id=str(only(cast).pk), by=cast["stranger_system"], at=NOW)
    assert mail.outbox == []


def test_outbox_holds_what_is_a_minute_old_for_a_week(cast: Cast) -> None:
    tell(cast)
    with acting_as(cast["system"]):
        key = str(Message.objects.get().pk)
        for later, expected in (
            (dt.timedelta(seconds=60), []),
            (dt.timedelta(seconds=61), [key]),
            (dt.timedelta(days=6), [key]),
            (dt.timedelta(days=8), []),
        ):
            assert outbox(at=NOW + later, most=5) == expected
        assert outbox(at=NOW + dt.timedelta(seconds=61), most=0) == []


def test_message_that_the_queue_lost_is_mailed_from_the_outbox_once(cast: Cast) -> None:
    tell(cast, at=clock.now() - dt.timedelta(minutes=2))
    tell(cast, key="just made", at=clock.now())
    send_outbox()
    send_outbox()
    assert [sent.to for sent in mail.outbox] == [["police_lead@example.org"]]


def test_leaver_is_sent_nothing(cast: Cast) -> None:
    tell(cast)
    with as_owner():
        cast.memberships["police_lead"].user.is_active = False
        cast.memberships["police_lead"].user.save()
    send_mail(message_id=str(only(cast).pk), partnership_id=cast.partnership.pk)
    assert mail.outbox == []
    assert only(cast).mailed_at is None


def test_mail_that_the_server_refuses_stays_in_the_outbox(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(cast)

    def refuse(self: EmailMessage, fail_silently: bool = False) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", refuse)
        send_mail(message_id=str(only(cast).pk), partnership_id=cast.partnership.pk)
    assert only(cast).mailed_at is None
    send_mail(message_id=str(only(cast).pk), partnership_id=cast.partnership.pk)
    assert only(cast).mailed_at is not None
    assert len(mail.outbox) == 1


def test_folder_keeps_one_file_for_a_mail_sent_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mail"
    monkeypatch.setattr(settings, "EMAIL_FILE_PATH", str(folder))
    first = EmailMessage("One", "Text", to=["a@example.org"], headers={"Message-ID": "<N-0000-0001@testserver>"})
    other = EmailMessage("Two", "Text", to=["a@example.org"], headers={"Message-ID": "<../../N 2@testserver>"})
    assert FolderBackend().send_messages([first, first, other]) == 3
    assert sorted(path.name for path in folder.iterdir()) == ["..-..-N-2-testserver.eml", "N-0000-0001-testserver.eml"]
    assert b"Subject: One" in (folder / "N-0000-0001-testserver.eml").read_bytes()
