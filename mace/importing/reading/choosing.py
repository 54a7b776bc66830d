"""Which field each column of a table holds, by its heading and by its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mace.importing.reading.cells import Cell
from mace.importing.reading.evidence import Evidence, evidence_of, fit
from mace.importing.reading.fields import FIELDS, words_of
from mace.importing.reading.headings import guesses
from mace.importing.reading.plan import Column
from mace.importing.reading.spellings import Codes, Remembered
from mace.importing.reading.tables import KNOWN, Rows

SURE_HEADING = 0.9
SURE_FIT = 0.6
UNMISTAKABLE = 0.85
"""The share of values that must look like a field for a column to be taken for it without a heading that says so."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    field: str
    heading: float
    fit: float
    misspelt: bool

    @property
    def strength(self) -> float:
        return self.heading * (0.4 + 0.6 * self.fit)


def evidence_by_column(
    below: Rows, headings: Mapping[int, str], *, codes: Codes, remembered: Remembered
) -> dict[int, Evidence]:
    """What the values under each heading look like; columns without a heading too, where they have values."""
    cells: dict[int, list[Cell]] = {column: [] for column in headings}
    for number in sorted(below):
        row = below[number]
        if sum(bool(cell.text) for cell in row.values()) < min(3, len(headings)):
            continue
        for column, cell in row.items():
            cells.setdefault(column, []).append(cell)
    return {column: evidence_of(found, codes=codes, remembered=remembered) for column, found in sorted(cells.items())}


def choose_columns(use: str, headings: Mapping[int, str], seen: Mapping[int, Evidence]) -> tuple[Column, ...]:
    """A field for each column, each field once unless it may be had twice; what is not understood is kept as text."""
    ranked: list[tuple[float, int, list[_Candidate]]] = []
    for column, found in seen.items():
        candidates = _candidates(use, headings.get(column, ""), found)
        ranked.append((candidates[0].strength if candidates else 0.0, column, candidates))
    taken: dict[str, int] = {}
    chosen: dict[int, Column] = {}
    for _, column, candidates in sorted(ranked, key=lambda entry: (-entry[0], entry[1])):
        heading = headings.get(column, "")
        chosen[column] = _choose(use, column, heading, candidates=candidates, taken=taken, seen=seen[column])
    _pair_of_names(use, chosen, seen)
    return tuple(chosen[column] for column in sorted(chosen))


def _candidates(use: str, heading: str, seen: Evidence) -> list[_Candidate]:
    known = [
        _Candidate(guess.field, guess.score, fit(use, guess.field, seen), guess.misspelt)
        for guess in guesses(heading, use)
        if guess.score >= KNOWN - 0.15
    ]
    if seen.running and not any(
        entry.heading > 0.9 and entry.field not in {"local_id", "ignore", "note"} for entry in known
    ):
        known.append(_Candidate("ignore", 1.0, 1.0, misspelt=False))
    return sorted((entry for entry in known if entry.strength >= 0.3), key=lambda entry: -entry.strength)


def _choose(
    use: str, column: int, heading: str, *, candidates: list[_Candidate], taken: dict[str, int], seen: Evidence
) -> Column:
    for at, candidate in enumerate(candidates):
        many = FIELDS[use][candidate.field].many
        if candidate.field in taken and not many:
            continue
        if not _acceptable(candidate, seen):
            continue
        taken.setdefault(candidate.field, column)
        rival = next((other for other in candidates if other.field != candidate.field), None)
        clear = at == 0 and (rival is None or candidate.strength - rival.strength > 0.08)
        sure = (
            clear
            and candidate.heading >= SURE_HEADING
            and candidate.fit >= SURE_FIT
            and not (candidate.misspelt and (candidate.fit < 0.9 or not seen.count))
            and not seen.month_first
        )
        return Column(column, heading, candidate.field, _why(use, candidate, heading, seen), sure)
    return _by_values(
        use, column, heading, taken, seen, doubled=next((c.field for c in candidates if c.field in taken), "")
    )


def _acceptable(candidate: _Candidate, seen: Evidence) -> bool:
    """Whether the values allow the field at all.

    Free text is no code, names are no ages, and 1, 2, 3 are no numbers of people.
    """
    if candidate.field in {"nhs_number", "upn"}:
        return candidate.heading >= SURE_HEADING
    if candidate.field in {"local_id", "name", "forename", "surname"}:
        return candidate.fit >= 0.35
    if candidate.field == "date_of_birth":
        return candidate.fit >= 0.2 or candidate.heading >= SURE_HEADING
    if candidate.fit >= 0.35:
        return True
    return candidate.heading >= SURE_HEADING and seen.count <= 12 and candidate.fit > 0


def _by_values(use: str, column: int, heading: str, taken: dict[str, int], seen: Evidence, *, doubled: str) -> Column:
    """A field by values that cannot be mistaken; else the column is kept as text."""
    if use == "people" and not doubled and seen.count >= 3:
        shares = {
            "nhs_number": seen.nhs,
            "upn": seen.upn,
            "name": seen.names * min(1.0, seen.forenames * 2),
            "sex": seen.codes.get("sex", 0.0),
            "ethnicity": seen.codes.get("ethnicity", 0.0),
            "rating": seen.codes.get("rating", 0.0),
            "legal_status": seen.codes.get("legal_status", 0.0),
            "primary_category": seen.codes.get("primary_category", 0.0),
        }
        best = max(shares, key=lambda name: shares[name])
        if shares[best] >= UNMISTAKABLE and best not in taken and not guesses(heading, use):
            taken[best] = column
            return Column(
                column,
                heading,
                best,
                f"{shares[best]:.0%} of its values look like it; the heading does not say so",
                sure=False,
            )
    if doubled:
        why = (
            f"another column is {words_of(use, doubled)[0].lower()}{words_of(use, doubled)[1:]} already, or suits "
            "it better"
        )
    elif heading:
        why = "the heading is not understood, or its values do not go with it; kept as text"
    else:
        why = "it has no heading; kept as text"
    return Column(column, heading, "note", why, sure=False)


def _why(use: str, candidate: _Candidate, heading: str, seen: Evidence) -> str:
    if candidate.field == "ignore" and seen.running:
        return "its values only count the rows"
    words = f"its heading “{heading}”" + (" (taken for a misspelling)" if candidate.misspelt else "")
    if not seen.count:
        return f"{words}; it has no values"
    kind = FIELDS[use][candidate.field].kind
    like = {
        "date": f"{seen.dates:.0%} of its values are dates",
        "code": f"{seen.codes.get(candidate.field, 0):.0%} of its values are known spellings",
        "number": f"{seen.ages:.0%} of its values are ages",
        "state": f"{seen.states:.0%} of its values say open or closed",
    }.get(kind)
    if seen.month_first and kind == "date":
        like = f"{like}; {seen.month_first} of them can only be month first, so every date in it is doubtful"
    return f"{words}; {like}" if like else words


def _pair_of_names(use: str, chosen: dict[int, Column], seen: Mapping[int, Evidence]) -> None:
    """Beside a column of surnames, one headed only “Name” that has single words holds forenames."""
    fields = {column.field: column.column for column in chosen.values()}
    if use != "people" or "surname" not in fields or "forename" in fields or "name" in fields:
        return
    for number, column in chosen.items():
        guessed = guesses(column.heading, use)
        if column.field == "note" and guessed and guessed[0].field == "name" and seen[number].words > 0.8:
            chosen[number] = Column(
                number, column.heading, "forename", "it stands beside surnames and has single names", sure=False
            )
            return
