"""Reading a file of referrals, saying by row and column what is wrong with it, and importing all of it or nothing."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass, field, fields

from django.db import transaction

from mace.core.clock import london_date
from mace.core.errors import RuleBroken
from mace.core.seat import Seat
from referrals.models import Referral
from referrals.services.importing import ImportedReferral, faults, import_referral

COLUMN_OF = {"rating": "risk_rating"}
"""Columns of the file that are called otherwise than the field they fill."""
COLUMNS = tuple(COLUMN_OF.get(entry.name, entry.name) for entry in fields(ImportedReferral))
DATES = ("date_of_birth", "referred_on", "pre_mace_opened_on", "pre_mace_closed_on", "mace_opened_on")
MAY_BE_EMPTY = ("pre_mace_closed_on", "mace_opened_on", "key_team")
NOT_BEFORE = {
    "referred_on": "date_of_birth",
    "pre_mace_opened_on": "referred_on",
    "pre_mace_closed_on": "pre_mace_opened_on",
    "mace_opened_on": "pre_mace_opened_on",
}
LONGEST = {"reference": 40, "forename": 80, "surname": 80, "key_team": 120}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong, where. ``row`` as a spreadsheet numbers it: the heading is row 1, and 0 stands for the file."""

    row: int
    column: str
    words: str

    def __str__(self) -> str:
        place = f"Row {self.row}" if self.row else "File"
        return f"{place}, column {self.column}: {self.words}" if self.column else f"{place}: {self.words}"


@dataclass(slots=True)
class Reading:
    """What a file holds: the rows that can be understood, each with its number, and every problem."""

    rows: list[tuple[int, ImportedReferral]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """What an import made, what was there already, and what is wrong. With a problem nothing is made."""

    made: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    committed: bool = False


def decoded(content: bytes) -> str:
    """The file as text, without the mark that spreadsheets put first. Raises ``RuleBroken`` for other encodings."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RuleBroken("is UTF-16 text. Save it as ‘CSV UTF-8’")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise RuleBroken(f"is not UTF-8 text (first seen in row {row}). Save it as ‘CSV UTF-8’") from error


def read_referrals(content: bytes, *, today: dt.date) -> Reading:
    """Read and check a CSV file with the heading ``COLUMNS`` in any order. Dates are 2024-03-27 or 27/03/2024."""
    reading = Reading()
    try:
        text = decoded(content)
        lines = list(_lines(text))
    except RuleBroken as broken:
        reading.problems.append(Problem(0, "", broken.message))
        return reading
    if not lines:
        reading.problems.append(Problem(0, "", "is empty"))
        return reading
    heading = [cell.strip() for cell in lines[0][1]]
    reading.problems += _heading_problems(heading)
    if reading.problems:
        return reading
    seen: dict[str, int] = {}
    for number, cells in lines[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(heading):
            words = f"has {len(cells)} cells, the heading has {len(heading)}"
            reading.problems.append(Problem(number, "", words))
            continue
        values = {name: cell.strip() for name, cell in zip(heading, cells, strict=True)}
        row, found = _row(number, values, today=today)
        if reference := values["reference"]:
            if reference in seen:
                found.append(Problem(number, "reference", f"‘{reference}’ is in row {seen[reference]} already"))
            seen.setdefault(reference, number)
        reading.problems += found
        if row is not None and not found:
            reading.rows.append((number, row))
    if len(lines) == 1:
        reading.problems.append(Problem(0, "", "has a heading and no rows"))
    reading.problems.sort()
    return reading


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of its row. Raises ``RuleBroken`` when the text is no CSV."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        yield from enumerate(reader, 1)
    except csv.Error as error:
        raise RuleBroken(f"cannot be read as CSV near line {reader.line_num}: {error}") from error


def _heading_problems(heading: list[str]) -> list[Problem]:
    found = [
        Problem(1, name, "is not a column of this file; known are " + ", ".join(COLUMNS))
        for name in heading
        if name not in COLUMNS
    ]
    found += [Problem(1, name, "is missing") for name in COLUMNS if name not in heading]
    found += [
        Problem(1, name, "stands twice in the heading") for name in sorted({n for n in heading if heading.count(n) > 1})
    ]
    return found


def _row(number: int, values: dict[str, str], *, today: dt.date) -> tuple[ImportedReferral | None, list[Problem]]:
    """One row as the import service takes it, and what is wrong with it."""
    found: list[Problem] = []
    dates: dict[str, dt.date | None] = {}
    for name in COLUMNS:
        value = values[name]
        if not value and name not in MAY_BE_EMPTY:
            found.append(Problem(number, name, "must be filled"))
        elif len(value) > LONGEST.get(name, len(value)):
            found.append(Problem(number, name, f"has more than {LONGEST[name]} characters"))
        if name in DATES:
            dates[name] = _date(value)
            if value and dates[name] is None:
                found.append(Problem(number, name, "is not a date: write it like 2024-03-27 or 27/03/2024"))
    future = [name for name, day in dates.items() if day is not None and day > today]
    found += [Problem(number, name, "is in the future") for name in future]
    born, referred, opened = dates["date_of_birth"], dates["referred_on"], dates["pre_mace_opened_on"]
    if born is None or referred is None or opened is None:
        return None, found
    row = ImportedReferral(
        reference=values["reference"],
        forename=values["forename"],
        surname=values["surname"],
        date_of_birth=born,
        sex=values["sex"],
        ethnicity=values["ethnicity"],
        referred_on=referred,
        rating=values["risk_rating"],
        pre_mace_opened_on=opened,
        pre_mace_closed_on=dates["pre_mace_closed_on"],
        mace_opened_on=dates["mace_opened_on"],
        primary_category=values["primary_category"],
        key_team=values["key_team"],
        legal_status=values["legal_status"],
        education_status=values["education_status"],
    )
    told = {problem.column for problem in found}
    for name, words in faults(row):
        column = COLUMN_OF.get(name, name)
        if column in told:
            continue
        found.append(Problem(number, column, f"is before {NOT_BEFORE[column]}" if column in NOT_BEFORE else words))
    return row, found


def _date(value: str) -> dt.date | None:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return dt.datetime.strptime(value, form).replace(tzinfo=dt.UTC).date()
        except ValueError:
            continue
    return None


def import_file(*, content: bytes, commit: bool, by: Seat, at: dt.datetime) -> Outcome:
    """Import every row of a file, or none: with a problem, or without ``commit``, all is taken back.

    A dry run does the same work and takes it back, so that it finds whatever the import would. Rows whose reference is
    there already are left as they are, so a file can be imported again.
    """
    reading = read_referrals(content, today=london_date(at))
    outcome = Outcome(problems=reading.problems)
    if outcome.problems:
        return outcome
    with transaction.atomic():
        there = set(
            Referral.objects.filter(
                partnership_id=by.partnership_id, source_reference__in=[row.reference for _, row in reading.rows]
            ).values_list("source_reference", flat=True)
        )
        for number, row in reading.rows:
            if row.reference in there:
                outcome.already.append(row.reference)
                continue
            try:
                import_referral(row=row, by=by, at=at)
            except RuleBroken as broken:
                outcome.problems.append(Problem(number, COLUMN_OF.get(broken.field, broken.field), broken.message))
            else:
                outcome.made.append(row.reference)
        if outcome.problems:
            outcome.made = []
        outcome.committed = commit and not outcome.problems
        if not outcome.committed:
            transaction.set_rollback(True)
    return outcome
