"""The addresses that children's records say are kept as the present ones, from a day that is not known."""

from typing import Any

from django.db import migrations

BATCH = 5000
CARRY = """
insert into referrals_childaddress (record_id, child_id, kind, address, source, written_at)
select i.record_id, i.child_id, 'home', i.address, 'The child’s details', now() from referrals_childidentity i
 where i.record_id > %s and i.record_id <= %s and i.address <> '' on conflict do nothing
"""


def carry(apps: Any, schema_editor: Any) -> None:
    """Some thousands at a time, each its own transaction; what is protected is left out by the table itself."""
    del apps
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("select coalesce(max(record_id), 0) from referrals_childidentity")
        [last] = cursor.fetchone()
        for start in range(0, last, BATCH):
            cursor.execute(CARRY, [start, start + BATCH])


def back(apps: Any, schema_editor: Any) -> None:
    """What the child's details say stays there; the table goes with the migration before."""
    del apps
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("delete from referrals_childaddress where written_by_id is null")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("referrals", "0032_where_children_live")]
    operations = [migrations.RunPython(carry, back)]
