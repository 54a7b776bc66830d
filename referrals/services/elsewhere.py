"""Children who may be known in another partnership: found by the worker, told without content, asked by one side."""

from __future__ import annotations

import datetime as dt
from functools import partial

from celery import current_app
from django.db import connection, transaction
from django.urls import reverse

from mace.access.models import LawfulBasis
from mace.access.policy import Capability, require
from mace.accounts.models import Role
from mace.accounts.selectors import seats_in
from mace.agencies.models import Partnership
from mace.core.clock import london_date
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import Seat
from mace.notifications.services import notify
from referrals.models import Answer, Child, ChildQuestion, KnownElsewhere
from referrals.selectors.merging import held_in_full
from referrals.services.telling import tell, tell_coordinators

LOOK = "referrals.tasks.look_elsewhere"
"""By name, because the worker's tasks stand above the services."""


def look_elsewhere_later(*, child_id: int, by: Seat) -> None:
    """Let the worker look, once this is committed, whether another partnership may know the child."""
    send = partial(current_app.send_task, LOOK, kwargs={"child_id": child_id, "partnership_id": by.partnership_id})
    transaction.on_commit(send, robust=True)


@transaction.atomic
def look_elsewhere(*, child_id: int, by: Seat, at: dt.datetime) -> list[int]:
    """Note which other partnerships may know the child; answers those that are new. For the worker.

    Nothing of what they hold comes out, and nobody but the coordinators of both sides is told.
    """
    require(by, Capability.ASK_ELSEWHERE)
    with connection.cursor() as cursor:
        cursor.execute("select * from referrals_find_elsewhere(%s, %s)", [child_id, at])
        return sorted(row[0] for row in cursor.fetchall())


@transaction.atomic
def tell_known_elsewhere(*, by: Seat, at: dt.datetime) -> int:
    """Tell the coordinators of the worker's partnership of each child not told of yet; answers how many."""
    require(by, Capability.ASK_ELSEWHERE)
    untold = KnownElsewhere.objects.select_for_update(of=("self",), skip_locked=True).filter(told_at=None)
    rows = list(untold.select_related("child").order_by("pk"))
    for row in rows:
        tell_coordinators(
            subject=f"Another partnership may know child {row.child.reference}",
            text=f"The record of child {row.child.reference} is like one of another partnership. You can ask them.",
            path=reverse("referrals:child_elsewhere", args=[row.child.reference]),
            about=row.record_id,
            key=f"known-elsewhere:{row.pk}",
            by=by,
            at=at,
        )
        row.told_at = at
        row.save(update_fields=["told_at"])
    return len(rows)


@transaction.atomic
def ask_partnership(
    *,
    child: Child,
    asked: Partnership,
    reason: str,
    lawful_basis: str,
    with_nhs_number: bool,
    by: Seat,
    at: dt.datetime,
) -> ChildQuestion:
    """Ask another partnership whether it knows the child, telling it name and date of birth, and more if so chosen.

    The question is the sharing decision too: what was shared, with whom, why, on what basis. Its coordinators are told
    that there is a question. Asking depends on nothing that the other side holds. Raises ``RuleBroken`` without a
    reason or basis, for one's own partnership, and while the same question waits for its answer.
    """
    require(by, Capability.ASK_ELSEWHERE)
    if not held_in_full(child):
        raise NotAllowed("no such child")
    if asked.pk == by.partnership_id:
        raise RuleBroken("Choose another partnership", field="asked")
    if not reason.strip():
        raise RuleBroken("Say why the other partnership must be asked", field="reason")
    if lawful_basis not in LawfulBasis.values:
        raise RuleBroken("Select the lawful basis", field="lawful_basis")
    if ChildQuestion.objects.filter(record_id=child.pk, asked=asked, answered_at=None).exists():
        raise RuleBroken("They were asked already and have not answered yet", field="asked")
    identity = child.identity
    question = ChildQuestion.objects.create(
        record_id=child.pk,
        partnership_id=by.partnership_id,
        asked=asked,
        forename=identity.forename,
        surname=identity.surname,
        date_of_birth=identity.date_of_birth,
        nhs_number=identity.nhs_number if with_nhs_number else "",
        reason=reason.strip(),
        lawful_basis=lawful_basis,
        asked_by_id=by.membership_id,
        asked_at=at,
    )
    for to in seats_in(asked.pk, on=london_date(at), roles=[Role.COORDINATOR]):
        notify(
            to=to,
            subject=f"{by.partnership_name} asks whether you know a child",
            text=f"Question {question.reference} waits for your answer.",
            path=reverse("referrals:child_question", args=[question.reference]),
            about=None,
            dedupe_key=f"question:{question.reference}:{to.pk}",
            by=by,
            at=at,
        )
    return question


@transaction.atomic
def answer_question(*, question: ChildQuestion, answer: str, reason: str, by: Seat, at: dt.datetime) -> ChildQuestion:
    """Answer what another partnership asked; who asked is told that there is an answer. It is answered once.

    Raises ``RuleBroken`` for no answer, for not sharing without saying why, and when it was answered already.
    """
    require(by, Capability.ASK_ELSEWHERE)
    locked = ChildQuestion.objects.select_for_update(of=("self",)).filter(pk=question.pk).first()
    if locked is None or locked.asked_id != by.partnership_id:
        raise NotAllowed("no such question")
    if locked.answered_at is not None:
        raise RuleBroken("This question was answered already")
    if answer not in Answer.values:
        raise RuleBroken("Select your answer", field="answer")
    if answer == Answer.CANNOT_SHARE and not reason.strip():
        raise RuleBroken("Say why nothing can be shared now", field="answer_reason")
    locked.answer, locked.answer_reason = answer, reason.strip()
    locked.answered_by_id, locked.answered_at = by.membership_id, at
    locked.save(update_fields=["answer", "answer_reason", "answered_by", "answered_at"])
    tell(
        membership_id=locked.asked_by_id,
        subject=f"Question {locked.reference} was answered",
        text=f"Another partnership answered question {locked.reference}.",
        path=reverse("referrals:child_questions"),
        about=locked.record_id,
        key=f"question-answered:{locked.reference}",
        by=by,
        at=at,
    )
    return locked
