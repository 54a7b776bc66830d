"""Reading code lists. A process may remember them for a minute: they are reference data, never permitted rows."""

from __future__ import annotations

import time
from dataclasses import dataclass

from referrals.models import Code

KEEP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Entry:
    code: str
    label: str
    group: str
    proposed: bool
    active: bool


Lists = dict[str, dict[str, Entry]]
_known: list[tuple[float, Lists]] = []
"""At most one pair: when the lists were read, and what they hold. Replaced whole, so that threads need no lock."""


def forget_codes() -> None:
    """Read the lists again next time."""
    _known[:] = []


def _lists() -> Lists:
    known = next(iter(_known), None)
    if known is None or time.monotonic() - known[0] > KEEP_SECONDS:
        found: Lists = {}
        for row in Code.objects.order_by("list_name", "position", "code"):
            entry = Entry(row.code, row.label, row.group, row.proposed, row.active)
            found.setdefault(row.list_name, {})[row.code] = entry
        known = (time.monotonic(), found)
        _known[:] = [known]
    return known[1]


def codes(list_name: str) -> list[Entry]:
    """The entries of a list that may be chosen, in order. Raises ``KeyError`` for a list that does not exist."""
    return [entry for entry in _lists()[list_name].values() if entry.active]


def label(list_name: str, code: str) -> str:
    """The words for a code, in force or not; the code itself when the list does not know it."""
    entry = _lists()[list_name].get(code)
    return entry.label if entry else code


def labels(list_name: str, chosen: list[str]) -> str:
    """The words for several codes, ready to be read."""
    return "; ".join(label(list_name, code) for code in chosen)


def group(list_name: str, code: str) -> str:
    """What heads the entry, for instance the broad ethnic group; empty when there is none."""
    entry = _lists()[list_name].get(code)
    return entry.group if entry else ""


def is_code(list_name: str, code: str) -> bool:
    """Whether the list has that entry, in force or not."""
    return code in _lists()[list_name]


def choices(list_name: str) -> list[tuple[str, str]]:
    """For radios and checkboxes."""
    return [(entry.code, entry.label) for entry in codes(list_name)]


def grouped_choices(list_name: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """For a select with groups, in the order in which the groups first appear."""
    found: dict[str, list[tuple[str, str]]] = {}
    for entry in codes(list_name):
        found.setdefault(entry.group, []).append((entry.code, entry.label))
    return list(found.items())
