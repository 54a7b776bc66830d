"""What is said of consent to support while a case goes on, and what is decided when it is withdrawn."""

import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models

import mace.core.protection


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0014_peer_groups"),
        ("accounts", "0007_cheaper_seat"),
        ("referrals", "0080_longer_words"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentSaid",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "consent",
                    models.CharField(
                        choices=[
                            ("given", "Given"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                            ("not_sought", "Not sought"),
                        ],
                        max_length=12,
                    ),
                ),
                ("said_on", models.DateField()),
                (
                    "said_by",
                    models.CharField(
                        choices=[("person", "The child or young person"), ("parent", "A parent or carer")], max_length=6
                    ),
                ),
                ("words", models.CharField(max_length=2000)),
                (
                    "capacity",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("has", "Has capacity to decide about this"),
                            ("lacks", "Lacks capacity to decide about this"),
                            ("not_assessed", "There is doubt, and it was not assessed yet"),
                        ],
                        max_length=12,
                    ),
                ),
                ("care_act", models.CharField(blank=True, max_length=30)),
                ("written_by_principal", models.IntegerField()),
                ("written_at", models.DateTimeField()),
                ("operation", models.CharField(blank=True, max_length=40)),
                ("decision", models.CharField(blank=True, max_length=2000)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="referrals.case"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
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
                "indexes": [
                    models.Index(fields=["case", "-said_on", "-id"], name="consent_latest"),
                    models.Index(
                        condition=models.Q(("consent", "withdrawn"), ("decision", "")),
                        fields=["said_on"],
                        name="consent_undecided",
                    ),
                ],
                "constraints": [
                    mace.core.protection.Protected(
                        history=True,
                        name="consentsaid_full",
                        see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("operation", ""), _negated=True),
                        fields=("record", "written_by_principal", "operation"),
                        name="consent_said_once",
                    ),
                    models.CheckConstraint(condition=models.Q(("words", ""), _negated=True), name="consent_has_words"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "said_on__lte",
                                django.db.models.functions.comparison.Cast(
                                    models.Func(
                                        models.Value("Europe/London"),
                                        models.F("written_at"),
                                        function="timezone",
                                        output_field=models.DateTimeField(),
                                    ),
                                    models.DateField(),
                                ),
                            )
                        ),
                        name="consent_said_before_it_is_written",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("capacity", ""), ("care_act", "")),
                            models.Q(
                                models.Q(("capacity", ""), _negated=True),
                                models.Q(("care_act", ""), _negated=True),
                                ("said_by", "person"),
                            ),
                            _connector="OR",
                        ),
                        name="consent_of_an_adult_is_their_own",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("decision", "")),
                            models.Q(
                                models.Q(("decision", ""), _negated=True),
                                ("consent", "withdrawn"),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="consent_decision_says_who_and_when",
                    ),
                ],
            },
        ),
    ]
