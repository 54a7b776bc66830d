"""Missing episodes with the return home interview, critical moments, and what a referral says of the authorities."""

import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models

import mace.core.protection
import mace.core.references


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0012_withdrawn_while_restricted"),
        ("accounts", "0007_cheaper_seat"),
        ("agencies", "0002_seats"),
        ("referrals", "0060_surely_meant"),
    ]

    operations = [
        migrations.AddField(
            model_name="childauthority",
            name="doubt",
            field=models.CharField(blank=True, db_default="", max_length=400),
        ),
        migrations.AddField(
            model_name="childauthority",
            name="source",
            field=models.CharField(blank=True, db_default="", max_length=120),
        ),
        migrations.CreateModel(
            name="CriticalMoment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("written_by_agency_principal", models.IntegerField(blank=True, null=True)),
                ("written_by_principal", models.IntegerField()),
                ("written_at", models.DateTimeField()),
                ("operation", models.CharField(blank=True, max_length=40)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "reference",
                    models.CharField(default=mace.core.references.moment_reference, max_length=12, unique=True),
                ),
                ("kind", models.CharField(max_length=30)),
                ("kind_words", models.CharField(blank=True, max_length=200)),
                ("on", models.DateField()),
                ("about", models.CharField(blank=True, max_length=1000)),
                ("response", models.CharField(blank=True, max_length=2000)),
                ("responded_at", models.DateTimeField(blank=True, null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agencies.agency"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="%(class)ss", to="referrals.case"
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.record"
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="referrals.referral",
                    ),
                ),
                (
                    "responded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case", "-on", "-id"], name="moment_latest")],
                "constraints": [
                    mace.core.protection.Protected(
                        add="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and (g.scope >= 3 or ({table}.written_by_principal + 0) = any ((select mace_principals())::int[])) offset 0)",
                        change="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                        history=True,
                        name="criticalmoment_full",
                        see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) or (({table}.written_by_principal + 0) = any ((select mace_principals())::int[]) and not access_shut({table}.record_id)) or (({table}.written_by_agency_principal + 0) = any ((select mace_principals())::int[]) and not access_shut({table}.record_id))",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("operation", ""), _negated=True),
                        fields=("record", "written_by_principal", "operation"),
                        name="moment_reported_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("responded_at__isnull", True), ("responded_by__isnull", True), ("response", "")),
                            models.Q(
                                models.Q(("response", ""), _negated=True),
                                ("responded_at__isnull", False),
                                ("responded_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="moment_response_says_who_and_when",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MissingEpisode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("written_by_agency_principal", models.IntegerField(blank=True, null=True)),
                ("written_by_principal", models.IntegerField()),
                ("written_at", models.DateTimeField()),
                ("operation", models.CharField(blank=True, max_length=40)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "reference",
                    models.CharField(default=mace.core.references.missing_reference, max_length=12, unique=True),
                ),
                ("from_on", models.DateField()),
                ("from_at", models.DateTimeField(blank=True, null=True)),
                ("returned_on", models.DateField(blank=True, null=True)),
                ("returned_at", models.DateTimeField(blank=True, null=True)),
                ("police_reference", models.CharField(blank=True, max_length=40)),
                ("about", models.CharField(blank=True, max_length=2000)),
                (
                    "interview",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("offered", "Offered"),
                            ("accepted", "Accepted"),
                            ("done", "Done"),
                            ("declined", "Declined"),
                        ],
                        max_length=9,
                    ),
                ),
                ("interview_on", models.DateField(blank=True, null=True)),
                ("interview_note", models.CharField(blank=True, max_length=2000)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agencies.agency"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="%(class)ss", to="referrals.case"
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.record"
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case", "-from_on", "-id"], name="missing_latest")],
                "constraints": [
                    mace.core.protection.Protected(
                        add="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and (g.scope >= 3 or ({table}.written_by_principal + 0) = any ((select mace_principals())::int[])) offset 0)",
                        change="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and (g.scope >= 3 or ({table}.written_by_principal + 0) = any ((select mace_principals())::int[]) or ({table}.written_by_agency_principal + 0) = any ((select mace_principals())::int[])) offset 0)",
                        history=True,
                        name="missingepisode_full",
                        see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) or (({table}.written_by_principal + 0) = any ((select mace_principals())::int[]) and not access_shut({table}.record_id)) or (({table}.written_by_agency_principal + 0) = any ((select mace_principals())::int[]) and not access_shut({table}.record_id))",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("operation", ""), _negated=True),
                        fields=("record", "written_by_principal", "operation"),
                        name="missing_reported_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("returned_on__isnull", True), ("returned_on__gte", models.F("from_on")), _connector="OR"
                        ),
                        name="missing_returns_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("returned_at__isnull", True),
                            ("from_at__isnull", True),
                            ("returned_at__gte", models.F("from_at")),
                            _connector="OR",
                        ),
                        name="missing_returns_after_the_hour_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("from_at__isnull", True),
                            (
                                "from_on",
                                django.db.models.functions.comparison.Cast(
                                    models.Func(
                                        models.Value("Europe/London"),
                                        models.F("from_at"),
                                        function="timezone",
                                        output_field=models.DateTimeField(),
                                    ),
                                    models.DateField(),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="missing_hour_is_on_its_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("returned_at__isnull", True),
                            models.Q(
                                (
                                    "returned_on",
                                    django.db.models.functions.comparison.Cast(
                                        models.Func(
                                            models.Value("Europe/London"),
                                            models.F("returned_at"),
                                            function="timezone",
                                            output_field=models.DateTimeField(),
                                        ),
                                        models.DateField(),
                                    ),
                                ),
                                ("returned_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="missing_return_hour_is_on_its_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("interview", ""), ("returned_on__isnull", False), _connector="OR"),
                        name="interview_after_a_return",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("interview", ""), ("interview_on__isnull", True)),
                            models.Q(
                                models.Q(("interview", ""), _negated=True),
                                ("interview_on__isnull", False),
                                ("interview_on__gte", models.F("returned_on")),
                            ),
                            _connector="OR",
                        ),
                        name="interview_has_date",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("interview", "declined"), _negated=True),
                            models.Q(("interview_note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="interview_declined_says_why",
                    ),
                ],
            },
        ),
    ]
