"""How far a meeting can come, and from where."""

from __future__ import annotations

from mace.core.errors import RuleBroken
from panels.enums import MeetingStatus

S = MeetingStatus

MEETING: dict[str, frozenset[str]] = {
    S.PLANNED.value: frozenset({S.PUBLISHED.value, S.CANCELLED.value}),
    S.PUBLISHED.value: frozenset({S.IN_PROGRESS.value, S.CANCELLED.value}),
    S.IN_PROGRESS.value: frozenset({S.DRAFTED.value}),
    S.DRAFTED.value: frozenset({S.APPROVED.value}),
    S.APPROVED.value: frozenset({S.CLOSED.value}),
    S.CLOSED.value: frozenset(),
    S.CANCELLED.value: frozenset(),
}

BEFORE = frozenset({S.PLANNED.value, S.PUBLISHED.value})
"""The agenda can still change."""
MINUTING = frozenset({S.IN_PROGRESS.value, S.DRAFTED.value})
"""Minutes can be written."""
FIXED = frozenset({S.APPROVED.value, S.CLOSED.value})
"""Minutes are approved and stay as they are."""


def check_meeting(status: str, to: MeetingStatus) -> None:
    """Raise ``RuleBroken`` unless a meeting may go from ``status`` to ``to``."""
    if to.value not in MEETING[status]:
        raise RuleBroken(
            f"This meeting is “{S(status).label.lower()}” and cannot become “{to.label.lower()}”. "
            "Open it again to see how it stands."
        )
