"""A file may stand in place of what happened, of the assessment and of the plan’s steps; the record says which."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0012_withdrawn_while_restricted"),
        ("accounts", "0007_cheaper_seat"),
        ("attachments", "0002_scanning_and_sweeping"),
        ("referrals", "0040_circumstances"),
    ]

    operations = [
        migrations.AddField(
            model_name="concern",
            name="attachment",
            field=models.ForeignKey(
                blank=True,
                help_text="The agency’s own assessment, which says what has happened.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="attachments.attachment",
            ),
        ),
        migrations.AddField(
            model_name="riskassessment",
            name="attachment",
            field=models.ForeignKey(
                blank=True,
                help_text="The agency’s own assessment.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="attachments.attachment",
            ),
        ),
        migrations.AddField(
            model_name="safetyplan",
            name="attachment",
            field=models.ForeignKey(
                blank=True,
                help_text="The agency’s own plan, in place of steps.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="attachments.attachment",
            ),
        ),
        migrations.AlterField(
            model_name="concern",
            name="account",
            field=models.TextField(blank=True),
        ),
        migrations.AddConstraint(
            model_name="concern",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("account", ""), _negated=True), ("attachment__isnull", False), _connector="OR"
                ),
                name="concern_says_what_or_is_attached",
            ),
        ),
        migrations.AddConstraint(
            model_name="riskassessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("rationale", ""), _negated=True), ("attachment__isnull", False), _connector="OR"
                ),
                name="assessment_says_why_or_is_attached",
            ),
        ),
        migrations.AddConstraint(
            model_name="safetyplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("summary", ""), _negated=True), ("attachment__isnull", False), _connector="OR"
                ),
                name="plan_says_what_or_is_attached",
            ),
        ),
    ]
