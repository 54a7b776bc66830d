"""What errors and logs tell: nothing of what somebody entered."""

from __future__ import annotations

import ast
import io
import logging
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.db import DataError, IntegrityError, connection, transaction
from django.test import override_settings

from mace.core.logs import SeatFilter
from mace.settings.logs import PlainFormatter
from tests.access.locks import rows
from tests.access.tables import without_token
from tests.access.test_side_doors import NAMES, PACKAGES, ROOT
from tests.access.world import World
from tests.factories.owner import as_owner

CANARY = "Qxzcanary"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the program would write into its log."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(PlainFormatter())
    handler.addFilter(SeatFilter())
    handler.setLevel(logging.DEBUG)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def faulty(kind: str) -> Any:
    """Something that fails in the database, with the word in the server's own message."""

    def fail(*_: Any, **__: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("reset role")
            if kind == "key":
                cursor.execute(
                    "insert into agencies_partnership (name, slug) values (%s, 'x'), (%s, 'y')", [CANARY, CANARY]
                )
            elif kind == "condition":
                cursor.execute(
                    "update referrals_toldconsent set child_told = false, child_not_told_reason = '', "
                    "parents_not_told_reason = %s",
                    [CANARY],
                )
            else:
                cursor.execute("select %s::int", [CANARY])

    return fail


@pytest.mark.parametrize("kind", ["key", "condition", "value"])
def test_an_error_of_the_database_reaches_neither_the_answer_nor_the_log(
    world: World, log: io.StringIO, kind: str
) -> None:
    with as_owner(), pytest.raises((IntegrityError, DataError), match=CANARY), transaction.atomic():
        faulty(kind)()
    client = world.cast.client("coordinator")
    client.raise_request_exception = False
    path = f"/cases/{world.case.reference}/"
    with mock.patch("mace.casework.views.cases.shown", faulty(kind)):
        answer = client.get(f"{path}?text={CANARY}")
    written = log.getvalue()
    assert (answer.status_code in {400, 500}, CANARY in answer.content.decode()) == (True, False)
    assert not any(word in answer.content.decode() for word in ("DETAIL", "Traceback", "psycopg", "constraint", *NAMES))
    assert path in written or "could not take" in written
    assert [word for word in (CANARY, "DETAIL", *NAMES) if word in written] == []


@override_settings(DEBUG=False)
def test_a_fault_of_any_kind_is_answered_by_the_same_page(world: World, log: io.StringIO) -> None:
    client = world.cast.client("coordinator")
    client.raise_request_exception = False
    bodies = set()
    for words in (CANARY, "Tamika Brightwater was not expected here"):
        with mock.patch("mace.casework.views.cases.shown", side_effect=RuntimeError(words)):
            answer = client.get(f"/cases/{world.case.reference}/")
        assert answer.status_code == 500
        bodies.add(without_token(answer.content))
    assert len(bodies) == 1
    assert "builtins.RuntimeError" in log.getvalue()
    assert [word for word in (CANARY, *NAMES) if word in log.getvalue()] == []


def test_nobody_is_mailed_what_went_wrong() -> None:
    """Django mails the request, with all that was sent, to ADMINS; nobody is one, and nothing hands errors to it."""
    assert (settings.ADMINS, settings.MANAGERS) in (([], []), ((), ()))
    assert "mail_admins" not in repr(settings.LOGGING)
    assert "DEBUG = env.flag" in (ROOT / "mace/settings/production.py").read_text()


def test_no_log_line_of_ours_is_given_what_somebody_entered() -> None:
    """Each place that writes a line, with what it is given."""
    written = set()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            module = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
            if module.startswith(("mace.embedded", "mace.demo", "mace.settings")):
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _logs(node.func):
                    assert isinstance(node.args[0], ast.Constant), module
                    written.add((module, tuple(ast.unparse(argument) for argument in node.args[1:])))
    assert written == {
        ("mace.access.middleware", ("view_name(request)",)),
        ("mace.attachments.services.keeping", ()),
        ("mace.attachments.services.tidying", ("gone",)),
        ("mace.attachments.services.tidying", ("len(waiting) - done",)),
        ("mace.attachments.services.tidying", ("reference",)),
        ("mace.attachments.views", ("found.reference",)),
        ("mace.notifications.tasks", ("message_id", "type(error).__name__")),
    }


def _logs(called: ast.Attribute) -> bool:
    named = isinstance(called.value, ast.Name) and called.value.id.lower() in {"log", "logger", "logging"}
    return named and called.attr in {"debug", "info", "warning", "error", "exception", "critical", "log"}


@pytest.mark.django_db
def test_the_database_writes_no_values_into_its_own_log() -> None:
    wanted = {
        "log_error_verbosity=terse",
        "log_min_error_statement=panic",
        "log_parameter_max_length_on_error=0",
        "log_min_duration_statement=-1",
        "log_statement=none",
    }
    for role in ("mace_owner", "mace_web", "mace_worker"):
        ((settings,),) = rows("select rolconfig from pg_roles where rolname = %s", role)
        assert wanted <= set(settings or ()), role
