"""Emergency access to a closed case gives the file of its last safety plan."""

from django.db import migrations

import mace.core.protection


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0012_withdrawn_while_restricted"),
        ("accounts", "0007_cheaper_seat"),
        ("agencies", "0002_seats"),
        ("attachments", "0002_scanning_and_sweeping"),
        ("referrals", "0071_plans_and_their_files"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="attachment",
            name="attachment_full",
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=mace.core.protection.Protected(
                change="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and g.scope >= 3 offset 0) and not (select mace_role()) in ('auditor', 'analyst', 'analyst_identifiable', 'ig', 'admin')",
                history=True,
                name="attachment_full",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and (g.scope >= 3 or (g.with_plan and referrals_is_last_plan_file({table}.record_id, {table}.id))) offset 0) or (({table}.added_by_principal + 0) = any ((select mace_principals())::int[]) and not access_shut({table}.record_id))",
            ),
        ),
    ]
