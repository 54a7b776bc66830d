"""Tables of other packages that the web and worker roles may use, and why. Every other foreign table is closed.

The test that walks the database's own catalogue reads this list; the migration that grants has a copy of it.
"""

from __future__ import annotations

OPEN_TABLES: dict[str, tuple[str, str]] = {
    "django_session": ("SELECT, INSERT, UPDATE, DELETE", "sessions are looked up before a seat is known"),
    "django_content_type": ("SELECT", "names of models"),
    "django_migrations": ("SELECT", "which migrations have run, checked at start"),
    "auth_permission": ("SELECT", "names of permissions"),
    "account_emailaddress": ("SELECT, INSERT, UPDATE", "sign-in, before a seat is known"),
    "mfa_authenticator": ("SELECT, INSERT, UPDATE, DELETE", "second factors, their secrets encrypted"),
}
