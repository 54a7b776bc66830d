"""Walks the database's own catalogue, not the models: what nobody declared must be shut."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from mace.access.open_tables import OPEN_TABLES

ROLES = ("mace_app", "mace_web", "mace_worker", "public")
PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


def rows(sql: str, *parameters: Any) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return cursor.fetchall()


@pytest.mark.django_db
def test_every_table_is_protected_or_open_with_a_reason_or_closed() -> None:
    tables = rows(
        """
        select c.relname, c.relrowsecurity,
               (select count(*) from pg_policy p where p.polrelid = c.oid),
               (select string_agg(distinct a.privilege_type, ', ' order by a.privilege_type)
                  from aclexplode(c.relacl) a left join pg_roles r on r.oid = a.grantee
                 where coalesce(r.rolname, 'public') = any (%s))
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'f')""",
        list(ROLES),
    )
    assert len(tables) > 40
    problems = []
    for table, protected, policies, privileges in tables:
        if privileges is None or (protected and policies):
            continue
        wanted = OPEN_TABLES.get(str(table))
        if wanted is None or {p.strip() for p in wanted[0].split(",")} != set(str(privileges).split(", ")):
            problems.append((table, protected, policies, privileges))
    assert problems == []


@pytest.mark.django_db
def test_open_tables_give_a_reason_and_exist() -> None:
    existing = {row[0] for row in rows("select tablename from pg_tables where schemaname = 'public'")}
    assert all(reason for _, reason in OPEN_TABLES.values())
    assert set(OPEN_TABLES) <= existing


@pytest.mark.django_db
def test_nobody_but_the_owner_truncates_references_or_makes_triggers() -> None:
    assert (
        rows(
            """select c.relname, a.privilege_type from pg_class c, aclexplode(c.relacl) a
                left join pg_roles r on r.oid = a.grantee
                where c.relnamespace = 'public'::regnamespace and coalesce(r.rolname, 'public') = any (%s)
                  and a.privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN')""",
            list(ROLES),
        )
        == []
    )


@pytest.mark.django_db
def test_functions_that_cross_the_line_are_fixed_and_not_for_everybody() -> None:
    definers = rows(
        """select p.proname, p.proconfig::text like '%%search_path%%',
                  has_function_privilege('public', p.oid, 'execute') from pg_proc p
            where p.pronamespace = 'public'::regnamespace and p.prosecdef order by 1"""
    )
    assert {name for name, _, _ in definers} >= {"mace_seat", "mace_principals", "access_share", "audit_track_change"}
    assert [name for name, fixed, anybody in definers if not fixed or anybody] == []


@pytest.mark.django_db
def test_default_privileges_open_nothing() -> None:
    assert rows("select defaclobjtype from pg_default_acl") == []


@pytest.mark.django_db
def test_every_policy_reads_the_principals_in_a_sub_select() -> None:
    """A bare function call would run once per row; ``offset 0`` and ``+ 0`` keep the plan a key search."""
    texts = rows(
        "select tablename, policyname, coalesce(qual, '') || coalesce(with_check, '') from pg_policies "
        "where schemaname = 'public'"
    )
    bad = [
        (table, name)
        for table, name, text in texts
        if "mace_principals()" in str(text) and "( SELECT mace_principals() AS mace_principals)" not in str(text)
    ]
    assert bad == []
    grants = [(t, n) for t, n, text in texts if "access_grant g" in str(text) and "OFFSET 0" not in str(text)]
    assert grants == []
