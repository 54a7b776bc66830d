"""Running a meeting and approving its minutes: what is required, what takes effect, who reads what."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from mace.access.models import Scope
from mace.access.services import withdraw
from mace.core.clock import london_date
from mace.core.errors import Conflict, NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.notifications.models import Message
from panels.enums import ItemKind, MeetingStatus, Presence
from panels.models import Attendance, Meeting, Minute
from panels.selectors.documents import pack_for
from panels.selectors.meetings import expected_at, items_of, quorum
from panels.services.actions import close_action, create_action
from panels.services.meetings import (
    add_case_item,
    add_standing_item,
    approve_minutes,
    carry_over_item,
    close_meeting,
    finish_meeting,
    publish_agenda,
    record_attendance,
    save_minute,
    start_meeting,
)
from referrals.models import Case, CaseSummary, Review, TierPeriod
from referrals.services import make_review
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.panels import (
    HELD,
    PLANNED,
    SAID,
    approved_meeting,
    drafted_meeting,
    invited,
    item_of,
    minuted,
    planned_meeting,
    published_meeting,
    started_meeting,
)
from tests.factories.referrals import another_child, open_case

WEEK = dt.timedelta(days=7)


def two_cases(cast: Cast) -> tuple[Case, Case, Meeting]:
    """A published meeting of two cases: police are invited for the first, health for the second."""
    first, second = open_case(cast), open_case(cast, by="other_practitioner", child=another_child(1))
    meeting = planned_meeting(cast, first)
    seat = cast["coordinator"]
    with acting_as(seat):
        add_case_item(meeting=meeting, case=second, kind=ItemKind.NEW, minutes_allowed=10, by=seat, at=PLANNED)
    invited(cast, item_of(cast, meeting, first), "police")
    invited(cast, item_of(cast, meeting, second), "health")
    with acting_as(seat):
        return first, second, publish_agenda(meeting=meeting, by=seat, at=PLANNED)


def test_quorum_is_worked_out_from_attendance(cast: Cast) -> None:
    meeting = published_meeting(cast, open_case(cast), invite=("education",))
    seat = cast["chair"]
    with acting_as(seat):
        assert [row.agency.name for row in expected_at(meeting)] == [
            "Anytown Children’s Services",
            "Anytown Education",
            "Anytown NHS Trust",
            "Anytown Police",
        ]
        for agency, presence in (("social_care", "present"), ("health", "deputy"), ("police", "apologies")):
            record_attendance(
                meeting=meeting, agency=cast.agencies[agency], presence=Presence(presence), who="A. Person", by=seat
            )
        found = quorum(expected_at(meeting))
        assert (found.met, found.missing) == (False, ("Anytown Police",))
        record_attendance(
            meeting=meeting, agency=cast.agencies["police"], presence=Presence.PRESENT, who="B. Person", by=seat
        )
        assert quorum(expected_at(meeting)).met
        assert Attendance.objects.count() == 3


def test_only_those_who_minute_start_and_minute(cast: Cast) -> None:
    meeting = published_meeting(cast, open_case(cast), scope=Scope.FULL)
    item = item_of(cast, meeting)
    for name in ("practitioner", "manager", "police_lead", "board"):
        with acting_as(cast[name]):
            with pytest.raises(NotAllowed):
                start_meeting(meeting=meeting, by=cast[name], at=HELD)
            with pytest.raises(NotAllowed):
                save_minute(item=item, version=0, operation="", by=cast[name], at=HELD, **SAID)  # type: ignore[arg-type]


def test_nothing_is_minuted_before_the_meeting_begins(cast: Cast) -> None:
    meeting = published_meeting(cast, open_case(cast))
    with pytest.raises(RuleBroken, match="not begun"):
        minuted(cast, item_of(cast, meeting))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rationale": " "}, "rationale"),
        ({"rationale": "", "decision": "", "decision_reason": ""}, "rationale"),
        ({"decision_reason": ""}, "decision_reason"),
        ({"decision": "note"}, "decision"),
    ],
)
def test_minutes_say_why_it_was_shared_and_why_it_was_decided(cast: Cast, changes: dict[str, Any], field: str) -> None:
    meeting = started_meeting(cast, published_meeting(cast, open_case(cast)))
    with pytest.raises(RuleBroken) as refused:
        minuted(cast, item_of(cast, meeting), **changes)
    assert refused.value.field == field
    with acting_as(cast["chair"]):
        assert not Minute.objects.exists()


def test_a_save_while_typing_keeps_text_and_holds_the_decision_back(cast: Cast) -> None:
    meeting = started_meeting(cast, published_meeting(cast, open_case(cast)))
    seat = cast["coordinator"]
    with acting_as(seat):
        minute = save_minute(
            item=item_of(cast, meeting),
            discussion="The school said",
            rationale="",
            decision="escalate",
            decision_reason="",
            rating="",
            version=0,
            operation="a",
            by=seat,
            at=HELD,
            draft=True,
        )
    assert (minute.discussion, minute.decision, minute.version) == ("The school said", "", 1)


def test_two_writers_lose_nothing(cast: Cast) -> None:
    meeting = started_meeting(cast, published_meeting(cast, open_case(cast)))
    item = item_of(cast, meeting)
    chair, coordinator = cast["chair"], cast["coordinator"]
    with acting_as(chair):
        first = save_minute(item=item, version=0, operation="one", by=chair, at=HELD, **SAID)  # type: ignore[arg-type]
        again = save_minute(item=item, version=0, operation="one", by=chair, at=HELD, **SAID)  # type: ignore[arg-type]
        assert (first.version, again.version) == (1, 1)
    mine = SAID | {"discussion": "What I heard"}
    with acting_as(coordinator):
        with pytest.raises(Conflict) as conflict:
            save_minute(item=item, version=0, operation="two", by=coordinator, at=HELD, **mine)  # type: ignore[arg-type]
        assert (conflict.value.version, conflict.value.theirs) == (1, {**SAID, "decision": "keep_open"})
        second = save_minute(item=item, version=1, operation="three", by=coordinator, at=HELD, **mine)  # type: ignore[arg-type]
        assert (second.version, second.discussion) == (2, "What I heard")


def test_undecided_items_block_approval_and_are_named(cast: Cast) -> None:
    first, _, meeting = two_cases(cast)
    meeting = started_meeting(cast, meeting)
    minuted(cast, item_of(cast, meeting, first), decision="", decision_reason="")
    chair = cast["chair"]
    with acting_as(chair):
        finish_meeting(meeting=meeting, by=chair, at=HELD)
        with pytest.raises(RuleBroken) as refused:
            approve_minutes(meeting=meeting, by=chair, at=HELD)
        assert Meeting.objects.get().status == MeetingStatus.DRAFTED
    assert refused.value.message == (
        "The minutes cannot be approved yet: item 1 lacks a decision; "
        "item 2 lacks the discussion, the rationale for sharing and a decision."
    )


@pytest.mark.parametrize("name", ["coordinator", "manager", "police_lead"])
def test_only_the_chair_approves(cast: Cast, name: str) -> None:
    meeting = drafted_meeting(cast, published_meeting(cast, open_case(cast)))
    with acting_as(cast[name]), pytest.raises(NotAllowed):
        approve_minutes(meeting=meeting, by=cast[name], at=HELD)


def test_keeping_open_changes_the_rating_only(cast: Cast) -> None:
    case = open_case(cast)
    meeting = approved_meeting(cast, case, rating="significant")
    with acting_as(cast["coordinator"]):
        assert Meeting.objects.get().status == MeetingStatus.APPROVED
        summary = CaseSummary.objects.get()
        assert (summary.rating, summary.rated_on) == ("significant", london_date(HELD))
        assert list(TierPeriod.objects.values_list("tier", "to_on")) == [("pre_mace", None)]
        assert [row.source for row in case.ratings.all()] == [f"Meeting {meeting.reference}"]


def test_escalating_opens_mace_beside_pre_mace_on_the_day_of_the_meeting(cast: Cast) -> None:
    approved_meeting(cast, open_case(cast), decision="escalate", decision_reason="The plan has not reduced the risk")
    with acting_as(cast["coordinator"]):
        assert list(TierPeriod.objects.order_by("pk").values_list("tier", "from_on", "to_on", "why")[1:]) == [
            ("mace", london_date(HELD), None, "The plan has not reduced the risk")
        ]
        assert TierPeriod.objects.filter(to_on=None).count() == 2


def test_a_case_at_mace_is_not_escalated_again(cast: Cast) -> None:
    case = open_case(cast)
    approved_meeting(cast, case, decision="escalate")
    later = started_meeting(cast, published_meeting(cast, case, starts_at=HELD + WEEK), at=HELD + WEEK)
    with pytest.raises(RuleBroken, match="open at MACE already"):
        minuted(cast, item_of(cast, later), decision="escalate")


def test_closing_ends_the_tier_and_the_case_and_a_review_is_held_first(cast: Cast) -> None:
    case = open_case(cast)
    seat = cast["coordinator"]
    meeting = planned_meeting(cast)
    with acting_as(seat):
        review = make_review(case=case, due_on=dt.date(2026, 5, 25), by=seat, at=PLANNED)
        add_case_item(
            meeting=meeting, case=case, kind=ItemKind.REVIEW, minutes_allowed=5, by=seat, at=PLANNED, review=review
        )
        publish_agenda(meeting=meeting, by=seat, at=PLANNED)
    meeting = drafted_meeting(cast, meeting, decision="close", decision_reason="Safe and settled")
    with acting_as(cast["chair"]):
        approve_minutes(meeting=meeting, by=cast["chair"], at=HELD + WEEK)
    with acting_as(seat):
        held = Review.objects.get()
        assert (held.status, held.held_on) == ("held", london_date(HELD))
        assert Case.objects.get().closed_on == london_date(HELD)
        period = TierPeriod.objects.get()
        assert (period.outcome, period.outcome_reason) == ("closed", "Safe and settled")


def test_approved_minutes_are_fixed_by_rule_and_by_trigger(cast: Cast) -> None:
    meeting = approved_meeting(cast, open_case(cast))
    item = item_of(cast, meeting)
    for name in ("chair", "coordinator"):
        with pytest.raises(RuleBroken, match="approved and fixed"):
            minuted(cast, item, by=name)
        with (
            acting_as(cast[name]),
            pytest.raises(DatabaseError, match="approved minutes are fixed"),
            transaction.atomic(),
        ):
            Minute.objects.update(discussion="Something else")
    for sql in ("update panels_minute set discussion = 'x'", "delete from panels_minute"):
        with (
            as_owner(),
            connection.cursor() as cursor,
            pytest.raises(DatabaseError, match="fixed"),
            transaction.atomic(),
        ):
            cursor.execute(sql)
    with acting_as(cast["chair"]):
        assert Minute.objects.get().discussion == SAID["discussion"]


def test_minutes_are_approved_once(cast: Cast) -> None:
    meeting = approved_meeting(cast, open_case(cast), decision="escalate")
    with acting_as(cast["chair"]), pytest.raises(RuleBroken):
        approve_minutes(meeting=meeting, by=cast["chair"], at=HELD)
    with acting_as(cast["coordinator"]):
        assert TierPeriod.objects.count() == 2


def test_two_partners_read_different_minutes_of_one_meeting(cast: Cast) -> None:
    first, second, meeting = two_cases(cast)
    meeting = started_meeting(cast, meeting)
    minuted(cast, item_of(cast, meeting, first), discussion="About the first")
    minuted(cast, item_of(cast, meeting, second), discussion="About the second")
    chair = cast["chair"]
    said = {"police_lead": "About the first", "health_lead": "About the second"}
    for name in said:
        with acting_as(cast[name]):
            assert pack_for(meeting, cast[name]).lines[0].minute is None
    with acting_as(chair):
        finish_meeting(meeting=meeting, by=chair, at=HELD)
        meeting = approve_minutes(meeting=meeting, by=chair, at=HELD)
        assert [line.minute.discussion for line in items_of(meeting) if line.minute] == list(said.values())
    for name, text in said.items():
        with acting_as(cast[name]):
            assert [minute.discussion for minute in Minute.objects.all()] == [text], name
            pack = pack_for(meeting, cast[name])
            assert [line.minute.discussion for line in pack.lines if line.minute] == [text]
            assert [line.number for line in pack.lines] == [1]
            subject = "Minutes approved: " + meeting.reference
            assert Message.objects.filter(subject=subject).count() == 1
    for name, case in (("practitioner", first), ("other_practitioner", second)):
        with acting_as(cast[name]):
            assert [line.subject.reference for line in pack_for(meeting, cast[name]).lines] == [case.reference]
            assert [minute.item.meeting for minute in Minute.objects.filter(item__subject_id=case.pk)] == [meeting]
    for name in ("stranger_police", "stranger_coordinator", "education_lead", "board", "analyst", "ig", "admin"):
        with acting_as(cast[name]):
            assert not Minute.objects.exists(), name


def test_identity_gives_no_minutes_and_withdrawal_takes_them(cast: Cast) -> None:
    case = open_case(cast)
    meeting = approved_meeting(cast, case, invite=("police", "health"))
    with acting_as(cast["coordinator"]):
        assert Minute.objects.count() == 1
    with acting_as(cast["police_lead"]):
        assert Minute.objects.count() == 1
    with acting_as(cast["coordinator"]):
        withdraw(record_id=case.pk, agency=cast.agencies["police"], reason="Done", by=cast["coordinator"], at=HELD)
    with acting_as(cast["police_lead"]):
        assert Minute.objects.count() == 0
        assert pack_for(meeting, cast["police_lead"]).lines == []
    other = open_case(cast, child=another_child(1))
    shown = approved_meeting(cast, other, scope=Scope.IDENTITY, starts_at=HELD + WEEK, at=HELD)
    with acting_as(cast["police_lead"]):
        pack = pack_for(shown, cast["police_lead"])
        assert (pack.lines, pack.not_shared) == ([], 1)


def test_item_not_reached_is_carried_over_with_its_invitations(cast: Cast) -> None:
    first, second, meeting = two_cases(cast)
    later = planned_meeting(cast, starts_at=HELD + WEEK)
    meeting = started_meeting(cast, meeting)
    minuted(cast, item_of(cast, meeting, first))
    chair = cast["chair"]
    with acting_as(chair), pytest.raises(RuleBroken, match="has been decided"):
        carry_over_item(item=item_of(cast, meeting, first), by=chair, at=HELD)
    with acting_as(chair):
        assert carry_over_item(item=item_of(cast, meeting, second), by=chair, at=HELD) == later
        finish_meeting(meeting=meeting, by=chair, at=HELD)
        approve_minutes(meeting=meeting, by=chair, at=HELD)
    with acting_as(cast["coordinator"]):
        line = items_of(later)[0]
        assert (line.subject.reference, [row.agency.name for row in line.invitations]) == (
            second.reference,
            ["Anytown NHS Trust"],
        )
    with acting_as(cast["health_lead"]):
        assert later not in Meeting.objects.all()


def test_standing_items_need_no_decision(cast: Cast) -> None:
    meeting = planned_meeting(cast)
    seat, chair = cast["coordinator"], cast["chair"]
    with acting_as(seat):
        add_standing_item(meeting=meeting, title="Welcome", minutes_allowed=5, by=seat, at=PLANNED)
        publish_agenda(meeting=meeting, by=seat, at=PLANNED)
    meeting = started_meeting(cast, meeting)
    with acting_as(chair):
        finish_meeting(meeting=meeting, by=chair, at=HELD)
        assert approve_minutes(meeting=meeting, by=chair, at=HELD).status == MeetingStatus.APPROVED


def test_a_meeting_closes_with_its_actions_and_the_chair_keeps_cases_of_the_tier_only(cast: Cast) -> None:
    first, second, meeting = two_cases(cast)
    meeting = started_meeting(cast, meeting)
    minuted(cast, item_of(cast, meeting, first))
    minuted(cast, item_of(cast, meeting, second), decision="close", decision_reason="Safe")
    chair = cast["chair"]
    with acting_as(chair):
        action = create_action(
            record_id=first.pk,
            item=item_of(cast, meeting, first),
            strand="victim",
            text="Visit the station",
            measure="",
            owner_agency=cast.agencies["police"],
            owner=None,
            due_on=None,
            by=chair,
            at=HELD,
        )
        finish_meeting(meeting=meeting, by=chair, at=HELD)
        approve_minutes(meeting=meeting, by=chair, at=HELD)
        assert Case.objects.count() == 2
        with pytest.raises(RuleBroken, match="1 action is still open"):
            close_meeting(meeting=meeting, by=chair, at=HELD)
        close_action(action=action, status="done", note="", by=chair, at=HELD + WEEK)
        close_meeting(meeting=meeting, by=chair, at=HELD + WEEK)
        assert list(Case.objects.all()) == [first]
    with acting_as(cast["coordinator"]):
        assert Case.objects.count() == 2
