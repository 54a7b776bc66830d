"""Ends of grants, bars, restrictions and emergency access."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import mace.core.protection
import mace.core.references


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_open_tables"),
        ("accounts", "0003_timed_holdings"),
        ("agencies", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Bar",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=400)),
                ("set_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                ("lifted_reason", models.CharField(blank=True, max_length=400)),
            ],
        ),
        migrations.CreateModel(
            name="EmergencyAccess",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reference",
                    models.CharField(default=mace.core.references.emergency_reference, max_length=12, unique=True),
                ),
                (
                    "principal",
                    models.IntegerField(
                        db_default=django.db.models.expressions.RawSQL("nextval('mace_principal')", ()),
                        editable=False,
                        unique=True,
                    ),
                ),
                ("scope", models.SmallIntegerField(choices=[(1, "Identity"), (2, "Summary"), (3, "Full")])),
                ("reason", models.CharField(max_length=1000)),
                ("begun_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("review_due_on", models.DateField()),
                ("reviewed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("justified", "Justified"), ("not_justified", "Not justified: taken further")],
                        max_length=13,
                    ),
                ),
                ("review_note", models.CharField(blank=True, max_length=1000)),
                ("escalated_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "emergency accesses",
            },
        ),
        migrations.CreateModel(
            name="SetAside",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "record", "principal", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.record"
                    ),
                ),
                ("principal", models.IntegerField()),
                ("scope", models.SmallIntegerField(choices=[(1, "Identity"), (2, "Summary"), (3, "Full")])),
                ("until", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="grant",
            name="grant_mine",
        ),
        migrations.AddField(
            model_name="grant",
            name="until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="grant",
            name="with_plan",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="grant",
            name="kind",
            field=models.CharField(
                choices=[
                    ("child", "Child"),
                    ("referral", "Referral"),
                    ("case", "Case"),
                    ("meeting", "Meeting"),
                    ("item", "Agenda item"),
                    ("person", "Person of concern"),
                    ("location", "Location"),
                    ("theme", "Theme"),
                    ("address", "Protected address"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="record",
            name="kind",
            field=models.CharField(
                choices=[
                    ("child", "Child"),
                    ("referral", "Referral"),
                    ("case", "Case"),
                    ("meeting", "Meeting"),
                    ("item", "Agenda item"),
                    ("person", "Person of concern"),
                    ("location", "Location"),
                    ("theme", "Theme"),
                    ("address", "Protected address"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=mace.core.protection.Protected(
                add="false",
                change="false",
                history=True,
                name="grant_mine",
                see="({table}.principal + 0) = any ((select mace_principals())::int[]) and ({table}.until is null or {table}.until > now()) and {table}.record_id <> all ((select mace_barred())::bigint[])",
            ),
        ),
        migrations.AddField(
            model_name="bar",
            name="lifted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            model_name="bar",
            name="record",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="bars", to="access.record"
            ),
        ),
        migrations.AddField(
            model_name="bar",
            name="set_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
            ),
        ),
        migrations.AddField(
            model_name="bar",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="membership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
            ),
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="partnership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agencies.partnership"
            ),
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="record",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.record"),
        ),
        migrations.AddField(
            model_name="emergencyaccess",
            name="reviewed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddIndex(
            model_name="bar",
            index=models.Index(condition=models.Q(("lifted_at__isnull", True)), fields=["user"], name="bar_in_force"),
        ),
        migrations.AddConstraint(
            model_name="bar",
            constraint=mace.core.protection.Protected(
                history=True,
                name="bar_decided",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) and (select mace_role()) in ('coordinator', 'chair', 'system')",
            ),
        ),
        migrations.AddConstraint(
            model_name="bar",
            constraint=models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="bar_says_why"),
        ),
        migrations.AddConstraint(
            model_name="bar",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("lifted_at__isnull", True), models.Q(("lifted_reason", ""), _negated=True), _connector="OR"
                ),
                name="bar_lifting_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="bar",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at__isnull", True)), fields=("record", "user"), name="one_bar_per_person"
            ),
        ),
        migrations.AddIndex(
            model_name="emergencyaccess",
            index=models.Index(
                condition=models.Q(("reviewed_at__isnull", True)), fields=["review_due_on"], name="emergency_unreviewed"
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=mace.core.protection.Protected(
                add="false",
                change="(select mace_role()) in ('coordinator', 'chair', 'ig', 'system') and {table}.partnership_id = (select m.partnership_id from accounts_membership m where m.id = (select mace_seat())) and {table}.record_id <> all ((select mace_barred())::bigint[])",
                history=True,
                name="emergency_own_or_reviewer",
                see="({table}.membership_id = (select mace_seat()) or ((select mace_role()) in ('coordinator', 'chair', 'ig', 'system') and {table}.partnership_id = (select m.partnership_id from accounts_membership m where m.id = (select mace_seat())))) and {table}.record_id <> all ((select mace_barred())::bigint[])",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="emergency_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", ""), ("reviewed_at__isnull", True), ("reviewed_by__isnull", True)),
                    models.Q(
                        ("reviewed_at__isnull", False),
                        ("reviewed_by__isnull", False),
                        models.Q(("outcome", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="reviewed_emergency_has_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reviewed_by__isnull", True),
                    models.Q(("reviewed_by", models.F("membership")), _negated=True),
                    _connector="OR",
                ),
                name="emergency_reviewed_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="setaside",
            constraint=mace.core.protection.Closed(
                history=False,
                name="setaside_closed",
                reason="only restricting and lifting use it; it says who saw a restricted case",
            ),
        ),
    ]
