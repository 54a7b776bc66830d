"""A child's grant is settled by looking at what speaks of that child, never at everything that the principal holds.

Before, as long as nobody had counted the table (``analyze``), PostgreSQL read all grants of a principal for each record
that was opened: an import into a new database took the longer the more it had brought in.
"""

from importlib import import_module

from django.db import migrations

WRITING = import_module("mace.access.migrations.0005_two_locks").WRITING
START = WRITING.index("create or replace function access_settle_child(")
BEFORE = WRITING[START : WRITING.index("end $$;", START) + len("end $$;")]
JOINED = "from public.access_record r join public.access_grant g on g.record_id = r.id"
ONE_BY_ONE = (
    "from public.access_record r cross join lateral (\n"
    "    select h.* from public.access_grant h where h.record_id = r.id and h.principal = prin offset 0) g"
)


def changed(text: str) -> str:
    """The function as it was, but for how it comes to the grants."""
    if text.count(JOINED) != 2:
        raise ValueError("the tables are not joined twice in the function")
    return text.replace(JOINED, ONE_BY_ONE)


class Migration(migrations.Migration):
    dependencies = [("access", "0012_withdrawn_while_restricted")]
    operations = [migrations.RunSQL(changed(BEFORE), BEFORE)]
