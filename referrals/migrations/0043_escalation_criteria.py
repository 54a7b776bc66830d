"""The criteria for escalation to MACE, as they are shipped."""

from importlib import import_module

from django.db import migrations

load = import_module("referrals.migrations.0003_reference_data").load


class Migration(migrations.Migration):
    dependencies = [("referrals", "0042_lifecycle")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
