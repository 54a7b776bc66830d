"""A child who may be known in another partnership: found by the worker, told without content, asked and answered."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from mace.access.models import Bar, Scope
from mace.access.services import restrict
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.notifications.models import Message
from referrals import tasks
from referrals.models import Case, Child, ChildQuestion, KnownElsewhere
from referrals.services import answer_question, ask_partnership
from referrals.services.elsewhere import look_elsewhere, tell_known_elsewhere
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import MONDAY, another_child, asked_elsewhere, open_case, submitted_referral

LATER = MONDAY + dt.timedelta(days=1)
NUMBER = {"nhs_number": "999 000 0018"}
ALIKE = {"forename": "Tameka", "surname": "Britewater"}


def there(cast: Cast, **child: Any) -> Case:
    """A case of the other partnership."""
    return open_case(cast, by="stranger_practitioner", coordinator="stranger_coordinator", child=child)


def child_of(case: Case) -> Child:
    with as_owner():
        return Child.objects.select_related("identity").get(pk=case.child_id)


def look(cast: Cast, case: Case, *, by: str = "system") -> list[int]:
    with acting_as(cast[by]):
        return look_elsewhere(child_id=case.child_id, by=cast[by], at=LATER)


def noted() -> set[tuple[int, int]]:
    with as_owner():
        return set(KnownElsewhere.objects.values_list("child_id", "elsewhere_id"))


@pytest.mark.parametrize(
    ("here", "elsewhere", "found"),
    [
        ({}, {}, True),
        ({}, ALIKE, True),
        ({"date_of_birth_day": "5"}, {"date_of_birth_day": "3", "date_of_birth_month": "5"}, True),
        (NUMBER, another_child(3) | NUMBER, True),
        (NUMBER, {"nhs_number": "999 000 0026"}, False),
        ({}, {"date_of_birth_day": "26"}, False),
        ({}, {"forename": "Ngozi"}, False),
        ({}, {"surname": "Nowak"}, False),
        ({}, another_child(3), False),
    ],
)
def test_a_strong_likeness_is_noted_for_both_sides_and_a_weak_one_for_neither(
    cast: Cast, here: dict[str, Any], elsewhere: dict[str, Any], found: bool
) -> None:
    other, own = there(cast, **elsewhere), open_case(cast, child=here)
    assert look(cast, own) == ([cast.other_partnership.pk] if found else [])
    both = {(own.child_id, cast.other_partnership.pk), (other.child_id, cast.partnership.pk)}
    assert noted() == (both if found else set())
    assert look(cast, own) == []


def test_what_is_restricted_on_either_side_is_as_absent_as_what_does_not_exist(cast: Cast) -> None:
    other, own = there(cast), open_case(cast)
    for case, by in ((other, "stranger_coordinator"), (own, "coordinator")):
        with transaction.atomic():
            with acting_as(cast[by]):
                people = {cast.memberships[by]: Scope.FULL}
                restrict(record_id=case.pk, people=people, reason="An operation", by=cast[by])
            try:
                assert look(cast, own) == []
            except ProgrammingError:  # the worker holds nothing of its own that is restricted
                assert case is own
            transaction.set_rollback(True)
    assert noted() == set()


def test_only_the_coordinators_who_see_the_child_in_full_read_the_bare_fact(cast: Cast) -> None:
    other, own = there(cast), open_case(cast)
    look(cast, own)
    seen = {}
    for name, seat in cast.seats.items():
        with acting_as(seat):
            seen[name] = list(KnownElsewhere.objects.values_list("child_id", "elsewhere_id"))
    ours = [(own.child_id, cast.other_partnership.pk)]
    theirs = [(other.child_id, cast.partnership.pk)]
    assert {name: rows for name, rows in seen.items() if rows} == {
        "coordinator": ours,
        "system": ours,
        "stranger_coordinator": theirs,
        "stranger_system": theirs,
    }
    with as_owner():
        Bar.objects.create(
            record_id=own.child_id,
            user=cast.memberships["coordinator"].user,
            reason="An aunt",
            set_by=cast.memberships["chair"],
            set_at=LATER,
        )
    with acting_as(cast["coordinator"]):
        assert not KnownElsewhere.objects.exists()


def test_nobody_but_the_worker_looks_and_only_for_its_own_children(cast: Cast) -> None:
    other, own = there(cast), open_case(cast)
    for name in ("practitioner", "manager", "chair", "stranger_practitioner"):
        with acting_as(cast[name]), pytest.raises(NotAllowed):
            look_elsewhere(child_id=own.child_id, by=cast[name], at=LATER)
    for name, case in (("coordinator", own), ("system", other), ("stranger_system", own)):
        with acting_as(cast[name]), pytest.raises(ProgrammingError), transaction.atomic():
            look_elsewhere(child_id=case.child_id, by=cast[name], at=LATER)
    assert noted() == set()


def test_sending_a_referral_has_the_worker_look_and_the_coordinators_of_both_are_told_once_without_content(
    cast: Cast,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = there(cast)
    sent: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr("celery.current_app.send_task", lambda name, kwargs: sent.append((name, kwargs)), raising=False)
    monkeypatch.setattr(
        "referrals.services.elsewhere.current_app.send_task", lambda name, kwargs: sent.append((name, kwargs))
    )
    with django_capture_on_commit_callbacks(execute=True):
        waiting = submitted_referral(cast)
    [(_, asked)] = [each for each in sent if each[0] == "referrals.tasks.look_elsewhere"]
    assert asked == {"child_id": waiting.child_id, "partnership_id": cast.partnership.pk}
    told: list[int] = []
    monkeypatch.setattr(tasks.tell_elsewhere, "delay", lambda *, partnership_id: told.append(partnership_id))
    for _ in range(2):
        tasks.look_elsewhere(**asked)
    assert sorted(told) == sorted([cast.partnership.pk, cast.other_partnership.pk])
    for partnership_id in (*told, *told):
        tasks.tell_elsewhere(partnership_id=partnership_id)
    with as_owner():
        messages = list(Message.objects.filter(subject__startswith="Another partnership").order_by("about"))
        assert {(m.recipient_id, m.about) for m in messages} == {
            (cast.memberships["coordinator"].pk, waiting.child_id),
            (cast.memberships["stranger_coordinator"].pk, other.child_id),
        }
        assert len(messages) == 2
        said = " ".join(f"{m.subject} {m.text} {m.path}" for m in messages)
    for name in ("Tamika", "Brightwater", "Anytown", "Elsewhere"):
        assert name not in said
    with acting_as(cast["system"]):
        assert tell_known_elsewhere(by=cast["system"], at=LATER) == 0


# --- Asking and answering --------------------------------------------------------------------------------------------


def test_the_other_side_is_told_what_was_chosen_and_answers_once(cast: Cast) -> None:
    own = open_case(cast, child=NUMBER)
    child, by, them = child_of(own), cast["coordinator"], cast["stranger_coordinator"]
    question = asked_elsewhere(cast, child)
    assert (question.forename, question.surname, question.nhs_number) == ("Tamika", "Brightwater", "")
    with as_owner():
        [message] = Message.objects.filter(recipient=cast.memberships["stranger_coordinator"])
        assert message.subject == "Anytown asks whether you know a child"
        assert message.path == f"/questions/{question.reference}/"
    with acting_as(by), pytest.raises(RuleBroken, match="asked already"):
        asked_elsewhere(cast, child)
    with acting_as(by), pytest.raises(NotAllowed):
        answer_question(question=question, answer="not_known", reason="", by=by, at=LATER)
    with acting_as(them):
        with pytest.raises(RuleBroken, match="Say why"):
            answer_question(question=question, answer="cannot_share", reason=" ", by=them, at=LATER)
        with pytest.raises(RuleBroken, match="Select"):
            answer_question(question=question, answer="perhaps", reason="", by=them, at=LATER)
        answer_question(question=question, answer="cannot_share", reason="A court order", by=them, at=LATER)
        with pytest.raises(RuleBroken, match="answered already"):
            answer_question(question=question, answer="not_known", reason="", by=them, at=LATER)
    with acting_as(by):
        assert ChildQuestion.objects.get().answer_reason == "A court order"
        again = ask_partnership(
            child=child,
            asked=cast.other_partnership,
            reason="x",
            lawful_basis="vital",
            with_nhs_number=True,
            by=by,
            at=LATER,
        )
        assert again.nhs_number == "9990000018"
        for wrong in (
            {"reason": " "},
            {"lawful_basis": "because"},
            {"asked": cast.partnership},
        ):
            said: dict[str, Any] = {"asked": cast.other_partnership, "reason": "x", "lawful_basis": "vital"}
            with pytest.raises(RuleBroken):
                ask_partnership(child=child, with_nhs_number=False, by=by, at=LATER, **said | wrong)


def test_asking_says_and_does_the_same_whether_the_child_is_known_there_or_not(cast: Cast) -> None:
    own, unknown = open_case(cast), open_case(cast, child=another_child(3))
    there(cast)
    look(cast, own)
    made = [asked_elsewhere(cast, child_of(case)) for case in (own, unknown)]
    with as_owner():
        told = [
            list(Message.objects.filter(path__contains=each.reference).values_list("subject", flat=True))
            for each in made
        ]
    assert told[0] == told[1] == ["Anytown asks whether you know a child"]
    client = cast.client("coordinator")
    pages = [client.get(f"/children/{child_of(case).reference}/elsewhere/") for case in (own, unknown)]
    offered = [page.content.decode().count('<option value="') for page in pages]
    assert offered[0] == offered[1] == 2


def test_who_reads_a_question(cast: Cast) -> None:
    asked_elsewhere(cast, child_of(open_case(cast)))
    seen = set()
    for name, seat in cast.seats.items():
        with acting_as(seat):
            seen |= {name} if ChildQuestion.objects.exists() else set()
    assert seen == {"coordinator", "system", "stranger_coordinator", "stranger_system"}


def test_what_was_asked_stays_as_it_was_asked(cast: Cast) -> None:
    asked_elsewhere(cast, child_of(open_case(cast)))
    them = cast["stranger_coordinator"]
    for statement in ("update referrals_childquestion set forename = 'x'", "delete from referrals_childquestion"):
        with acting_as(them), pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_pages_from_screening_to_the_answer(cast: Cast) -> None:
    there(cast)
    waiting = submitted_referral(cast)
    with as_owner():
        child = Child.objects.get(pk=waiting.child_id)
    client, page = cast.client("coordinator"), f"/referrals/{waiting.reference}/screen/"
    quiet = {name: cast.client(name).get(page) for name in ("coordinator", "chair")}
    assert "Another partnership" not in quiet["coordinator"].content.decode()
    with acting_as(cast["system"]):
        look_elsewhere(child_id=child.pk, by=cast["system"], at=LATER)
    body = client.get(page).content.decode()
    ask = f"/children/{child.reference}/elsewhere/"
    assert "Another partnership may know this child." in body
    assert f'href="{ask}"' in body
    assert "Elsewhere" not in body
    if quiet["chair"].status_code == 200:
        assert "Another partnership" not in cast.client("chair").get(page).content.decode()
    assert "Elsewhere may know this child" in client.get(ask).content.decode()
    assert client.post(ask, {"asked": str(cast.other_partnership.pk)}).status_code == 422
    sent = {"asked": str(cast.other_partnership.pk), "lawful_basis": "public_task", "reason": "She lived there"}
    assert client.post(ask, sent).status_code == 302
    with as_owner():
        question = ChildQuestion.objects.get()
    body = client.get(ask).content.decode()
    assert "No answer yet" in body
    them = cast.client("stranger_coordinator")
    assert question.reference in them.get("/questions/").content.decode()
    assert "Tamika" not in them.get("/questions/").content.decode()
    body = them.get(f"/questions/{question.reference}/").content.decode()
    assert "Anytown asks whether you know a child" in body
    assert "Tamika Brightwater, born 27 March 2011" in body
    assert "Invented Road" not in body
    assert them.post(f"/questions/{question.reference}/", {"answer": "cannot_share"}).status_code == 422
    assert them.post(f"/questions/{question.reference}/", {"answer": "will_contact"}).status_code == 302
    assert "We know the child and will contact you" in client.get(ask).content.decode()
    assert client.get(f"/questions/{question.reference}/").status_code == 404
    for name in ("practitioner", "manager", "chair"):
        assert cast.client(name).get(ask).status_code == 403
