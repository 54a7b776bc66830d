"""What an answer showed, and the chain that batches are sealed onto."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import mace.core.protection


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        # the policy names their tables and functions
        ("accounts", "0003_timed_holdings"),
        ("access", "0005_two_locks"),
    ]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "log",
                    models.CharField(choices=[("reads", "access log"), ("changes", "change history")], max_length=7),
                ),
                ("first_id", models.BigIntegerField()),
                ("last_id", models.BigIntegerField()),
                ("rows", models.BigIntegerField()),
                ("xid_from", models.BigIntegerField()),
                ("xid_to", models.BigIntegerField()),
                ("after_id", models.BigIntegerField()),
                ("digest", models.BinaryField()),
                ("previous", models.BinaryField(unique=True)),
                ("head", models.BinaryField(unique=True)),
                ("sealed_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="readentry",
            name="readentry_own",
        ),
        migrations.RemoveIndex(
            model_name="readentry",
            name="read_of_record",
        ),
        migrations.RemoveIndex(
            model_name="readentry",
            name="read_by_seat",
        ),
        migrations.AddField(
            model_name="change",
            name="records",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                db_default=django.db.models.expressions.RawSQL("'{}'::bigint[]", ()),
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="xid",
            field=models.BigIntegerField(
                db_default=django.db.models.expressions.RawSQL("pg_current_xact_id()::text::bigint", ()), editable=False
            ),
        ),
        migrations.AddField(
            model_name="readentry",
            name="agency_id",
            field=models.BigIntegerField(db_default=0, editable=False),
        ),
        migrations.AddField(
            model_name="readentry",
            name="beyond",
            field=models.BooleanField(db_default=False, editable=False),
        ),
        migrations.AddField(
            model_name="readentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("page", "Page"),
                    ("search", "Search"),
                    ("api", "API answer"),
                    ("file", "File"),
                    ("export", "Export"),
                    ("log", "Access log"),
                    ("refusal", "Refused"),
                ],
                db_default="page",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="readentry",
            name="partnership_id",
            field=models.BigIntegerField(db_default=0, editable=False),
        ),
        migrations.AddField(
            model_name="readentry",
            name="partnerships",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                db_default=django.db.models.expressions.RawSQL("'{}'::bigint[]", ()),
                editable=False,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="readentry",
            name="records",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                db_default=django.db.models.expressions.RawSQL("'{}'::bigint[]", ()),
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="readentry",
            name="xid",
            field=models.BigIntegerField(
                db_default=django.db.models.expressions.RawSQL("pg_current_xact_id()::text::bigint", ()), editable=False
            ),
        ),
        migrations.AlterField(
            model_name="readentry",
            name="at",
            field=models.DateTimeField(editable=False),
        ),
        migrations.AlterField(
            model_name="readentry",
            name="membership_id",
            field=models.BigIntegerField(editable=False),
        ),
        migrations.AlterField(
            model_name="readentry",
            name="principal",
            field=models.IntegerField(editable=False),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(fields=["xid", "id"], name="change_to_seal"),
        ),
        migrations.AddIndex(
            model_name="change",
            index=django.contrib.postgres.indexes.GinIndex(fields=["records"], name="change_of_records"),
        ),
        migrations.AddIndex(
            model_name="readentry",
            index=models.Index(fields=["membership_id", "at", "id"], name="read_by_seat"),
        ),
        migrations.AddIndex(
            model_name="readentry",
            index=models.Index(fields=["agency_id", "at", "id"], name="read_by_agency"),
        ),
        migrations.AddIndex(
            model_name="readentry",
            index=models.Index(
                condition=models.Q(("kind__in", ["file", "export", "refusal"])),
                fields=["partnership_id", "kind", "at", "id"],
                name="read_of_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="readentry",
            index=models.Index(
                condition=models.Q(("beyond", True)), fields=["at", "id"], name="read_beyond_partnership"
            ),
        ),
        migrations.AddIndex(
            model_name="readentry",
            index=models.Index(fields=["xid", "id"], name="read_to_seal"),
        ),
        migrations.AddIndex(
            model_name="readentry",
            index=django.contrib.postgres.indexes.GinIndex(fields=["records"], name="read_of_records"),
        ),
        migrations.AddConstraint(
            model_name="readentry",
            constraint=mace.core.protection.Protected(
                add="{table}.membership_id = (select mace_seat())",
                change="false",
                history=False,
                name="readentry_may_read",
                see="(({table}.principal + 0) = any ((select mace_principals())::int[]) or ((select mace_role()) = 'ig' and (select m.partnership_id from accounts_membership m where m.id = (select mace_seat())) = any ({table}.partnerships)) or ((select mace_role()) = 'agency_lead' and {table}.agency_id = (select m.agency_id from accounts_membership m where m.id = (select mace_seat())) and {table}.partnership_id = (select m.partnership_id from accounts_membership m where m.id = (select mace_seat())) and ({table}.record_id is null or not access_shut({table}.record_id))) or ((select mace_role()) in ('coordinator', 'chair') and exists (select 1 from access_grant g where g.record_id = any ({table}.records) and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0))) and not ({table}.records && (select mace_barred())::bigint[])",
            ),
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                (
                    "seal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="signature",
                        serialize=False,
                        to="audit.seal",
                    ),
                ),
                ("signature", models.BinaryField()),
                ("public_key", models.BinaryField()),
                ("signed_at", models.DateTimeField()),
            ],
        ),
        migrations.AddIndex(
            model_name="seal",
            index=models.Index(fields=["log", "number"], name="seal_of_log"),
        ),
        migrations.AddConstraint(
            model_name="seal",
            constraint=mace.core.protection.Closed(
                history=False, name="seal_closed", reason="the chain is made by audit_seal and read by its owner"
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=mace.core.protection.Closed(
                history=False, name="signature_closed", reason="added by audit_sign, which only the worker may call"
            ),
        ),
    ]
