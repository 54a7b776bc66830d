"""A form sent twice makes one action and one update; a chaser is seen by whoever sees its action."""

from django.db import migrations, models

import mace.core.protection


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_open_tables"),
        ("accounts", "0002_seat_functions"),
        ("agencies", "0001_initial"),
        ("panels", "0002_minutes_fixed"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="chaser",
            name="chaser_granted",
        ),
        migrations.AddField(
            model_name="action",
            name="operation",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AddField(
            model_name="actionupdate",
            name="operation",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AddConstraint(
            model_name="action",
            constraint=models.UniqueConstraint(
                condition=models.Q(("operation", ""), _negated=True),
                fields=("record", "operation"),
                name="action_created_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="actionupdate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("operation", ""), _negated=True),
                fields=("action", "operation"),
                name="action_reported_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="chaser",
            constraint=mace.core.protection.Protected(
                add="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                change="false",
                history=True,
                name="chaser_of_action",
                see="exists (select 1 from panels_action a where a.id = {table}.action_id offset 0)",
            ),
        ),
    ]
