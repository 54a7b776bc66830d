"""Forks: every mutant is tried in a process of its own, which ends with it."""

from __future__ import annotations

import json
import os
import selectors
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Job = Callable[[int], Any]
"""What a child does in its slot; what it answers must be fit for JSON."""


def in_child(job: Callable[[], Any]) -> Any:
    """Do it in a child and answer what it answered."""
    (result,) = [answer for _, answer in at_once([(None, lambda _slot: job())], jobs=1)]
    if isinstance(result, dict) and "crashed" in result:
        raise RuntimeError(result["crashed"])
    return result


def at_once(work: Iterable[tuple[Any, Job]], *, jobs: int, limit: float = 300) -> Iterator[tuple[Any, Any]]:
    """Do the work in as many children as there are slots, and answer each result as it comes, with its key."""
    waiting, free = iter(work), list(range(jobs))
    running: dict[int, list[Any]] = {}
    selector = selectors.DefaultSelector()
    more = True
    while more or running:
        while free and more:
            try:
                key, job = next(waiting)
            except StopIteration:
                more = False
                break
            slot = free.pop()
            reader, pid = _fork(job, slot)
            running[reader] = [key, pid, slot, b"", time.monotonic()]
            selector.register(reader, selectors.EVENT_READ)
        for ready, _ in selector.select(timeout=1):
            chunk = os.read(ready.fd, 1 << 16)
            running[ready.fd][3] += chunk
            if not chunk:
                key, pid, slot, text, _ = running.pop(ready.fd)
                selector.unregister(ready.fd)
                os.close(ready.fd)
                os.waitpid(pid, 0)
                free.append(slot)
                yield key, json.loads(text) if text else {"crashed": "ended without an answer"}
        for entry in running.values():
            if time.monotonic() - entry[4] > limit:
                os.kill(entry[1], signal.SIGKILL)


def _fork(job: Job, slot: int) -> tuple[int, int]:
    reader, writer = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        os.close(writer)
        return reader, pid
    os.close(reader)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        answer = job(slot)
    except BaseException:  # noqa: BLE001 (the parent is told of whatever went wrong)
        answer = {"crashed": traceback.format_exc()}
    _write(writer, json.dumps(answer).encode())
    os._exit(0)


def _write(writer: int, data: bytes) -> None:
    while data:
        data = data[os.write(writer, data) :]
