"""Reading code lists. A process may remember them for a minute: they are reference data, never permitted rows."""

from __future__ import annotations

import time
from dataclasses import dataclass

from mace.core.seat import current_seat
from referrals.models import Code, ListVersion

KEEP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Entry:
    code: str
    label: str
    group: str = ""
    proposed: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True)
class CodeList:
    """The entries by code, in order; ``version`` 0 is the list as it is shipped."""

    entries: dict[str, Entry]
    version: int = 0


Lists = dict[tuple[int | None, str], CodeList]
_known: list[tuple[float, Lists]] = []
"""At most one pair: when the lists were read, and what they hold. Replaced whole, so that threads need no lock."""


def forget_codes() -> None:
    """Read the lists again next time."""
    _known[:] = []


def remembers_own_lists() -> bool:
    """Whether a partnership's own lists are among those remembered."""
    return any(key[0] is not None for _, lists in _known for key in lists)


def _lists() -> Lists:
    known = next(iter(_known), None)
    if known is None or time.monotonic() - known[0] > KEEP_SECONDS:
        known = (time.monotonic(), _shipped() | _own())
        _known[:] = [known]
    return known[1]


def _shipped() -> Lists:
    found: Lists = {}
    for row in Code.objects.order_by("list_name", "position", "code"):
        entry = Entry(row.code, row.label, row.group, row.proposed, row.active)
        found.setdefault((None, row.list_name), CodeList({})).entries[row.code] = entry
    return found


def _own() -> Lists:
    rows = ListVersion.objects.order_by("partnership", "list_name", "-version").distinct("partnership", "list_name")
    return {
        (row.partnership_id, row.list_name): CodeList(
            {entry["code"]: Entry(**entry) for entry in row.entries}, row.version
        )
        for row in rows
    }


def code_list(list_name: str) -> CodeList:
    """The list that the seat's partnership works by. Raises ``KeyError`` for one that does not exist."""
    lists, seat = _lists(), current_seat()
    own = lists.get((seat.partnership_id, list_name)) if seat else None
    return own or lists[None, list_name]


def shipped_list(list_name: str) -> CodeList:
    """The list as every partnership finds it. Raises ``KeyError`` for one that does not exist."""
    return _lists()[None, list_name]


def codes(list_name: str) -> list[Entry]:
    """The entries of a list that may be chosen, in order. Raises ``KeyError`` for a list that does not exist."""
    return [entry for entry in code_list(list_name).entries.values() if entry.active]


def practised(what: str) -> bool:
    """Whether the partnership works so: an entry of the list ``practice`` that is in use."""
    entry = code_list("practice").entries.get(what)
    return entry is not None and entry.active


def _entry(list_name: str, code: str) -> Entry | None:
    """An entry in force or not, of the partnership's own list or, if it knows no such code, of the shipped one."""
    return code_list(list_name).entries.get(code) or shipped_list(list_name).entries.get(code)


def label(list_name: str, code: str) -> str:
    """The words for a code, in force or not; the code itself when the list does not know it."""
    entry = _entry(list_name, code)
    return entry.label if entry else code


def labels(list_name: str, chosen: list[str]) -> str:
    """The words for several codes, ready to be read."""
    return "; ".join(label(list_name, code) for code in chosen)


def group(list_name: str, code: str) -> str:
    """What heads the entry, for instance the broad ethnic group; empty when there is none."""
    entry = _entry(list_name, code)
    return entry.group if entry else ""


def is_code(list_name: str, code: str) -> bool:
    """Whether the list has that entry, in force or not."""
    return _entry(list_name, code) is not None


def choices(list_name: str) -> list[tuple[str, str]]:
    """For radios and checkboxes."""
    return [(entry.code, entry.label) for entry in codes(list_name)]


def grouped_choices(list_name: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """For a select with groups, in the order in which the groups first appear."""
    found: dict[str, list[tuple[str, str]]] = {}
    for entry in codes(list_name):
        found.setdefault(entry.group, []).append((entry.code, entry.label))
    return list(found.items())
