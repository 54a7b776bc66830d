"""What a row of a spreadsheet amounts to: when the referral came, when the case opened, at which tiers, until when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from mace.importing.reading.correcting import place
from mace.importing.reading.result import PersonRow, PlaceRow, Reading
from referrals.enums import Tier

Period = tuple[Tier, dt.date, dt.date | None]


@dataclass(frozen=True, slots=True)
class Line:
    """One row that can be imported. ``words``: what was concluded and stands nowhere in the row."""

    row: PersonRow
    referred_on: dt.date
    opened_on: dt.date
    tiers: tuple[Period, ...]
    words: str

    @property
    def place(self) -> tuple[str, int]:
        return self.row.sheet, self.row.row

    @property
    def closed_on(self) -> dt.date | None:
        ends = [to_on for _, _, to_on in self.tiers]
        return None if None in ends else max(day for day in ends if day is not None)


def day(row: PersonRow, field: str) -> dt.date | None:
    """The day in a field of dates, if it was understood."""
    value = row.values.get(field)
    return value.value if value is not None and isinstance(value.value, dt.date) else None


def text(row: PersonRow | PlaceRow, field: str) -> str:
    """The code or the words in a field; empty where nothing was understood."""
    value = row.values.get(field)
    return str(value.value) if value is not None and value.value is not None else ""


def blocked(reading: Reading) -> dict[tuple[str, int], str]:
    """The rows that wait for a decision, and for which, in words."""
    found: dict[tuple[str, int], str] = {}
    for doubt in reading.doubts:
        if doubt.blocks:
            words = f"{doubt.cell}: {doubt.words} Correct the cell, then check again"
            found.setdefault((doubt.sheet, place(doubt.cell)[0]), words)
    return found


def line_of(row: PersonRow, *, today: dt.date) -> Line | str:
    """The row as it can be imported, or why it cannot, in words that say what to do.

    A case opens on the day of the pre-MACE meeting, else of the referral, else of MACE. Where there is a day of MACE,
    pre-MACE is taken to have ended then. A closed case without a day of closing ends with the last day in the row.
    """
    born = day(row, "date_of_birth")
    if not text(row, "forename") and not text(row, "surname"):
        return "There is no name"
    if born is None:
        return "There is no date of birth. Correct the cell, then check again"
    referred, pre, mace = (day(row, name) for name in ("referred_on", "pre_mace_on", "mace_on"))
    days = [one for one in (pre, referred, mace) if one is not None]
    if not days:
        return "No date says when this was referred or discussed. Correct a cell, then check again"
    opened = days[0] if mace is None or mace >= days[0] else mace
    if min(days) < born:
        return "A date lies before the date of birth. Correct the cell, then check again"
    if max(days) > today:
        return "A date lies in the future. Correct the cell, then check again"
    concluded: list[str] = []
    periods: list[Period] = []
    if mace is None or opened < mace:
        periods.append((Tier.PRE_MACE, opened, mace))
        if mace is not None:
            concluded.append("pre-MACE is taken to have ended on the day of MACE")
    if mace is not None:
        periods.append((Tier.MACE, mace, None))
    if text(row, "state") == "closed":
        ended, how = _closed(row, days, today)
        concluded += [how] if how else []
        periods = [(tier, start, max(start, end or ended)) for tier, start, end in periods]
    return Line(
        row=row,
        referred_on=min(referred or opened, opened),
        opened_on=opened,
        tiers=tuple(periods),
        words="; ".join(concluded),
    )


def _closed(row: PersonRow, days: list[dt.date], today: dt.date) -> tuple[dt.date, str]:
    """The day on which a closed case ended, and how it was found where the row does not say it."""
    said = day(row, "closed_on")
    if said is not None and max(days) <= said <= today:
        return said, ""
    return max(days), "closed, no day is given that can be right: the last day in the row is taken"
