"""Log lines that say what happened and never to whom.

An exception's message may quote what a person typed or what a row holds (PostgreSQL prints the values of a violated
key), and Celery prints the arguments of a failed task. The formatter keeps the kind of the exception and the places
in the code, and drops the words.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final

WITHHELD: Final = "(withheld)"
VALUES_OF_A_TASK: Final = frozenset({"exc", "traceback", "args", "kwargs", "return_value"})


class PlainFormatter(logging.Formatter):
    """One line per event; under an error the kind of each exception and where it was raised."""

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s seat=%(seat_id)s request=%(request_id)s %(levelname)s %(name)s: %(message)s",
            defaults={"seat_id": "-", "request_id": "-"},
        )

    def format(self, record: logging.LogRecord) -> str:
        """The line, without the values that Celery puts into its own."""
        arguments = record.args
        if isinstance(arguments, Mapping) and not VALUES_OF_A_TASK.isdisjoint(arguments):
            record = logging.makeLogRecord(record.__dict__)
            record.args = {key: WITHHELD if key in VALUES_OF_A_TASK else value for key, value in arguments.items()}
        if record.exc_text:
            record = logging.makeLogRecord({**record.__dict__, "exc_text": None})
        return super().format(record)

    def formatException(  # noqa: N802 (the name is the standard library's)
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Kinds and places of the exception and of those that led to it, innermost cause first."""
        parts: list[str] = []
        error = ei[1]
        seen: set[int] = set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            frames = traceback.extract_tb(error.__traceback__)
            places = "".join(f"\n  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames)
            parts.append(f"{type(error).__module__}.{type(error).__qualname__}{places}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\nwhich led to ".join(reversed(parts))


def logging_to_standard_error() -> dict[str, Any]:
    """Django's `LOGGING`: everything of ours from INFO, everything else from WARNING, no SQL ever."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"seat": {"()": "mace.core.logs.SeatFilter"}},
        "formatters": {"plain": {"()": "mace.settings.logs.PlainFormatter"}},
        "handlers": {
            "standard_error": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["seat"]},
            "nowhere": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["standard_error"], "level": "WARNING"},
        "loggers": {
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.db.backends": {"handlers": ["nowhere"], "level": "ERROR", "propagate": False},
            "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
            "mace": {"level": "INFO"},
            "referrals": {"level": "INFO"},
            "volt": {"level": "INFO"},
            "panels": {"level": "INFO"},
            "dashboards": {"level": "INFO"},
        },
    }
