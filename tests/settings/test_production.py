"""Production refuses, in one sentence each, what only a demonstration may do."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "PATH": os.environ["PATH"],
    "DJANGO_SETTINGS_MODULE": "mace.settings.production",
    "DATABASE_URL": "postgresql://mace_web:pw@db/mace",
    "REDIS_URL": "redis://redis/0",
    "MACE_SECRET_KEY": secrets.token_urlsafe(48),
    "MACE_SEAT_KEY": secrets.token_hex(32),
    "MACE_AUDIT_KEY": secrets.token_hex(32),
    "MACE_FILES_KEY": secrets.token_hex(32),
    "MACE_ALLOWED_HOSTS": "mace.example.org",
    "MACE_BASE_URL": "https://mace.example.org",
    "MACE_MAIL_URL": "smtp://host",
}
WORKER = {"MACE_DB_ROLE": "worker", "DATABASE_WORKER_URL": "postgresql://mace_worker:pw@db/mace"}
READ = "from django.conf import settings; settings.INSTALLED_APPS; print('read', settings.DB_ROLE)"


def read_settings(code: str = READ, **changes: str | None) -> tuple[int, str, str]:
    environment = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout.strip(), done.stderr.strip()


def test_good_settings_are_read() -> None:
    assert read_settings() == (0, "read web", "")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"MACE_DEBUG": "yes"}, "DEBUG must be off in production, because its error pages show what people entered."),
        (
            {"MACE_DEMO_SIGN_IN": "1"},
            "The demo's sign-in must be off in production, because it signs anybody in as anybody.",
        ),
        ({"MACE_BASE_URL": "http://mace.example.org"}, "MACE_BASE_URL must begin with https:// in production."),
        (
            {"MACE_SECRET_KEY": "test-only-0123456789-abcdefghijklmnopqrstuvwxyz-not-for-use"},
            (
                "MACE_SECRET_KEY must be a secret of this installation's own, "
                "not one that came with the product or an example."
            ),
        ),
        (
            {"MACE_SEAT_KEY": bytes(range(32)).hex()},
            "MACE_SEAT_KEY must be a key of this installation's own, not the one the tests use.",
        ),
        (
            WORKER | {"MACE_AUDIT_KEY": bytes(range(32, 64)).hex()},
            "MACE_AUDIT_KEY must be a key of this installation's own, not the one the tests use.",
        ),
        (
            {"MACE_FILES_KEY": f"{secrets.token_hex(32)},{bytes(range(64, 96)).hex()}"},
            "MACE_FILES_KEY must hold keys of this installation's own, not the one the tests use.",
        ),
        (
            {"MACE_FILES_KEY": None},
            (
                "MACE_FILES_KEY is not set: it must be 32 random bytes in hexadecimal, that is 64 digits, or several "
                "such keys separated by commas, the newest first."
            ),
        ),
        (
            {"MACE_VAR": "/srv/mace", "MACE_FILES_DIR": "/srv/mace/static/files"},
            "MACE_FILES_DIR must not lie in the folder of static files, which anybody can fetch.",
        ),
        (
            WORKER | {"MACE_AUDIT_KEY": None},
            "MACE_AUDIT_KEY is not set: it must be 32 random bytes in hexadecimal, that is 64 digits.",
        ),
        ({"MACE_SECRET_KEY": "short"}, "MACE_SECRET_KEY must be a random text of at least 50 characters."),
        (
            {"MACE_SECRET_KEY": None},
            "MACE_SECRET_KEY is not set: it must be a random text of at least 50 characters.",
        ),
        (
            {"MACE_MAIL_URL": None, "MACE_MAIL_DIR": "/var/mail"},
            (
                "MACE_MAIL_URL must be set in production, and MACE_MAIL_DIR not, "
                "because mail into a folder reaches nobody."
            ),
        ),
    ],
)
def test_unsafe_settings_stop_the_start_with_one_sentence(changes: dict[str, Any], sentence: str) -> None:
    assert read_settings(**changes) == (1, "", sentence)


def test_settings_loosened_afterwards_are_refused_at_the_start() -> None:
    code = (
        "from django.conf import settings; settings.DEMO_SIGN_IN = True;"
        "from mace.settings.startup import verify_start; verify_start()"
    )
    status, _, error = read_settings(code)
    assert status == 1
    assert error == "The demo's sign-in must be off in production, because it signs anybody in as anybody."


@pytest.mark.parametrize("module", ["mace.settings.production", "mace.settings.demo"])
def test_no_settings_but_the_tests_have_secrets_of_their_own(module: str) -> None:
    status, _, error = read_settings(DJANGO_SETTINGS_MODULE=module, MACE_SEAT_KEY=None)
    assert status == 1
    assert error.startswith("MACE_SEAT_KEY is not set: ")


def test_each_role_reads_its_own_address() -> None:
    status, _, error = read_settings(MACE_DB_ROLE="worker")
    assert (status, error.partition(":")[0]) == (1, "DATABASE_WORKER_URL is not set")
    assert read_settings(**WORKER) == (0, "read worker", "")


def test_manage_py_does_not_let_the_web_migrate() -> None:
    command = [sys.executable, "manage.py", "migrate"]
    environment = {**GOOD, "MACE_DB_ROLE": "web"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("DATABASE_OWNER_URL is not set: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_database_that_does_not_answer_is_one_sentence_without_the_password() -> None:
    code = "import django; django.setup(); from mace.settings.startup import verify_start; verify_start()"
    status, output, error = read_settings(code, DATABASE_URL="postgresql://mace_web:hunter2@/mace?host=/nonexistent")
    assert (status, output) == (1, "")
    assert error.splitlines()[-1] == (
        "The database that DATABASE_URL names does not answer: "
        "check the address, the password, and that PostgreSQL is running."
    )
    assert "hunter2" not in error
    assert len(error.splitlines()) == 1


def test_check_deploy_is_clean() -> None:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=GOOD, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (
        0,
        "System check identified no issues (1 silenced).\n",
    )
