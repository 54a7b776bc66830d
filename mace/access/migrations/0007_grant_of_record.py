"""An index with all that a policy asks about a record's grants, in the place of one with the record alone."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0006_who_holds")]

    operations = [
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(fields=["record"], include=("principal", "scope", "until"), name="grant_of_record"),
        ),
        migrations.AlterField(
            model_name="grant",
            name="record",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="grants",
                to="access.record",
            ),
        ),
    ]
