"""One change that takes something away from either lock, and where it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Undo = Callable[[], None]


def nothing() -> Undo:
    """A mutant of the database changes nothing in the program."""
    return lambda: None


@dataclass(frozen=True)
class Mutant:
    """``statements`` are run as the database's owner; ``apply`` changes the running program, no file.

    ``only`` narrows the tests that walk over everything to the table, the route or the capability concerned.
    ``code`` names the functions of the program (``module:qualified name``) that are changed: who runs them may notice.
    ``calls`` names functions of the database: what calls them may notice.
    """

    name: str
    statements: tuple[str, ...] = ()
    apply: Callable[[], Undo] = nothing
    only: str = ""
    code: tuple[str, ...] = ()
    calls: tuple[str, ...] = field(default=())

    @property
    def category(self) -> str:
        return self.name.split(":", 1)[0]

    @property
    def subject(self) -> str:
        return self.name.split(":")[1]
