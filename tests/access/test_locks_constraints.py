"""What the tables of people, access and audit refuse to hold, whoever writes: each rule is broken by the owner."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from tests.access.locks import owner, rows
from tests.access.world import World
from tests.factories.owner import as_owner

OURS = "^(access|accounts|agencies|audit)_"
RULES = f"""
select k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid
 where c.relnamespace = 'public'::regnamespace and c.relname ~ '{OURS}' and k.contype in ('c', 'u', 'x')
union
select i.relname from pg_index x join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
 where c.relnamespace = 'public'::regnamespace and c.relname ~ '{OURS}' and x.indisunique
   and not exists (select from pg_constraint k where k.conindid = x.indexrelid)"""

EMERGENCY = (
    "insert into access_emergencyaccess (reference, record_id, partnership_id, membership_id, scope, reason, "
    "begun_at, ends_at, "
    "review_due_on, outcome, review_note, reviewed_at, reviewed_by_id) select '{reference}', r.id, "
    "r.partnership_id, {member}, 1, "
    "'{reason}', now(), now(), current_date, '{outcome}', '', {at}, {by} from access_record r order by r.id limit 1"
)
MEMBER = "(select min(id) from accounts_membership)"
OTHER = "(select max(id) from accounts_membership)"


def emergency(
    reference: str = "E-TEST-0001",
    *,
    member: str = MEMBER,
    reason: str = "x",
    outcome: str = "",
    at: str = "null",
    by: str = "null",
) -> str:
    return EMERGENCY.format(reference=reference, member=member, reason=reason, outcome=outcome, at=at, by=by)


BAR = (
    "insert into access_bar (record_id, user_id, reason, set_by_id, set_at, lifted_at, lifted_reason) select r.id, "
    "u.id, '{reason}', "
    f"{MEMBER}, now(), {{lifted}}, '' from (select min(id) as id from access_record) r, (select min(id) as id from "
    f"accounts_user) u"
)
SEAL = "insert into audit_seal select * from audit_seal limit 1"


def twice(table: str, column: str) -> str:
    return f"update {table} set {column} = (select min({column}) from {table})"


def again(table: str, columns: str, changed: str) -> str:
    return f"insert into {table} ({columns}) select {changed} from {table} limit 1"


BROKEN: dict[str, tuple[str, ...]] = {
    "bar_says_why": (BAR.format(reason="", lifted="null"),),
    "bar_lifting_says_why": (BAR.format(reason="x", lifted="now()"),),
    "one_bar_per_person": (BAR.format(reason="x", lifted="null"), BAR.format(reason="y", lifted="null")),
    "disclosure_says_why": ("update access_disclosure set purpose = ''",),
    "disclosure_untold_has_reason": ("update access_disclosure set told = false, told_reason = ''",),
    "disclosure_withdrawal_has_reason": ("update access_disclosure set withdrawn_at = now(), withdrawn_reason = ''",),
    "access_emergencyaccess_principal_key": (
        emergency(),
        emergency("E-TEST-0002"),
        twice("access_emergencyaccess", "principal"),
    ),
    "access_emergencyaccess_reference_key": (emergency(), emergency()),
    "emergency_says_why": (emergency(reason=""),),
    "emergency_reviewed_by_another": (emergency(outcome="justified", at="now()", by=MEMBER),),
    "reviewed_emergency_has_outcome": (emergency(outcome="", at="now()", by=OTHER),),
    "grant_scope_known": ("update access_grant set scope = 4",),
    "holding_once": (
        again("accounts_holding", "membership_id, principal, from_on", "membership_id, principal, from_on"),
    ),
    "accounts_membership_principal_key": (twice("accounts_membership", "principal"),),
    "accounts_membership_reference_key": (twice("accounts_membership", "reference"),),
    "deputy_of_chair_or_lead": (
        f"update accounts_membership set deputy_for_id = {MEMBER}, until_on = '2099-01-01', purpose = '.' "  # noqa: ISC004
        "where role = 'board'",
    ),
    "membership_ends_after_it_begins": ("update accounts_membership set until_on = from_on - 1",),
    "time_limited_seat_ends_and_says_why": ("update accounts_membership set role = 'auditor' where role = 'board'",),
    "one_system_seat_per_partnership": ("update accounts_membership set role = 'system'",),
    "one_seat_key": ("insert into accounts_seatkey (id, key) values (2, 'x')",),
    "accounts_user_email_key": (twice("accounts_user", "email"),),
    "accounts_user_reference_key": (twice("accounts_user", "reference"),),
    "user_is_never_superuser": ("update accounts_user set is_superuser = true",),
    "agencies_agency_name_key": (twice("agencies_agency", "name"),),
    "agencies_agency_principal_key": (twice("agencies_agency", "principal"),),
    "agencies_participation_reference_key": (twice("agencies_participation", "reference"),),
    "agreement_is_signed_before_its_review": (
        "update agencies_participation set agreement_signed_on = '2026-01-02', agreement_review_due_on = '2026-01-01'",
    ),
    "participation_once": (twice("agencies_participation", "agency_id"),),
    "agencies_partnership_name_key": (twice("agencies_partnership", "name"),),
    "agencies_partnership_principal_key": (twice("agencies_partnership", "principal"),),
    "agencies_partnership_slug_key": (twice("agencies_partnership", "slug"),),
    "agencies_team_principal_key": (twice("agencies_team", "principal"),),
    "team_name_once_per_agency": (twice("agencies_team", "name"),),
}
"""For each rule the statements that break it, the last of which is refused."""
ELSEWHERE = {
    "access_namedperson_user_id_permission_id_co_5f4a1603_uniq": "django-guardian's own; naming a person twice "
    "changes nothing",
    "accounts_user_groups_user_id_group_id_59c0b32f_uniq": "Django's own; the table is closed and stays empty",
    "accounts_user_user_permi_user_id_permission_id_2ab516c2_uniq": "Django's own; the table is closed and stays empty",
    "agencies_localauthority_gss_code_key": "a list of authorities: no matter of access",
    "partnership_area_once": "which authorities a partnership covers: no matter of access",
    "audit_seal_head_key": "a chain that forks: tests/audit/test_sealing.py",
    "audit_seal_previous_key": "a chain that forks: tests/audit/test_sealing.py",
}


@pytest.mark.django_db
def test_every_rule_is_broken_here_or_left_out_with_a_reason() -> None:
    found = {row[0] for row in rows(RULES)}
    assert found == BROKEN.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("name", BROKEN)
def test_the_rule_is_kept(world: World, name: str) -> None:
    *before, last = BROKEN[name]
    for statement in before:
        owner(statement)
    with as_owner(), pytest.raises(IntegrityError) as refused, transaction.atomic():
        rows(last)
    cause = refused.value.__cause__
    assert getattr(cause, "diag").constraint_name == name  # noqa: B009 (psycopg's)
