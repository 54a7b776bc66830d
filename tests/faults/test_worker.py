"""A real worker on a real queue, as its restricted role: killed in the middle, nothing is lost and nothing doubled."""

from __future__ import annotations

import datetime as dt

from celery import current_app
from django.db import transaction

from mace.core.seat import acting_as
from mace.importing.enums import ImportStatus
from mace.importing.services.planning import bring_file, start
from mace.notifications.services import SEND_MAIL, notify
from tests.faults.conftest import Product, wait
from tests.importing.sheets import row, tracker
from tests.panels.given import a_case, an_action

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def tell(product: Product, key: str) -> tuple[str, str]:
    """A message to the police lead, whose mail is queued on commit; its key and the name of its mail."""
    cast = product.cast
    with acting_as(cast["coordinator"]), transaction.atomic():
        assert notify(
            to=cast.memberships["police_lead"],
            subject="Action A-0000-0001 is 7 days overdue",
            text="It was due.",
            path="/actions/A-0000-0001/",
            about=None,
            dedupe_key=key,
            by=cast["coordinator"],
            at=NOW,
        )
    [(pk, reference)] = product.ask("select id::text, reference from notifications_message where dedupe_key = %s", key)
    return pk, f"{reference}-testserver.eml"


def unsent(product: Product) -> int:
    [(count,)] = product.ask("select count(*) from notifications_message where mailed_at is null")
    return int(count)


def test_worker_killed_after_the_mail_left_and_before_it_was_noted(product: Product) -> None:
    """The task comes back by itself, the mail is noted, and the second copy replaced the first."""
    _, mail = tell(product, "one")
    with product.held("audit_change") as somebody_waits:  # the note that it was mailed is history, which waits
        worker = product.worker()
        wait(somebody_waits, "the worker never came to note the mail")
        assert product.mails() == [mail]
        product.kill(worker)
    assert unsent(product) == 1
    product.worker()
    wait(lambda: unsent(product) == 0, "the killed worker's task never came back")
    assert product.mails() == [mail]


def test_task_delivered_twice_sends_one_mail(product: Product) -> None:
    pk, mail = tell(product, "one")
    arguments = {"message_id": pk, "partnership_id": product.cast.partnership.pk}
    for _ in range(2):
        current_app.send_task(SEND_MAIL, kwargs=arguments)
    product.worker()
    product.worker()
    wait(lambda: unsent(product) == 0, "the mail was never sent")
    first = (product.mail / mail).stat()
    current_app.send_task(SEND_MAIL, kwargs=arguments)
    _, last = tell(product, "last")
    wait(lambda: unsent(product) == 0, "the last mail was never sent")
    assert product.mails() == sorted([mail, last])
    again = (product.mail / mail).stat()
    assert (again.st_ino, again.st_mtime_ns) == (first.st_ino, first.st_mtime_ns)  # not even written anew


def test_worker_killed_in_the_middle_of_a_chase(product: Product) -> None:
    """Half a step is no step: after the kill nothing stands, and the next worker takes each step once."""
    cast = product.cast
    with transaction.atomic():
        case = a_case(cast)
        for _ in range(3):
            an_action(cast, case, owner="police_member", due_on=dt.date(2026, 3, 4))
    product.ask("update notifications_message set mailed_at = now() returning 1")  # what the case itself brought
    current_app.control.purge()
    with product.held("notifications_message") as somebody_waits:
        worker = product.worker()
        current_app.send_task("panels.chasing_tasks.chase_actions")
        wait(somebody_waits, "the chase never came to its first message")
        product.kill(worker)
    assert product.ask("select count(*) from panels_chaser") == [(0,)]
    for _ in range(3):
        current_app.send_task("panels.chasing_tasks.chase_actions")
    product.worker()
    product.worker()
    wait(
        lambda: product.ask("select count(distinct action_id) from panels_chaser") == [(3,)], "actions were not chased"
    )
    wait(lambda: unsent(product) == 0, "mails were not sent")
    assert (
        product.ask(
            "select action_id, count(*) from panels_chaser where told <> 'passed over' group by 1 having count(*) > 1"
        )
        == []
    )
    chased = product.ask("select reference from notifications_message where dedupe_key like 'chase:%%' order by 1")
    people = product.ask(
        "select recipient_id, count(*) from notifications_message where dedupe_key like 'chase:%%' group by 1"
    )
    assert len(chased) == sum(count for _, count in people)
    assert {count for _, count in people} == {3}
    assert product.mails() == sorted(f"{reference}-testserver.eml" for (reference,) in chased)


def test_worker_killed_in_the_middle_of_an_import(product: Product) -> None:
    """The file is checked and imported by real workers; one dies half-way, the next goes on, each row is there once."""
    cast = product.cast
    seat, names = cast["coordinator"], ("Marla", "Tobin", "Wren", "Ivy")
    rows = [row(f"{name} Penhallow{letter}", "04/05/2011") for letter in "abcdef" for name in names]
    with acting_as(seat), transaction.atomic():
        file = bring_file(content=tracker(*rows), name="t.xlsx", by=seat, at=NOW)
        start(file=file, status=ImportStatus.CHECKING, by=seat)

    def status() -> str:
        return str(product.ask("select status from importing_import")[0][0])

    worker = product.worker()
    wait(lambda: status() == "checked", "the worker never checked the file")
    assert product.ask("select count(*) from referrals_case") == [(0,)]
    with product.held("importing_importedrow") as somebody_waits:
        with acting_as(seat), transaction.atomic():
            start(file=file, status=ImportStatus.IMPORTING, by=seat)
        wait(somebody_waits, "the worker never came to write what became of the rows")
        product.kill(worker)
    assert product.ask("select count(*) from referrals_case") == [(0,)]
    product.worker()
    wait(lambda: status() == "imported", "the killed worker's task never came back")
    assert product.ask("select count(*), count(distinct child_id) from referrals_case") == [(24, 24)]
    assert product.ask("select count(*) from importing_importedrow") == [(24,)]
