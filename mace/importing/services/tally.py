"""What an import did, or would do, counted as it goes on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

SHOWN = 2000
"""So many rows of a kind are kept to be looked at; the number is told in full."""

Said = tuple[str, int, str]
"""A row by sheet and number, with words."""


@dataclass
class Tally:
    """What an import did, or would do. ``left_out`` and ``concluded``: the first rows of which that is to be said."""

    counts: Counter[str] = field(default_factory=Counter)
    left_out: list[Said] = field(default_factory=list)
    concluded: list[Said] = field(default_factory=list)

    def add(self, more: Tally) -> None:
        """Count what became of some more rows."""
        self.counts += more.counts
        self.left_out = (self.left_out + more.left_out)[:SHOWN]
        self.concluded = (self.concluded + more.concluded)[:SHOWN]

    def to_json(self) -> dict[str, Any]:
        return {"counts": dict(self.counts), "left_out": self.left_out, "concluded": self.concluded}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Tally:
        left_out, concluded = (
            [(str(sheet), int(row), str(words)) for sheet, row, words in data[name]]
            for name in ("left_out", "concluded")
        )
        return cls(Counter(data["counts"]), left_out, concluded)
