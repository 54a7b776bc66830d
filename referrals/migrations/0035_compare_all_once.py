"""Who is known already is compared with the others once, some each night."""

from typing import Any

from django.db import migrations

BATCH = 5000
QUEUE = """
insert into referrals_childtocompare (record_id, since)
select record_id, now() from referrals_childidentity where record_id > %s and record_id <= %s on conflict do nothing
"""


def queue(apps: Any, schema_editor: Any) -> None:
    """Some thousands at a time, each its own transaction."""
    del apps
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("select coalesce(max(record_id), 0) from referrals_childidentity")
        [last] = cursor.fetchone()
        for start in range(0, last, BATCH):
            cursor.execute(QUEUE, [start, start + BATCH])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("referrals", "0034_possible_pairs")]
    operations = [migrations.RunPython(queue, migrations.RunPython.noop)]
