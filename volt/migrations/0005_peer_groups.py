"""Peer groups, and what a referral was accepted as."""

import django.db.models.deletion
from django.db import migrations, models

import mace.core.protection
import mace.core.references


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0014_peer_groups"),
        ("accounts", "0007_cheaper_seat"),
        ("agencies", "0002_seats"),
        ("volt", "0004_with_the_case"),
    ]

    operations = [
        migrations.CreateModel(
            name="PeerGroup",
            fields=[
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="access.record",
                    ),
                ),
                (
                    "reference",
                    models.CharField(default=mace.core.references.volt_reference, max_length=12, unique=True),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "handling",
                    models.CharField(
                        choices=[
                            ("P", "May be shared lawfully"),
                            ("C", "May be shared with conditions"),
                            ("T", "Police and coordinators only"),
                        ],
                        default="P",
                        max_length=1,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "operation",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Lets a form sent twice make one record.",
                        max_length=40,
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("name_key", models.CharField(max_length=130)),
            ],
        ),
        migrations.CreateModel(
            name="PeerGroupAccount",
            fields=[
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="access.record",
                    ),
                ),
                ("members", models.TextField(blank=True)),
                ("meets", models.CharField(blank=True, max_length=500)),
                ("worries", models.TextField(blank=True)),
            ],
        ),
        migrations.AlterField(
            model_name="link",
            name="kind",
            field=models.CharField(
                choices=[
                    ("associates", "Associates with"),
                    ("exploited_by", "Is thought to be exploited by"),
                    ("frequents", "Spends time at"),
                    ("missing_at", "Was found missing at"),
                    ("part_of", "Is part of the theme"),
                    ("member_of", "Is part of the group"),
                    ("referred", "Was referred to MACE"),
                    ("other", "Other"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="peergroup",
            name="created_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
            ),
        ),
        migrations.AddField(
            model_name="peergroup",
            name="partnership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agencies.partnership"
            ),
        ),
        migrations.AddField(
            model_name="peergroup",
            name="wording",
            field=models.OneToOneField(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="volt.wording"
            ),
        ),
        migrations.AddField(
            model_name="peergroupaccount",
            name="group",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="account", to="volt.peergroup"
            ),
        ),
        migrations.AddConstraint(
            model_name="peergroup",
            constraint=mace.core.protection.Protected(
                change="({table}.handling <> 'T' or coalesce((select mace_role()) in ('coordinator', 'chair', 'system') or (select a.kind from accounts_membership m join agencies_agency a on a.id = m.agency_id where m.id = (select mace_seat())) = 'police', false)) and exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                history=True,
                name="peergroup_granted",
                see="({table}.handling <> 'T' or coalesce((select mace_role()) in ('coordinator', 'chair', 'system') or (select a.kind from accounts_membership m join agencies_agency a on a.id = m.agency_id where m.id = (select mace_seat())) = 'police', false)) and exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 1 offset 0)",
            ),
        ),
        migrations.AddConstraint(
            model_name="peergroup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("handling", "T"), _negated=True), ("wording__isnull", False), _connector="OR"
                ),
                name="peergroup_tight_has_wording",
            ),
        ),
        migrations.AddConstraint(
            model_name="peergroup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("operation", ""), _negated=True),
                fields=("created_by", "operation"),
                name="peergroup_once_per_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="peergroupaccount",
            constraint=mace.core.protection.Protected(
                change="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) and exists (select 1 from volt_peergroup n where n.record_id = {table}.record_id offset 0)",
                history=True,
                name="peergroupaccount_granted",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 2 offset 0) and exists (select 1 from volt_peergroup n where n.record_id = {table}.record_id offset 0)",
            ),
        ),
    ]
