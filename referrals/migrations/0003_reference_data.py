"""The code lists that an installation starts with. Safe to run again: what a partnership has changed since stays."""

from django.db import migrations

from referrals.reference import entries


def load(apps, schema_editor):  # noqa: ARG001
    Code = apps.get_model("referrals", "Code")
    known = set(Code.objects.values_list("list_name", "code"))
    Code.objects.bulk_create(
        Code(
            list_name=entry.list_name,
            code=entry.code,
            label=entry.label,
            group=entry.group,
            position=entry.position,
            proposed=entry.proposed,
        )
        for entry in entries()
        if (entry.list_name, entry.code) not in known
    )


class Migration(migrations.Migration):
    dependencies = [("referrals", "0002_child_matches")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
