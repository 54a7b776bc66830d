"""That somebody opened a case in an emergency is not told by the table of held principals."""

from django.db import migrations

import mace.core.protection


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_people_functions")]
    operations = [
        migrations.RemoveConstraint(model_name="holding", name="holding_open"),
        migrations.AddConstraint(
            model_name="holding",
            constraint=mace.core.protection.Protected(
                name="holding_of_panel_or_own",
                see="{table}.until_at is null or {table}.membership_id = (select mace_seat())",
                add="false",
                change="false",
                history=True,
            ),
        ),
    ]
