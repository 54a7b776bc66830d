"""Which functions of ours a test runs, so that a mutant is tried with the tests that can notice it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from tests.mutation.program import PACKAGES

ROOT = str(Path(__file__).resolve().parents[2]) + "/"


class Ran:
    def __init__(self) -> None:
        self.codes: set[CodeType] = set()

    def names(self) -> list[str]:
        found = set()
        for code in self.codes:
            path = code.co_filename.removeprefix(ROOT)
            if path.split("/")[0] in PACKAGES:
                module = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
                found.add(f"{module}:{code.co_qualname.replace('.<locals>', '')}")
        return sorted(found)


@contextmanager
def watched() -> Iterator[Ran]:
    """Which functions are entered within the block."""
    ran = Ran()
    enter = ran.codes.add

    def trace(frame: FrameType, event: str, argument: Any) -> None:
        enter(frame.f_code)

    sys.settrace(trace)
    try:
        yield ran
    finally:
        sys.settrace(None)
