"""That sharing was looked at again when a young person became 18."""

import django.db.models.deletion
from django.db import migrations, models

import mace.core.protection


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0014_peer_groups"),
        ("accounts", "0007_cheaper_seat"),
        ("casework", "0004_saved_views"),
    ]

    operations = [
        migrations.CreateModel(
            name="SharingLookedAt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("looked_on", models.DateField()),
                ("words", models.CharField(max_length=2000)),
                ("operation", models.CharField(blank=True, max_length=40)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.record"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["record", "-looked_on"], name="sharing_looked_at_latest")],
                "constraints": [
                    mace.core.protection.Protected(
                        add="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                        change="false",
                        history=True,
                        name="sharinglookedat_decider",
                        see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= case when (select mace_role()) in ('practitioner', 'manager', 'coordinator', 'chair', 'system') then 3 else 4 end offset 0)",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("operation", ""), _negated=True),
                        fields=("record", "by", "operation"),
                        name="sharing_looked_at_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True), name="sharing_looked_at_has_words"
                    ),
                ],
            },
        ),
    ]
