"""What gunicorn does besides its command line, in the demo: its workers end with their master, however that ends."""

from __future__ import annotations

import signal
from typing import Protocol

from mace.embedded.children import die_with_parent


class Master(Protocol):
    """What we need of gunicorn's arbiter."""

    pid: int


def post_fork(server: Master, _worker: object) -> None:
    """Called by gunicorn in each new worker."""
    die_with_parent(signal.SIGKILL, server.pid)
