"""What an agency wrote is closed to a person barred from the case."""

from django.db import migrations

import mace.core.protection


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0005_two_locks"),
        ("accounts", "0003_timed_holdings"),
        ("panels", "0003_document_scopes"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="actionupdate",
            name="actionupdate_own_or_full",
        ),
        migrations.AddConstraint(
            model_name="actionupdate",
            constraint=mace.core.protection.Protected(
                add="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and (g.scope >= 3 or ({table}.action_agency_principal + 0) = any ((select mace_principals())::int[]) or ({table}.action_principal + 0) = any ((select mace_principals())::int[])) offset 0)",
                change="false",
                history=True,
                name="actionupdate_own_or_full",
                see="exists (select 1 from access_grant g where g.record_id = {table}.record_id and (g.principal + 0) = any ((select mace_principals())::int[]) and (g.scope >= 3 or ({table}.action_agency_principal + 0) = any ((select mace_principals())::int[]) or ({table}.action_principal + 0) = any ((select mace_principals())::int[])) offset 0) or (({table}.written_by_principal + 0) = any ((select mace_principals())::int[]) and not access_shut({table}.record_id)) or (({table}.written_by_agency_principal + 0) = any ((select mace_principals())::int[]) and not access_shut({table}.record_id))",
            ),
        ),
    ]
