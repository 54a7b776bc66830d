"""Asking ClamAV's daemon about a file: INSTREAM over a socket, in pieces, within a time."""

from __future__ import annotations

import socket
import time
from enum import Enum
from typing import Final

Address = str | tuple[str, int]
"""The path of a Unix socket, or host and port."""

PIECE: Final = 64 * 1024
CONNECT_SECONDS: Final = 5.0
MOST_ANSWERED: Final = 4096


class Unreachable(Exception):
    """No answer could be had: not there, too slow, or it hung up. It is asked again later."""


class Verdict(Enum):
    CLEAN = "clean"
    INFECTED = "infected"
    FAILED = "failed"
    """The daemon answered that it could not scan this file."""


def scan(content: bytes, address: Address, *, seconds: float) -> Verdict:
    """What the daemon says of a file. Raises ``Unreachable`` when it says nothing within the time."""
    until = time.monotonic() + seconds
    try:
        with _connected(address, min(CONNECT_SECONDS, seconds)) as to:
            return _verdict(_asked(to, content, until))
    except OSError as fault:
        raise Unreachable("ClamAV did not answer") from fault


def _connected(address: Address, seconds: float) -> socket.socket:
    if isinstance(address, tuple):
        return socket.create_connection(address, timeout=seconds)
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        found.settimeout(seconds)
        found.connect(address)
    except OSError:
        found.close()
        raise
    return found


def _asked(to: socket.socket, content: bytes, until: float) -> bytes:
    """Send the file, and read the answer to its end. A daemon that has heard enough answers before and hangs up."""
    view = memoryview(content)
    try:
        _send(to, b"zINSTREAM\0", until)
        for start in range(0, len(view), PIECE):
            piece = view[start : start + PIECE]
            _send(to, len(piece).to_bytes(4, "big"), until)
            _send(to, piece, until)
        _send(to, bytes(4), until)
    except (BrokenPipeError, ConnectionResetError):
        pass  # what it said before stands in the answer; nothing there is an answer too
    answer = b""
    while b"\0" not in answer and len(answer) < MOST_ANSWERED:
        to.settimeout(_left(until))
        more = to.recv(MOST_ANSWERED)
        if not more:
            break
        answer += more
    return answer


def _send(to: socket.socket, piece: bytes | memoryview, until: float) -> None:
    to.settimeout(_left(until))
    to.sendall(piece)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("ClamAV took too long")
    return left


def _verdict(answer: bytes) -> Verdict:
    if not answer.endswith(b"\0"):
        raise Unreachable("ClamAV hung up")
    said = answer.rstrip(b"\0").strip()
    if said == b"stream: OK":
        return Verdict.CLEAN
    if said.startswith(b"stream: ") and said.endswith(b" FOUND"):
        return Verdict.INFECTED
    return Verdict.FAILED
