"""Taking back an import takes back who leads its cases; what a migration wrote there is nobody's work."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("mace.importing.migrations.0002_undo").FORWARD
NOT_WORK = "c.table_name <> 'importing_importedrow'"
CASES_GO = "  delete from public.referrals_case where record_id = any (made);"
LEADS_GO = "  delete from public.referrals_leadperiod where record_id = any (made);"

assert BEFORE.count(NOT_WORK) == 1
assert BEFORE.count(CASES_GO) == 1
FORWARD = BEFORE.replace(
    NOT_WORK, f"{NOT_WORK} and not (c.table_name = 'referrals_leadperiod' and c.membership_id is null)"
).replace(CASES_GO, f"{LEADS_GO}\n{CASES_GO}")


class Migration(migrations.Migration):
    dependencies = [("importing", "0002_undo"), ("referrals", "0044_first_leads")]
    operations = [migrations.RunSQL(FORWARD, BEFORE)]
