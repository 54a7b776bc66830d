"""What the database's own triggers write into both logs: who, when, of which records, whatever the program sends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from mace.accounts.models import Role
from mace.core.seat import Seat, acting_as
from tests.access.locks import owner, owner_rows, rows, undone
from tests.access.test_locks_conditions import ROLES, as_role
from tests.access.test_locks_functions import REFUSED, record
from tests.factories.cast import Cast
from tests.factories.owner import as_owner

READS_ONLY = {Role.AUDITOR, Role.ANALYST, Role.ANALYST_IDENTIFIABLE, Role.INFORMATION_GOVERNANCE, Role.ADMINISTRATOR}
CHILD = "insert into referrals_child (record_id, reference, created_at) values (%s, 'C-1', now())"
PANEL = "update panels_panel set name = name || '.' where id <> %s"
NAMED = (
    "insert into access_namedperson (permission_id, user_id, content_object_id) "
    "select min(p.id), min(u.id), %s from auth_permission p, accounts_user u"
)


def tried(seat: Seat | None, statement: str, *parameters: Any) -> str:
    """The code of the refusal when the owner does it in that seat, so that no policy stands in the way. It stays."""
    with acting_as(seat), as_owner():
        try:
            with transaction.atomic():
                rows(statement, *parameters)
        except DatabaseError as error:
            return str(getattr(error.__cause__, "sqlstate", ""))
    return ""


# --- The access log --------------------------------------------------------------------------------------------------

ADD = "insert into audit_readentry (action, record_id, reference, records, rows, kind) values ('a', %s, '', %s, 1, %s)"


def test_audit_stamp_read_writes_who_asked_and_takes_nothing_without_a_seat(cast: Cast) -> None:
    for name in ("police_member", "stranger_practitioner", "system"):
        seat = cast[name]
        assert tried(seat, ADD, None, [], "page") == ""
        assert owner_rows(
            "select membership_id, principal, partnership_id, agency_id, refused, at > now(), "
            "xid = pg_current_xact_id()::text::bigint from audit_readentry order by id desc limit 1"
        ) == [(seat.membership_id, seat.principal, seat.partnership_id, seat.agency_id, False, True, True)]
    assert tried(cast["board"], ADD, None, [], "refusal") == ""
    assert owner_rows("select refused from audit_readentry order by id desc limit 1") == [(True,)]
    assert tried(None, ADD, None, [], "page") == REFUSED


def test_audit_stamp_read_notes_every_record_once_and_whose_they_are(cast: Cast) -> None:
    seat, stranger = cast["police_member"], cast["stranger_practitioner"]
    own, other, foreign = record(seat), record(seat), record(stranger)
    here, there = seat.partnership_id, stranger.partnership_id
    gone = foreign + 1000
    for about, shown, records, partnerships in (
        (None, [], [], [here]),
        (own, [], [own], [here]),
        (None, [own, other], [own, other], [here]),
        (own, [own, other], [own, other], [here]),
        (foreign, [], [foreign], [here, there]),
        (None, [foreign], [foreign], [here, there]),
        (own, [foreign], [own, foreign], [here, there]),
        (None, [gone], [gone], [here]),
    ):
        assert tried(seat, ADD, about, shown, "page") == ""
        ((found, whose, beyond),) = owner_rows(
            "select records, partnerships, beyond from audit_readentry order by id desc limit 1"
        )
        assert (sorted(found), sorted(whose), beyond) == (records, sorted(partnerships), len(partnerships) > 1)


# --- The history of changes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", [CHILD, PANEL], ids=["referrals", "panels"])
def test_audit_track_change_refuses_seats_that_only_read(cast: Cast, statement: str) -> None:
    refused = set()
    seat = cast["police_member"]
    rec = record(seat, "child")
    for role in ROLES:
        with undone():
            answer = tried(as_role(seat, role), statement, rec)
            assert answer in {"", REFUSED}
            refused |= {role} if answer == REFUSED else set()
    assert refused == READS_ONLY
    assert tried(None, statement, rec) == ""


@pytest.mark.parametrize("role", sorted(READS_ONLY))
def test_audit_track_change_lets_them_write_what_is_not_about_children(cast: Cast, role: str) -> None:
    seat = cast["police_member"]
    rec = record(seat)
    assert tried(as_role(seat, role), NAMED, rec) == ""


def last_change() -> tuple[Any, ...]:
    """Of which row, how, before, after, hanging on which records, in whose seat."""
    ((table, operation, before, after, *more),) = owner_rows(
        "select table_name, operation, before::text, after::text, records, membership_id from audit_change "
        "order by id desc limit 1"
    )
    return (table, operation, before and json.loads(before), after and json.loads(after), *more)


def test_audit_track_change_keeps_what_was_and_what_became_of_it(cast: Cast) -> None:
    seat = cast["coordinator"]
    rec = record(seat, "child")
    whole = {"record_id": rec, "reference": "C-1"}

    def change(statement: str, *parameters: Any) -> tuple[Any, ...]:
        assert tried(seat, statement, *parameters) == ""
        return last_change()

    table, operation, before, after, records, by = change(CHILD, rec)
    assert (table, operation, before, records, by) == ("referrals_child", "insert", None, [rec], seat.membership_id)
    assert after.items() >= whole.items()
    renamed = ("referrals_child", "update", {"reference": "C-1"}, {"reference": "C-2"}, [rec], seat.membership_id)
    assert change("update referrals_child set reference = 'C-2' where record_id = %s", rec) == renamed
    counted = owner_rows("select count(*) from audit_change")
    assert change("update referrals_child set reference = 'C-2' where record_id = %s", rec) == renamed
    assert owner_rows("select count(*) from audit_change") == counted
    table, operation, before, after, records, by = change("delete from referrals_child where record_id = %s", rec)
    assert (table, operation, after, records, by) == ("referrals_child", "delete", None, [rec], seat.membership_id)
    assert before.items() >= (whole | {"reference": "C-2"}).items()


def test_audit_track_change_names_the_records_that_a_row_hangs_on(cast: Cast) -> None:
    seat = cast["coordinator"]
    rec = record(seat)
    assert last_change()[:2] + last_change()[4:5] == ("access_record", "insert", [rec])
    assert tried(seat, NAMED, rec) == ""
    assert last_change()[:2] + last_change()[4:5] == ("access_namedperson", "insert", [rec])
    owner("update panels_panel set name = name || '.' where id = %s", cast.panels["pre_mace"].pk)
    assert last_change()[:2] + last_change()[4:5] == ("panels_panel", "update", [])
