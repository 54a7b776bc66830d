"""The questions put to the access log, by themselves: asked as the owner, who sees every entry there is."""

from __future__ import annotations

import datetime as dt

import pytest

from mace.audit.models import ReadEntry, ReadKind
from mace.audit.services import record_read
from mace.casework.selectors.access_log import (
    Period,
    count_of,
    entries_of_agency,
    entries_of_kind,
    log_page,
    members_to_ask_about,
)
from mace.casework.selectors.access_log_changes import ITSELF, Changed, change_rows
from mace.core.seat import acting_as
from tests.access.locks import owner
from tests.factories.cast import Cast
from tests.factories.owner import as_owner

DAY = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def read(cast: Cast, name: str, action: str, *, kind: ReadKind = ReadKind.PAGE, at: dt.datetime = DAY) -> None:
    with acting_as(cast[name]):
        record_read(by=cast[name], action=action, kind=kind)
    owner("alter table audit_readentry disable trigger user")
    owner("update audit_readentry set at = %s where id = (select max(id) from audit_readentry)", at)
    owner("alter table audit_readentry enable trigger user")


def test_an_agencys_log_is_of_its_own_seats_in_this_partnership(cast: Cast) -> None:
    for name in ("police_lead", "police_member", "health_lead", "stranger_police"):
        read(cast, name, name)
    owner("alter table audit_readentry disable trigger user")
    owner(  # one of the police, but for another partnership
        "update audit_readentry set partnership_id = %s where action = 'police_lead'", cast.other_partnership.pk
    )
    with as_owner():
        assert [row.action for row in entries_of_agency(cast["police_lead"])] == ["police_member"]


def test_files_and_refusals_are_those_of_the_partnership_and_of_others_shown_its_records(cast: Cast) -> None:
    read(cast, "police_lead", "ours", kind=ReadKind.FILE)
    read(cast, "police_lead", "a page")
    read(cast, "stranger_police", "theirs", kind=ReadKind.FILE)
    read(cast, "stranger_police", "theirs of ours", kind=ReadKind.EXPORT)
    read(cast, "stranger_police", "a page of ours")
    owner("alter table audit_readentry disable trigger user")
    owner("update audit_readentry set beyond = true where action like %s", "%of ours")
    with as_owner():
        found = entries_of_kind(cast["ig"], ReadKind.FILE, ReadKind.EXPORT)
        assert sorted(row.action for row in found) == ["ours", "theirs of ours"]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [(None, None, [3, 2, 1]), (2, None, [3, 2]), (None, 3, [2, 1]), (2, 3, [2]), (4, None, [])],
)
def test_a_period_begins_with_a_moment_and_ends_before_another(
    cast: Cast, since: int | None, until: int | None, expected: list[int]
) -> None:
    def moment(day: int | None) -> dt.datetime | None:
        return None if day is None else DAY + dt.timedelta(days=day)

    for day in (1, 2, 3):
        read(cast, "police_lead", str(day), at=DAY + dt.timedelta(days=day))
    period = Period(since=moment(since), until=moment(until))
    with as_owner():
        everything = ReadEntry.objects.all()
        assert [int(row.action) for row in log_page(everything, period).entries] == expected
        assert count_of(everything, period) == len(expected)


def test_entries_of_one_moment_are_not_lost_between_two_pages(cast: Cast) -> None:
    for number in range(30):
        read(cast, "police_lead", f"at once {number}")
    read(cast, "police_lead", "later", at=DAY + dt.timedelta(hours=1))
    read(cast, "police_lead", "before", at=DAY - dt.timedelta(hours=1))
    with as_owner():
        entries, pages, after = ReadEntry.objects.all(), [], ""
        for _ in range(3):
            page = log_page(entries, Period(), after=after)
            pages.append([row.action for row in page.entries])
            if not (after := page.next_after):
                break
    expected = ["later", *(f"at once {number}" for number in reversed(range(30))), "before"]
    assert pages == [expected[:25], expected[25:]]


def test_nobody_is_asked_about_what_the_service_itself_did(cast: Cast) -> None:
    with as_owner():
        asked = {member.pk for member in members_to_ask_about(cast["ig"])}
        of_agency = {member.pk for member in members_to_ask_about(cast["police_lead"])}
    here = {name for name, m in cast.memberships.items() if m.partnership_id == cast.partnership.pk}
    assert asked == {cast[name].membership_id for name in here - {"system"}}
    assert of_agency == {cast[name].membership_id for name in ("police_lead", "police_member", "board")}


def test_a_change_was_made_by_a_person_or_by_the_service(cast: Cast) -> None:
    def said(who: int | None) -> str:
        ((_, words, *_),) = change_rows([Changed(1, DAY, who, "access_record", "update", [], "")])
        return words

    with as_owner():
        assert [said(who) for who in (cast["police_lead"].membership_id, cast["system"].membership_id, None)] == [
            "Police Lead, Agency lead, Anytown Police",
            ITSELF,
            ITSELF,
        ]
