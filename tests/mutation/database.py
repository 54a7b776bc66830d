"""Mutants of the second lock, made from the catalogue of a migrated database, so that nothing new is forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg

from tests.mutation.mutant import Mutant
from tests.mutation.sql import narrower_and_wider, without_conditions

CONSTRAINED = "^(access|accounts|agencies|audit)_"
VERBS = {"SELECT": "see", "INSERT": "add", "UPDATE": "change", "DELETE": "remove", "ALL": "any"}
Rows = list[tuple[Any, ...]]


def mutants(url: str) -> list[Mutant]:
    """Every mutant of the database at ``url``, which the owner can reach."""
    with psycopg.connect(url) as connection:

        def rows(sql: str) -> Rows:
            return connection.execute(sql).fetchall()

        return [
            *_tables(
                rows("select relname from pg_class where relrowsecurity and relnamespace = 'public'::regnamespace")
            ),
            *_policies(rows("select tablename, policyname, cmd, qual, with_check from pg_policies order by 1, 2")),
            *_privileges(rows(CLOSED)),
            *_columns(rows(OPEN_COLUMNS)),
            *_functions(rows(FUNCTIONS)),
            *_callers(rows(OWNERS_ONLY)),
            *_constraints(rows(CONSTRAINTS)),
            *_triggers(rows(TRIGGERS)),
        ]


def _tables(rows: Rows) -> Iterator[Mutant]:
    for (table,) in sorted(rows):
        yield Mutant(f"rls:{table}:off", (f'alter table "{table}" disable row level security',), only=table)


def _policies(rows: Rows) -> Iterator[Mutant]:
    for table, policy, command, using, check in rows:
        verb = VERBS[command]
        alter = f'alter policy "{policy}" on "{table}"'
        for name, condition, clauses in _clauses(verb, using, check):
            label = f"policy:{table}:{verb}: "
            yield Mutant(f"{label}open{name}", (_altered(alter, clauses, "true"),), only=table)
            for change in (*without_conditions(condition), *narrower_and_wider(condition)):
                # who has the right role has it before and after a change: that is asked twice, and taken away in both
                of_the_seat = "mace_role()" in change.what or change.what.startswith("without role")
                if SAID_ONCE.search(change.what) or (of_the_seat and name == BECOMES):
                    continue
                twice = of_the_seat and name == IS
                yield Mutant(
                    f"{label}{change.what}{'' if twice else name}",
                    (_altered(alter, clauses if not twice else ("using", "with check"), change.sql),),
                    only=table,
                )
    for table in sorted({row[0] for row in rows}):
        dropped = [f'drop policy "{policy}" on "{table}"' for t, policy, *_ in rows if t == table]
        yield Mutant(f"policy:{table}:all dropped", tuple(dropped), only=table)
    yield Mutant("policy:every table: grants made out to anybody", tuple(_anybodys(rows)))


SAID_ONCE = re.compile(r"\(g\.principal \+ 0\)|without and \(g\.scope >= [123]\)|without where \(\(g\.record_id")
"""That a grant is the seat's own is asked in every policy and by the grants' own; it is taken away from all at once.
That a grant has a scope at all is asked with the scope."""
IS, BECOMES = " (what it is)", " (what it becomes)"


def _clauses(verb: str, using: str | None, check: str | None) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Which conditions a policy has, their names, and the clauses that hold them."""
    if verb == "change" and using == check and using not in {None, "true", "false"}:
        yield IS, str(using), ("using",)
        yield BECOMES, str(check), ("with check",)
        return
    clauses = tuple(clause for clause, text in (("using", using), ("with check", check)) if text not in {None, "true"})
    if clauses:
        yield "", str(using or check), clauses


def _altered(alter: str, clauses: tuple[str, ...], condition: str) -> str:
    return " ".join([alter, *(f"{clause} ({condition})" for clause in clauses)])


def _anybodys(rows: Rows) -> Iterator[str]:
    for table, policy, _, using, check in rows:
        for clause, condition in (("using", using), ("with check", check)):
            if condition and "(g.principal + 0) = ANY" in condition:
                wider = condition.replace("((g.principal + 0) = ANY", "(true or (g.principal + 0) = ANY")
                yield f'alter policy "{policy}" on "{table}" {clause} ({wider})'


CLOSED = """
select c.relname, p.privilege from pg_class c,
       unnest(array['select', 'insert', 'update', 'delete', 'truncate']) p(privilege)
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
   and not has_table_privilege('mace_app', c.oid, p.privilege) order by 1, 2"""


def _privileges(rows: Rows) -> Iterator[Mutant]:
    for table, privilege in rows:
        yield Mutant(f"privilege:{table}:{privilege}", (f'grant {privilege} on "{table}" to mace_app',), only=table)


OPEN_COLUMNS = """
select c.relname, a.attname from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not attisdropped
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
   and not has_table_privilege('mace_app', c.oid, 'update') and has_any_column_privilege('mace_app', c.oid, 'update')
   and not has_column_privilege('mace_app', c.oid, a.attname, 'update') order by 1, 2"""


def _columns(rows: Rows) -> Iterator[Mutant]:
    """Tables of which some columns may be changed: each of the others."""
    for table, column in rows:
        yield Mutant(f"privilege:{table}:update of {column}", (f'grant update ("{column}") on "{table}" to mace_app',))


FUNCTIONS = """
select p.proname, pg_get_functiondef(p.oid), p.prosrc from pg_proc p join pg_language l on l.oid = p.prolang
 where p.pronamespace = 'public'::regnamespace and l.lanname in ('sql', 'plpgsql')
   and pg_get_userbyid(p.proowner) = 'mace_owner' order by 1"""


def _functions(rows: Rows) -> Iterator[Mutant]:
    for name, definition, body in rows:
        for change in (*without_conditions(body), *narrower_and_wider(body)):
            mutated = definition.replace(body, change.sql)
            if change.decides:
                yield Mutant(
                    f"function:{name}: {change.what}",
                    (*(LOADED if "pg_trgm." in definition else ()), mutated),
                    only=name,
                    calls=(name,),
                )


LOADED = ("select word_similarity('', '')",)
"""A function that sets an extension's parameter can be made once the extension is loaded."""
OWNERS_ONLY = """
select p.oid::regprocedure::text, p.proname from pg_proc p
 where p.pronamespace = 'public'::regnamespace and p.prosecdef
   and not has_function_privilege('mace_app', p.oid, 'execute')
   and p.prorettype <> 'trigger'::regtype order by 1"""


def _callers(rows: Rows) -> Iterator[Mutant]:
    for signature, name in rows:
        yield Mutant(f"privilege:{name}:execute", (f"grant execute on function {signature} to mace_app",), only=name)


CONSTRAINTS = f"""
select c.relname, k.conname, 'alter table "' || c.relname || '" drop constraint "' || k.conname || '" cascade'
  from pg_constraint k join pg_class c on c.oid = k.conrelid
 where c.relnamespace = 'public'::regnamespace and c.relname ~ '{CONSTRAINED}' and k.contype in ('c', 'u', 'x')
union
select c.relname, i.relname, 'drop index "' || i.relname || '"'
  from pg_index x join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
 where c.relnamespace = 'public'::regnamespace and c.relname ~ '{CONSTRAINED}' and x.indisunique
   and not exists (select from pg_constraint k where k.conindid = x.indexrelid) order by 1, 2"""


def _constraints(rows: Rows) -> Iterator[Mutant]:
    for table, name, drop in rows:
        yield Mutant(f"constraint:{table}:{name}", (drop,), only=name)


TRIGGERS = """
select t.tgrelid::regclass::text, t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid
 where not t.tgisinternal and c.relnamespace = 'public'::regnamespace order by 1, 2"""


def _triggers(rows: Rows) -> Iterator[Mutant]:
    for table, name in rows:
        yield Mutant(f"trigger:{table}:{name}", (f'alter table {table} disable trigger "{name}"',), only=table)
