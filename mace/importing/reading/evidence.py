"""What the values of a column look like, whatever its heading says."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from mace.core.numbers import nhs_number, upn
from mace.importing.reading.cells import Cell
from mace.importing.reading.dates import clearly_empty, read_date
from mace.importing.reading.fields import CODED, FIELDS
from mace.importing.reading.numbers import bare
from mace.importing.reading.persons import FORENAMES, looks_like_name, name_words
from mace.importing.reading.spellings import Codes, Remembered, meaning
from mace.importing.reading.tasks import action_lines

SAMPLE = 400
"""How many values of a column are looked at, spread over its length."""
MOST_SPELLINGS = 60
"""How many different values of a column are looked up in the lists."""
STATES: dict[str, str] = {
    **dict.fromkeys(["open", "o", "active", "current", "ongoing", "live", "opened", "reopened", "re-open"], "open"),
    **dict.fromkeys(["still open", "case open", "not closed", "remains open"], "open"),
    **dict.fromkeys(["closed", "c", "close", "nfa", "ended", "inactive", "ceased", "discharged"], "closed"),
    **dict.fromkeys(["stepped down", "stepped-down", "case closed", "not open"], "closed"),
}
"""What people write for open and closed. Yes and no are left out: they may answer either question."""
_ANY_DAY = dt.date(2026, 1, 1)
_STREET = re.compile(
    r"\b(road|rd|street|st|avenue|ave|close|lane|ln|drive|way|court|ct|house|flat|gardens|place|terrace"
    r"|crescent|hill|walk|[a-z]{1,2}\d{1,2}[a-z]? \d[a-z]{2})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of the values of a column that say something, what share looks like what. ``count`` is how many there are."""

    count: int
    dates: float = 0.0
    ages: float = 0.0
    names: float = 0.0
    words: float = 0.0
    nhs: float = 0.0
    upn: float = 0.0
    ids: float = 0.0
    running: bool = False
    states: float = 0.0
    streets: float = 0.0
    lists: float = 0.0
    distinct: float = 0.0
    month_first: int = 0
    forenames: float = 0.0
    codes: dict[str, float] = field(default_factory=dict)
    """By coded field, the share of values that mean a code, or a risk colour for the rating."""


def evidence_of(cells: Sequence[Cell], *, codes: Codes, remembered: Remembered) -> Evidence:
    """What the cells of a column look like."""
    told = [cell for cell in cells if cell.text and not clearly_empty(cell.text)]
    step = max(1, len(told) // SAMPLE)
    seen = told[::step]
    if not seen:
        return Evidence(0)
    texts = [cell.text for cell in seen]

    def share(hits: int) -> float:
        return hits / len(seen)

    dates = [_date_kind(cell) for cell in seen]
    return Evidence(
        count=len(told),
        dates=share(sum(kind not in {"unreadable", "year_only"} for kind in dates)),
        ages=share(sum(_is_age(text) for text in texts)),
        names=share(sum(looks_like_name(text) for text in texts)),
        words=share(sum(not re.search(r"[\d@:=]", text) and len(name_words(text)) in {1, 2, 3} for text in texts)),
        nhs=share(sum(bool(nhs_number(text)) or bool(re.fullmatch(r"\d{3} \d{3} \d{4}", text)) for text in texts)),
        upn=share(sum(bool(upn(text)) or bool(re.fullmatch(r"[A-Z]\d{12}", bare(text))) for text in texts)),
        ids=share(sum(bool(re.search(r"\d", text)) and len(text) <= 20 and len(text.split()) <= 2 for text in texts)),
        running=_runs([cell.text for cell in told]),
        states=share(sum(state_of(text) is not None for text in texts)),
        streets=share(sum(bool(_STREET.search(text)) for text in texts)),
        lists=share(sum(len(action_lines(text)) > 1 or bool(re.search(r" by \S", text)) for text in texts)),
        distinct=len(set(texts)) / len(texts),
        month_first=sum(kind == "month_first" for kind in dates),
        forenames=share(sum(bool(words := name_words(text)) and words[0].lower() in FORENAMES for text in texts)),
        codes=_code_shares(texts, codes, remembered),
    )


def state_of(text: str) -> str | None:
    """``open`` or ``closed``; ``None`` for words that say neither."""
    plain = re.sub(r"[^\w\s-]", " ", text.lower()).strip()
    return STATES.get(" ".join(plain.split()))


def _date_kind(cell: Cell) -> str:
    return read_date(cell.value, cell.text, birth=False, order="day_first", today=_ANY_DAY).kind


def _is_age(text: str) -> bool:
    found = re.match(r"^(\d{1,2})(?:\.0)?\s*(?:y|yr|yrs|years?)?(?: old)?$", text.strip(), re.IGNORECASE)
    return bool(found) and 0 < int(found[1]) <= 25 if found else False


def _runs(texts: Sequence[str]) -> bool:
    """Whether the values count the rows: 1, 2, 3 and so on, with gaps."""
    figures = [int(text.rstrip(".")) for text in texts if re.fullmatch(r"\d{1,5}\.?", text)]
    if len(figures) < 3 or len(figures) < 0.8 * len(texts):
        return False
    steps = [later - earlier for earlier, later in pairwise(figures)]
    return sum(0 < step <= 3 for step in steps) >= 0.9 * len(steps)


def _code_shares(texts: Sequence[str], codes: Codes, remembered: Remembered) -> dict[str, float]:
    """By coded field, the share of the values that mean one of its codes; the commonest values stand for all."""
    counted = Counter(text for text in texts if not re.search(r"\d{3}", text)).most_common(MOST_SPELLINGS)
    shares = {}
    for name in CODED:
        hits = sum(times for text, times in counted if _coded(name, text, codes, remembered))
        every = sum(times for _, times in counted) + sum(bool(re.search(r"\d{3}", text)) for text in texts)
        shares[name] = hits / every
    return shares


def _coded(name: str, text: str, codes: Codes, remembered: Remembered) -> bool:
    frozen = tuple((key, tuple(entries)) for key, entries in codes.items() if key == CODED[name])
    decided = tuple(sorted(remembered.get(name, {}).items()))
    return _means_code(name, text, frozen, decided)


@lru_cache(maxsize=20_000)
def _means_code(
    name: str,
    text: str,
    codes: tuple[tuple[str, tuple[tuple[str, str], ...]], ...],
    decided: tuple[tuple[str, str], ...],
) -> bool:
    if len(text) > 80:
        return False
    found = meaning(name, CODED[name], text, codes=dict(codes), remembered={name: dict(decided)})
    return bool(found.code) or (name == "rating" and "no rating follows" in found.why)


def fit(use: str, name: str, seen: Evidence) -> float:
    """How well the values go with a field, from 0 to 1; 1 for a column without values."""
    if not seen.count:
        return 1.0
    kind = FIELDS[use][name].kind
    plain = 0.2 if seen.dates > 0.8 else 0.9
    by_name = {
        "name": min(1.0, max(seen.names * 1.1, seen.words * 0.8)),
        "forename": seen.words,
        "surname": seen.words,
        "nhs_number": seen.nhs,
        "upn": seen.upn,
        "local_id": 0.0
        if seen.running or (seen.dates > 0.8 and seen.distinct < 0.5)
        else seen.ids * min(1.0, seen.distinct * 2),
        "actions": 1.0 if seen.lists > 0.2 else 0.7 * plain,
        "address": plain if seen.streets < 0.3 else 1.0,
        "ignore": 1.0 if seen.running else 0.3,
        "rag": plain,
    }
    by_kind = {
        "date": seen.dates,
        "number": seen.ages,
        "code": seen.codes.get(name, 0.0),
        "state": seen.states,
        "note": 0.8,
    }
    return by_name.get(name, by_kind.get(kind, plain))
