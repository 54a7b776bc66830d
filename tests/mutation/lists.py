"""The lists of the mutation run, each a text file whose lines can be read and argued with.

``equivalent.txt``     mutants that change nothing that anybody can see, with the reason; where the other lock holds,
                       the mutant that takes that away too, and both together must be killed
``presentational.txt`` what is no matter of access, with the reason; not tried
``killed.txt``         the result: every mutant and the test that notices it
``open.txt``           locks that are new and that no test was shown to notice yet: owed
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
KILLED = HERE / "killed.txt"
EQUIVALENT = HERE / "equivalent.txt"
PRESENTATIONAL = HERE / "presentational.txt"
OPEN = HERE / "open.txt"


def still_open() -> list[str]:
    """Mutants for which a test is still owed."""
    return [line for line in OPEN.read_text().splitlines() if line and not line.startswith("#")]


@dataclass(frozen=True)
class Entry:
    """A pattern for names of mutants (``*`` stands for anything), why, and what is taken away with it."""

    pattern: str
    reason: str
    together_with: str

    def matches(self, name: str) -> bool:
        return matching(self.pattern, name)

    def names_together(self, name: str) -> bool:
        """Whether that one is taken away as well: several patterns are joined by `` & ``."""
        return any(matching(pattern, name) for pattern in self.together_with.split(" & "))


def matching(pattern: str, name: str) -> bool:
    """Only ``*`` is special: names are full of brackets."""
    return (
        re.fullmatch("".join(".*" if part == "*" else re.escape(part) for part in re.split(r"(\*)", pattern)), name)
        is not None
    )


def entries(path: Path) -> list[Entry]:
    """A pattern to a line; below it, indented, the reason, and perhaps a line ``with: pattern``."""
    found: list[Entry] = []
    if not path.exists():
        return found
    pattern, reason, other = "", [], ""
    for line in [*path.read_text().splitlines(), "end"]:
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith(" "):
            if line.strip().startswith("with: "):
                other = line.strip().removeprefix("with: ")
            else:
                reason.append(line.strip())
            continue
        if pattern:
            if not reason:
                raise ValueError(f"{path.name}: {pattern} without a reason")
            found.append(Entry(pattern, " ".join(reason), other))
        pattern, reason, other = line.strip(), [], ""
    return found


def killed_lines() -> dict[str, str]:
    """The lines of ``killed.txt`` by the name of the mutant."""
    lines = KILLED.read_text().splitlines() if KILLED.exists() else []
    return {line.split("\t")[0]: line for line in lines if line and not line.startswith("#")}


def known_killers() -> dict[str, str]:
    """The test that killed each mutant when ``killed.txt`` was written."""
    return {name: line.split("\t")[1] for name, line in killed_lines().items()}
