"""From which state an export may go to which. ``exporting_erase`` in the database follows the same table."""

from __future__ import annotations

from mace.core.errors import RuleBroken
from mace.exporting.enums import ExportStatus as S

NEXT: dict[str, frozenset[str]] = {
    S.WAITING: frozenset({S.READY, S.FAILED}),
    S.READY: frozenset({S.EXPIRED}),
    S.FAILED: frozenset(),
    S.EXPIRED: frozenset(),
}
WORDS = {S.WAITING: "still being made", S.READY: "ready", S.FAILED: "not to be had", S.EXPIRED: "erased"}


def check_export(now: str, wanted: str) -> None:
    """Raise ``RuleBroken`` unless an export may go from one state to the other."""
    if wanted not in NEXT[S(now)]:
        raise RuleBroken(f"This export is {WORDS[S(now)]}. Ask for it again")
