"""What the database itself gives to whom nothing is shared with, whatever is asked of it. No table is left out."""

from __future__ import annotations

import re
from typing import Any

from django.db import connection

from mace.core.seat import acting_as
from panels.models import ActionUpdate
from panels.services.actions import report_on_action
from referrals.models import Case, Child
from tests.access.test_refusals import FULL_ONLY, NAME, OTHERS_ACTION, SAID, STRANGERS, SUMMARY, withdraw_from
from tests.access.world import World
from tests.factories.owner import as_owner
from tests.factories.panels import HELD

READABLE = """
select c.oid::regclass::text from pg_class c
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
   and has_table_privilege(current_user, c.oid, 'select') order by 1"""
LED_TO = """
select k.conrelid::regclass::text, a.attname, k.confrelid::regclass::text
  from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
 where k.contype = 'f' and k.connamespace = 'public'::regnamespace"""


def rows(sql: str, *parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return cursor.fetchall()


def records_of(case: Case) -> list[int]:
    """The case's record, its child's, those it contains, its referrals', and the VOLT records that are linked to it."""
    with as_owner():
        found = rows(
            """select id from access_record where %(case)s in (id, within_id) or id = %(child)s or about_id = %(child)s
               union select a_id from volt_link where b_id = %(case)s
               union select b_id from volt_link where a_id = %(case)s""".replace("%(case)s", str(case.pk)).replace(
                "%(child)s", str(case.child_id)
            )
        )
    return [row[0] for row in found]


def columns() -> list[tuple[str, str]]:
    """Every column that names a record: by its name, or because it leads to a table whose key is a record's."""
    by_name = rows(
        "select quote_ident(table_name), column_name from information_schema.columns "
        "where table_schema = 'public' and column_name ~ '(^|_)records?(_id)?$' and data_type = 'bigint'"
    )
    keyed = {"access_record"} | {
        row[0]
        for row in rows(
            "select k.conrelid::regclass::text from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid "
            "and k.conkey = array[a.attnum] where k.contype = 'p' and a.attname = 'record_id'"
        )
    }
    leading = [(name, column) for name, column, to in rows(LED_TO) if to in keyed]
    return sorted({*by_name, *leading, ("access_record", "id")})


def seen(records: list[int]) -> dict[str, int]:
    """How many rows the role may read that hang on these records, by table and column; those with none left out."""
    allowed = {row[0] for row in rows(READABLE)}
    found = {
        f"{name}.{column}": rows(f'select count(*) from {name} where "{column}" = any (%s)', records)[0][0]
        for name, column in columns()
        if name in allowed
    }
    return {place: count for place, count in found.items() if count}


def said_in(words: list[str]) -> dict[str, int]:
    """How many rows of any table that the role may read hold one of these words anywhere."""
    pattern = "|".join(re.escape(word) for word in words)
    found = {
        name: rows(f"select count(*) from {name} t where t::text ~ %s", pattern)[0][0] for (name,) in rows(READABLE)
    }
    return {name: count for name, count in found.items() if count}


def secret_words(world: World) -> list[str]:
    with as_owner():
        child = Child.objects.get(pk=world.case.child_id).reference
    hidden = ("case", "referral", "review", "person", "next_item")
    return [NAME, "Brightwater", SUMMARY, SAID, "Visit the flat", "Book the check", *FULL_ONLY, child] + [
        world.references()[kind] for kind in hidden
    ]


def test_the_database_gives_a_stranger_no_row_and_a_withdrawn_partner_its_own_updates(world: World) -> None:
    cast, records, words = world.cast, records_of(world.case), secret_words(world)
    with acting_as(cast["police_member"]):
        report_on_action(action=world.action, text="Went there", by=cast["police_member"], at=HELD)
    withdraw_from(world, "police")
    with as_owner():
        everywhere, tables = seen(records), {name for name, _ in columns()}
        assert len(records) >= 7
        assert len({place.split(".")[0] for place in everywhere}) >= 25
        assert {"referrals_case", "referrals_childidentity", "panels_action", "volt_link", "access_grant"} < tables
    with acting_as(cast["coordinator"]):
        assert len(seen(records)) > 40
        assert len(said_in(words)) > 10
    own = {"panels_actionupdate.record_id": 1}
    for name in (*STRANGERS, "voluntary_member", "board", "analyst", "ig", "admin", "stranger_system"):
        asked = name in ("stranger_coordinator", "stranger_system")  # the child is asked about, by name and birthday
        with acting_as(cast[name]):
            assert seen(records).keys() <= ({"referrals_childquestion.record_id"} if asked else set()), name
            assert said_in(words).keys() <= ({"referrals_childquestion"} if asked else set()), name
    for name, wrote in (
        ("health_lead", OTHERS_ACTION[1]),
        ("police_lead", "Went there"),
        ("police_member", "Went there"),
    ):
        with acting_as(cast[name]):
            assert seen(records) == own, name
            assert said_in(words) == {}, name
            assert [row.text for row in ActionUpdate.objects.all()] == [wrote], name
    assert seen(records) == {}
