"""What the roles of web and worker may do at all, against a list written by hand (``rights.txt``): nothing more."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from django.apps import apps

from mace.core.protection import Open
from mace.core.seat import acting_as
from tests.access.locks import only, owner, owner_rows, rows
from tests.factories.cast import Cast

LIST = Path(__file__).with_name("rights.txt")
LETTERS = {"select": "r", "insert": "a", "update": "c", "delete": "d"}
ROLES = ("mace_app", "mace_web", "mace_worker")
TABLES = """
select c.relname, p.name from pg_class c, unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'trigger',
       'references', 'maintain']) p(name)
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
   and has_table_privilege(%s, c.oid, p.name)"""
COLUMNS = """
select c.relname, a.attname, p.name from pg_class c join pg_attribute a on a.attrelid = c.oid and attnum > 0
       and not attisdropped, unnest(array['select', 'insert', 'update', 'references']) p(name)
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
   and has_column_privilege(%s, c.oid, a.attname, p.name) and not has_table_privilege(%s, c.oid, p.name)"""
FUNCTIONS = """
select distinct p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace
   and pg_get_userbyid(p.proowner) = 'mace_owner' and has_function_privilege(%s, p.oid, 'execute')"""


def listed() -> tuple[dict[str, set[str]], set[tuple[str, bool]]]:
    """The rights on each table, and the functions: whether only the worker may call them."""
    tables: dict[str, set[str]] = {}
    functions: set[tuple[str, bool]] = set()
    for line in LIST.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, *rights = line.split()
        if name.endswith("()"):
            functions.add((name.removesuffix("()"), rights == ["worker"]))
            continue
        tables[name] = set(rights[0]) - {"-"}
        for more in rights[1:]:
            letter, _, columns = more.partition(":")
            tables[name] |= {f"{letter} {column}" for column in columns.split(",")}
    return tables, functions


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_no_table_gives_more_than_the_list_says(role: str) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for table, privilege in rows(TABLES, role):
        found[table].add(LETTERS.get(privilege, privilege))
    for table, column, privilege in rows(COLUMNS, role, role):
        found[table].add(f"{LETTERS.get(privilege, privilege)} {column}")
    tables, _ = listed()
    existing = {row[0] for row in rows("select tablename from pg_tables where schemaname = 'public'")}
    assert set(tables) == existing
    assert {name: rights for name, rights in tables.items() if rights} == dict(found)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_no_function_of_ours_is_called_but_those_of_the_list(role: str) -> None:
    _, functions = listed()
    expected = {name for name, workers in functions if role == "mace_worker" or not workers}
    assert {row[0] for row in rows(FUNCTIONS, role)} == expected


OTHERS = "^((account|auth|django|guardian|mfa)_|accounts_user_(groups|user_permissions)$)"
"""Tables of other packages: open with a reason (``mace/access/open_tables.py``), or without any right."""


@pytest.mark.django_db
def test_every_table_of_ours_is_under_row_level_security() -> None:
    unguarded = "select relname from pg_class where relkind in ('r', 'p') and not relrowsecurity"
    assert rows(f"{unguarded} and relnamespace = 'public'::regnamespace and relname !~ %s", OTHERS) == []


def test_what_is_open_is_read_before_a_seat_is_chosen(cast: Cast) -> None:
    models = [m for m in apps.get_models() if any(isinstance(c, Open) for c in m._meta.constraints)]
    names = {model._meta.db_table for model in models}
    assert {"agencies_agency", "accounts_membership", "panels_panel"} <= names
    for name in only(names):
        count = f'select count(*) from "{name}"'
        assert rows(count) == owner_rows(count), name


@pytest.mark.django_db
def test_the_roles_own_nothing_and_join_no_other() -> None:
    assert rows(
        "select count(*) from pg_class where pg_get_userbyid(relowner) in ('mace_app', 'mace_web', 'mace_worker')"
    ) == [(0,)]
    assert rows(
        "select r.rolname, r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb from pg_roles r "
        "where r.rolname in ('mace_app', 'mace_web', 'mace_worker') order by 1"
    ) == [(name, False, False, False, False) for name in ROLES]
    joined = (
        "select m.member::regrole::text, m.roleid::regrole::text from pg_auth_members m "
        "where m.member::regrole::text in ('mace_app', 'mace_web', 'mace_worker') order by 1"
    )
    assert rows(joined) == [("mace_web", "mace_app"), ("mace_worker", "mace_app")]


def test_what_is_open_areas_and_authorities_are_read_in_every_seat_and_before_one_is_chosen(cast: Cast) -> None:
    """``agencies_localauthority`` and ``agencies_partnershiparea``, of which there is nothing otherwise."""
    owner("insert into agencies_localauthority (name, gss_code) values ('Anytown', 'E09000023')")
    owner(
        "insert into agencies_partnershiparea (partnership_id, local_authority_id) select %s, id "
        "from agencies_localauthority",
        cast.partnership.pk,
    )
    for table in ("agencies_localauthority", "agencies_partnershiparea"):
        for name in ("practitioner", "stranger_police", "admin"):
            with acting_as(cast[name]):
                assert rows(f"select count(*) from {table}") == [(1,)]
        with acting_as(None):
            assert rows(f"select count(*) from {table}") == [(1,)]
