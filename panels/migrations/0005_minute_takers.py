"""Whoever takes the minutes of a meeting reads and writes their draft."""

from django.db import migrations

import mace.core.protection


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0006_who_holds"),
        ("accounts", "0005_people_functions"),
        ("panels", "0004_bars"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="minute",
            name="minute_shared",
        ),
        migrations.AddConstraint(
            model_name="minute",
            constraint=mace.core.protection.Protected(
                change="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                history=True,
                name="minute_shared",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 2 offset 0) and ((select mace_role()) in ('coordinator', 'chair', 'minute_taker', 'system') or exists (select 1 from panels_agendaitem i join panels_meeting m on m.record_id = i.meeting_id where i.record_id = {table}.item_id and m.status in ('approved', 'closed')))",
            ),
        ),
    ]
