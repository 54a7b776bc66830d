"""Changing a partnership's lists: criteria, codes, the domains of the risk tool, help. Each change is a version."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import asdict, replace

from django.db import IntegrityError, transaction

from mace.access.policy import Capability, require
from mace.core.errors import Conflict, RuleBroken
from mace.core.seat import Seat
from referrals.models import ListVersion
from referrals.sections import shipped_help
from referrals.selectors.codes import CodeList, Entry, forget_codes, shipped_list
from referrals.selectors.lists import HELP, KEPT, Kept, changed_words, standing_list
from referrals.selectors.risk_tool import band_fault

LONGEST_CODE = 30


def shipped(list_name: str) -> CodeList:
    """What every partnership begins with."""
    return shipped_help() if list_name == HELP else shipped_list(list_name)


def standing(list_name: str) -> CodeList:
    """What the seat's partnership works by now."""
    return standing_list(list_name, shipped_help() if list_name == HELP else None)


@transaction.atomic
def save_list(
    *, list_name: str, entries: Sequence[Entry], adopted: bool, why: str, version: int | None, by: Seat, at: dt.datetime
) -> int:
    """Keep the list as it is worded now, as its next version; answers the one in force, the same if nothing changed.

    ``entries`` in order; one without a code is new. Nothing is ever taken out: what is used no more is not ``active``.
    ``adopted``: the wording is the partnership's own, whoever proposed it. Raises ``Conflict`` when somebody else saved
    since ``version``, ``RuleBroken`` for a list that cannot be.
    """
    require(by, Capability.KEEP_LISTS)
    now = standing(list_name)
    if version is not None and version != now.version:
        raise Conflict(version=now.version, theirs={})
    kept = KEPT[list_name]
    wanted = _worded(now, entries, kept=kept, empty_allowed=list_name == HELP)
    if adopted:
        wanted = {code: replace(entry, proposed=False) for code, entry in wanted.items()}
    if list(wanted.items()) == list(now.entries.items()):
        return now.version
    if not changed_words(now.entries, wanted):
        return now.version
    if not why.strip():
        raise RuleBroken("Say why the list is changed", field="why")
    try:
        with transaction.atomic():
            made = ListVersion.objects.create(
                partnership_id=by.partnership_id,
                list_name=list_name,
                version=now.version + 1,
                entries=[asdict(entry) for entry in wanted.values()],
                why=why.strip(),
                made_by_id=by.membership_id,
                made_at=at,
            )
    except IntegrityError as error:  # two saved at once, or this process remembers the list from before
        forget_codes()
        raise Conflict(version=standing(list_name).version, theirs={}) from error
    forget_codes()
    transaction.on_commit(forget_codes)
    return made.version


def _worded(now: CodeList, entries: Sequence[Entry], *, kept: Kept, empty_allowed: bool) -> dict[str, Entry]:
    """The next version by code, in order. A new wording is the partnership's own and no proposal."""
    wanted: dict[str, Entry] = {}
    for entry in entries:
        was = now.entries.get(entry.code)
        if not entry.label.strip() and not empty_allowed:
            raise RuleBroken("An entry without words cannot be understood. Take it out of use instead")
        if was is None and (kept.fixed or kept.switches or entry.code):
            raise RuleBroken("Nothing can be added to this list")
        if was is not None and kept.fixed and not entry.active:
            raise RuleBroken("Nothing in this list can be taken out of use")
        if was is not None and kept.switches and entry.label.strip() != was.label:
            raise RuleBroken("A way of working is in use or not; it cannot be worded anew")
        code = entry.code or _new_code(entry.label, taken=now.entries.keys() | wanted.keys())
        same = was is not None and was.label == entry.label.strip()
        proposed = bool(was and same and was.proposed)
        wanted[code] = Entry(code, entry.label.strip(), entry.group.strip(), proposed, entry.active)
    if now.entries.keys() - wanted.keys():
        raise RuleBroken("An entry is missing. Open the page again. What is no longer used is taken out of use")
    if kept.bands:
        code, fault = band_fault(wanted.values())
        if fault:
            raise RuleBroken(fault, field=f"label_{code}")
        return wanted
    labels = [entry.label.casefold() for entry in wanted.values() if entry.active and entry.label]
    if not empty_allowed and len(labels) != len(set(labels)):
        raise RuleBroken("Two entries say the same. Word one of them otherwise")
    if not kept.switches and not any(entry.active for entry in wanted.values()):
        raise RuleBroken("At least one entry must stay in use")
    return wanted


def _new_code(label: str, *, taken: set[str]) -> str:
    """A code that no entry has, made of the first words."""
    base = re.sub(r"[^a-z0-9]+", "_", label.casefold()).strip("_")[: LONGEST_CODE - 4] or "entry"
    names = (base, *(f"{base}_{number}" for number in range(2, 1000)))
    return next(name for name in names if name not in taken)
