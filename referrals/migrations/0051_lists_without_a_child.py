"""The lists of referrals about no child. Safe to run again: what is known already stays as it is."""

from importlib import import_module

from django.db import migrations

load = import_module("referrals.migrations.0003_reference_data").load


class Migration(migrations.Migration):
    dependencies = [("referrals", "0050_without_a_child")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
