"""A referral of a person of concern, a place, a peer group or a theme, with no child; its handling is a lock."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import mace.core.protection


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0014_peer_groups"),
        ("accounts", "0007_cheaper_seat"),
        ("agencies", "0002_seats"),
        ("attachments", "0002_scanning_and_sweeping"),
        ("referrals", "0046_assessment_lists"),
    ]

    operations = [
        migrations.CreateModel(
            name="Matter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("written_by_principal", models.IntegerField()),
                ("name", models.CharField(max_length=120)),
                (
                    "harms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30), default=list, size=None
                    ),
                ),
                ("urgent", models.CharField(max_length=7)),
                ("facts", models.JSONField(default=dict)),
                ("said", models.JSONField(default=dict)),
                ("source", models.CharField(max_length=200)),
                (
                    "source_grade",
                    models.CharField(
                        choices=[("1", "Reliable"), ("2", "Untested"), ("3", "Not reliable")], max_length=1
                    ),
                ),
                (
                    "assessment",
                    models.CharField(
                        choices=[
                            ("A", "Known directly to the source"),
                            ("B", "Known indirectly, corroborated"),
                            ("C", "Known indirectly"),
                            ("D", "Not known"),
                            ("E", "Suspected to be false"),
                        ],
                        max_length=1,
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        choices=[("fact", "Fact"), ("opinion", "Opinion"), ("intelligence", "Intelligence")],
                        max_length=12,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=1000)),
                ("none_because", models.CharField(blank=True, max_length=400)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="criterionmet",
            name="criterion_of_a_referral_or_a_case",
        ),
        migrations.RemoveConstraint(
            model_name="draftsection",
            name="draftsection_full",
        ),
        migrations.RemoveConstraint(
            model_name="referral",
            name="referral_accepted_has_case",
        ),
        migrations.RemoveConstraint(
            model_name="referral",
            name="referral_full",
        ),
        migrations.AddField(
            model_name="referral",
            name="about",
            field=models.CharField(
                choices=[
                    ("child", "A child or young person"),
                    ("person", "A person of concern"),
                    ("place", "A place"),
                    ("group", "A peer group"),
                    ("theme", "A theme"),
                ],
                db_default="child",
                default="child",
                max_length=6,
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="became",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Reference of the VOLT record that it was accepted as, where whoever reads the referral may know it.",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="handling",
            field=models.CharField(
                choices=[
                    ("P", "May be shared lawfully"),
                    ("C", "May be shared with conditions"),
                    ("T", "Police and coordinators only"),
                ],
                db_default="P",
                default="P",
                max_length=1,
            ),
        ),
        migrations.AlterField(
            model_name="criterionmet",
            name="occasion",
            field=models.CharField(
                choices=[
                    ("screening", "Screening"),
                    ("escalation", "Escalation to MACE"),
                    ("matter", "Screening where no child is referred"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="draftsection",
            name="section",
            field=models.CharField(
                choices=[
                    ("child", "The child"),
                    ("situation", "Care, school and health"),
                    ("around", "Family and professionals"),
                    ("concern", "The concern"),
                    ("surroundings", "What surrounds the concern"),
                    ("prerequisites", "Before a referral"),
                    ("told", "Told and consent"),
                    ("voice", "The child’s voice"),
                    ("risk", "Risk assessment"),
                    ("plan", "Safety plan"),
                    ("mentions", "People, places and themes"),
                    ("person", "The person"),
                    ("place", "The place"),
                    ("group", "The peer group"),
                    ("theme", "The theme"),
                    ("harm", "What has happened"),
                    ("source", "Where it comes from"),
                    ("ask", "What you ask for"),
                ],
                max_length=14,
            ),
        ),
        migrations.AddConstraint(
            model_name="criterionmet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("case__isnull", True), ("occasion__in", ["screening", "matter"]), ("referral__isnull", False)
                    ),
                    models.Q(("case__isnull", False), ("occasion", "escalation"), ("referral__isnull", True)),
                    _connector="OR",
                ),
                name="criterion_of_a_referral_or_a_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="draftsection",
            constraint=mace.core.protection.Protected(
                history=False,
                name="draftsection_full",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) and ({table}.section in ('child', 'situation', 'around', 'concern', 'surroundings', 'prerequisites', 'told', 'voice', 'risk', 'plan', 'mentions') or exists (select 1 from referrals_referral r where r.record_id = {table}.referral_id offset 0))",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=mace.core.protection.Protected(
                change="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                history=True,
                name="referral_full",
                see="(exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) or (({table}.written_by_principal + 0) = any ((select mace_principals())::int[]) and not access_shut({table}.record_id))) and ({table}.handling <> 'T' or coalesce((select mace_role()) in ('coordinator', 'chair', 'system') or (select a.kind from accounts_membership m join agencies_agency a on a.id = m.agency_id where m.id = (select mace_seat())) = 'police', false))",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("about", "child"), ("status", "accepted"), _negated=True),
                    models.Q(("case__isnull", False), ("child__isnull", False)),
                    _connector="OR",
                ),
                name="referral_accepted_has_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("about", "child"), ("handling", "P")),
                    models.Q(
                        ("case__isnull", True), ("child__isnull", True), models.Q(("about", "child"), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="referral_of_a_child_or_none",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("became", ""),
                    models.Q(("status", "accepted"), models.Q(("about", "child"), _negated=True)),
                    _connector="OR",
                ),
                name="referral_became_a_record",
            ),
        ),
        migrations.AddField(
            model_name="matter",
            name="attachment",
            field=models.ForeignKey(
                blank=True,
                help_text="The agency’s own assessment or report, which says what has happened.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="attachments.attachment",
            ),
        ),
        migrations.AddField(
            model_name="matter",
            name="record",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.record"),
        ),
        migrations.AddField(
            model_name="matter",
            name="referral",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="%(class)ss", to="referrals.referral"
            ),
        ),
        migrations.AddField(
            model_name="matter",
            name="written_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
            ),
        ),
        migrations.AddConstraint(
            model_name="matter",
            constraint=mace.core.protection.Protected(
                history=True,
                name="matter_full",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) and exists (select 1 from referrals_referral r where r.record_id = {table}.referral_id offset 0)",
            ),
        ),
        migrations.AddConstraint(
            model_name="matter",
            constraint=models.UniqueConstraint(fields=("referral",), name="one_matter_per_referral"),
        ),
    ]
