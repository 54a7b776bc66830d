"""What was changed on a record: when, by whom, in what, which fields and why. Never a value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db import connection

from mace.accounts.models import Membership, Role
from mace.core.pages import page_key, page_numbers
from mace.core.templatetags.components import uk_datetime

PAGE = 25
HEAD = ["When", "Who", "What", "Done", "Fields", "Why"]
DONE = {"insert": "Added", "update": "Changed", "delete": "Removed"}
ITSELF = "The service itself"

# Where the model's own name would say little to whoever reads it.
WORDS = {
    "access_record": "the record itself",
    "access_grant": "who may see it",
    "access_setaside": "who may see it, set aside while it is restricted",
    "access_disclosure": "sharing decision",
    "access_namedperson": "person named on it",
    "access_bar": "person kept from it",
    "access_emergencyaccess": "emergency access",
    "attachments_attachment": "attached file",
    "referrals_childidentity": "who the child is",
    "referrals_childprofile": "more about the child",
    "referrals_casesummary": "summary",
    "referrals_tierperiod": "where it is open",
    "referrals_ratingagreed": "rating agreed",
    "referrals_toldconsent": "who was told",
    "panels_agendaitem": "agenda item",
    "panels_iteminvitation": "invitation to an item",
    "panels_actionupdate": "report on an action",
    "volt_link": "link to a person, place or theme",
    "volt_personofconcern": "person of concern",
}
LEFT_OUT = frozenset({"name_key", "xid", "version", "operation", "saved_at"})


@dataclass(frozen=True, slots=True)
class Changed:
    id: int
    at: dt.datetime
    membership_id: int | None
    table: str
    operation: str
    fields: list[str]
    reason: str


def changes_to(record_id: int, *, after: str = "") -> tuple[list[Changed], str]:
    """One page, newest first, and the key of the next; nothing for a seat that may not know.

    Raises ``ValueError`` for an ``after`` that no page before it gave.
    """
    before = page_numbers(after, count=1)[0] if after else None
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, at, membership_id, table_name, operation, fields, reason from audit_history(%s, %s, %s)",
            [record_id, before, PAGE + 1],
        )
        rows = [Changed(*row) for row in cursor.fetchall()]
    return rows[:PAGE], page_key(rows[PAGE - 1].id) if len(rows) > PAGE else ""


def change_rows(changes: Iterable[Changed]) -> list[list[str]]:
    """Rows of a table, in the order of ``HEAD``."""
    changes = list(changes)
    keys = {row.membership_id for row in changes if row.membership_id is not None}
    members = Membership.objects.select_related("user", "agency").in_bulk(keys)
    return [
        [
            uk_datetime(row.at),
            _who(members.get(row.membership_id or 0)),
            _first_large(table_words(row.table)),
            DONE[row.operation],
            ", ".join(field_words(row.table, name) for name in row.fields if name not in LEFT_OUT),
            row.reason,
        ]
        for row in changes
    ]


@cache
def table_words(table: str) -> str:
    """What a table is called on screen."""
    if table in WORDS:
        return WORDS[table]
    model = next((model for model in apps.get_models() if model._meta.db_table == table), None)
    return str(model._meta.verbose_name) if model else table.partition("_")[2]


@cache
def field_words(table: str, column: str) -> str:
    """What a column is called on screen."""
    model = next((model for model in apps.get_models() if model._meta.db_table == table), None)
    field = next((field for field in model._meta.concrete_fields if field.column == column), None) if model else None
    return str(field.verbose_name) if field else column.replace("_", " ")


def _who(member: Membership | None) -> str:
    if member is None or member.role == Role.SYSTEM:
        return ITSELF
    return f"{member.user.name}, {Role(member.role).label}, {member.agency.name}"


def _first_large(words: str) -> str:
    return words[:1].upper() + words[1:]
