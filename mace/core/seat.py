"""The seat: who a request, a task or a command acts for.

A signed-in person acts in one *seat* at a time: a current membership of an agency, in a role, for a partnership. The
seat lives here, below everything else, because the database backend sends it at the start of every transaction.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache

from django.conf import settings
from django.db import connections
from django.utils.crypto import salted_hmac

TOKEN_LIFE_SECONDS = 900
MARK_FIELD = "opened_in"
"""The hidden field in which every form says in what seat its page was opened."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One person's current membership. ``principal`` and its fellows are the integers that grants are made out to."""

    membership_id: int
    user_id: int
    person_name: str
    role: str
    role_label: str
    agency_id: int
    agency_name: str
    agency_kind: str
    partnership_id: int
    partnership_name: str
    team_id: int | None
    team_name: str
    principal: int
    agency_principal: int
    team_principal: int | None
    partnership_principal: int
    job_title: str = ""
    may_refer: bool = False
    token_nonce: str = field(default_factory=lambda: secrets.token_hex(8), compare=False, repr=False)

    def token(self) -> str:
        """A fresh signed token, ``membership.expiry.nonce.mac``, which the database verifies for itself."""
        return mint_token(self.membership_id, key=settings.SEAT_KEY, nonce=self.token_nonce)

    @property
    def mark(self) -> str:
        """What stands for the seat in a form: the same on every page, and no number."""
        return _mark(self.membership_id)

    @property
    def words(self) -> str:
        """The seat as people know it: role and agency."""
        return f"{self.role_label}, {self.agency_name}"


@lru_cache(maxsize=4096)
def _mark(membership_id: int) -> str:
    return salted_hmac("mace.core.seat.mark", str(membership_id)).hexdigest()[:16]


def mint_token(membership_id: int, *, key: bytes, nonce: str, lifetime: int = TOKEN_LIFE_SECONDS) -> str:
    """Sign a membership for ``lifetime`` seconds (real time, whatever the demo's clock says)."""
    body = f"{membership_id}.{int(time.time()) + lifetime}.{nonce}"
    mac = hashlib.sha256(key + hashlib.sha256(key + body.encode()).digest()).hexdigest()
    return f"{body}.{mac}"


_current: ContextVar[Seat | None] = ContextVar("mace_seat", default=None)
_reason: ContextVar[str] = ContextVar("mace_reason", default="")


def current_seat() -> Seat | None:
    return _current.get()


def current_reason() -> str:
    return _reason.get()


@contextmanager
def acting_as(seat: Seat | None, *, reason: str = "", using: str = "default") -> Iterator[None]:
    """Act for ``seat`` within the block; inside an open transaction the database is told at once, and again after."""
    token, reason_token = _current.set(seat), _reason.set(reason)
    connection = connections[using]
    try:
        if connection.in_atomic_block:
            connection.announce_seat()  # type: ignore[attr-defined]  # our own backend
        yield
    finally:
        _current.reset(token)
        _reason.reset(reason_token)
        if connection.in_atomic_block and not connection.needs_rollback:
            connection.announce_seat()  # type: ignore[attr-defined]  # our own backend
