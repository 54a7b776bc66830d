"""What must be true before the product works with anybody's data.

`verify_start` runs once in each long-lived process: the web's master, the worker, and beat. It ends the process with
one sentence when the settings are unsafe in production, or when the database would let the process see more than the
policies allow, or would lose names in search.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from mace.settings.env import VARIABLE_OF_ROLE, refuse

MARKS_OF_A_SECRET_FOR_SHOW: Final = ("test-only", "django-insecure", "change-me", "changeme", "example")

BYPASSES: Final = """
    select coalesce(bool_or(rolsuper), false), coalesce(bool_or(rolbypassrls), false)
    from pg_roles where pg_has_role(session_user, oid, 'MEMBER')
"""
OWNS: Final = """
    select exists (
        select from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname !~ '^(pg_|information_schema$)' and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        and pg_has_role(session_user, c.relowner, 'MEMBER')
    ), has_schema_privilege(session_user, 'public', 'CREATE')
"""
LOCALE: Final = "select lower('Ł') = 'ł', show_trgm('Łukasz') <> show_trgm('ukasz')"


def verify_start() -> None:
    """Refuse to go on when the settings or, for web and worker, the database are not fit for real people's data."""
    if getattr(settings, "PRODUCTION", False):
        names = (
            *("DEBUG", "DEMO_SIGN_IN", "INSTALLED_APPS", "SECRET_KEY", "SEAT_KEY", "AUDIT_KEY", "FILES_KEYS"),
            *("FILES_DIR", "STATIC_ROOT", "BASE_URL"),
        )
        verify_production({name: getattr(settings, name) for name in names})
    if settings.DB_ROLE != "owner":
        try:
            verify_database(connection, variable=VARIABLE_OF_ROLE[settings.DB_ROLE])
        finally:
            connection.close()


def verify_production(chosen: Mapping[str, Any]) -> None:
    """Refuse what only a demonstration or a developer may do.

    The settings are those in force, so that a module that begins with `from mace.settings.production import *` and
    goes on to loosen them is refused as well.
    """
    if chosen["DEBUG"]:
        refuse("DEBUG must be off in production, because its error pages show what people entered.")
    if chosen["DEMO_SIGN_IN"] or "mace.demo" in chosen["INSTALLED_APPS"]:
        refuse("The demo's sign-in must be off in production, because it signs anybody in as anybody.")
    if any(mark in str(chosen["SECRET_KEY"]).lower() for mark in MARKS_OF_A_SECRET_FOR_SHOW):
        refuse(
            "MACE_SECRET_KEY must be a secret of this installation's own, not one that came with the product or an "
            "example."
        )
    if bytes(chosen["SEAT_KEY"]) == bytes(range(32)):
        refuse("MACE_SEAT_KEY must be a key of this installation's own, not the one the tests use.")
    if bytes(chosen["AUDIT_KEY"]) == bytes(range(32, 64)):
        refuse("MACE_AUDIT_KEY must be a key of this installation's own, not the one the tests use.")
    if bytes(range(64, 96)) in chosen["FILES_KEYS"]:
        refuse("MACE_FILES_KEY must hold keys of this installation's own, not the one the tests use.")
    if Path(chosen["FILES_DIR"]).resolve().is_relative_to(Path(chosen["STATIC_ROOT"]).resolve()):
        refuse("MACE_FILES_DIR must not lie in the folder of static files, which anybody can fetch.")
    if not str(chosen["BASE_URL"]).startswith("https://"):
        refuse("MACE_BASE_URL must begin with https:// in production.")


def verify_database(database: BaseDatabaseWrapper, *, variable: str = "DATABASE_URL") -> None:
    """Refuse a role that the policies do not bind, and a locale that breaks name search.

    `variable` is the environment's name for this connection, for the sentence. The role is the one that signed in:
    whatever it may become with SET ROLE counts as what it is. Behaviour is checked rather than the locale's name,
    because names differ between PostgreSQL's versions.
    """
    try:
        with database.cursor() as cursor:
            superuser, bypasses = _row(cursor, BYPASSES)
            owns, creates = _row(cursor, OWNS)
            has_trigrams = _row(cursor, "select exists (select from pg_extension where extname = 'pg_trgm')")[0]
            lowers, keeps = _row(cursor, LOCALE) if has_trigrams else (True, True)
    except Error:
        refuse(
            f"The database that {variable} names does not answer: check the address, the password, and that "
            "PostgreSQL is running."
        )
    if superuser:
        refuse(
            f"The role in {variable} is a superuser or may become one, so that row-level security would not bind "
            "it: use mace_web or mace_worker."
        )
    if bypasses:
        refuse(
            f"The role in {variable} has BYPASSRLS or may become one that has, so that row-level security would not "
            "bind it: take it away."
        )
    if owns:
        refuse(
            f"The role in {variable} owns tables or may become their owner, so that row-level security would not "
            "bind it: use mace_web or mace_worker."
        )
    if creates:
        refuse(
            f"The role in {variable} may create objects in the schema public, where trusted functions look things "
            "up: revoke that from it and from PUBLIC."
        )
    if not has_trigrams:
        refuse("The database lacks the extension pg_trgm, which name search needs: create it there as a superuser.")
    if not (lowers and keeps):
        refuse(
            "The database's locale loses letters outside ASCII, so that a search would miss people: make it anew "
            "with the character type C.UTF-8."
        )


def _row(cursor: Any, statement: str) -> tuple[Any, ...]:
    cursor.execute(statement)
    row = cursor.fetchone()
    assert row is not None  # each statement returns exactly one row
    return tuple(row)
