"""The words under which something was chosen may be as long as a partnership may word an entry."""

from django.db import migrations, models

LONGER = (
    ("childvoice", "way_words"),
    ("difficultiesscore", "band_words"),
    ("domainscore", "domain_words"),
    ("domainscore", "source_words"),
    ("riskassessment", "cce_level_words"),
    ("riskassessment", "cse_level_words"),
)


class Migration(migrations.Migration):
    dependencies = [("referrals", "0071_plans_and_their_files")]
    operations = [
        migrations.AlterField("criterionmet", "words", models.CharField(max_length=500)),
        *(
            migrations.AlterField(model, name, models.CharField(blank=True, db_default="", max_length=500))
            for model, name in LONGER
        ),
    ]
