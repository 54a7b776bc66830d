"""What services raise. Views turn them into plain messages, the API into problem answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class RuleBroken(Exception):
    """What was asked breaks a rule. The message is for the person and says what to do; ``field`` names where."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message, self.field = message, field


class NotAllowed(Exception):
    """The seat's role does not include this. Hidden records are never told apart from absent ones by this error."""


class Conflict(Exception):
    """Somebody else changed the same thing first. ``theirs`` is what stands now; nothing of either is lost."""

    def __init__(self, *, version: int, theirs: Mapping[str, Any]) -> None:
        super().__init__("somebody else changed this")
        self.version, self.theirs = version, theirs
