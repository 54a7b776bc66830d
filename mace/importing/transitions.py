"""From which state an import may go to which."""

from __future__ import annotations

from mace.core.errors import RuleBroken
from mace.importing.enums import ImportStatus as S

NEXT: dict[str, frozenset[str]] = {
    S.PLANNING: frozenset({S.CHECKING, S.LEFT}),
    S.CHECKING: frozenset({S.CHECKED, S.PLANNING}),
    S.CHECKED: frozenset({S.PLANNING, S.CHECKING, S.IMPORTING, S.LEFT}),
    S.IMPORTING: frozenset({S.IMPORTED}),
    S.IMPORTED: frozenset({S.UNDONE}),
    S.UNDONE: frozenset(),
    S.LEFT: frozenset(),
}
CHANGEABLE = frozenset({S.PLANNING.value, S.CHECKED.value})
"""While what the columns hold may still be decided."""
WORKING = frozenset({S.CHECKING.value, S.IMPORTING.value})


def check_import(now: str, wanted: str) -> None:
    """Raise ``RuleBroken`` unless an import may go from one state to the other."""
    if wanted not in NEXT[S(now)]:
        raise RuleBroken(f"This import is {S(now).label.lower()}. Load the page again to see where it stands")
