"""People named on a record: board members, auditors, analysts, agencies' people, and who takes a meeting's minutes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from mace.access.models import Grant, Kind, NamedPerson, Scope
from mace.access.services import share, withdraw
from mace.accounts.models import Role
from mace.casework.services.naming import name_on_record, take_name_off
from mace.core import clock
from mace.core.clock import london_time
from mace.core.errors import RuleBroken
from mace.core.seat import acting_as
from panels.enums import ItemKind
from panels.models import AgendaItem, Meeting, Minute
from panels.services.actions import create_action
from panels.services.meetings import add_case_item
from panels.services.minute_taking import give_meeting, take_meeting_back
from panels.services.sharing import end_expired_sharing
from referrals.enums import Tier
from referrals.models import Case, CaseSummary, RiskAssessment, TierPeriod
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.panels import HELD, PLANNED, item_of, minuted, planned_meeting, published_meeting, started_meeting
from tests.factories.referrals import MONDAY, another_child, open_case
from tests.factories.sharing import shared
from tests.volt.test_records import place

UNTIL = clock.today() + dt.timedelta(days=30)


@pytest.fixture
def named_roles(cast: Cast) -> Cast:
    """The cast with an auditor of the police, an analyst with identifiable data and a minute-taker, for a month."""
    with as_owner():
        for name, role, agency in (
            ("auditor", Role.AUDITOR, "police"),
            ("study", Role.ANALYST_IDENTIFIABLE, "social_care"),
            ("taker", Role.MINUTE_TAKER, "social_care"),
        ):
            cast.join(name, cast.agencies[agency], role, until_on=UNTIL, purpose="For a time")
    return cast


def escalated(cast: Cast) -> Case:
    """A case that is open at the operational panel, which its chairs see."""
    case = open_case(cast)
    with acting_as(cast["coordinator"]):
        TierPeriod.objects.create(record_id=case.pk, case=case, tier=Tier.MACE, from_on=MONDAY.date(), why="Escalated")
        share(record_id=case.pk, principal=cast.panels["operational"].principal, scope=Scope.FULL)
    return case


def name(cast: Cast, record_id: int, whom: str, scope: Scope, *, by: str = "coordinator", **more: Any) -> None:
    values = {"kind": Kind.CASE, "reason": "To unblock housing", "ends_on": None} | more
    with acting_as(cast[by]):
        name_on_record(
            record_id=record_id, membership=cast.memberships[whom], scope=scope, by=cast[by], at=clock.now(), **values
        )


def ends(cast: Cast, whom: str, record_id: int) -> dt.datetime | None:
    with acting_as(cast[whom]):
        return Grant.objects.get(record_id=record_id).until


# --- Board members ---------------------------------------------------------------------------------------------------


def test_chair_names_a_board_member_on_an_escalated_case_and_they_read_it(cast: Cast) -> None:
    case = escalated(cast)
    board, path = cast.client("board"), f"/cases/{case.reference}/"
    assert (board.get(path).status_code, board.get("/cases/").status_code) == (404, 200)
    sent = {"person": cast.memberships["board"].reference, "scope": "2", "reason": "To unblock housing"}
    page = reverse("casework:case_name", args=[case.reference])
    assert cast.client("chair").post(page, sent).status_code == 302
    body = board.get(path).content.decode()
    assert "May be made to carry drugs by older people." in body
    assert "Found on 27 February" not in body
    assert "You recorded it, or are named on it." in board.get(f"{path}sharing/").content.decode()
    with acting_as(cast["board"]):
        assert (CaseSummary.objects.count(), RiskAssessment.objects.count()) == (1, 0)
    for write in ("sharing/new/", "restrict/", "named/"):
        assert board.get(path + write).status_code == 403


def test_only_a_chair_names_a_board_member_and_only_on_what_is_escalated(cast: Cast) -> None:
    case = escalated(cast)
    with pytest.raises(RuleBroken, match="Only a chair can name a board member"):
        name(cast, case.pk, "board", Scope.SUMMARY)
    with as_owner():
        TierPeriod.objects.filter(case=case, tier=Tier.MACE).update(
            to_on=MONDAY.date(), outcome="stepped_down", outcome_reason="Safer"
        )
    with pytest.raises(RuleBroken, match="open at the operational panel"):
        name(cast, case.pk, "board", Scope.SUMMARY, by="chair")
    assert cast.client("board").get(f"/cases/{case.reference}/").status_code == 404


def test_board_member_is_named_on_a_place(cast: Cast) -> None:
    location = place(cast)
    with acting_as(cast["coordinator"]):
        share(record_id=location.pk, principal=cast.panels["operational"].principal, scope=Scope.FULL)
    board = cast.client("board")
    assert board.get(f"/volt/{location.reference}/").status_code == 404
    name(cast, location.pk, "board", Scope.IDENTITY, by="chair", kind=Kind.LOCATION)
    assert "Station steps" in board.get(f"/volt/{location.reference}/").content.decode()
    assert "Station steps" in board.get("/volt/?kind=location").content.decode()


# --- Auditors, analysts, agencies' people ----------------------------------------------------------------------------


def test_auditor_reads_cases_of_their_own_agency_no_wider_than_it(named_roles: Cast) -> None:
    cast, case = named_roles, open_case(named_roles)
    with pytest.raises(RuleBroken, match="It is not shared with Anytown Police"):
        name(cast, case.pk, "auditor", Scope.SUMMARY)
    shared(cast, case.pk, "police", Scope.SUMMARY)
    with pytest.raises(RuleBroken, match="more than somebody in this role may see"):
        name(cast, case.pk, "auditor", Scope.FULL)
    name(cast, case.pk, "auditor", Scope.SUMMARY)
    assert cast.client("auditor").get(f"/cases/{case.reference}/").status_code == 200
    assert ends(cast, "auditor", case.pk) == london_time(UNTIL + dt.timedelta(days=1))
    with acting_as(cast["coordinator"]):
        withdraw(
            record_id=case.pk,
            agency=cast.agencies["police"],
            reason="Done",
            by=cast["coordinator"],
            at=clock.now(),
        )
    assert cast.client("auditor").get(f"/cases/{case.reference}/").status_code == 404
    with as_owner():
        assert not NamedPerson.objects.filter(user=cast.memberships["auditor"].user).exists()


def test_analyst_with_identifiable_data_sees_the_summary_until_the_job_ends(named_roles: Cast) -> None:
    cast, case = named_roles, open_case(named_roles)
    with acting_as(cast["coordinator"]):
        share(record_id=case.pk, principal=cast.panels["pre_mace"].principal, scope=Scope.FULL)
    with pytest.raises(RuleBroken, match="Only a coordinator can name an analyst"):
        name(cast, case.pk, "study", Scope.SUMMARY, by="chair")
    with pytest.raises(RuleBroken, match="more than somebody"):
        name(cast, case.pk, "study", Scope.FULL)
    name(cast, case.pk, "study", Scope.SUMMARY, ends_on=UNTIL + dt.timedelta(days=400))
    assert ends(cast, "study", case.pk) == london_time(UNTIL + dt.timedelta(days=1))
    assert cast.client("study").get(f"/cases/{case.reference}/").status_code == 200


def test_agencys_person_is_named_while_and_as_far_as_it_is_shared(cast: Cast) -> None:
    case, last = open_case(cast), clock.today() + dt.timedelta(days=3)
    with pytest.raises(RuleBroken, match="Share it first"):
        name(cast, case.pk, "police_member", Scope.IDENTITY)
    shared(cast, case.pk, "police", Scope.SUMMARY, ends_on=last)
    name(cast, case.pk, "police_member", Scope.SUMMARY)
    assert ends(cast, "police_member", case.pk) == london_time(last + dt.timedelta(days=1))


@pytest.mark.parametrize("whom", ["analyst", "ig", "admin", "stranger_coordinator"])
def test_who_reads_no_cases_here_cannot_be_named(cast: Cast, whom: str) -> None:
    case = open_case(cast)
    with pytest.raises(RuleBroken, match="whose role can open it"):
        name(cast, case.pk, whom, Scope.IDENTITY)
    page = cast.client("coordinator").get(reverse("casework:case_name", args=[case.reference])).content.decode()
    assert cast.memberships[whom].reference not in page


def test_a_name_is_taken_off_with_a_reason_unless_it_is_needed(cast: Cast) -> None:
    case = open_case(cast)
    off = {"record_id": case.pk, "kind": Kind.CASE, "by": cast["coordinator"]}
    name(cast, case.pk, "other_practitioner", Scope.FULL)
    assert cast.client("other_practitioner").get(f"/cases/{case.reference}/").status_code == 200
    with acting_as(cast["coordinator"]):
        with pytest.raises(RuleBroken, match="Say why"):
            take_name_off(**off, membership=cast.memberships["other_practitioner"], reason=" ")
        take_name_off(**off, membership=cast.memberships["other_practitioner"], reason="No longer needed")
        with pytest.raises(RuleBroken, match="is the lead professional and stays on it"):
            take_name_off(**off, membership=cast.memberships["practitioner"], reason="Left")
        create_action(
            record_id=case.pk,
            item=None,
            strand="victim",
            text="Visit",
            measure="",
            owner_agency=cast.agencies["police"],
            owner=cast.memberships["police_member"],
            due_on=None,
            by=cast["coordinator"],
            at=clock.now(),
        )
        with pytest.raises(RuleBroken, match="has an open action on it"):
            take_name_off(**off, membership=cast.memberships["police_member"], reason="Done")
    assert cast.client("other_practitioner").get(f"/cases/{case.reference}/").status_code == 404


def test_naming_narrows_nobody_who_sees_it_otherwise(cast: Cast) -> None:
    case = open_case(cast)
    with pytest.raises(RuleBroken, match="is the lead professional and sees it already"):
        name(cast, case.pk, "practitioner", Scope.IDENTITY)
    assert cast.client("practitioner").get(f"/cases/{case.reference}/").status_code == 200


def test_agency_learns_only_which_of_its_own_people_are_named(cast: Cast) -> None:
    case = open_case(cast)
    for agency, whom in (("police", "police_member"), ("voluntary", "voluntary_member")):
        shared(cast, case.pk, agency, Scope.IDENTITY)
        name(cast, case.pk, whom, Scope.IDENTITY)
    for seat, known in (
        ("coordinator", {"police_member", "voluntary_member"}),
        ("police_lead", {"police_member"}),
        ("voluntary_member", {"voluntary_member"}),
    ):
        with acting_as(cast[seat]):
            named = set(NamedPerson.objects.values_list("user_id", flat=True))
        assert named == {cast.memberships[whom].user_id for whom in known}, seat


# --- Minute-takers ---------------------------------------------------------------------------------------------------


def test_minute_taker_writes_the_drafts_of_one_meeting_and_sees_no_case(named_roles: Cast) -> None:
    cast, case = named_roles, open_case(named_roles)
    other = planned_meeting(cast, open_case(cast, child=another_child(2)), panel="operational")
    meeting = published_meeting(cast, case)
    taker = cast.client("taker")
    assert taker.get(f"/meetings/{meeting.reference}/").status_code == 404
    page = reverse("panels:minute_takers", args=[meeting.reference])
    assert cast.client("chair").post(page, {"person": cast.memberships["taker"].reference}).status_code == 302
    started_meeting(cast, meeting)
    item = item_of(cast, meeting, case)
    minuted(cast, item, by="taker")
    with acting_as(cast["taker"]):
        assert Minute.objects.get().discussion == "Each agency said what it holds."
        assert (Meeting.objects.count(), AgendaItem.objects.count(), Case.objects.count()) == (1, 1, 0)
        assert Grant.objects.get(record_id=meeting.pk).until == london_time(UNTIL + dt.timedelta(days=1))
    assert taker.get(f"/meetings/{meeting.reference}/run/").status_code == 200
    assert "Brightwater" not in taker.get(f"/items/{item.reference}/minute/").content.decode()
    assert taker.get(f"/meetings/{other.reference}/").status_code == 404
    assert taker.post(f"/meetings/{meeting.reference}/finish/").status_code == 403
    back = {"back": cast.memberships["taker"].reference}
    assert cast.client("coordinator").post(page, back).status_code == 302
    assert taker.get(f"/meetings/{meeting.reference}/").status_code == 404
    with acting_as(cast["taker"]):
        assert not Minute.objects.exists()


def test_what_comes_onto_the_agenda_later_is_the_minute_takers_too(named_roles: Cast) -> None:
    cast = named_roles
    meeting = planned_meeting(cast)
    seat = cast["coordinator"]
    with acting_as(seat):
        give_meeting(meeting=meeting, to=cast.memberships["taker"], by=seat, at=PLANNED)
        case = open_case(cast)
    with acting_as(seat):
        add_case_item(meeting=meeting, case=case, kind=ItemKind.NEW, minutes_allowed=10, by=seat, at=PLANNED)
        with pytest.raises(RuleBroken, match="Choose a minute-taker"):
            give_meeting(meeting=meeting, to=cast.memberships["manager"], by=seat, at=HELD)
    with acting_as(cast["taker"]):
        assert AgendaItem.objects.count() == 1
    with acting_as(seat):
        take_meeting_back(meeting=meeting, seat=cast.memberships["taker"], by=seat)
    with acting_as(cast["taker"]):
        assert not AgendaItem.objects.exists()


# --- What is left when one of several decisions ends ------------------------------------------------------------------


def test_named_people_go_on_no_wider_than_the_decision_that_is_left_to_their_agency(cast: Cast) -> None:
    case, today = open_case(cast), clock.today()
    shared(cast, case.pk, "police", Scope.SUMMARY, ends_on=UNTIL)
    shared(cast, case.pk, "police", Scope.FULL, ends_on=today)
    name(cast, case.pk, "police_member", Scope.FULL)
    with acting_as(cast["police_member"]):
        assert Grant.objects.get(record_id=case.pk).scope == Scope.FULL
    with acting_as(cast["coordinator"]):
        assert end_expired_sharing(by=cast["coordinator"], at=clock.now() + dt.timedelta(days=1)) == 1
    after = london_time(UNTIL + dt.timedelta(days=1))
    for seat in ("police_member", "police_lead"):
        with acting_as(cast[seat]):
            found = Grant.objects.get(record_id=case.pk)
        assert (found.scope, found.until) == (Scope.SUMMARY, after), seat
