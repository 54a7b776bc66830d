"""Log lines say what happened and where, and never to whom."""

from __future__ import annotations

import logging
import sys

from mace.settings.logs import PlainFormatter, logging_to_standard_error

NAME = "Łukasz Nowak"


def formatted(record: logging.LogRecord) -> str:
    return PlainFormatter().format(record)


def record_of_error() -> logging.LogRecord:
    try:
        try:
            raise KeyError(NAME)
        except KeyError as error:
            raise ValueError(f"Key (name)=({NAME}) already exists") from error
    except ValueError:
        return logging.LogRecord("mace", logging.ERROR, __file__, 1, "It failed", None, sys.exc_info())


def test_an_exception_is_told_by_its_kind_and_place() -> None:
    line = formatted(record_of_error())
    assert NAME not in line
    assert "ERROR mace: It failed\nbuiltins.KeyError\n  " in line
    assert "which led to builtins.ValueError\n  " in line
    assert "test_logs.py:" in line
    assert "in record_of_error" in line


def test_what_another_formatter_wrote_is_not_repeated() -> None:
    record = record_of_error()
    assert NAME in logging.Formatter().format(record)
    assert NAME not in formatted(record)


def test_the_values_of_a_failed_task_are_withheld() -> None:
    context = {
        "name": "panels.chase",
        "id": "7",
        "exc": f"ValueError({NAME!r})",
        "args": f"({NAME!r},)",
        "kwargs": "{}",
    }
    record = logging.LogRecord(
        "celery.app.trace", 40, __file__, 1, "Task %(name)s[%(id)s] %(exc)s %(args)s", (context,), None
    )
    assert formatted(record).endswith("Task panels.chase[7] (withheld) (withheld)")


def test_statements_are_not_logged() -> None:
    database = logging_to_standard_error()["loggers"]["django.db.backends"]
    assert database == {"handlers": ["nowhere"], "level": "ERROR", "propagate": False}
