"""Runs several processes as one: shows what they say, notices when one ends, ends all of them in order."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

from mace.embedded import children

STOPS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked us to stop: Ctrl-C, SIGTERM, the terminal closed, or the process that started us ended."""


class StepFailed(Exception):
    """A step of the set-up ended with an error; its message says which."""


@contextmanager
def stopping_by_signals() -> Iterator[None]:
    """Turn the first signal to stop into `Stopped`; ignore later ones, because stopping has a limit of its own.

    A closed terminal stays ignored where it is already, as under `nohup`.
    """

    def stop(number: int, _frame: FrameType | None) -> None:
        for name in STOPS:
            signal.signal(name, signal.SIG_IGN)
        raise Stopped(signal.Signals(number).name)

    before = {number: signal.getsignal(number) for number in STOPS}
    for number, handler in before.items():
        if number != signal.SIGHUP or handler is not signal.SIG_IGN:
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def say(text: str) -> None:
    """Write a line to whoever watches; nobody watching is no reason to stop."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError:
        pass


def run_step(command: Sequence[str], environment: Mapping[str, str], *, name: str) -> str:
    """Run a command to its end and return what it wrote.

    Raises `StepFailed`, after showing that, when it ends with an error.
    """
    process = children.start(command, when_orphaned=signal.SIGKILL, output=subprocess.PIPE, environment=environment)
    assert process.stdout is not None
    try:
        output = process.stdout.read().decode(errors="replace").strip()
        status = process.wait()
    finally:
        if process.poll() is None:
            children.end(process, signal.SIGTERM, within=3)
        process.stdout.close()
    if status:
        say(output)
        raise StepFailed(f"{name} failed with status {status}.")
    return output


@dataclass
class Child:
    """A process under supervision."""

    name: str
    process: subprocess.Popen[bytes]
    unfinished: bytes = b""

    def end_of(self) -> str:
        """How it ended, in words."""
        status = self.process.returncode
        return (
            f"{self.name} was ended by {signal.Signals(-status).name}"
            if status < 0
            else f"{self.name} ended with status {status}"
        )


@dataclass
class Supervisor:
    """The processes and their output. Use it in a `with`, which ends what is left."""

    children: list[Child] = field(default_factory=list)
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], *, when_orphaned: signal.Signals
    ) -> None:
        """Start a process whose lines are shown after its name."""
        process = children.start(command, when_orphaned=when_orphaned, output=subprocess.PIPE, environment=environment)
        child = Child(name, process)
        self.children.append(child)
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        self.selector.register(process.stdout, selectors.EVENT_READ, child)

    def pump(self, seconds: float) -> None:
        """Show what the processes write within `seconds`."""
        limit = time.monotonic() + seconds
        while (left := limit - time.monotonic()) > 0:
            if not self.selector.get_map():
                time.sleep(left)
                return
            for key, _ in self.selector.select(left):
                child: Child = key.data
                try:
                    read = os.read(key.fd, 65536)
                except BlockingIOError:
                    continue
                if not read:
                    self.selector.unregister(key.fileobj)
                lines = (child.unfinished + read).split(b"\n")
                child.unfinished = lines.pop() if read else b""
                for line in lines:
                    if line.strip():
                        say(f"{child.name:<7}| {line.decode(errors='replace')}")

    def first_ended(self) -> Child | None:
        """A process that has ended, if any has."""
        return next((child for child in self.children if child.process.poll() is not None), None)

    def watch(self) -> Child:
        """Show what the processes write until one of them ends; return that one."""
        while (ended := self.first_ended()) is None:
            self.pump(0.3)
        self.pump(0.2)
        return ended

    def stop(self, *, within: float) -> None:
        """Ask all processes to end, the last started first; kill those that have not after `within` seconds."""
        limit = time.monotonic() + within
        for child in reversed(self.children):
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        while time.monotonic() < limit and any(child.process.poll() is None for child in self.children):
            self.pump(0.05)
        for child in self.children:
            if not children.wait_or_kill(child.process, within=0):
                say(f"{child.name} did not end in time and was killed.")
        self.selector.close()
