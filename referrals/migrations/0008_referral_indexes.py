"""Indexes of the referrals' list, and one draft for each double click; made beside the work that goes on."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

STARTED_ONCE = """create unique index concurrently if not exists referral_started_once
on referrals_referral (written_by_principal, operation) where not (operation = '')"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("referrals", "0007_child_matches_near_births")]
    operations = [
        AddIndexConcurrently(
            "referral", models.Index(fields=["written_by_principal", "-created_at"], name="referral_written_by")
        ),
        AddIndexConcurrently("referral", models.Index(fields=["team", "-created_at"], name="referral_of_team")),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(STARTED_ONCE, "drop index concurrently if exists referral_started_once")
            ],
            state_operations=[
                migrations.AddConstraint(
                    "referral",
                    models.UniqueConstraint(
                        condition=~models.Q(operation=""),
                        fields=("written_by_principal", "operation"),
                        name="referral_started_once",
                    ),
                )
            ],
        ),
    ]
