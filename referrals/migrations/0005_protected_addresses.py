"""Protected addresses; what a person wrote is closed to them by a bar or a restriction that leaves them out."""

import django.db.models.deletion
from django.db import migrations, models

import mace.core.protection

LAST_PLAN = r"""
create or replace function referrals_is_last_plan(rec bigint, plan bigint) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  return plan = (select p.id from public.referrals_safetyplan p where p.record_id = rec order by p.version desc limit 1);
end $$;
revoke all on function referrals_is_last_plan(bigint, bigint) from public;
grant execute on function referrals_is_last_plan(bigint, bigint) to mace_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0005_two_locks"),
        ("accounts", "0003_timed_holdings"),
        ("agencies", "0001_initial"),
        ("referrals", "0004_join_case"),
    ]

    operations = [
        migrations.RunSQL(LAST_PLAN, "drop function referrals_is_last_plan(bigint, bigint)"),
        migrations.CreateModel(
            name="ProtectedAddress",
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
                ("address", models.CharField(max_length=300)),
                ("reason", models.CharField(max_length=300)),
                ("since_on", models.DateField()),
                ("until_on", models.DateField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "protected addresses",
            },
        ),
        migrations.RemoveConstraint(
            model_name="childvoice",
            name="childvoice_full",
        ),
        migrations.RemoveConstraint(
            model_name="concern",
            name="concern_full",
        ),
        migrations.RemoveConstraint(
            model_name="planstep",
            name="planstep_full",
        ),
        migrations.RemoveConstraint(
            model_name="prerequisite",
            name="prerequisite_full",
        ),
        migrations.RemoveConstraint(
            model_name="referral",
            name="referral_full",
        ),
        migrations.RemoveConstraint(
            model_name="riskassessment",
            name="riskassessment_full",
        ),
        migrations.RemoveConstraint(
            model_name="safetyplan",
            name="safetyplan_full",
        ),
        migrations.RemoveConstraint(
            model_name="toldconsent",
            name="toldconsent_full",
        ),
        migrations.AddConstraint(
            model_name="childvoice",
            constraint=mace.core.protection.Protected(
                add="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                change="false",
                history=True,
                name="childvoice_full",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) or (({table}.written_by_principal + 0) = any ((select mace_principals())::int[]) and not access_shut({table}.record_id))",
            ),
        ),
        migrations.AddConstraint(
            model_name="concern",
            constraint=mace.core.protection.Protected(
                change="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                history=True,
                name="concern_full",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) or (({table}.written_by_principal + 0) = any ((select mace_principals())::int[]) and not access_shut({table}.record_id))",
            ),
        ),
        migrations.AddConstraint(
            model_name="planstep",
            constraint=mace.core.protection.Protected(
                add="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                change="false",
                history=True,
                name="planstep_full",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and (g.scope >= 3 or (g.with_plan and referrals_is_last_plan({table}.record_id, {table}.plan_id))) offset 0)",
            ),
        ),
        migrations.AddConstraint(
            model_name="prerequisite",
            constraint=mace.core.protection.Protected(
                change="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                history=True,
                name="prerequisite_full",
                remove="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) or (({table}.written_by_principal + 0) = any ((select mace_principals())::int[]) and not access_shut({table}.record_id))",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=mace.core.protection.Protected(
                change="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                history=True,
                name="referral_full",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) or (({table}.written_by_principal + 0) = any ((select mace_principals())::int[]) and not access_shut({table}.record_id))",
            ),
        ),
        migrations.AddConstraint(
            model_name="riskassessment",
            constraint=mace.core.protection.Protected(
                add="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                change="false",
                history=True,
                name="riskassessment_full",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) or (({table}.written_by_principal + 0) = any ((select mace_principals())::int[]) and not access_shut({table}.record_id))",
            ),
        ),
        migrations.AddConstraint(
            model_name="safetyplan",
            constraint=mace.core.protection.Protected(
                add="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                change="false",
                history=True,
                name="safetyplan_full",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and (g.scope >= 3 or (g.with_plan and referrals_is_last_plan({table}.record_id, {table}.id))) offset 0) or (({table}.written_by_principal + 0) = any ((select mace_principals())::int[]) and not access_shut({table}.record_id))",
            ),
        ),
        migrations.AddConstraint(
            model_name="toldconsent",
            constraint=mace.core.protection.Protected(
                change="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
                history=True,
                name="toldconsent_full",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) or (({table}.written_by_principal + 0) = any ((select mace_principals())::int[]) and not access_shut({table}.record_id))",
            ),
        ),
        migrations.AddField(
            model_name="protectedaddress",
            name="child",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="protected_addresses", to="referrals.child"
            ),
        ),
        migrations.AddField(
            model_name="protectedaddress",
            name="written_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
            ),
        ),
        migrations.AddConstraint(
            model_name="protectedaddress",
            constraint=mace.core.protection.Protected(
                history=True,
                name="protectedaddress_named",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0)",
            ),
        ),
        migrations.AddConstraint(
            model_name="protectedaddress",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until_on__isnull", True), ("until_on__gte", models.F("since_on")), _connector="OR"
                ),
                name="protected_address_ends_after_it_begins",
            ),
        ),
    ]
