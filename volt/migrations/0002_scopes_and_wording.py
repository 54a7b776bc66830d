"""A row for each scope, and entries for the police and coordinators only, with what may be said in their place."""

import django.db.models.deletion
from django.db import migrations, models

import mace.core.protection

COPY = """
insert into volt_personaccount (record_id, person_id, aliases, approximate_age, description)
  select record_id, record_id, aliases, approximate_age, description from volt_personofconcern;
insert into volt_locationaccount (record_id, location_id, address, harms)
  select record_id, record_id, address, harms from volt_location;
insert into volt_themeevidence (record_id, theme_id, evidence) select record_id, record_id, evidence from volt_theme;
set constraints all immediate;
"""
COPY_BACK = """
update volt_personofconcern p set aliases = a.aliases, approximate_age = a.approximate_age, description = a.description
  from volt_personaccount a where a.record_id = p.record_id;
update volt_location p set address = a.address, harms = a.harms from volt_locationaccount a where a.record_id = p.record_id;
update volt_theme p set evidence = a.evidence from volt_themeevidence a where a.record_id = p.record_id;
set constraints all immediate;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0006_who_holds"),
        ("accounts", "0005_people_functions"),
        ("agencies", "0002_seats"),
        ("referrals", "0007_one_child_and_new_leads"),
        ("volt", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="LocationAccount",
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
                ("address", models.CharField(blank=True, max_length=300)),
                ("harms", models.TextField(blank=True, help_text="Harms seen there, not activity.")),
            ],
        ),
        migrations.CreateModel(
            name="PersonAccount",
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
                ("aliases", models.CharField(blank=True, max_length=200)),
                ("approximate_age", models.CharField(blank=True, max_length=40)),
                ("description", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="ThemeEvidence",
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
                ("evidence", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="Wording",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(blank=True, help_text="Of the record; a link has none.", max_length=12)),
                ("words", models.CharField(blank=True, max_length=1000)),
                ("none_because", models.CharField(blank=True, max_length=400)),
                ("written_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="link",
            name="link_both_ends",
        ),
        migrations.RemoveConstraint(
            model_name="location",
            name="location_full",
        ),
        migrations.RemoveConstraint(
            model_name="personofconcern",
            name="personofconcern_full",
        ),
        migrations.RemoveConstraint(
            model_name="theme",
            name="theme_full",
        ),
        migrations.AlterField(
            model_name="link",
            name="handling",
            field=models.CharField(
                choices=[
                    ("P", "May be shared lawfully"),
                    ("C", "May be shared with conditions"),
                    ("T", "Police and coordinators only"),
                ],
                max_length=1,
            ),
        ),
        migrations.AlterField(
            model_name="location",
            name="handling",
            field=models.CharField(
                choices=[
                    ("P", "May be shared lawfully"),
                    ("C", "May be shared with conditions"),
                    ("T", "Police and coordinators only"),
                ],
                default="P",
                max_length=1,
            ),
        ),
        migrations.AlterField(
            model_name="personofconcern",
            name="handling",
            field=models.CharField(
                choices=[
                    ("P", "May be shared lawfully"),
                    ("C", "May be shared with conditions"),
                    ("T", "Police and coordinators only"),
                ],
                default="P",
                max_length=1,
            ),
        ),
        migrations.AlterField(
            model_name="theme",
            name="handling",
            field=models.CharField(
                choices=[
                    ("P", "May be shared lawfully"),
                    ("C", "May be shared with conditions"),
                    ("T", "Police and coordinators only"),
                ],
                default="P",
                max_length=1,
            ),
        ),
        migrations.AddField(
            model_name="locationaccount",
            name="location",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="account", to="volt.location"
            ),
        ),
        migrations.AddField(
            model_name="personaccount",
            name="person",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="account", to="volt.personofconcern"
            ),
        ),
        migrations.AddField(
            model_name="themeevidence",
            name="theme",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="rests_on", to="volt.theme"
            ),
        ),
        migrations.AddField(
            model_name="wording",
            name="other",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.record"
            ),
        ),
        migrations.AddField(
            model_name="wording",
            name="record",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.record"),
        ),
        migrations.AddField(
            model_name="wording",
            name="written_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
            ),
        ),
        migrations.AddField(
            model_name="link",
            name="wording",
            field=models.OneToOneField(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="volt.wording"
            ),
        ),
        migrations.AddField(
            model_name="location",
            name="wording",
            field=models.OneToOneField(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="volt.wording"
            ),
        ),
        migrations.AddField(
            model_name="personofconcern",
            name="wording",
            field=models.OneToOneField(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="volt.wording"
            ),
        ),
        migrations.AddField(
            model_name="theme",
            name="wording",
            field=models.OneToOneField(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="volt.wording"
            ),
        ),
        migrations.RunSQL(COPY, COPY_BACK),
        migrations.RemoveField(
            model_name="location",
            name="address",
        ),
        migrations.RemoveField(
            model_name="location",
            name="harms",
        ),
        migrations.RemoveField(
            model_name="personofconcern",
            name="aliases",
        ),
        migrations.RemoveField(
            model_name="personofconcern",
            name="approximate_age",
        ),
        migrations.RemoveField(
            model_name="personofconcern",
            name="description",
        ),
        migrations.RemoveField(
            model_name="theme",
            name="evidence",
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=mace.core.protection.Protected(
                history=True,
                name="link_both_ends",
                see="({table}.handling = 'P' or coalesce((select mace_role()) not in ('agency_lead', 'agency_member'), false) or {table}.handling = 'T') and ({table}.handling <> 'T' or coalesce((select mace_role()) in ('coordinator', 'chair', 'system') or (select a.kind from accounts_membership m join agencies_agency a on a.id = m.agency_id where m.id = (select mace_seat())) = 'police', false)) and exists (select 1 from access_grant g where g.record_id = {table}.a_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) and exists (select 1 from access_grant g where g.record_id = {table}.b_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("handling", "T"), _negated=True), ("wording__isnull", False), _connector="OR"
                ),
                name="link_tight_has_wording",
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=mace.core.protection.Protected(
                change="({table}.handling <> 'T' or coalesce((select mace_role()) in ('coordinator', 'chair', 'system') or (select a.kind from accounts_membership m join agencies_agency a on a.id = m.agency_id where m.id = (select mace_seat())) = 'police', false)) and exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                history=True,
                name="location_granted",
                see="({table}.handling <> 'T' or coalesce((select mace_role()) in ('coordinator', 'chair', 'system') or (select a.kind from accounts_membership m join agencies_agency a on a.id = m.agency_id where m.id = (select mace_seat())) = 'police', false)) and exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 1 offset 0)",
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("handling", "T"), _negated=True), ("wording__isnull", False), _connector="OR"
                ),
                name="location_tight_has_wording",
            ),
        ),
        migrations.AddConstraint(
            model_name="personofconcern",
            constraint=mace.core.protection.Protected(
                change="({table}.handling <> 'T' or coalesce((select mace_role()) in ('coordinator', 'chair', 'system') or (select a.kind from accounts_membership m join agencies_agency a on a.id = m.agency_id where m.id = (select mace_seat())) = 'police', false)) and exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                history=True,
                name="personofconcern_granted",
                see="({table}.handling <> 'T' or coalesce((select mace_role()) in ('coordinator', 'chair', 'system') or (select a.kind from accounts_membership m join agencies_agency a on a.id = m.agency_id where m.id = (select mace_seat())) = 'police', false)) and exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 1 offset 0)",
            ),
        ),
        migrations.AddConstraint(
            model_name="personofconcern",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("handling", "T"), _negated=True), ("wording__isnull", False), _connector="OR"
                ),
                name="personofconcern_tight_has_wording",
            ),
        ),
        migrations.AddConstraint(
            model_name="theme",
            constraint=mace.core.protection.Protected(
                change="({table}.handling <> 'T' or coalesce((select mace_role()) in ('coordinator', 'chair', 'system') or (select a.kind from accounts_membership m join agencies_agency a on a.id = m.agency_id where m.id = (select mace_seat())) = 'police', false)) and exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                history=True,
                name="theme_granted",
                see="({table}.handling <> 'T' or coalesce((select mace_role()) in ('coordinator', 'chair', 'system') or (select a.kind from accounts_membership m join agencies_agency a on a.id = m.agency_id where m.id = (select mace_seat())) = 'police', false)) and exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 1 offset 0)",
            ),
        ),
        migrations.AddConstraint(
            model_name="theme",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("handling", "T"), _negated=True), ("wording__isnull", False), _connector="OR"
                ),
                name="theme_tight_has_wording",
            ),
        ),
        migrations.AddConstraint(
            model_name="locationaccount",
            constraint=mace.core.protection.Protected(
                change="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) and exists (select 1 from volt_location n where n.record_id = {table}.record_id offset 0)",
                history=True,
                name="locationaccount_granted",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 2 offset 0) and exists (select 1 from volt_location n where n.record_id = {table}.record_id offset 0)",
            ),
        ),
        migrations.AddConstraint(
            model_name="personaccount",
            constraint=mace.core.protection.Protected(
                change="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) and exists (select 1 from volt_personofconcern n where n.record_id = {table}.record_id offset 0)",
                history=True,
                name="personaccount_granted",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 2 offset 0) and exists (select 1 from volt_personofconcern n where n.record_id = {table}.record_id offset 0)",
            ),
        ),
        migrations.AddConstraint(
            model_name="themeevidence",
            constraint=mace.core.protection.Protected(
                history=True,
                name="themeevidence_full",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) and exists (select 1 from volt_theme n where n.record_id = {table}.record_id offset 0)",
            ),
        ),
        migrations.AddIndex(
            model_name="wording",
            index=models.Index(fields=["reference"], name="wording_by_reference"),
        ),
        migrations.AddIndex(
            model_name="wording",
            index=models.Index(fields=["other"], name="wording_of_far_end"),
        ),
        migrations.AddConstraint(
            model_name="wording",
            constraint=mace.core.protection.Protected(
                add="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                change="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                history=True,
                name="wording_in_its_place",
                see="({table}.other_id is null and exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 1 offset 0)) or ({table}.other_id is not null and exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) and exists (select 1 from access_grant g where g.record_id = {table}.other_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0))",
            ),
        ),
        migrations.AddConstraint(
            model_name="wording",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("words", ""), models.Q(("none_because", ""), _negated=True)),
                    models.Q(models.Q(("words", ""), _negated=True), ("none_because", "")),
                    _connector="OR",
                ),
                name="wording_or_why_there_is_none",
            ),
        ),
        migrations.AddConstraint(
            model_name="wording",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("other__isnull", True), models.Q(("reference", ""), _negated=True)),
                    models.Q(("other__isnull", False), ("reference", "")),
                    _connector="OR",
                ),
                name="wording_names_record_or_link",
            ),
        ),
    ]
