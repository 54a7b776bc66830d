"""A daemon that speaks ClamAV's protocol over a real socket and knows one virus, the test file of EICAR."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """``how``: ``well``; ``silent``: hears everything, says nothing; ``drop``: hangs up half way; ``small``: says that
    the file is too large, and hangs up; ``garbled``: gives half an answer.
    """

    def __init__(self, path: Path | None = None, how: str = "well") -> None:
        self.how, self.heard, self.scanned = how, b"", 0
        family = socket.AF_INET if path is None else socket.AF_UNIX
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.bind(("127.0.0.1", 0) if path is None else str(path))
        self.socket.listen()
        self.address: str | tuple[str, int] = self.socket.getsockname() if path is None else str(path)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(5)
        assert not self.thread.is_alive()

    def _serve(self) -> None:
        while not self.over.is_set():
            try:
                caller, _ = self.socket.accept()
            except OSError:
                return
            with caller:
                caller.settimeout(5)
                try:
                    self._answer(caller)
                except OSError:
                    continue

    def _answer(self, caller: socket.socket) -> None:
        assert _exactly(caller, 10) == b"zINSTREAM\0"
        content = b""
        while length := int.from_bytes(_exactly(caller, 4), "big"):
            content += _exactly(caller, length)
            if self.how == "drop":
                return
            if self.how == "small":
                caller.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.heard, self.scanned = content, self.scanned + 1
        if self.how == "silent":
            self.over.wait(5)
        elif self.how == "garbled":
            caller.sendall(b"stream: O")
        elif EICAR in content:
            caller.sendall(b"stream: Eicar-Test-Signature FOUND\0")
        else:
            caller.sendall(b"stream: OK\0")


def _exactly(caller: socket.socket, length: int) -> bytes:
    found = b""
    while len(found) < length:
        more = caller.recv(length - len(found))
        if not more:
            raise OSError("hung up")
        found += more
    return found
