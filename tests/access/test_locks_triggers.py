"""What the database does by itself when a row is written, whoever writes it: each of its triggers."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from mace.core.seat import acting_as
from tests.access.locks import owner, owner_rows, possible_for_owner, rows
from tests.access.test_locks_functions import held, hold, record
from tests.access.test_locks_functions_cases import made_case
from tests.access.test_locks_functions_reading import person_of_concern
from tests.access.test_locks_rows import restrict
from tests.access.world import World
from tests.factories.cast import Cast
from tests.factories.owner import as_owner

ON_RECORD = {
    "audit_change": "reason = 'x'",
    "audit_readentry": "action = 'x'",
    "audit_seal": "rows = rows + 1",
    "audit_signature": "signed_at = now()",
}


@pytest.mark.parametrize("table", ON_RECORD)
def test_what_is_on_record_is_not_changed_even_by_the_owner(world: World, table: str) -> None:
    owner(
        "insert into audit_seal (number, log, first_id, last_id, rows, xid_from, xid_to, after_id, digest, previous, "
        "head, sealed_at) values (999, 'reads', 1, 1, 1, 1, 1, 1, 'x', 'y', 'z', now())"
    )
    owner("select audit_sign(999, 'x', 'y')")
    with acting_as(world.cast["ig"]):
        rows("insert into audit_readentry (action, reference, rows) values ('looked', '', 1)")
    assert owner_rows(f"select count(*) > 0 from {table}") == [(True,)]
    assert not possible_for_owner(f"update {table} set {ON_RECORD[table]}")
    assert not possible_for_owner(f"delete from {table}")


def test_approved_minutes_are_fixed(world: World) -> None:
    change = "update panels_minute set discussion = discussion || '.'"
    with as_owner(), pytest.raises(IntegrityError, match="approved minutes are fixed"), transaction.atomic():
        rows(change)
    owner("update panels_meeting set status = 'in_progress'")
    assert possible_for_owner(change)


def test_what_is_given_of_a_matter_is_given_of_its_child(cast: Cast) -> None:
    seat = cast["practitioner"]
    child = record(seat, "child")
    hold(seat.principal, record(seat, "referral", about_id=child), 2)
    assert held(child) == {seat.principal: 2}


def test_a_referral_becomes_a_case_with_its_grants(cast: Cast) -> None:
    seat = cast["practitioner"]
    other = record(seat, "referral")
    hold(seat.principal, other, 1)
    kinds = "select r.kind, g.kind from access_record r join access_grant g on g.record_id = r.id where r.id = %s"
    made = made_case(seat)
    matter = record(seat, "referral", about_id=made.child)
    hold(seat.principal, matter, 3)
    owner("delete from referrals_case where record_id = %s", made.case)
    owner(
        "insert into referrals_case (record_id, reference, opened_on, version, lead_agency_id, lead_professional_id, "
        "partnership_id, child_id) values (%s, 'M-TEST', now(), 1, %s, %s, %s, %s)",
        *(matter, seat.agency_id, seat.membership_id, seat.partnership_id, made.child),
    )
    assert (owner_rows(kinds, matter), owner_rows(kinds, other)) == ([("case", "case")], [("referral", "referral")])


def test_a_person_of_concern_who_is_a_child_shares_the_childs_restriction(cast: Cast) -> None:
    seat = cast["practitioner"]
    made = made_case(seat)
    restrict(seat, made.around)
    shut, left = person_of_concern(seat, made.child), person_of_concern(seat, None)
    restricted = "select restricted from access_record where id = %s"
    assert (owner_rows(restricted, shut), owner_rows(restricted, left)) == ([(True,)], [(False,)])


NEW_PLAN = (
    "insert into referrals_safetyplan (written_by_principal, written_at, effective_on, version, made_with, summary, "
    "blocked, child_id, record_id, written_by_id, attachment_id) select written_by_principal, written_at, "
    "effective_on, version + 1, '', 'x', '', child_id, record_id, written_by_id, {file} from referrals_safetyplan "
    "where record_id = {record}"
)


def test_a_safety_plan_has_steps_or_a_file_when_the_transaction_ends(world: World) -> None:
    """Its steps are written after it; ``referrals_plan_has_steps`` asks at the end, and when steps go."""
    record, file = world.case.pk, world.file.pk
    step = f"insert into referrals_planstep (record_id, plan_id, text, who) select {record}, max(id), 'x', 'x' "
    step += "from referrals_safetyplan"
    gone = f"delete from referrals_planstep where record_id = {record}"
    filed = f"update referrals_safetyplan set attachment_id = {file} where record_id = {record}"
    none, bare = f"{filed}; {gone}; set constraints all immediate", NEW_PLAN.format(file="null", record=record)
    assert owner_rows(f"select count(*) > 0 from referrals_planstep where record_id = {record}") == [(True,)]
    for statements, may in (
        ([bare, step], True),
        ([NEW_PLAN.format(file=file, record=record)], True),
        ([filed, gone], True),
        ([bare], False),
        ([gone], False),
        ([none, filed.replace(str(file), "null", 1)], False),
    ):
        assert possible_for_owner("; ".join([*statements, "set constraints all immediate"])) == may, statements
