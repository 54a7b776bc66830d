"""What agencies read first, whether a referral made its child, and a token so that a double click starts one draft."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0002_child_matches")]
    operations = [
        migrations.AddField(
            "concern",
            "short_account",
            models.CharField(
                blank=True,
                db_default="",
                help_text="What an agency sees that is asked to help, at scope *summary*.",
                max_length=600,
            ),
        ),
        migrations.AddField(
            "referral",
            "operation",
            models.CharField(
                blank=True, db_default="", help_text="So that a double click starts one draft.", max_length=40
            ),
        ),
        migrations.AddField(
            "referral",
            "made_child",
            models.BooleanField(
                db_default=False, default=False, help_text="The child’s record was made by this referral, not found."
            ),
        ),
    ]
