"""One entry for each answer: what it says of itself is what was sent, who and when is what the database knows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.utils import timezone

from mace.audit.models import Change, ReadEntry, ReadKind
from mace.audit.services import MOST_RECORDS, record_read, record_refusal
from mace.core.seat import Seat, acting_as
from referrals.models import Case, CaseSummary
from tests.access.world import World
from tests.factories.cast import Cast
from tests.factories.owner import as_owner
from tests.factories.referrals import open_case

SENT = "kind, action, record_id, reference, records, rows, refused"


def insert(columns: str, values: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"insert into audit_readentry ({columns}) values ({values})")


def entries() -> list[ReadEntry]:
    with as_owner():
        return list(ReadEntry.objects.order_by("pk"))


def test_who_reads_comes_from_the_verified_seat_and_the_time_from_the_database(cast: Cast) -> None:
    seat, before = cast["police_lead"], timezone.now()
    with acting_as(seat):
        record_read(by=cast["coordinator"], action="case page", record_id=7, reference="C-1", records=[9, 7, 9, 3])
    (entry,) = entries()
    assert (entry.membership_id, entry.principal, entry.partnership_id, entry.agency_id) == (
        *(seat.membership_id, seat.principal),
        *(seat.partnership_id, seat.agency_id),
    )
    assert (entry.kind, entry.action, entry.record_id, entry.reference, entry.rows) == (
        "page",
        "case page",
        7,
        "C-1",
        1,
    )
    assert entry.records == [3, 7, 9]
    assert entry.partnerships == [seat.partnership_id]
    assert (entry.refused, entry.beyond) == (False, False)
    assert before <= entry.at <= timezone.now()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("membership_id", "1"),
        ("principal", "1"),
        ("partnership_id", "1"),
        ("agency_id", "1"),
        ("at", "now()"),
        ("id", "99"),
        ("xid", "1"),
        ("partnerships", "'{1}'"),
        ("beyond", "true"),
    ],
)
def test_who_when_and_where_cannot_even_be_sent(cast: Cast, column: str, value: str) -> None:
    sent = "'page', 'x', null, '', '{}', 1, false"
    with acting_as(cast["practitioner"]):
        with pytest.raises(ProgrammingError, match="permission denied"):
            insert(f"{SENT}, {column}", f"{sent}, {value}")
        insert(SENT, sent)
    assert len(entries()) == 1


def test_even_a_role_that_may_send_every_column_is_written_over(cast: Cast) -> None:
    """Should the right to a column be given by mistake, the trigger stands; should the trigger go, the policy does."""
    seat = cast["practitioner"]
    columns = f"{SENT}, membership_id, principal, partnership_id, agency_id, at, xid, beyond"
    forged = "'page', 'x', null, '', '{}', 1, true, 999999, 2, 3, 4, '2001-01-01', 5, true"
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("grant insert on audit_readentry to mace_app")
    with acting_as(seat):
        insert(columns, forged)
    (entry,) = entries()
    assert (entry.membership_id, entry.principal, entry.partnership_id, entry.agency_id) == (
        *(seat.membership_id, seat.principal),
        *(seat.partnership_id, seat.agency_id),
    )
    assert entry.at.year > 2020
    assert (entry.refused, entry.beyond, entry.xid > 5) == (False, False, True)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("alter table audit_readentry disable trigger audit_readentry_stamp")
    with acting_as(seat), pytest.raises(ProgrammingError, match="row-level security"):
        insert(columns, forged)


def test_nothing_is_put_on_record_without_a_seat(cast: Cast) -> None:
    with pytest.raises(ProgrammingError, match="without a seat"):
        insert(SENT, "'page', 'x', null, '', '{}', 1, false")
    assert entries() == []


def test_no_entry_is_changed_or_removed(cast: Cast) -> None:
    seat = cast["practitioner"]
    with acting_as(seat):
        record_read(by=seat, action="case page")
        for statement in ("update audit_readentry set rows = 2", "delete from audit_readentry"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(statement)
    for statement in ("update audit_readentry set rows = 2", "delete from audit_readentry"):
        with as_owner(), pytest.raises(DatabaseError, match="is not changed"), transaction.atomic():
            connection.cursor().execute(statement)
    assert [entry.rows for entry in entries()] == [1]


def test_a_refusal_is_an_entry_of_its_own_kind_without_records(cast: Cast) -> None:
    with acting_as(cast["practitioner"]):
        record_refusal(by=cast["practitioner"], action="casework:case", reference="C-" + "9" * 60)
    (entry,) = entries()
    assert (entry.kind, entry.refused, entry.records) == (ReadKind.REFUSAL, True, [])
    assert entry.reference == "C-" + "9" * 38


def test_an_answer_that_shows_very_much_is_put_on_record_whole(cast: Cast) -> None:
    with acting_as(cast["practitioner"]):
        record_read(by=cast["practitioner"], action="export", records=range(1, MOST_RECORDS + 6), kind=ReadKind.EXPORT)
    first, second = entries()
    assert first.records + second.records == list(range(1, MOST_RECORDS + 6))
    assert [len(first.records), len(second.records)] == [MOST_RECORDS, 5]


def test_entries_about_another_partnerships_records_say_so(cast: Cast) -> None:
    case = open_case(cast)
    seat = cast["stranger_police"]
    with acting_as(seat):
        record_read(by=seat, action="case page", record_id=case.pk, records=[case.child_id])
    (entry,) = entries()
    assert entry.partnerships == sorted([cast.partnership.pk, cast.other_partnership.pk])
    assert (entry.beyond, entry.partnership_id) == (True, cast.other_partnership.pk)


# --- Who reads the log -----------------------------------------------------------------------------------------------


def seen_by(seat: Seat) -> set[str]:
    """The actions of the entries that raw SQL gives this seat."""
    with acting_as(seat), connection.cursor() as cursor:
        cursor.execute("select action from audit_readentry")
        return {row[0] for row in cursor.fetchall()}


def put_on_record(cast: Cast, case: Case) -> set[str]:
    """One entry of each of these seats about the case, and one about nothing; each named after its seat."""
    for name in ("practitioner", "coordinator", "chair", "police_lead", "police_member", "ig", "social_care_lead"):
        with acting_as(cast[name]):
            record_read(by=cast[name], action=f"{name} case", record_id=case.pk)
            record_read(by=cast[name], action=f"{name} else")
    for name in ("stranger_police", "stranger_coordinator"):
        with acting_as(cast[name]):
            record_read(by=cast[name], action=f"{name} case", record_id=case.pk)
            record_read(by=cast[name], action=f"{name} else")
    return {entry.action for entry in entries()}


def test_each_role_reads_the_entries_that_it_answers_for_and_its_own(world: World) -> None:
    cast = world.cast
    everything = put_on_record(cast, world.case)
    about = {action for action in everything if action.endswith(" case")}
    own = {name: {f"{name} case", f"{name} else"} for name in cast.seats}
    here = {action for action in everything if not action.startswith("stranger")}
    assert len(about) == 9
    assert seen_by(cast["ig"]) == here | about
    assert seen_by(cast["coordinator"]) == about | own["coordinator"]
    assert seen_by(cast["police_lead"]) == own["police_lead"] | own["police_member"]
    assert seen_by(cast["social_care_lead"]) == set().union(
        *(own[name] for name in ("practitioner", "coordinator", "chair", "ig", "social_care_lead"))
    )
    assert seen_by(cast["practitioner"]) == own["practitioner"]  # although it holds the case in full
    assert seen_by(cast["police_member"]) == own["police_member"]
    assert seen_by(cast["stranger_police"]) == own["stranger_police"]
    assert seen_by(cast["stranger_coordinator"]) == own["stranger_coordinator"]
    for name in ("manager", "board", "analyst", "admin", "voluntary_member", "system", "stranger_system"):
        assert seen_by(cast[name]) == set(), name
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from audit_readentry")
        assert cursor.fetchone() == (0,)  # in no seat


def test_a_chair_reads_what_is_about_the_cases_of_the_panel_and_no_other(world: World) -> None:
    cast = world.cast
    put_on_record(cast, world.case)
    about = {action for action in seen_by(cast["ig"]) if action.endswith(" case")}
    assert seen_by(cast["chair"]) == about | {"chair else"}
    with acting_as(cast["practitioner"]):
        record_read(by=cast["practitioner"], action="the waiting one", record_id=world.waiting.pk)
    assert "the waiting one" in seen_by(cast["coordinator"])
    assert "the waiting one" not in seen_by(cast["chair"])


def test_who_is_barred_from_a_case_reads_no_entry_about_it(world: World) -> None:
    cast = world.cast
    put_on_record(cast, world.case)
    with as_owner(), connection.cursor() as cursor:
        for name in ("ig", "coordinator"):
            cursor.execute(
                "insert into access_bar (record_id, user_id, reason, set_at, set_by_id, lifted_reason) "
                "values (%s, %s, 'A relative', now(), %s, '')",
                [world.case.pk, cast[name].user_id, cast["chair"].membership_id],
            )
    for name in ("ig", "coordinator"):
        assert {action for action in seen_by(cast[name]) if action.endswith(" case")} == set(), name
        assert f"{name} else" in seen_by(cast[name])
        assert ask(cast[name], world.case.reference, world.case.pk) == (None, [], (0, 0), []), name
    assert ask(cast["chair"], world.case.reference, world.case.pk)[0] == world.case.pk


def ask(seat: Seat, reference: str, record_id: int) -> tuple[Any, list[int], tuple[int, int], list[Any]]:
    """What the definer functions answer a seat about a record, asked directly."""
    with acting_as(seat), connection.cursor() as cursor:
        cursor.execute("select audit_record_of(%s)", [reference])
        found = cursor.fetchone()[0]
        cursor.execute("select audit_reads_about(%s, null, null, null, null, 1000)", [record_id])
        reads = [row[0] for row in cursor.fetchall()]
        cursor.execute("select * from audit_count_about(%s, null, null)", [record_id])
        counted = cursor.fetchone()
        cursor.execute("select * from audit_history(%s, null, 1000)", [record_id])
        return found, reads, counted, cursor.fetchall()


def test_the_functions_tell_nobody_else_anything(world: World) -> None:
    cast, case = world.cast, world.case
    put_on_record(cast, case)
    for name in ("ig", "coordinator", "chair"):
        found, reads, counted, history = ask(cast[name], case.reference, case.pk)
        assert found == case.pk, name
        assert len(reads) == counted[0] >= 9, name
        assert len(history) > 20, name
    nothing: tuple[Any, ...] = (None, [], (0, 0), [])
    strangers = ("stranger_coordinator", "stranger_police", "other_practitioner", "police_lead", "health_lead")
    for name in (*strangers, "police_member", "voluntary_member", "board", "analyst", "admin"):
        assert ask(cast[name], case.reference, case.pk) == nothing, name
    lead = ask(cast["social_care_lead"], case.reference, case.pk)
    with as_owner():
        assert {ReadEntry.objects.get(pk=key).agency_id for key in lead[1]} == {cast["social_care_lead"].agency_id}
    found, reads, counted, history = ask(cast["practitioner"], case.reference, case.pk)
    assert (found, reads, counted) == (None, [], (0, 0))
    assert len(history) > 10  # its lead professional reads what was changed, and nobody's reading


def test_references_of_what_was_shown_are_told_to_those_who_answer_for_it(world: World) -> None:
    cast = world.cast
    with acting_as(cast["police_lead"]):
        record_read(by=cast["police_lead"], action="list", records=[world.case.pk, world.waiting.pk, world.person.pk])
    (entry,) = [entry for entry in entries() if entry.action == "list"]

    def told(name: str) -> set[str]:
        with acting_as(cast[name]), connection.cursor() as cursor:
            cursor.execute("select reference from audit_shown(%s)", [[entry.pk]])
            return {row[0] for row in cursor.fetchall()}

    all_three = {world.case.reference, world.waiting.reference, world.person.reference}
    assert told("ig") == told("coordinator") == told("police_lead") == all_three
    assert told("chair") == {world.case.reference, world.person.reference}
    for name in ("health_lead", "practitioner", "stranger_police", "stranger_coordinator", "board"):
        assert told(name) == set(), name


# --- Changes ---------------------------------------------------------------------------------------------------------


def changes(table: str) -> list[Change]:
    with as_owner():
        return list(Change.objects.filter(table_name=table).order_by("pk"))


def test_bulk_and_raw_sql_are_kept_with_the_seat_and_the_reason(cast: Cast) -> None:
    case = open_case(cast)
    seat = cast["coordinator"]
    before = len(changes("referrals_casesummary"))
    with acting_as(seat, reason="Agreed at the meeting"):
        assert CaseSummary.objects.filter(pk=case.pk).update(account="Said in bulk") == 1
    with acting_as(seat), connection.cursor() as cursor:
        cursor.execute("update referrals_casesummary set account = 'Said in SQL' where record_id = %s", [case.pk])
    made = changes("referrals_casesummary")[before:]
    assert [(row.membership_id, row.database_role, row.reason) for row in made] == [
        (seat.membership_id, made[0].database_role, "Agreed at the meeting"),
        (seat.membership_id, made[0].database_role, ""),
    ]
    assert [(row.operation, row.after, row.records) for row in made] == [
        ("update", {"account": "Said in bulk"}, [case.pk]),
        ("update", {"account": "Said in SQL"}, [case.pk]),
    ]


def test_a_seat_that_was_not_verified_is_not_written_as_if_it_were(cast: Cast) -> None:
    case = open_case(cast)
    before = len(changes("referrals_casesummary"))
    with as_owner(), connection.cursor() as cursor:
        forged = f"{cast['chair'].membership_id}.{int(timezone.now().timestamp()) + 600}.nonce.{'0' * 64}"
        cursor.execute("select set_config('mace.seat', %s, true)", [forged])
        cursor.execute("update referrals_casesummary set account = 'x' where record_id = %s", [case.pk])
    assert [row.membership_id for row in changes("referrals_casesummary")[before:]] == [None]


def test_what_a_change_hangs_on_is_kept_for_every_kind_of_row(world: World) -> None:
    """A link hangs on both its ends, an agenda item on its subject too, a grant on its record."""
    with as_owner():
        link = Change.objects.filter(table_name="volt_link").order_by("pk").first()
        item = Change.objects.filter(table_name="panels_agendaitem", row_key=str(world.item.pk)).earliest("pk")
        grant = Change.objects.filter(table_name="access_grant").earliest("pk")
        child = Change.objects.filter(table_name="referrals_child").earliest("pk")
        record = Change.objects.filter(table_name="access_record").earliest("pk")
    assert link is not None
    assert link.after is not None
    assert link.records == sorted([link.after["a_id"], link.after["b_id"]])
    assert item.records == sorted([world.item.pk, world.case.pk])
    assert grant.after is not None
    assert grant.records == [grant.after["record_id"]]
    assert child.records == [int(child.row_key)]
    assert record.records == [int(record.row_key)]


def test_history_tells_when_who_what_and_which_fields_and_no_value(world: World) -> None:
    cast, case = world.cast, world.case
    with acting_as(cast["coordinator"], reason="Put right"):
        CaseSummary.objects.filter(pk=case.pk).update(account="Only I know this")
    history = ask(cast["chair"], case.reference, case.pk)[3]
    newest = history[0]
    assert newest[2:] == (
        cast["coordinator"].membership_id,
        "referrals_casesummary",
        "update",
        ["account"],
        "Put right",
    )
    assert isinstance(newest[1], dt.datetime)
    assert "Only I know this" not in str(history)
    assert "Brightwater" not in str(history)
    tables = {row[3] for row in history}
    assert {"referrals_case", "panels_action", "access_grant", "access_disclosure"} <= tables
    lead_professional = {row[3] for row in ask(cast["practitioner"], case.reference, case.pk)[3]}
    assert {"referrals_case", "panels_action"} <= lead_professional
    assert [table for table in lead_professional if table.startswith("access_")] == []


def test_a_lead_is_not_told_of_a_restricted_case_that_a_colleague_opened(world: World) -> None:
    """The coordinator and the lead belong to one agency; the lead is not named on the case."""
    cast = world.cast
    with acting_as(cast["coordinator"]):
        record_read(by=cast["coordinator"], action="opened", record_id=world.case.pk, reference=world.case.reference)
        record_read(by=cast["coordinator"], action="listed", records=[world.case.pk, world.waiting.pk])
    assert {"opened", "listed"} <= seen_by(cast["social_care_lead"])
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "update access_record set restricted = true where id = any (access_around(%s))", [[world.case.pk]]
        )
        cursor.execute(
            "delete from access_grant where record_id = any (access_around(%s)) and principal = %s",
            [[world.case.pk], cast["social_care_lead"].agency_principal],
        )
    assert seen_by(cast["social_care_lead"]) & {"opened", "listed"} == {"listed"}
    (listed,) = [entry for entry in entries() if entry.action == "listed"]
    with acting_as(cast["social_care_lead"]), connection.cursor() as cursor:
        cursor.execute("select reference from audit_shown(%s)", [[listed.pk]])
        assert cursor.fetchall() == [(world.waiting.reference,)]
    assert {"opened", "listed"} <= seen_by(cast["ig"])
