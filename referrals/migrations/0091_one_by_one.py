"""Whoever may be the child wanted is read by key, one by one, never by reading the details of all children.

Before, PostgreSQL read them all for most searches where there were some ten thousand children.
"""

from importlib import import_module

from django.db import migrations

RECORDS = import_module("referrals.migrations.0032_where_children_live").RECORDS
START = RECORDS.index("create or replace function referrals_matching_records(")
BEFORE = RECORDS[START : RECORDS.index("end $$;", START) + len("end $$;")]
JOINED = "from hit h join public.referrals_childidentity i on i.record_id = h.record_id"
ONE_BY_ONE = (
    "from hit h cross join lateral (\n"
    "          select c.* from public.referrals_childidentity c where c.record_id = h.record_id offset 0) i"
)


def changed(text: str) -> str:
    """The function as it was, but for how it comes to the details."""
    if text.count(JOINED) != 1:
        raise ValueError("the details are not joined once in the function")
    return text.replace(JOINED, ONE_BY_ONE)


class Migration(migrations.Migration):
    dependencies = [("referrals", "0090_consent")]
    operations = [migrations.RunSQL(changed(BEFORE), BEFORE)]
