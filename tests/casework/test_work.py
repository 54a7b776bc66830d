"""What waits for a seat: which sections each role has, and what stands in them, whatever else the database shows."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from mace.accounts.models import Role
from mace.casework.selectors.work import work_of
from mace.casework.selectors.work_rows import WorkSection
from mace.core.seat import Seat, acting_as
from referrals.models import Referral
from referrals.services import return_referral
from tests.access.world import World
from tests.factories.cast import Cast
from tests.factories.panels import published_meeting
from tests.factories.referrals import MONDAY, another_child, draft_referral, open_case, submitted_referral

ON = dt.date(2026, 4, 2)
DATES = ["overdue", "today", "week", "later"]
SECTIONS = {
    "practitioner": ["returned", "drafts", "sent", *DATES],
    "other_practitioner": ["returned", "drafts", *DATES],
    "manager": ["returned", "drafts", "sent", *DATES],
    "coordinator": ["screen", "reviews", "complete", "agendas", *DATES],
    "chair": ["escalated", "reviews", "run", "approve", *DATES],
    "police_lead": ["unassigned", *DATES],
    "health_lead": ["unassigned", *DATES],
    "police_member": DATES,
    "voluntary_member": DATES,
    "board": ["escalated"],
    "analyst": DATES,
    "ig": DATES,
    "admin": DATES,
    "stranger_coordinator": ["screen", "reviews", "complete", "agendas", *DATES],
}


def work(seat: Seat, *, on: dt.date = ON) -> list[WorkSection]:
    with acting_as(seat):
        return work_of(seat, on=on)


def titles(sections: list[WorkSection]) -> dict[str, list[str]]:
    """What stands in each section that has anything."""
    return {section.key: [row.title for row in section.rows] for section in sections if section.rows}


def test_each_role_has_its_own_sections(world: World) -> None:
    assert {name: [section.key for section in work(world.cast[name])] for name in SECTIONS} == SECTIONS


def test_a_role_that_may_do_nothing_has_nothing_whatever_the_database_shows(world: World) -> None:
    for name in ("practitioner", "manager", "coordinator", "chair", "police_member"):
        seat = world.cast[name]
        assert titles(work(seat)), name
        with acting_as(seat):
            assert titles(work_of(replace(seat, role=Role.ANALYST), on=ON)) == {}, name


@pytest.mark.parametrize("name", ["coordinator", "practitioner"])
def test_a_minute_taker_has_meetings_and_an_auditor_actions(world: World, name: str) -> None:
    seat, meeting = world.cast[name], f"Pre-MACE panel {world.next_meeting.reference}"
    with acting_as(seat):
        assert titles(work_of(replace(seat, role=Role.MINUTE_TAKER), on=ON)) == {"later": [meeting]}
        audited = titles(work_of(replace(seat, role=Role.AUDITOR), on=ON))
    assert meeting not in [title for rows in audited.values() for title in rows]


def test_a_meeting_that_was_to_be_held_before_today_is_not_ahead(cast: Cast) -> None:
    meeting = published_meeting(cast, open_case(cast))
    expected = [f"Pre-MACE panel {meeting.reference}"]
    with acting_as(cast["police_lead"]):
        seen = [titles(work_of(cast["police_lead"], on=meeting.held_on + dt.timedelta(days=day))) for day in (-1, 0, 1)]
    assert seen == [{"week": expected}, {"today": expected}, {}]


def returned(cast: Cast, by: str, child: int) -> Referral:
    referral = submitted_referral(cast, by=by, child=another_child(child))
    coordinator = cast["coordinator"]
    with acting_as(coordinator):
        return return_referral(referral=referral, reason="Add the date", by=coordinator, at=MONDAY)


def test_a_coordinator_mends_only_what_it_wrote_and_screens_what_it_sent(cast: Cast) -> None:
    theirs, own = returned(cast, "practitioner", 1), returned(cast, "coordinator", 2)
    sent, draft = submitted_referral(cast, by="coordinator"), draft_referral(cast, by="coordinator")
    found = titles(work(cast["coordinator"]))
    assert {key: found.get(key) for key in ("screen", "returned", "drafts", "sent")} == {
        "screen": [f"Screen referral {sent.reference}"],
        "returned": [f"Mend and send again {own.reference}"],
        "drafts": [f"Finish draft {draft.reference}"],
        "sent": None,
    }
    assert titles(work(cast["practitioner"])) == {"returned": [f"Mend and send again {theirs.reference}"]}


def test_an_agency_that_may_refer_has_what_it_wrote_and_no_empty_list(cast: Cast) -> None:
    sent = submitted_referral(cast, by="voluntary_member", child=another_child(1))
    draft = draft_referral(cast, by="voluntary_member")
    assert [section.key for section in work(cast["voluntary_member"])] == ["drafts", "sent", *DATES]
    assert titles(work(cast["voluntary_member"])) == {
        "drafts": [f"Finish draft {draft.reference}"],
        "sent": [f"Sent: referral {sent.reference}"],
    }
    seat = replace(cast["voluntary_member"], may_refer=False)
    with acting_as(seat):
        assert titles(work_of(seat, on=ON)) == {}
