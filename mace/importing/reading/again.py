"""Proposing again what hangs on something that a person has decided."""

from __future__ import annotations

from dataclasses import replace

from mace.importing.reading.cells import Book
from mace.importing.reading.plan import Plan
from mace.importing.reading.planning import spellings_of
from mace.importing.reading.spellings import Codes, Remembered


def spelled_again(plan: Plan, book: Book, *, codes: Codes, remembered: Remembered) -> Plan:
    """The plan with every spelling in the columns it now has; those it had before keep what was said of them."""
    before = {name: {entry.key: entry for entry in entries} for name, entries in plan.spellings.items()}
    found = spellings_of(book, plan.sheets, codes, remembered)
    return replace(
        plan,
        spellings={
            name: tuple(before.get(name, {}).get(entry.key, entry) for entry in entries)
            for name, entries in found.items()
        },
    )
