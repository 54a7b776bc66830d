"""Planning, building and publishing an agenda: who may, who sees what from when."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from mace.access.models import Disclosure, Kind, Scope
from mace.access.services import grants_on, open_record, share, withdraw
from mace.core.errors import NotAllowed, RuleBroken
from mace.core.seat import acting_as
from mace.notifications.models import Message
from panels.enums import ItemKind, MeetingStatus, Strand
from panels.models import AgendaItem, ItemInvitation, Meeting
from panels.selectors.meetings import items_of, meetings_page, meetings_visible
from panels.selectors.proposals import proposals_for
from panels.services.meetings import (
    add_case_item,
    add_standing_item,
    add_volt_item,
    cancel_meeting,
    invite_agency,
    move_item,
    plan_meeting,
    publish_agenda,
    remove_item,
)
from referrals.models import Case, ChildIdentity
from referrals.services import close_tier, make_review
from tests.factories.cast import Cast
from tests.factories.panels import HELD, PLANNED, approved_meeting, invited, item_of, planned_meeting, published_meeting
from tests.factories.referrals import another_child, open_case
from volt.models import Location, PersonOfConcern

WEEK = dt.timedelta(days=7)


def location(cast: Cast, name: str = "Anytown Station") -> Location:
    seat = cast["coordinator"]
    with acting_as(seat):
        record = open_record(kind=Kind.LOCATION, at=PLANNED)
        share(record_id=record, principal=seat.partnership_principal, scope=Scope.FULL)
        return Location.objects.create(
            record_id=record,
            partnership_id=seat.partnership_id,
            created_at=PLANNED,
            created_by_id=seat.membership_id,
            name=name,
            name_key=name.lower(),
        )


@pytest.mark.parametrize("name", ["practitioner", "manager", "police_lead", "police_member", "board", "ig", "admin"])
def test_only_coordinators_and_chairs_plan(cast: Cast, name: str) -> None:
    with acting_as(cast[name]), pytest.raises(NotAllowed):
        plan_meeting(panel=cast.panels["pre_mace"], starts_at=HELD, place="", by=cast[name], at=PLANNED)


def test_a_coordinator_of_another_partnership_cannot_plan_here(cast: Cast) -> None:
    seat = cast["stranger_coordinator"]
    with acting_as(seat), pytest.raises(NotAllowed):
        plan_meeting(panel=cast.panels["pre_mace"], starts_at=HELD, place="", by=seat, at=PLANNED)


def test_planned_meeting_is_seen_by_coordinators_and_the_panels_chair_only(cast: Cast) -> None:
    meeting = planned_meeting(cast)
    for name in cast.seats:
        with acting_as(cast[name]):
            expected = [meeting] if name in ("coordinator", "chair", "system") else []
            assert list(Meeting.objects.all()) == expected, name
            assert meetings_page().meetings == expected, name
            assert meetings_visible(on=HELD.date()) == expected, name


def test_planning_the_same_time_twice_makes_one_meeting(cast: Cast) -> None:
    assert planned_meeting(cast) == planned_meeting(cast)
    assert planned_meeting(cast, starts_at=HELD + WEEK).reference != planned_meeting(cast).reference


def test_a_case_is_on_an_agenda_once_and_only_while_open(cast: Cast) -> None:
    case = open_case(cast)
    meeting = planned_meeting(cast, case)
    seat = cast["coordinator"]
    with acting_as(seat):
        with pytest.raises(RuleBroken, match="on the agenda already"):
            add_case_item(meeting=meeting, case=case, kind=ItemKind.NEW, minutes_allowed=10, by=seat, at=PLANNED)
        close_tier(case=case, tier="pre_mace", outcome="closed", reason="Safe", by=seat, at=PLANNED)
        later = planned_meeting(cast, starts_at=HELD + WEEK)
        with pytest.raises(RuleBroken, match="closed"):
            add_case_item(
                meeting=later, case=Case.objects.get(), kind=ItemKind.NEW, minutes_allowed=10, by=seat, at=PLANNED
            )


def test_items_stand_in_the_order_of_volt_and_can_be_moved(cast: Cast) -> None:
    meeting = planned_meeting(cast)
    place = location(cast)
    first, second = open_case(cast), open_case(cast, child=another_child(1))
    seat = cast["coordinator"]

    def order() -> list[str]:
        return [line.title for line in items_of(meeting)]

    with acting_as(seat):
        add_standing_item(meeting=meeting, title="Welcome", minutes_allowed=5, by=seat, at=PLANNED)
        add_volt_item(
            meeting=meeting, record_id=place.pk, strand=Strand.LOCATION, minutes_allowed=10, by=seat, at=PLANNED
        )
        for case in (first, second):
            add_case_item(meeting=meeting, case=case, kind=ItemKind.NEW, minutes_allowed=10, by=seat, at=PLANNED)
        names = [ChildIdentity.objects.get(child=case.child_id).full_name for case in (first, second)]
        assert order() == ["Welcome", *names, "Anytown Station"]
        move_item(item=AgendaItem.objects.get(subject_id=place.pk), up=True, by=seat)
        assert order() == ["Welcome", names[0], "Anytown Station", names[1]]
        move_item(item=AgendaItem.objects.get(title="Welcome"), up=True, by=seat)
        move_item(item=AgendaItem.objects.get(title="Welcome"), up=False, by=seat)
        assert order() == [names[0], "Welcome", "Anytown Station", names[1]]
        remove_item(item=AgendaItem.objects.get(title="Welcome"), by=seat)
        assert order() == [names[0], "Anytown Station", names[1]]
        assert list(AgendaItem.objects.values_list("position", flat=True)) == [1, 2, 3]


def test_a_person_who_is_also_a_child_comes_as_a_victim_first(cast: Cast) -> None:
    case = open_case(cast)
    meeting = planned_meeting(cast)
    seat = cast["coordinator"]
    with acting_as(seat):
        record = open_record(kind=Kind.PERSON, at=PLANNED)
        PersonOfConcern.objects.create(
            record_id=record,
            partnership_id=seat.partnership_id,
            created_at=PLANNED,
            created_by_id=seat.membership_id,
            name="Tee",
            name_key="tee",
            child_id=case.child_id,
        )
        with pytest.raises(RuleBroken, match="victim first"):
            add_volt_item(
                meeting=meeting, record_id=record, strand=Strand.OFFENDER, minutes_allowed=5, by=seat, at=PLANNED
            )
        add_case_item(meeting=meeting, case=case, kind=ItemKind.NEW, minutes_allowed=10, by=seat, at=PLANNED)
        add_volt_item(meeting=meeting, record_id=record, strand=Strand.OFFENDER, minutes_allowed=5, by=seat, at=PLANNED)
        with pytest.raises(RuleBroken, match="belongs to this part"):
            add_volt_item(
                meeting=meeting, record_id=record, strand=Strand.THEME, minutes_allowed=5, by=seat, at=PLANNED
            )


def test_an_empty_agenda_is_not_published(cast: Cast) -> None:
    meeting = planned_meeting(cast)
    with acting_as(cast["coordinator"]), pytest.raises(RuleBroken, match="empty"):
        publish_agenda(meeting=meeting, by=cast["coordinator"], at=PLANNED)


def test_an_agenda_is_published_once(cast: Cast) -> None:
    meeting = published_meeting(cast, open_case(cast))
    with acting_as(cast["coordinator"]), pytest.raises(RuleBroken, match="cannot become"):
        publish_agenda(meeting=meeting, by=cast["coordinator"], at=PLANNED)


def test_chairs_see_case_and_item_from_publication(cast: Cast) -> None:
    case = open_case(cast)
    meeting = planned_meeting(cast, case)
    with acting_as(cast["chair"]):
        assert not Case.objects.exists()
        assert items_of(meeting) == []
    with acting_as(cast["coordinator"]):
        publish_agenda(meeting=meeting, by=cast["coordinator"], at=PLANNED)
    with acting_as(cast["chair"]):
        assert Case.objects.get() == case
        assert [line.subject.reference for line in items_of(meeting)] == [case.reference]
        assert grants_on(case.pk)[cast.panels["pre_mace"].principal] == Scope.FULL
        assert Message.objects.get().text == "The agenda of Pre-MACE panel on 16 March 2026 is published."


def test_the_lead_professional_and_team_see_their_own_item(cast: Cast) -> None:
    case = open_case(cast)
    other = open_case(cast, by="other_practitioner", child=another_child(1))
    meeting = planned_meeting(cast, case)
    seat = cast["coordinator"]
    with acting_as(seat):
        add_case_item(meeting=meeting, case=other, kind=ItemKind.NEW, minutes_allowed=10, by=seat, at=PLANNED)
        publish_agenda(meeting=meeting, by=seat, at=PLANNED)
    for name, own in (("practitioner", case), ("manager", case), ("other_practitioner", other)):
        with acting_as(cast[name]):
            assert [line.subject.reference for line in items_of(Meeting.objects.get())] == [own.reference], name
    with acting_as(cast["practitioner"]):
        subjects = list(Message.objects.filter(subject__startswith="Agenda").values_list("subject", flat=True))
        assert subjects == [f"Agenda published: {meeting.reference}"]


@pytest.mark.parametrize(("scope", "summary"), [(Scope.IDENTITY, False), (Scope.SUMMARY, True), (Scope.FULL, True)])
def test_an_invitation_discloses_at_its_scope_and_shows_the_meeting_at_publication(
    cast: Cast, scope: Scope, summary: bool
) -> None:
    case = open_case(cast)
    meeting = planned_meeting(cast, case)
    with acting_as(cast["police_lead"]):
        assert not Case.objects.exists()
    invited(cast, item_of(cast, meeting), scope=scope)
    with acting_as(cast["coordinator"]):
        made = Disclosure.objects.get(agency=cast.agencies["police"])
        assert (made.record_id, made.scope, made.purpose) == (case.pk, scope, "To say what they hold")
    with acting_as(cast["police_lead"]):
        assert hasattr(Case.objects.select_related("summary").get(), "summary") is summary
        assert AgendaItem.objects.count() == 1
        assert not Meeting.objects.exists()
        assert not Message.objects.exists()
    with acting_as(cast["coordinator"]):
        publish_agenda(meeting=meeting, by=cast["coordinator"], at=PLANNED)
    with acting_as(cast["police_lead"]):
        assert Meeting.objects.get() == meeting
        message = Message.objects.get()
        assert message.subject == f"Agenda published: {meeting.reference}"
        assert message.text == "Your agency is invited to 1 item of Pre-MACE panel on 16 March 2026."
        assert message.path == reverse("panels:meeting", args=[meeting.reference])
    for name in ("health_lead", "police_member", "stranger_police", "stranger_coordinator", "board", "ig"):
        with acting_as(cast[name]):
            assert not Meeting.objects.exists(), name
            assert not AgendaItem.objects.exists(), name


def test_partners_see_their_own_items_only_and_standing_titles(cast: Cast) -> None:
    case, other = open_case(cast), open_case(cast, child=another_child(1))
    meeting = planned_meeting(cast, case)
    seat = cast["coordinator"]
    with acting_as(seat):
        add_case_item(meeting=meeting, case=other, kind=ItemKind.NEW, minutes_allowed=10, by=seat, at=PLANNED)
        add_standing_item(meeting=meeting, title="Matters arising", minutes_allowed=5, by=seat, at=PLANNED)
    invited(cast, item_of(cast, meeting, case), "police")
    invited(cast, item_of(cast, meeting, other), "health")
    with acting_as(seat):
        publish_agenda(meeting=meeting, by=seat, at=PLANNED)
        assert len(items_of(meeting)) == 3
    for name, own in (("police_lead", case), ("health_lead", other)):
        with acting_as(cast[name]):
            lines = items_of(meeting)
            assert [(line.number, line.subject.reference) for line in lines] == [(1, own.reference), (2, "")]
            assert ItemInvitation.objects.count() == 1


def test_inviting_again_widens_and_mends_a_withdrawal(cast: Cast) -> None:
    case = open_case(cast)
    meeting = published_meeting(cast, case, scope=Scope.IDENTITY)
    item = item_of(cast, meeting)
    again = invited(cast, item, scope=Scope.IDENTITY)
    with acting_as(cast["coordinator"]):
        assert Disclosure.objects.filter(agency=cast.agencies["police"]).count() == 1
    assert invited(cast, item, scope=Scope.FULL).pk == again.pk
    with acting_as(cast["coordinator"]):
        assert grants_on(item.pk)[cast.agencies["police"].principal] == Scope.FULL
        withdraw(
            record_id=case.pk,
            agency=cast.agencies["police"],
            reason="No longer needed",
            by=cast["coordinator"],
            at=PLANNED,
        )
        assert items_of(meeting)[0].invitations == []
    with acting_as(cast["police_lead"]):
        assert not AgendaItem.objects.exists()
        assert not Case.objects.exists()
    invited(cast, item, scope=Scope.SUMMARY)
    with acting_as(cast["police_lead"]):
        assert AgendaItem.objects.get() == item


def test_an_agency_outside_the_partnership_is_not_invited(cast: Cast) -> None:
    meeting = planned_meeting(cast, open_case(cast))
    with pytest.raises(RuleBroken, match="does not take part"):
        invited(cast, item_of(cast, meeting), "other_police")


def test_an_invitation_says_why(cast: Cast) -> None:
    item = item_of(cast, planned_meeting(cast, open_case(cast)))
    seat = cast["coordinator"]
    for changes, field in (({"purpose": " "}, "purpose"), ({"told": False}, "told_reason")):
        values: dict[str, Any] = {
            "purpose": "Checks",
            "necessity": "They know",
            "told": True,
            "told_reason": "",
        } | changes
        with acting_as(seat), pytest.raises(RuleBroken) as refused:
            invite_agency(
                item=item,
                agency=cast.agencies["police"],
                scope=Scope.SUMMARY,
                lawful_basis="public_task",
                by=seat,
                at=PLANNED,
                **values,
            )
        assert refused.value.field == field
    with acting_as(seat):
        assert not ItemInvitation.objects.exists()


def test_the_agenda_stands_once_the_meeting_has_begun(cast: Cast) -> None:
    case = open_case(cast)
    meeting = approved_meeting(cast, case)
    seat, item = cast["coordinator"], item_of(cast, meeting)
    with acting_as(seat):
        for attempt in (
            lambda: move_item(item=item, up=True, by=seat),
            lambda: remove_item(item=item, by=seat),
            lambda: add_standing_item(meeting=meeting, title="More", minutes_allowed=5, by=seat, at=HELD),
        ):
            with pytest.raises(RuleBroken, match="cannot change any more"):
                attempt()


def test_removed_item_is_seen_by_nobody_and_proposed_again(cast: Cast) -> None:
    case = open_case(cast)
    meeting = published_meeting(cast, case)
    item = item_of(cast, meeting)
    seat = cast["coordinator"]
    with acting_as(seat):
        assert proposals_for(meeting) == []
        remove_item(item=item, by=seat)
        assert [row.reference for row in proposals_for(meeting)] == [case.reference]
        assert set(grants_on(item.pk)) == {seat.principal, seat.partnership_principal}


def test_proposals_are_new_cases_reviews_and_what_a_cancelled_meeting_left(cast: Cast) -> None:
    discussed, new = open_case(cast), open_case(cast, child=another_child(1))
    place = location(cast)
    approved_meeting(cast, discussed)
    seat = cast["coordinator"]
    with acting_as(seat):
        off = planned_meeting(cast, starts_at=HELD + WEEK)
        add_volt_item(meeting=off, record_id=place.pk, strand=Strand.LOCATION, minutes_allowed=15, by=seat, at=HELD)
        cancel_meeting(meeting=off, by=seat, at=HELD)
        review = make_review(case=discussed, due_on=dt.date(2026, 5, 25), by=seat, at=HELD)
        assert review is not None
        meeting = planned_meeting(cast, starts_at=HELD + 5 * WEEK)
        found = [(row.reference, row.kind, row.minutes, row.review) for row in proposals_for(meeting)]
        assert found == [
            (discussed.reference, "review", 5, review.reference),
            (place.reference, "new", 15, ""),
            (new.reference, "new", 10, ""),
        ]
        add_case_item(
            meeting=meeting, case=discussed, kind=ItemKind.REVIEW, minutes_allowed=5, by=seat, at=HELD, review=review
        )
        assert [row.reference for row in proposals_for(meeting)] == [place.reference, new.reference]
        early = planned_meeting(cast, starts_at=HELD + 2 * WEEK)
        assert review.reference not in [row.review for row in proposals_for(early)]


def test_cancelled_meeting_goes_no_further(cast: Cast) -> None:
    meeting = planned_meeting(cast, open_case(cast))
    seat = cast["coordinator"]
    with acting_as(seat):
        assert cancel_meeting(meeting=meeting, by=seat, at=PLANNED).status == MeetingStatus.CANCELLED
        with pytest.raises(RuleBroken, match="cannot become"):
            publish_agenda(meeting=meeting, by=seat, at=PLANNED)
