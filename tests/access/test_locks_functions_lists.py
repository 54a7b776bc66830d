"""The functions that seek what a list shows, and those by which the database keeps what depends on another record."""

from __future__ import annotations

from typing import Any

import pytest

from mace.accounts.models import Role
from mace.core.seat import Seat
from tests.access.locks import all_rows, copy_of, owner, owner_rows, possible_for_owner, undone
from tests.access.test_locks_functions import called, callers, hold, moment, record
from tests.access.test_locks_functions_cases import Made, answered, made_case
from tests.access.test_locks_rows import restrict
from tests.access.world import World
from tests.factories.cast import Cast

# --- Referrals -------------------------------------------------------------------------------------------------------

OTHERS = 424242
"""The principal of nobody."""


def referral(seat: Seat, rec: int, *, by: int = OTHERS) -> int:
    """A referral on that record, written on another day than that on which its record was opened."""
    owner(
        "insert into referrals_referral (record_id, reference, made_child, written_by_principal, status, created_at, "
        "decision_reason, redirected_to, source_reference, operation, version, agency_id, partnership_id, referrer_id) "
        "values (%s, %s, false, %s, 'draft', %s, '', '', '', '', 1, %s, %s, %s)",
        *(rec, f"R-{rec}", by, moment(-24), seat.agency_id, seat.partnership_id, seat.membership_id),
    )
    return rec


def test_referrals_seek_finds_once_what_is_held_in_full_or_was_written(cast: Cast) -> None:
    seat, other = cast["manager"], cast["police_member"]
    kinds = [record(seat, kind) for kind in ("referral", "case")]
    for rec in kinds:
        hold(seat.principal, referral(seat, rec), 3)
    team = referral(seat, record(seat, "referral"))
    hold(seat.team_principal, team, 3)
    written = [referral(seat, record(seat, kind), by=seat.principal) for kind in ("referral", "case")]
    for rec in written:
        hold(seat.principal, rec, 2)
    for kind in ("referral", "case"):
        for scope in (1, 2):
            hold(seat.principal, referral(seat, record(seat, kind)), scope)
        hold(other.principal, referral(seat, record(seat, kind)), 3)
        referral(seat, record(seat, kind), by=other.principal)
    shut = referral(seat, record(seat, "referral"), by=seat.principal)
    restrict(seat, [shut])
    opened, day_before = moment_of(kinds[0]), moment(-24)
    assert sorted(answered(seat, "referrals_seek(null, null, 20)"), key=lambda row: row[1]) == [
        *((opened, rec) for rec in (*kinds, team)),
        *((day_before, rec) for rec in written),
    ]


def moment_of(rec: int) -> Any:
    return owner_rows("select sort_at from access_record where id = %s", rec)[0][0]


# --- Actions ---------------------------------------------------------------------------------------------------------


def action(seat: Seat, rec: int, *, agency: int = OTHERS, person: Seat | None = None) -> int:
    """An action on that record, owned by that agency and that person."""
    ((made,),) = owner_rows(
        "insert into panels_action (reference, strand, text, measure, owner_agency_principal, owner_principal, "
        "owner_id, due_on, status, created_at, closing_note, operation, version, owner_agency_id, partnership_id, "
        "record_id) "
        "values (%s, 'protect', 'Do it', 'Done', %s, %s, %s, current_date, 'open', now(), '', '', 1, %s, %s, %s) "
        "returning id",
        *(
            f"A-{record(seat)}",
            agency,
            person and person.principal,
            person and person.membership_id,
            seat.agency_id,
            seat.partnership_id,
            rec,
        ),
    )
    return int(made)


def test_panels_seek_actions_finds_once_what_is_owned_and_what_is_of_a_case_held_in_full(cast: Cast) -> None:
    seat, other = cast["police_lead"], cast["health_lead"]
    cases = {scope: record(seat) for scope in (0, 1, 2, 3)}
    found = set()
    for scope, rec in cases.items():
        if scope:
            hold(seat.principal, rec, scope)
        hold(other.principal, rec, 3)
        owned = {
            action(seat, rec, agency=seat.agency_principal),
            action(seat, rec, person=seat),
            action(seat, rec, agency=seat.agency_principal, person=seat),
        }
        theirs = {action(seat, rec), action(seat, rec, agency=other.agency_principal, person=other)}
        found |= (owned if scope else set()) | (theirs if scope == 3 else set())
    answers = [row[1] for row in answered(seat, "panels_seek_actions(null, null, 50)")]
    assert sorted(answers) == sorted(found)
    assert len(answered(other, "panels_seek_actions(null, null, 50)")) == 20


def test_panels_seek_actions_of_finds_what_the_seat_sees_of_one_partnership(cast: Cast) -> None:
    seat, stranger = cast["coordinator"], cast["stranger_coordinator"]
    here, there = record(seat), record(stranger)
    own, foreign = action(seat, here), action(stranger, there)
    action(seat, record(seat))
    for rec in (here, there):
        hold(seat.principal, rec, 3)
    seek = "panels_seek_actions_of(%s, null, null, 50)"
    assert [row[1] for row in answered(seat, seek, seat.partnership_id)] == [own]
    assert [row[1] for row in answered(seat, seek, stranger.partnership_id)] == [foreign]
    assert answered(cast["chair"], seek, seat.partnership_id) == []


# --- Cases by a part of a name ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "finds"),
    [("an", ["ann other"]), ("ot", ["ann other", "beth otter"]), ("th", []), ("tte", ["beth otter"]), ("nobody", [])],
)
def test_casework_case_search_of_two_letters_finds_names_that_begin_so(
    cast: Cast, wanted: str, finds: list[str]
) -> None:
    seat = cast["practitioner"]
    cases = {name: made_case(seat, name=name).case for name in ("ann other", "beth otter", "cara quill")}
    for case in cases.values():
        hold(seat.principal, case, 3)
    found = answered(seat, "casework_case_search('', '', %s, 'no such name', 10)", wanted)
    assert {row[1] for row in found} == {cases[name] for name in finds}


# --- What the database keeps by itself -------------------------------------------------------------------------------


def plan(made: Made, seat: Seat, version: int) -> int:
    ((key,),) = owner_rows(
        "insert into referrals_safetyplan (written_by_principal, written_at, effective_on, version, made_with, "
        "summary, blocked, child_id, record_id, written_by_id) "
        "values (%s, now(), current_date, %s, '', 'x', '', %s, %s, %s) returning id",
        *(seat.principal, version, made.child, made.case, seat.membership_id),
    )
    owner("insert into referrals_planstep (record_id, plan_id, text, who) values (%s, %s, 'x', 'x')", made.case, key)
    return int(key)


def test_referrals_is_last_plan_is_the_last_of_that_record(cast: Cast) -> None:
    seat = cast["practitioner"]
    made, apart = made_case(seat), made_case(seat)
    last, former = plan(made, seat, 2), plan(made, seat, 1)
    other = plan(apart, seat, 3)
    asked = "referrals_is_last_plan(%s, %s)"
    answers = {key: called(seat, asked, made.case, key) for key in (last, former, other)}
    assert answers == {last: True, former: False, other: False}
    assert called(seat, asked, apart.case, other) is True


def test_referrals_is_last_plan_file_is_of_the_last_plan_of_that_record(world: World) -> None:
    seat, case, file = world.cast["practitioner"], world.case.pk, world.file.pk
    ask, last = "referrals_is_last_plan_file(%s, %s)", "update referrals_safetyplan set attachment_id = %s"
    assert called(seat, ask, case, file) is False
    owner(f"{last} where record_id = %s", file, case)
    answers = [called(seat, ask, *pair) for pair in ((case, file), (case, file + 1), (world.waiting.pk, file))]
    assert answers == [True, False, False]
    with undone():
        owner(
            "insert into referrals_safetyplan (written_by_principal, written_at, effective_on, version, made_with, "
            "summary, blocked, child_id, record_id, written_by_id) select written_by_principal, written_at, "
            "effective_on, version + 1, '', 'x', '', child_id, record_id, written_by_id from referrals_safetyplan "
            "where record_id = %s",
            case,
        )
        assert called(seat, ask, case, file) is False


def test_referrals_record_becomes_case_where_it_was_a_referral(cast: Cast) -> None:
    seat = cast["practitioner"]
    made = made_case(seat)
    owner("delete from referrals_case where record_id = %s", made.case)
    other = record(seat, "referral")
    for before, after in (("referral", "case"), ("case", "case"), ("item", "item")):
        with undone():
            rec = record(seat, before)
            for each in (rec, other):
                hold(seat.principal, each, 3)
            owner(
                "insert into referrals_case (record_id, reference, opened_on, version, lead_agency_id, "
                "lead_professional_id, partnership_id, child_id) values (%s, 'M-TEST', now(), 1, %s, %s, %s, %s)",
                *(rec, seat.agency_id, seat.membership_id, seat.partnership_id, made.child),
            )
            kinds = owner_rows(
                "select r.kind, g.kind from access_record r join access_grant g on g.record_id = r.id "
                "where r.id = any (%s) order by r.id",
                [rec, other],
            )
            assert kinds == [("referral", "referral"), (after, after)], before


def test_panels_minutes_fixed_are_those_of_a_meeting_that_is_approved_or_closed(world: World) -> None:
    (meeting, *_), (item, *_), (minute, *_) = (
        all_rows(table) for table in ("panels_meeting", "panels_agendaitem", "panels_minute")
    )
    assert (minute["item_id"], item["meeting_id"]) == (item["record_id"], meeting["record_id"])
    rec, on = record(world.cast["chair"], "meeting"), record(world.cast["chair"], "item")
    owner("update panels_meeting set status = 'in_progress'")
    for table, row in (
        ("panels_meeting", meeting | {"record_id": rec, "reference": "B-TEST", "status": "planned"}),
        ("panels_agendaitem", item | {"record_id": on, "reference": "I-TEST", "meeting_id": rec}),
        ("panels_minute", minute | {"record_id": on, "item_id": on}),
    ):
        statement, parameters = copy_of(table, row)
        owner(statement, *parameters)
    writes = [
        "update panels_minute set discussion = discussion || '.' where record_id = {0}",
        "delete from panels_minute where record_id = {0}",
    ]
    for status in ("planned", "in_progress", "approved", "closed"):
        owner("update panels_meeting set status = %s where record_id = %s", status, rec)
        for write in writes:
            assert possible_for_owner(write.format(on)) == (status not in {"approved", "closed"}), status
            assert possible_for_owner(write.format(minute["record_id"]))


def test_agencies_set_agreement_is_for_administrators_and_coordinators_of_the_partnership(cast: Cast) -> None:
    seat, stranger = cast["board"], cast["stranger_coordinator"]
    keep = "agencies_set_agreement(%s, date '2026-01-02', date '2027-01-02')"
    terms = (
        "select id, agreement_signed_on::text, agreement_review_due_on::text from agencies_participation order by id"
    )
    ((own,),) = owner_rows(
        "select id from agencies_participation where agency_id = %s and partnership_id = %s",
        *(cast["health_lead"].agency_id, seat.partnership_id),
    )
    assert callers(seat, keep, own) == {Role.ADMINISTRATOR, Role.COORDINATOR}
    before = {key: rest for key, *rest in owner_rows(terms)}
    assert called(stranger, keep, own) == called(cast["coordinator"], keep, 0) == "42501"
    assert called(cast["coordinator"], keep, own) != "42501"
    after = {key: rest for key, *rest in owner_rows(terms)}
    assert after == before | {own: ["2026-01-02", "2027-01-02"]}
