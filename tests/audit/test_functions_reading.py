"""Whom the database tells who looked at a record, what was changed in it, and what a reference means."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from mace.accounts.models import Role
from mace.core.seat import Seat, acting_as
from tests.access.locks import owner, owner_rows, rows, undone
from tests.access.test_locks_conditions import ROLES, as_role
from tests.access.test_locks_functions import called, hold, record
from tests.access.test_locks_functions_cases import Made, answered, made_case
from tests.access.test_locks_rows import bar, restrict
from tests.factories.cast import Cast

IG, LEAD = Role.INFORMATION_GOVERNANCE, Role.AGENCY_LEAD
HOLDERS = {Role.COORDINATOR, Role.CHAIR, LEAD}
COUNT = "audit_count_about(%s, %s, %s)"
READS = "audit_reads_about(%s, %s, %s, null, null, 1000)"


def looked(by: Seat, *records: int) -> int:
    """An entry of the access log."""
    with acting_as(by):
        ((made,),) = rows(
            "insert into audit_readentry (action, record_id, reference, records, rows, kind) "
            "values ('looked', %s, '', %s, 1, 'page') returning id",
            *(records[0], list(records)),
        )
    return int(made)


def changed(rec: int, table: str = "referrals_case", operation: str = "insert", **more: Any) -> int:
    """A row of the change history, as the owner writes it. ``more``: other columns."""
    columns = {"records": [rec], "row_key": str(rec), "after": {}} | more
    columns["after"] = json.dumps(columns["after"])
    ((made,),) = owner_rows(
        "insert into audit_change (at, membership_id, database_role, reason, table_name, operation, "
        f"{', '.join(columns)}) values (now(), 1, 'web', '', %s, %s, {', '.join(['%s'] * len(columns))}) returning id",
        *(table, operation, *columns.values()),
    )
    return int(made)


def foreign(cast: Cast, kind: str = "case", **columns: Any) -> int:
    return record(cast["stranger_police"], kind, **columns)


# --- What may be asked about -----------------------------------------------------------------------------------------


def test_audit_readable_is_what_the_officers_partnership_has_and_what_others_hold_in_full(cast: Cast) -> None:
    seat = cast["voluntary_member"]
    own, other, barred, unasked = (record(seat) for _ in range(4))
    held = {scope: record(seat) for scope in (1, 2, 3)}
    for scope, rec in held.items():
        hold(seat.principal, rec, scope)
    for rec in (barred, unasked):
        hold(seat.principal, rec, 3)
    bar(seat, [barred])
    asked = [own, foreign(cast), barred, *held.values()]
    found = {}
    for role in ROLES:
        with undone():
            found[role] = set(called(as_role(seat, role), "audit_readable(%s::bigint[])", asked))
    expected: dict[str, set[int]] = {role: {held[3]} if role in HOLDERS else set() for role in ROLES}
    assert found == expected | {IG: {own, *held.values()}}
    assert other not in found[IG]


# --- Who looked ------------------------------------------------------------------------------------------------------


@pytest.fixture
def made(cast: Cast) -> Made:
    return made_case(cast["practitioner"])


@pytest.fixture
def log(cast: Cast, made: Made) -> dict[str, int]:
    """Who looked at the case, its child, an item of it and something else. The stranger is of the police, elsewhere."""
    police, health, stranger = cast["police_lead"], cast["health_lead"], cast["stranger_police"]
    owner("update accounts_membership set agency_id = %s where id = %s", police.agency_id, stranger.membership_id)
    return {
        "police case": looked(police, made.case),
        "police child": looked(police, made.child),
        "police item": looked(police, made.item),
        "health case": looked(health, made.case),
        "health both": looked(health, made.child, made.item),
        "stranger case": looked(stranger, made.case),
        "police other": looked(police, record(police)),
    }


CASE = {"police case", "health case", "stranger case"}
CHILD = {"police child", "health both"}
ALL = {*CASE, *CHILD, "police item"}


def who(seat: Seat, log: dict[str, int], rec: int, since: Any = None, until: Any = None) -> set[str]:
    """The entries of which the seat is told; their number says the same."""
    found = {row[0] for row in answered(seat, READS, rec, since, until)}
    ((entries, seats),) = answered(seat, COUNT, rec, since, until)
    names = {name for name, key in log.items() if key in found}
    assert (entries, seats) == (len(found), len({name.split()[0] for name in names}))
    assert len(names) == len(found)
    return names


def test_audit_reads_about_and_audit_count_about_tell_of_what_may_be_read(
    cast: Cast, made: Made, log: dict[str, int]
) -> None:
    seat = cast["board"]
    assert seat.agency_id == cast["police_lead"].agency_id
    told: dict[str, set[str]] = {role: set() for role in ROLES}

    def by_role(rec: int) -> dict[str, set[str]]:
        found = {}
        for role in ROLES:
            with undone():
                found[role] = who(as_role(seat, role), log, rec)
        return found

    assert by_role(made.case) == told | {IG: ALL}
    hold(seat.principal, made.case, 3)
    hold(seat.principal, made.child, 2)
    deciders = {Role.COORDINATOR: CASE, Role.CHAIR: CASE}
    assert by_role(made.case) == told | deciders | {IG: ALL, LEAD: {"police case"}}
    assert by_role(made.child) == by_role(made.item) == told | {IG: ALL}
    hold(seat.principal, made.child, 3)
    deciders = {Role.COORDINATOR: CASE | CHILD, Role.CHAIR: CASE | CHILD}
    assert by_role(made.child) == told | deciders | {IG: ALL, LEAD: {"police case", "police child"}}
    assert who(as_role(seat, IG), log, foreign(cast, about_id=made.child)) == set()
    bar(seat, [made.case])
    assert by_role(made.case) == told


def test_audit_reads_about_and_audit_count_about_keep_to_the_dates(cast: Cast, made: Made, log: dict[str, int]) -> None:
    seat, begin, day = as_role(cast["board"], IG), dt.datetime(2026, 3, 1, tzinfo=dt.UTC), dt.timedelta(1)
    owner("alter table audit_readentry disable trigger user")
    for number, name in enumerate(("police case", "health case", "stranger case")):
        owner("update audit_readentry set at = %s where id = %s", begin + number * day, log[name])
    later = {*CHILD, "police item"}
    second = begin + day
    assert who(seat, log, made.case, begin, None) == ALL
    assert who(seat, log, made.case, second, None) == later | {"health case", "stranger case"}
    assert who(seat, log, made.case, None, second) == {"police case"}
    assert who(seat, log, made.case, second, second + day) == {"health case"}
    assert who(seat, log, made.case, second, second) == set()


# --- What was changed ------------------------------------------------------------------------------------------------


def test_audit_history_tells_of_changes_to_what_is_held_in_full(cast: Cast, made: Made) -> None:
    seat = cast["board"]
    beyond = foreign(cast, about_id=made.child)
    changes = {
        "case": changed(made.case, operation="update", after={"b": 1, "a": 2}),
        "case grant": changed(made.case, "access_grant"),
        "child": changed(made.child),
        "child grant": changed(made.child, "access_grant"),
        "beyond": changed(beyond),
        "other": changed(record(seat)),
    }

    def told(rec: int) -> dict[str, set[str]]:
        found = {}
        for role in ROLES:
            with undone():
                listed = answered(as_role(seat, role), "audit_history(%s, null, 1000)", rec)
                keys = {row[0]: row[5] for row in listed}
                found[role] = {name for name, key in changes.items() if key in keys}
                for name in found[role]:
                    assert keys[changes[name]] == (["a", "b"] if name == "case" else [])
        return found

    def expected(*names: str, officer: set[str]) -> dict[str, set[str]]:
        plain = {name for name in names if "grant" not in name}
        deciders = {Role.COORDINATOR: {*names}, Role.CHAIR: {*names}}
        return dict.fromkeys(ROLES, plain) | deciders | {IG: officer}

    whole = {"case", "case grant", "child", "child grant"}
    assert told(made.case) == expected(officer=whole)
    assert told(beyond) == expected(officer=set())
    hold(seat.principal, made.case, 2)
    hold(seat.principal, made.child, 3)
    assert told(made.case) == expected(officer=whole)
    hold(seat.principal, made.case, 3)
    hold(seat.principal, made.child, 2)
    assert told(made.case) == expected("case", "case grant", officer=whole)
    hold(seat.principal, made.child, 3)
    assert told(made.case) == told(made.child) == expected(*whole, officer=whole)
    bar(seat, [made.case])
    assert told(made.case) == told(made.child) == expected(officer=set())


# --- What a reference means ------------------------------------------------------------------------------------------


def test_audit_record_of_finds_the_record_that_was_begun_under_the_reference(cast: Cast) -> None:
    seat = cast["chair"]
    rec, other = record(seat), record(seat)
    for each in (rec, other):
        hold(seat.principal, each, 3)
    right: dict[str, Any] = {"after": {"reference": "C-1", "record_id": rec}, "row_key": str(rec)}

    def found(asked: str = "C-1", by: Seat = seat, **changes: Any) -> int | None:
        with undone():
            changed(rec, **right | changes)
            return called(by, "audit_record_of(%s)", asked)

    assert found() == rec
    assert found("C-2") is None
    assert found(operation="update") is None
    assert found(row_key=str(other)) is None
    assert found(after=right["after"] | {"id": 7}) is None
    assert found(after={"record_id": rec}) is None
    assert found(by=cast["coordinator"]) is None
    hold(seat.principal, rec, 2)
    assert found() is None


def test_audit_shown_names_what_was_shown_as_far_as_that_may_be_read(cast: Cast) -> None:
    seat, police, health = cast["chair"], cast["police_lead"], cast["health_lead"]
    one, two, shut = (record(police) for _ in range(3))
    for rec, name in ((one, "C-1"), (two, "C-2"), (shut, "C-3")):
        hold(seat.principal, rec, 3)
        changed(rec, after={"reference": name, "record_id": rec})
    first, second, third = looked(police, one, shut), looked(health, one, two), looked(police, two)

    def shown(by: Seat, *entries: int) -> set[tuple[int, str]]:
        return set(answered(by, "audit_shown(%s::bigint[])", list(entries)))

    assert shown(seat, first) == {(first, "C-1"), (first, "C-3")}
    assert shown(seat, second, third) == {(second, "C-1"), (second, "C-2"), (third, "C-2")}
    hold(seat.principal, two, 2)
    assert shown(seat, second, third) == {(second, "C-1")}
    assert shown(cast["coordinator"], first, second, third) == set()
    # an agency's lead is told what the agency's own people were shown, unless it is shut
    assert shown(police, first, second, third) == {
        *((first, "C-1"), (first, "C-3"), (second, "C-1"), (second, "C-2"), (third, "C-2"))
    }
    assert shown(police, second) == set()
    restrict(police, [shut])
    assert shown(police, first) == {(first, "C-1")}
    owner("update accounts_membership set partnership_id = %s where id = %s", cast.other_partnership.pk,
          police.membership_id)  # fmt: skip
    assert shown(replace(police, partnership_id=cast.other_partnership.pk), first) == set()


def test_audit_shown_takes_a_reference_from_the_beginning_of_the_record_itself(cast: Cast) -> None:
    seat = cast["chair"]
    rec, other = record(seat), record(seat)
    hold(seat.principal, rec, 3)
    entry = looked(cast["police_lead"], rec, other)
    right: dict[str, Any] = {"after": {"reference": "C-1", "record_id": rec}, "row_key": str(rec)}

    def shown(**changes: Any) -> list[tuple[Any, ...]]:
        with undone():
            changed(rec, **right | changes)
            return answered(seat, "audit_shown(%s::bigint[])", [entry])

    assert shown() == [(entry, "C-1")]
    assert shown(operation="update") == []
    assert shown(after=right["after"] | {"id": 7}) == []
    assert shown(after={"reference": "C-1", "record_id": other}) == []
    assert shown(after={"record_id": rec}) == []
    # what hangs on the record as well as on one that may not be read is not told
    assert shown(row_key=str(other), after={"reference": "C-1", "record_id": other}, records=[rec, other]) == []
