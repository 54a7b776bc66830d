"""Starting and ending processes that must not outlive us."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

PR_SET_PDEATHSIG: Final = 1
PR_GET_PDEATHSIG: Final = 2
_libc: Final = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(wanted: signal.Signals, parent: int | None = None) -> None:
    """Ask the kernel to send this process `wanted` when the thread that started it ends.

    Linux only, elsewhere nothing happens.

    `parent` is who should still be our parent. When it has ended already, nobody would send anything, so we end here.
    """
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, int(wanted))
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def start(
    command: Sequence[str | Path],
    *,
    when_orphaned: signal.Signals,
    output: IO[bytes] | int,
    environment: Mapping[str, str] | None = None,
    as_nobody: bool = False,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, so that Ctrl-C in the terminal reaches us alone.

    We end it in order; when we are killed, it is sent `when_orphaned`. `as_nobody` gives up root for the user nobody.
    """
    parent = os.getpid()

    def before_exec() -> None:
        die_with_parent(when_orphaned, parent)

    identity: dict[str, int | list[int]] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if as_nobody else {}
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [str(word) for word in command],
        env=None if environment is None else dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=before_exec,  # noqa: PLW1509 (calls only the C library, which is loaded already)
        **identity,
    )


NOBODY: Final = 65534


def end(process: subprocess.Popen[bytes], by: signal.Signals, *, within: float) -> bool:
    """Send `by`, wait, and when `within` seconds were not enough kill the process and its session.

    Says whether it ended by itself.
    """
    if process.poll() is None:
        process.send_signal(by)
    return wait_or_kill(process, within=within)


def wait_or_kill(process: subprocess.Popen[bytes], *, within: float) -> bool:
    """Wait until the process has ended, at most `within` seconds, then kill what is left of its session."""
    in_time = True
    try:
        process.wait(max(within, 0))
    except subprocess.TimeoutExpired:
        in_time = False
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # its session's group: children that it left, too
    process.wait()
    return in_time


def until(ready: Callable[[], bool], *, seconds: float, every: float = 0.02) -> bool:
    """Ask `ready` until it says yes, at most for `seconds`; says whether it did."""
    limit = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > limit:
            return False
        time.sleep(every)
    return True
