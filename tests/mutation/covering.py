"""Which functions of ours a test runs, so that a mutant is tried with the tests that can notice it."""

from __future__ import annotations

import cProfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType

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
    ran, profile = Ran(), cProfile.Profile(subcalls=False, builtins=False)
    profile.enable()
    try:
        yield ran
    finally:
        profile.disable()
        ran.codes = {entry.code for entry in profile.getstats() if isinstance(entry.code, CodeType)}
