"""Tests and checks of the code.

Every variable has a value of its own here, so that nothing has to be set to check types or migrations.

The addresses lead nowhere: tests that need servers start them (`mace.embedded.testing`) and put the real addresses in
their place.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

NOWHERE = "/nonexistent/mace"
for _name, _value in {
    "DATABASE_URL": f"postgresql://mace_web@/mace?host={NOWHERE}",
    "DATABASE_WORKER_URL": f"postgresql://mace_worker@/mace?host={NOWHERE}",
    "DATABASE_OWNER_URL": f"postgresql://mace_owner@/mace?host={NOWHERE}",
    "REDIS_URL": f"unix://{NOWHERE}/valkey.sock?db=0",
    "MACE_SECRET_KEY": "test-only-0123456789-abcdefghijklmnopqrstuvwxyz-not-for-use",
    "MACE_SEAT_KEY": bytes(range(32)).hex(),
    "MACE_AUDIT_KEY": bytes(range(32, 64)).hex(),
    "MACE_FILES_KEY": bytes(range(64, 96)).hex(),
    "MACE_FILES_DIR": f"{tempfile.gettempdir()}/mace-test-files-{os.getuid()}",
    "MACE_ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "MACE_BASE_URL": "http://testserver",
}.items():
    os.environ.setdefault(_name, _value)
if not os.environ.get("MACE_MAIL_URL"):
    os.environ.setdefault("MACE_MAIL_DIR", f"{tempfile.gettempdir()}/mace-test-mail-{os.getuid()}")

from mace.settings.base import *

DEMO_SIGN_IN = True
INSTALLED_APPS = [*INSTALLED_APPS, "mace.demo", "django_migration_linter"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# Static files straight from where they are written, so that a test's server needs no collecting.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# A killed worker's task comes back within seconds; the tests' tasks are shorter than that.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    **CELERY_BROKER_TRANSPORT_OPTIONS,
    "visibility_timeout": 5,
    "unacked_restore_interval": 1,
}
MIGRATION_LINTER_OPTIONS = {
    "include_apps": [
        *("core", "audit", "agencies", "accounts", "notifications", "access", "attachments"),
        *("referrals", "volt", "panels", "dashboards", "casework", "demo"),
    ],
    "no_cache": True,
    # Two move columns into tables of a scope of their own, before there was a first release; one makes columns longer.
    "ignore_name": ["0002_scopes_and_wording", "0005_protected_addresses", "0080_longer_words"],
}
# A test may move the clock of the processes that it starts.
CLOCK_FILE = Path(os.environ["MACE_CLOCK_FILE"]) if os.environ.get("MACE_CLOCK_FILE") else None
