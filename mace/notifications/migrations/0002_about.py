"""Messages say which record they speak of, so that who is barred from it is told nothing."""

from django.db import migrations, models

import mace.core.protection


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0005_two_locks"),
        ("accounts", "0003_timed_holdings"),
        ("notifications", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="message",
            name="message_mine",
        ),
        migrations.AddField(
            model_name="message",
            name="about",
            field=models.BigIntegerField(
                editable=False, help_text="The record it speaks of: who is barred from that is told nothing.", null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=mace.core.protection.Protected(
                add="mace_seat() is not null",
                history=True,
                name="message_mine",
                see="(({table}.recipient_principal + 0) = any ((select mace_principals())::int[]) and ({table}.about is null or not access_shut({table}.about))) or (({table}.partnership_principal + 0) = any ((select mace_principals())::int[]) and (select mace_role()) = 'system' and ({table}.about is null or access_may_be_told({table}.recipient_id, {table}.about)))",
            ),
        ),
    ]
