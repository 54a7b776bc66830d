"""Every table that keeps what somebody decided has a history: each change of a row is on record, whoever makes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.access.locks import columns, only, owner, owner_rows, possible_for_owner, rows
from tests.access.world import World

WITHOUT = {
    "access_setaside": "set aside while a case is restricted; each grant's own history says the same",
    "accounts_seatkey": "the database's own key",
    "accounts_user": "a trigger of its own, for changes of name, address and account and not for each sign-in",
    "accounts_user_groups": "stays empty",
    "accounts_user_user_permissions": "stays empty",
    "audit_change": "is the history",
    "audit_readentry": "is the read log",
    "audit_seal": "sealed",
    "audit_signature": "sealed",
    "exporting_exportfile": "made from what has its own history, and thrown away; its row says what it was",
    "importing_import": "made ready step by step; what it makes has its history, and its row says who undid it and why",
    "importing_importedcell": "written once with what it explains, changed by nobody",
    "panels_minutesdocument": "made from what has its own history, and thrown away",
    "referrals_childquestion": "says who asked and answered, and is fixed; a child's history is told more widely",
    "referrals_childtocompare": "whom the worker looks at next, and thrown away",
    "referrals_casedraft": "saved while somebody types; what is sent has its history",
    "referrals_draftsection": "saved while somebody types; what is sent has its history",
    "referrals_knownelsewhere": "made by the worker alone and not changed; a child's history is told more widely",
    "referrals_reviewdraft": "saved while somebody types; what is sent has its history",
}
OTHER = {
    "character varying": "left(\"{0}\" || '.', 10)",
    "text": "\"{0}\" || '.'",
    "timestamp": "\"{0}\" + interval '1 second'",
    "date": '"{0}" + 1',
    "boolean": 'not "{0}"',
    "smallint": '"{0}" + 1',
    "integer": '"{0}" + 1',
}
"""By the type of a column, another value for it."""
OURS = (
    "^(access|accounts|agencies|attachments|audit|casework|dashboards|exporting|importing|notifications|panels|referrals"
    "|volt)_"
)
TRIGGERED = """
select c.relname, exists (select from pg_trigger t join pg_proc p on p.oid = t.tgfoid where t.tgrelid = c.oid
         and p.proname = 'audit_track_change' and t.tgenabled = 'O'
         and t.tgtype & 4 > 0 and t.tgtype & 8 > 0 and t.tgtype & 16 > 0)
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname ~ %s"""


@pytest.mark.django_db
def test_every_table_has_a_history_or_a_reason() -> None:
    assert {name for name, kept in rows(TRIGGERED, OURS) if not kept} == set(WITHOUT)


def changes(name: str) -> Iterator[str]:
    """Statements that would change every row of the table that has a value there."""
    for column, kind in columns(name).items():
        for begins, other in OTHER.items():
            if kind.startswith(begins) and owner_rows(f'select 1 from "{name}" where "{column}" is not null limit 1'):
                yield f'update "{name}" set "{column}" = {other.format(column)} where "{column}" is not null'


def test_a_change_of_any_row_is_put_on_record_with_its_values(world: World) -> None:
    owner("update panels_meeting set status = 'in_progress'")  # approved minutes are not changed by anybody
    tried = 0
    for name in only(name for name, kept in rows(TRIGGERED, OURS) if kept):
        if not owner_rows(f'select 1 from "{name}" limit 1'):
            continue
        statement = next((s for s in changes(name) if possible_for_owner(s)), "")
        changed = "select count(*) from audit_change where table_name = %s and operation = 'update'"
        assert statement, name
        ((before,),) = owner_rows(changed, name)
        owner(statement)
        ((after,),) = owner_rows(changed, name)
        assert after > before, (name, statement)
        tried += 1
    assert tried > 0


def test_a_change_of_a_persons_account_is_put_on_record(world: World) -> None:
    changed = "select count(*) from audit_change where table_name = 'accounts_user'"
    for assignment in (
        "name = name || '.'",
        "is_active = not is_active",
        "email = email || '.'",
        "is_staff = not is_staff",
    ):
        ((before,),) = owner_rows(changed)
        owner(f"update accounts_user set {assignment}")
        assert owner_rows(changed) != [(before,)], assignment
