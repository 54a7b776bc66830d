"""How long a session lasts: 15 minutes without use, 12 hours at most, and what counts as a fresh sign-in.

In real time, whatever the demonstration's clock says. The moments stand in the session itself. That of the last use
is written again only when it is a minute old, so that most requests write nothing; a session therefore ends between 14
and 15 minutes after its last use, never later.
"""

from __future__ import annotations

import time

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase

IDLE = 15 * 60
LONGEST = 12 * 60 * 60
FRESH = 5 * 60
WRITTEN_EVERY = 60

BEGAN, USED, PROVEN = "began_at", "used_at", "proven_at"


def now() -> int:
    """Seconds since 1970."""
    return int(time.time())


def begin(session: SessionBase) -> None:
    """Start counting, for somebody who has just signed in."""
    session[BEGAN] = session[USED] = now()


def touch(session: SessionBase) -> None:
    """Note that the person did something."""
    at = now()
    if at - session[USED] >= WRITTEN_EVERY:
        session[USED] = at


def seconds_left(session: SessionBase) -> int:
    """How long the session lasts if nothing more is done in it; 0 or less when it has ended."""
    at = now()
    return int(min(session[USED] + IDLE - at, session[BEGAN] + LONGEST - at))


def prove(session: SessionBase) -> None:
    """Note that the person has just shown again who they are, where allauth does not (the demonstration)."""
    session[PROVEN] = now()


def is_fresh(session: SessionBase) -> bool:
    """Whether the person signed in, or proved once more who they are, within the last five minutes."""
    records = session.get(AUTHENTICATION_METHODS_SESSION_KEY) or []
    proven = max([session.get(BEGAN, 0), session.get(PROVEN, 0), *(record.get("at", 0) for record in records)])
    return bool(now() - proven <= FRESH)
