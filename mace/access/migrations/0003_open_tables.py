"""Grants on other packages' tables; see ``mace.access.open_tables`` for the reasons."""

from django.db import migrations

ALL = "SELECT, INSERT, UPDATE, DELETE"
GRANTS = [
    ("django_session", ALL),
    ("django_content_type", "SELECT"),
    ("django_migrations", "SELECT"),
    ("auth_permission", "SELECT"),
    ("account_emailaddress", ALL),
    ("account_emailconfirmation", ALL),
    ("mfa_authenticator", ALL),
]


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_record_functions"),
        ("sessions", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]
    operations = [
        migrations.RunSQL(f"grant {what} on {table} to mace_app", f"revoke all on {table} from mace_app")
        for table, what in GRANTS
    ]
