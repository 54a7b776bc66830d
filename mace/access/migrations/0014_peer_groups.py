"""A peer group is a kind of record."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0013_settle_by_record"),
    ]

    operations = [
        migrations.AlterField(
            model_name="grant",
            name="kind",
            field=models.CharField(
                choices=[
                    ("child", "Child"),
                    ("referral", "Referral"),
                    ("case", "Case"),
                    ("meeting", "Meeting"),
                    ("item", "Agenda item"),
                    ("person", "Person of concern"),
                    ("location", "Location"),
                    ("theme", "Theme"),
                    ("group", "Peer group"),
                    ("address", "Protected address"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="record",
            name="kind",
            field=models.CharField(
                choices=[
                    ("child", "Child"),
                    ("referral", "Referral"),
                    ("case", "Case"),
                    ("meeting", "Meeting"),
                    ("item", "Agenda item"),
                    ("person", "Person of concern"),
                    ("location", "Location"),
                    ("theme", "Theme"),
                    ("group", "Peer group"),
                    ("address", "Protected address"),
                ],
                max_length=10,
            ),
        ),
    ]
