"""Answers that come only after something was begun, missed or saved by somebody else are put on record too."""

from __future__ import annotations

from typing import Any

import pytest

from mace.accounts.models import Role
from mace.audit.models import ReadEntry, ReadKind
from mace.core.seat import acting_as
from mace.notifications.services import notify
from referrals.enums import Section
from referrals.models import Case, ChildIdentity
from tests.access.test_locks_functions import hold
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.panels import SAID, drafted_meeting, item_of, minuted, published_meeting, started_meeting
from tests.factories.referrals import FILLED, MONDAY, another_child, draft_referral, open_case
from tests.factories.sharing import REASON, opened_in_emergency
from volt.enums import Handling
from volt.services import Said, record_person

TYPED = {"forename": "Tamika", "surname": "Brightwater", "born_day": "27", "born_month": "3", "born_year": "2011"}


@pytest.fixture
def case(cast: Cast) -> Case:
    return open_case(cast)


class Reader:
    """Somebody with a browser, and what was put on record of the last thing that they did."""

    def __init__(self, cast: Cast, name: str) -> None:
        self.seat, self.client = cast[name], cast.client(name)
        self.seen = self._last()

    def _last(self) -> int:
        with as_owner():
            return ReadEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def put_down(self, answer: Any, status: int = 200) -> list[tuple[str, str, set[int], str]]:
        """What each entry since the last call says: its kind, the action, the records and the reference."""
        assert answer.status_code == status
        with as_owner():
            made = list(
                ReadEntry.objects.filter(membership_id=self.seat.membership_id, pk__gt=self.seen).order_by("pk")
            )
        self.seen = self._last()
        return [(entry.kind, entry.action, set(entry.records), entry.reference) for entry in made]


def test_both_children_that_are_compared(cast: Cast, case: Case) -> None:
    other = open_case(cast, by="other_practitioner", child=another_child(3))
    reader = Reader(cast, "coordinator")
    with acting_as(reader.seat):
        one, two = case.child, other.child
        path = f"/children/{one.reference}/merge/"
    alone = (ReadKind.PAGE, "children compared", {one.pk}, one.reference)
    assert reader.put_down(reader.client.get(path)) == [alone]
    compared = reader.client.get(path, {"other": two.reference})
    of_both = {case.pk, other.pk}  # a referral's record is its case's
    assert reader.put_down(compared) == [
        (ReadKind.PAGE, "children compared", {child.pk, *of_both}, child.reference) for child in (two, one)
    ]


def test_the_child_who_is_offered_as_perhaps_the_same(cast: Cast, case: Case) -> None:
    """Whoever types a name, a date or a number is told of a child whose record they do not see: that is on record."""
    referral, reader = (
        draft_referral(cast, by="other_practitioner", leave_out=("child",)),
        Reader(cast, "other_practitioner"),
    )
    page = f"/referrals/{referral.reference}/pages/child/"
    with acting_as(reader.seat):
        assert not ChildIdentity.objects.exists()
    answer = reader.client.post(page, FILLED[Section.CHILD] | {"operation": "one"})
    put_down = reader.put_down(answer, 422)
    assert "Tamika Brightwater, born 27 March 2011" in answer.content.decode()
    assert [records for _, action, records, _ in put_down if action == "referral page"][-1] >= {case.child_id}


def test_the_case_that_an_officer_reads_for_a_review(cast: Cast, case: Case) -> None:
    opened = opened_in_emergency(cast)
    officer = Reader(cast, "ig")
    officer.put_down(officer.client.post(f"/emergency/{opened.reference}/read/"), 302)
    page = officer.client.get(f"/emergency/{opened.reference}/case/")
    assert officer.put_down(page) == [(ReadKind.PAGE, "emergency review", {case.pk}, case.reference)]


def test_a_search_in_an_emergency_that_is_refused_because_there_were_too_many(cast: Cast, case: Case) -> None:
    reader = Reader(cast, "health_lead")
    searched: list[Any] = [(ReadKind.SEARCH, "emergency search", set(), "")]
    for number in range(10):
        missed = reader.client.post("/emergency/new/", TYPED | {"reason": REASON, "surname": f"Nobody {number}"})
        assert reader.put_down(missed) == searched
    assert reader.put_down(reader.client.post("/emergency/new/", TYPED | {"reason": REASON}), 429) == searched


def test_what_was_escalated_to_a_board_member(cast: Cast, case: Case) -> None:
    reader = Reader(cast, "board")
    assert reader.put_down(reader.client.get("/actions/")) == []
    hold(reader.seat.principal, case.pk, 1)
    with acting_as(cast["system"]):
        notify(
            to=cast.memberships["board"],
            subject="Action A-0000-0001 is 28 days overdue",
            text="",
            path="/actions/",
            about=case.pk,
            dedupe_key="chase:1",
            by=cast["system"],
            at=MONDAY,
        )
    assert reader.seat.role == Role.BOARD
    assert reader.put_down(reader.client.get("/actions/")) == [(ReadKind.PAGE, "escalated actions", {case.pk}, "")]


def test_minutes_that_are_to_be_approved(cast: Cast, case: Case) -> None:
    meeting = drafted_meeting(cast, published_meeting(cast, case))
    item, chair = item_of(cast, meeting, case), Reader(cast, "chair")
    page = chair.client.get(f"/meetings/{meeting.reference}/approve/")
    ((kind, action, records, reference),) = chair.put_down(page)
    assert (kind, action, reference) == (ReadKind.PAGE, "approval page", meeting.reference)
    assert {meeting.pk, item.pk, case.pk} <= records


def test_an_item_while_it_is_minuted_and_what_somebody_else_wrote_on_it(cast: Cast, case: Case) -> None:
    meeting = started_meeting(cast, published_meeting(cast, case))
    item, chair = item_of(cast, meeting, case), Reader(cast, "chair")
    path = f"/items/{item.reference}/minute/"
    ((kind, action, records, reference),) = chair.put_down(chair.client.get(path))
    assert (kind, action, reference) == (ReadKind.PAGE, "minutes of an item", item.reference)
    assert {item.pk, case.pk} <= records
    minuted(cast, item, by="coordinator")
    late = SAID | {"version": "0", "op": "x", "discussion": "Something else"}
    by_itself = chair.client.post(path, late, headers={"Accept": "application/json"})
    assert chair.put_down(by_itself, 409) == [(ReadKind.PAGE, "minutes of an item", {case.pk}, item.reference)]


def test_the_list_of_pages_of_a_referral_that_is_being_written(cast: Cast) -> None:
    referral = draft_referral(cast)
    writer = Reader(cast, "practitioner")
    page = writer.client.get(f"/referrals/{referral.reference}/")
    assert writer.put_down(page) == [(ReadKind.PAGE, "referral task list", {referral.pk}, referral.reference)]


def test_what_may_be_said_of_an_entry_that_is_for_the_police_only(cast: Cast) -> None:
    seat, reader = cast["coordinator"], Reader(cast, "practitioner")
    with acting_as(seat):
        person = record_person(
            name="Ghost", by=seat, at=MONDAY, handling=Handling.POLICE, said=Said("Ask the police about him")
        )
    hold(reader.seat.principal, person.pk, 3)
    page = reader.client.get(f"/volt/{person.reference}/")
    assert "Ask the police about him" in page.content.decode()
    assert reader.put_down(page) == [(ReadKind.PAGE, "VOLT record", {person.pk}, person.reference)]
