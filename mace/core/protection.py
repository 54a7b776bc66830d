"""Row-level security, declared on the model so that it cannot be forgotten.

Each model carries exactly one of ``Protected``, ``Open`` and ``Closed`` in ``Meta.constraints``. A table without has no
grants, so the web and worker roles get "permission denied". Policies are made out to the group role ``mace_app``, to
which both belong; the owner, who runs migrations, is not bound by them.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

APP_ROLE = "mace_app"

IDENTITY, SUMMARY, FULL = 1, 2, 3
NEVER = "false"
"""A condition that no seat meets: no right is given either."""

MINE = "((select mace_principals())::int[])"
"""The principals of the seat; a sub-select, so that it runs once per statement and not once per row."""


def granted(record: str = "record_id", *, scope: int | str = FULL, alternatives: str = "") -> str:
    """SQL: the seat holds a grant of at least ``scope`` on the record named by the column ``record``.

    ``(principal + 0)`` keeps PostgreSQL 18 from skip-scanning, ``offset 0`` from hashing every grant to open one row.
    ``alternatives`` is SQL that serves in place of the scope, for instance that the seat owns the action.
    """
    enough = f"g.scope >= {scope}"
    if alternatives:
        enough = f"({enough} or {alternatives})"
    return (
        f"exists (select 1 from access_grant g where g.record_id = {{table}}.{record} "
        f"and (g.principal + 0) = any {MINE} and {enough} offset 0)"
    )


def mine(column: str, *, record: str = "") -> str:
    """SQL: the column holds one of the seat's own principals.

    Where that alone opens a row, name the column ``record`` of what the row hangs on: a bar on the person, or a
    restriction that leaves them out, closes it even to its author.
    """
    own = f"({{table}}.{column} + 0) = any {MINE}"
    return f"({own} and not access_shut({{table}}.{record}))" if record else own


FOR_THE_SEAT = (
    "({table}.handling <> 'T' or coalesce((select mace_role()) in ('coordinator', 'chair', 'system') or "
    "(select a.kind from accounts_membership m join agencies_agency a on a.id = m.agency_id "
    "where m.id = (select mace_seat())) = 'police', false))"
)
"""SQL: what is for the police and coordinators only stays with seats of the police, coordinators and chairs."""


class Protection(models.BaseConstraint):
    """What Django's migrations see as a constraint and PostgreSQL as policies, grants and a history trigger."""

    def __init__(self, *, name: str, history: bool = True) -> None:
        super().__init__(name=name)
        self.history = history

    def statements(self, table: str) -> list[str]:
        raise NotImplementedError

    def _all(self, table: str) -> str:
        sql = [f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY', *self.statements(table)]
        if self.history:
            sql.append(
                f'CREATE TRIGGER "{table}_history" AFTER INSERT OR UPDATE OR DELETE ON "{table}" '
                "FOR EACH ROW EXECUTE FUNCTION audit_track_change()"
            )
        return "; ".join(sql)

    def constraint_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:  # type: ignore[override]
        schema_editor.deferred_sql.append(self._all(model._meta.db_table))
        return None  # type: ignore[return-value]  # nothing inside CREATE TABLE

    def create_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:  # type: ignore[override]  # noqa: ARG002
        return self._all(model._meta.db_table)

    def remove_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:  # type: ignore[override]  # noqa: ARG002
        table = model._meta.db_table
        return (
            f"DO $$ DECLARE p text; BEGIN FOR p IN SELECT policyname FROM pg_policies WHERE tablename = '{table}' "
            f"LOOP EXECUTE 'DROP POLICY ' || quote_ident(p) || ' ON \"{table}\"'; END LOOP; END $$; "
            f'DROP TRIGGER IF EXISTS "{table}_history" ON "{table}"; REVOKE ALL ON "{table}" FROM {APP_ROLE}'
        )

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to check in Python: the database does."""

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        kwargs.update(self._state())
        return path, args, kwargs

    def _state(self) -> dict[str, Any]:
        return {"history": self.history}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.deconstruct() == other.deconstruct()

    __hash__ = models.BaseConstraint.__hash__


class Protected(Protection):
    """Rows seen, added, changed and removed only where the SQL conditions hold. ``{table}`` stands for the table.

    ``change`` and ``add`` default to ``see``; ``NEVER`` leaves that to the owner's functions. Rows are removed only
    where ``remove`` says so.
    """

    def __init__(
        self,
        *,
        name: str,
        see: str,
        change: str | None = None,
        add: str | None = None,
        remove: str | None = None,
        history: bool = True,
    ) -> None:
        super().__init__(name=name, history=history)
        self.see, self.change, self.add, self.remove = see, change, add, remove

    def statements(self, table: str) -> list[str]:
        def condition(sql: str) -> str:
            return sql.replace("{table}", f'"{table}"')

        see = condition(self.see)
        change = condition(self.change or self.see)
        add = condition(self.add or self.change or self.see)
        sql = [
            f'CREATE POLICY "{self.name}_see" ON "{table}" FOR SELECT TO {APP_ROLE} USING ({see})',
            f'GRANT SELECT ON "{table}" TO {APP_ROLE}',
        ]
        if add != NEVER:
            sql += [
                f'CREATE POLICY "{self.name}_add" ON "{table}" FOR INSERT TO {APP_ROLE} WITH CHECK ({add})',
                f'GRANT INSERT ON "{table}" TO {APP_ROLE}',
            ]
        if change != NEVER:
            sql += [
                f'CREATE POLICY "{self.name}_change" ON "{table}" FOR UPDATE TO {APP_ROLE} USING ({change}) WITH CHECK ({change})',
                f'GRANT UPDATE ON "{table}" TO {APP_ROLE}',
            ]
        if self.remove:
            sql += [
                f'CREATE POLICY "{self.name}_remove" ON "{table}" FOR DELETE TO {APP_ROLE} USING ({condition(self.remove)})',
                f'GRANT DELETE ON "{table}" TO {APP_ROLE}',
            ]
        return sql

    def _state(self) -> dict[str, Any]:
        state = super()._state() | {"see": self.see}
        for name in ("change", "add", "remove"):
            if getattr(self, name) is not None:
                state[name] = getattr(self, name)
        return state


class Open(Protection):
    """Readable in any seat and before one is chosen, for the reason given; ``grants`` says what else is allowed."""

    def __init__(self, *, name: str, reason: str, grants: str = "SELECT", history: bool = True) -> None:
        super().__init__(name=name, history=history)
        self.reason, self.grants = reason, grants

    def statements(self, table: str) -> list[str]:
        return [
            f'CREATE POLICY "{self.name}_open" ON "{table}" TO {APP_ROLE} USING (true) WITH CHECK (true)',
            f'GRANT {self.grants} ON "{table}" TO {APP_ROLE}',
        ]

    def _state(self) -> dict[str, Any]:
        return super()._state() | {"reason": self.reason, "grants": self.grants}


class Closed(Protection):
    """Only functions that the owner defined reach it, for the reason given."""

    def __init__(self, *, name: str, reason: str, history: bool = False) -> None:
        super().__init__(name=name, history=history)
        self.reason = reason

    def statements(self, table: str) -> list[str]:
        return [f'REVOKE ALL ON "{table}" FROM {APP_ROLE}']

    def _state(self) -> dict[str, Any]:
        return super()._state() | {"reason": self.reason}
