"""Who and which: every log line says for what seat and in which request or task it was written, by number only."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from mace.core.seat import current_seat

NOBODY = "-"
_request: ContextVar[str] = ContextVar("mace_request", default=NOBODY)


def new_request_id() -> str:
    """Random, and made here: what a client sends is never written into a log."""
    return secrets.token_hex(6)


@contextmanager
def working_on(request_id: str) -> Iterator[None]:
    """Log lines within the block belong to that request or task."""
    token = _request.set(request_id)
    try:
        yield
    finally:
        _request.reset(token)


def work_on(request_id: str) -> None:
    """Log lines from now on belong to that task, those about how it ended too; the worker's next task says its own."""
    _request.set(request_id)


class SeatFilter(logging.Filter):
    """Adds ``seat_id`` (a membership's number) and ``request_id`` to a record; ``-`` where there is none.

    Django writes some lines about a request when its seat has been laid down again; such a record carries the request.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        seat = current_seat() or getattr(request, "seat", None)
        record.seat_id = str(seat.membership_id) if seat else NOBODY
        record.request_id = getattr(request, "log_id", None) or _request.get()
        return True
