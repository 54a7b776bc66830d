"""An import is taken back as a whole, and nothing that was there before or written since is touched."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from mace.access.models import Scope, SetAside
from mace.access.services import restrict
from mace.audit.models import Change
from mace.core import clock
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.importing.enums import ImportStatus
from mace.importing.models import Import, ImportedRow
from mace.importing.services.undoing import undo_import, worked_on
from mace.notifications.models import Message
from mace.notifications.services import notify
from panels.models import Action, Chaser
from panels.services.actions import close_action, create_action, report_on_action
from referrals.models import Case, Child
from referrals.services import agree_rating
from referrals.services.reviews import make_review, save_review
from tests.access.tables import digests
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import another_child, open_case
from tests.factories.sharing import shared
from tests.importing.ground import AT, imported
from tests.importing.sheets import HEAD, book, row
from volt.models import Location, LocationAccount

LATER = AT + dt.timedelta(days=3)
KEEP_THEMSELVES = {"audit_change", "importing_import", "notifications_message"}
"""What stays on record of an import that is taken back; who asked for it was told of it."""
PLACES = [["Location", "Concern", "First raised", "RAG"], ["The arches", "Dealing", "01/02/2026", "R"]]
CONTENT = book(
    Tracker=[
        HEAD,
        row("Marla Quillfeather", "04/05/2011", actions="SW to call - SW by 30/04/2026", comments="Aunt rings"),
        row("Quillfeather Marla", "04/05/2011", referred="01/03/2026"),
        row("Tobin Ashgrove", "05/06/2012", state="Closed"),
        row("Tamika Brightwater", "27/03/2011", actions="SW to visit - SW by 30/04/2026"),
        row("Wren Halloway", "about 14"),
    ],
    Places=PLACES,
)


def undone(cast: Cast, file: Import, *, by: str = "coordinator", reason: str = "The wrong file") -> int:
    with acting_as(cast[by]):
        return undo_import(file=file, reason=reason, by=cast[by], at=LATER)


def since(cast: Cast, file: Import) -> list[str]:
    with acting_as(cast["coordinator"]):
        return worked_on(file)


def case_of(cast: Cast, surname: str) -> Case:
    with acting_as(cast["coordinator"]):
        return Case.objects.get(child__identity__surname=surname)


def test_everything_is_as_it_was_before(cast: Cast) -> None:
    """Beside a case that was there, to which a row was added. Only the import's own row and the history stay."""
    open_case(cast)
    before = digests()
    file = imported(cast, CONTENT)
    with as_owner():
        assert (Case.objects.count(), Child.objects.count(), Action.objects.count()) == (3, 3, 2)
    assert undone(cast, file) == 6
    after = digests()
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == KEEP_THEMSELVES
    with as_owner():
        kept = Import.objects.get()
        assert (kept.status, kept.undone_by_id) == (ImportStatus.UNDONE, cast["coordinator"].membership_id)
        assert (kept.undone_at, kept.undone_reason) == (LATER, "The wrong file")
        assert Change.objects.filter(table_name="referrals_childidentity", operation="delete").count() == 2


OTHERS = book(
    Tracker=[
        HEAD,
        row("Ivy Penhallow", "07/08/2012", actions="SW to ring - SW by 30/04/2026", comments="Uncle"),
        row("Jory Trevean", "08/09/2012", state="Closed"),
        row("Tamika Brightwater", "27/03/2011", actions="SW to write - SW by 30/04/2026"),
    ],
    Places=[PLACES[0], ["The underpass", "Dealing", "01/02/2026", "A"]],
)


def test_nothing_of_another_import_or_of_anybody_elses_is_touched(cast: Cast) -> None:
    """Two files with rows of one child whose case was there, an action given by hand and chased, a message."""
    case, seat = open_case(cast), cast["coordinator"]
    first = imported(cast, CONTENT)
    with acting_as(seat):
        action = create_action(
            record_id=case.pk,
            item=None,
            strand="victim",
            text="Ask the school",
            measure="",
            owner_agency=cast.agencies["social_care"],
            owner=cast.memberships["practitioner"],
            due_on=dt.date(2026, 5, 1),
            by=seat,
            at=LATER,
        )
        close_action(action=action, status="done", note="", by=seat, at=LATER)
        assert make_review(case=case, due_on=dt.date(2026, 5, 25), by=seat, at=LATER) is not None
    chased(cast, "")
    with as_owner():
        assert Chaser.objects.count() == 3
    told(cast, case)
    before = digests()
    second = imported(cast, OTHERS)
    chased(cast, second.reference)
    told(cast, case_of(cast, "Penhallow"))
    assert since(cast, second) == []
    undone(cast, second)
    after = digests()
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == KEEP_THEMSELVES
    assert since(cast, first) == []
    undone(cast, first)
    with as_owner():
        left = [model.objects.count() for model in (Case, Chaser, Action)]
        assert (left, Message.objects.filter(subject="Look").count()) == ([1, 1, 1], 2)


def chased(cast: Cast, reference: str) -> None:
    """The worker has chased all actions that were made by an import; every action, for none."""
    with acting_as(cast["system"]):
        for action in Action.objects.filter(operation__startswith=reference):
            Chaser.objects.create(
                record_id=action.record_id,
                action=action,
                step="before",
                due_on=action.due_on,
                chased_on=LATER.date(),
                told="Coordinator",
            )


def told(cast: Cast, case: Case) -> None:
    """A message about the case, and one about none."""
    seat = cast["coordinator"]
    with acting_as(seat):
        for about in (case.pk, None):
            notify(
                to=cast.memberships["chair"],
                subject="Look",
                text="Look",
                path="/",
                about=about,
                dedupe_key=f"look:{case.pk}:{about}" if about else "look",
                by=seat,
                at=LATER,
            )


def test_what_was_made_in_a_restricted_way_of_the_imports_own_is_cleared(cast: Cast) -> None:
    """What was set aside while a case was restricted goes with the case, and what was set aside elsewhere stays."""
    other = open_case(cast)
    shared(cast, other.pk, "police", Scope.SUMMARY)
    file = imported(
        cast, book(Tracker=[HEAD, row("Marla Quillfeather", "04/05/2011"), row("Ivy Penhallow", "07/08/2012")])
    )
    case = case_of(cast, "Quillfeather")
    with acting_as(cast["coordinator"]):
        everybody = {cast.memberships["coordinator"]: Scope.FULL}
        restrict(record_id=other.pk, people=everybody, reason="An operation", by=cast["coordinator"])
    with as_owner():
        SetAside.objects.create(record_id=case.pk, principal=cast["police_lead"].principal, scope=1)
        kept = SetAside.objects.exclude(record_id=case.pk).count()
        assert kept > 0
    undone(cast, file)
    with as_owner():
        assert SetAside.objects.count() == kept


def test_a_review_that_somebody_has_begun_to_answer_is_work(cast: Cast) -> None:
    other = open_case(cast, child=another_child(3))
    file, seat = imported(cast, CONTENT), cast["coordinator"]
    case = case_of(cast, "Quillfeather")
    with acting_as(cast["system"]):
        review = make_review(case=case, due_on=dt.date(2026, 5, 4), by=cast["system"], at=LATER)
        assert review is not None
    with acting_as(seat):
        another = make_review(case=other, due_on=dt.date(2026, 5, 25), by=seat, at=LATER)
        assert another is not None
        save_review(review=another, data={"progress": "Better"}, version=None, operation="x", by=seat, at=LATER)
    assert since(cast, file) == []
    with acting_as(seat):
        save_review(review=review, data={"progress": "Better"}, version=None, operation="y", by=seat, at=LATER)
    assert since(cast, file) == [case.reference]


def test_an_action_added_to_a_case_that_was_there_is_work_once_it_is_reported_on(cast: Cast) -> None:
    case, seat = open_case(cast), cast["coordinator"]
    file, other = imported(cast, CONTENT), imported(cast, OTHERS)
    with acting_as(seat):
        action = Action.objects.get(record_id=case.pk, operation__startswith=file.reference)
        close_action(action=action, status="done", note="Visited", by=seat, at=LATER)
    assert since(cast, file) == [case.reference]
    assert since(cast, other) == []


def test_what_another_import_added_to_keeps_an_import_from_being_undone(cast: Cast) -> None:
    first = imported(cast, book(Tracker=[HEAD, row("Marla Quillfeather", "04/05/2011")]))
    second = imported(cast, book(Tracker=[HEAD, row("Marla Quillfeather", "04/05/2011", referred="03/03/2026")]))
    with pytest.raises(RuleBroken, match="Something else speaks of what was imported"):
        undone(cast, first)
    undone(cast, second)
    undone(cast, first)


def test_work_is_work_though_another_import_added_to_it_since(cast: Cast) -> None:
    first, seat = imported(cast, book(Tracker=[HEAD, row("Marla Quillfeather", "04/05/2011")])), cast["coordinator"]
    case = case_of(cast, "Quillfeather")
    with acting_as(seat):
        agree_rating(case=case, rating="significant", source="Panel", by=seat, at=clock.now())
    second = imported(cast, book(Tracker=[HEAD, row("Marla Quillfeather", "04/05/2011", referred="03/03/2026")]))
    assert since(cast, first) == [case.reference]
    assert since(cast, second) == []


def test_a_place_that_was_worked_on_is_named(cast: Cast) -> None:
    imported(cast, OTHERS)
    file = imported(cast, CONTENT)
    with acting_as(cast["coordinator"]):
        place = Location.objects.get(name="The arches")
        LocationAccount.objects.filter(location=place).update(harms="Seen there again")
    assert since(cast, file) == [place.reference]


def test_what_the_worker_made_by_itself_goes_too(cast: Cast) -> None:
    file = imported(cast, CONTENT)
    with acting_as(cast["system"]):
        case = Case.objects.get(child__identity__surname="Quillfeather")
        assert make_review(case=case, due_on=dt.date(2026, 5, 4), by=cast["system"], at=LATER) is not None
    assert since(cast, file) == []
    undone(cast, file)
    with as_owner():
        assert not Case.objects.exists()


@pytest.mark.parametrize("work", ["rating", "action", "sharing"])
def test_nothing_is_undone_once_somebody_worked_on_it(cast: Cast, work: str) -> None:
    file, seat = imported(cast, CONTENT), cast["coordinator"]
    case = case_of(cast, "Quillfeather")
    if work == "rating":
        with acting_as(seat):
            agree_rating(case=case, rating="significant", source="Panel", by=seat, at=clock.now())
    elif work == "action":
        with acting_as(seat):
            action = Action.objects.get(record_id=case.pk)
            report_on_action(action=action, text="Rang, no answer", by=seat, at=clock.now())
    else:
        shared(cast, case.pk, "police", Scope.IDENTITY, at=clock.now())
    assert since(cast, file) == [case.reference]
    with as_owner():
        before = Case.objects.count()
    with pytest.raises(RuleBroken, match=f"Worked on since it was imported: {case.reference}"):
        undone(cast, file)
    with acting_as(seat), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select importing_undo(%s)", [file.pk])  # nor past the service
    with as_owner():
        assert Case.objects.count() == before


def test_a_case_that_was_left_to_others_is_not_named(cast: Cast) -> None:
    file = imported(cast, CONTENT)
    case, chair = case_of(cast, "Quillfeather"), cast["chair"]
    shared_with = {cast.memberships["chair"]: Scope.FULL, cast.memberships["coordinator"]: Scope.FULL}
    with acting_as(cast["coordinator"]):
        restrict(record_id=case.pk, people=shared_with, reason="A colleague's family", by=cast["coordinator"])
    with acting_as(chair):
        restrict(record_id=case.pk, people={cast.memberships["chair"]: Scope.FULL}, reason="The same", by=chair)
    assert since(cast, file) == ["another"]
    with acting_as(cast["coordinator"]):
        assert not ImportedRow.objects.filter(record_id=case.pk).exists()
        assert ImportedRow.objects.filter(file=file).count() == 4


def test_it_says_why_once_and_by_its_own_coordinators_alone(cast: Cast) -> None:
    file = imported(cast, CONTENT)
    with pytest.raises(RuleBroken, match="Say why"):
        undone(cast, file, reason=" ")
    for name in ("practitioner", "chair", "police_lead", "ig"):
        with pytest.raises(NotAllowed):
            undone(cast, file, by=name)
        for function in ("importing_undo", "importing_worked_on"):
            with acting_as(cast[name]), pytest.raises(DatabaseError, match="no such import"), transaction.atomic():
                connection.cursor().execute(f"select {function}(%s)", [file.pk])
    with acting_as(cast["stranger_coordinator"]):
        assert not Import.objects.exists()
        with pytest.raises(DatabaseError, match="no such import"), transaction.atomic():
            connection.cursor().execute("select importing_undo(%s)", [file.pk])
    undone(cast, file)
    with pytest.raises(RuleBroken, match="undone"):
        undone(cast, file)
