"""The risk tool as the partnership keeps it: which version it is, and what a total advises. Nothing here decides."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

from referrals.enums import DifficultiesBand, Informant, Rating
from referrals.selectors.codes import Entry, code_list, codes

NUMBER = re.compile(r"\d+", re.ASCII)
TOTALS = "Enter the totals in figures, for example ‘10 to 19’ or ‘20 and over’"
AFTER = "each band follows on the one before it"
FROM_AND_TO = 2


def tool_version() -> str:
    """Which version of the domains an assessment is made by; totals are compared within one version only."""
    version = code_list("risk_domain").version
    return f"Own version {version}" if version else "Shipped"


def begins_at(words: str) -> int | None:
    """The lowest total of a band: the first number in its words, ``10 to 19``; ``None`` when there is none."""
    found = NUMBER.search(words)
    return int(found.group()) if found else None


def band_fault(entries: Iterable[Entry]) -> tuple[str, str]:
    """The code of the first band whose totals cannot be, and why; empty where all follow on one another.

    The bands of each group stand from the lowest to the highest. One that says where it ends leaves no gap to the next.
    """
    for _, bands in groupby(entries, key=lambda entry: entry.group):
        least, closed = 0, False
        for band in bands:
            numbers = [int(found) for found in NUMBER.findall(band.label)]
            if not 1 <= len(numbers) <= FROM_AND_TO:
                return band.code, TOTALS
            if numbers[-1] < numbers[0]:
                return band.code, f"Enter totals that end at {numbers[0]} or above, or leave the end out"
            if numbers[0] < least or (closed and numbers[0] != least):
                return band.code, f"Enter totals that begin at {least}{'' if closed else ' or above'}: {AFTER}"
            least, closed = numbers[-1] + 1, len(numbers) == FROM_AND_TO
    return "", ""


def _band(list_name: str, total: int, prefix: str = "") -> str:
    """The code, without ``prefix``, of the highest band that begins at or below the total; empty when none does."""
    bands = [
        (least, entry.code.removeprefix(prefix))
        for entry in codes(list_name)
        if entry.code.startswith(prefix) and (least := begins_at(entry.label)) is not None
    ]
    return max(((least, code) for least, code in bands if least <= total), default=(0, ""))[1]


def suggested_rating(total: int | None) -> str:
    """The rating that a total advises by the thresholds in force (list ``risk_band``); empty without total or list."""
    if total is None:
        return ""
    code = _band("risk_band", total)
    return code if code in Rating.values else ""


def difficulties_band(informant: str, total: int) -> str:
    """The band of a strengths and difficulties total by the published cut-offs (list ``difficulties_band``)."""
    code = _band("difficulties_band", total, f"{informant}_") if informant in Informant.values else ""
    return code if code in DifficultiesBand.values else ""
