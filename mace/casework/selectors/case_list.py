"""Lists of cases: rows made ready before the template, with as much as the seat's scope covers of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from mace.access.models import Grant, Kind, Scope
from mace.access.selectors import PAGE, chosen_rows, visible_rows
from mace.casework.rules import CASE_COLUMNS, CASE_COLUMNS_SHOWN, OPEN
from mace.core.addresses import address
from mace.core.names import name_key
from mace.core.numbers import nhs_number
from mace.core.templatetags.components import rating_tag, short_date, status_tag
from mace.core.together import OnPage, Values
from referrals.enums import Tier
from referrals.models import Case, TierPeriod
from referrals.rules import age_on
from referrals.selectors import label
from referrals.selectors.course import Earlier, repeats_among
from referrals.selectors.voices import heard_on

FOUND_AT_MOST = 50
SHORTEST = 2


class CaseLine(NamedTuple):
    """What a list says of a case; ``category`` and ``rating`` are ``None`` where the seat sees no summary.

    ``heard_on``, the last day on which something that the child says came on record, is read only where it is asked
    for, and known only of a case that the seat sees ``in_full``.
    """

    pk: int
    reference: str
    closed_on: dt.date | None
    forename: str
    surname: str
    date_of_birth: dt.date
    category: str | None
    rating: str | None
    lead: str
    coordinator: str | None
    open_at: list[str]
    lead_id: int
    coordinator_id: int | None
    opened_on: dt.date
    lead_agency: str
    rated_on: dt.date | None
    in_full: bool = False
    heard_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """By what a list is narrowed; what is empty does not narrow it. ``whose``: the key of a seat.

    ``not_heard_since``: only cases seen in full on which nothing that the child says came on record after that day.
    """

    state: str = ""
    tier: str = ""
    rating: str = ""
    whose: int | None = None
    not_heard_since: dt.date | None = None

    def conditions(self) -> list[tuple[str, list[Any]]]:
        """SQL over the values of a line, each with its parameters. A rating that the seat does not see is none."""
        closed, tiers, rating, lead, coordinator = map(
            _column, ("closed_on", "open_at", "rating", "lead_id", "coordinator_id")
        )
        found: list[tuple[str, list[Any]]] = []
        if self.state:
            found.append((f"{closed} is {'null' if self.state == OPEN else 'not null'}", []))
        if self.tier:
            found.append((f"%s = any ({tiers})", [self.tier]))
        if self.rating:
            found.append((f"{rating} = %s", [self.rating]))
        if self.whose is not None:
            found.append((f"%s in ({lead}, {coordinator})", [self.whose]))
        if self.not_heard_since is not None:
            full, heard = _column("in_full"), _column("heard_on")
            found.append((f"{full} and ({heard} is null or {heard} <= %s)", [self.not_heard_since]))
        return found


def _column(name: str) -> str:
    return f"l.c{CaseLine._fields.index(name)}"


_NAMES = (
    *("pk", "reference", "closed_on"),
    *("child__identity__forename", "child__identity__surname", "child__identity__date_of_birth"),
    *("summary__primary_category", "summary__rating", "lead_professional__user__name", "coordinator__user__name"),
    *("open_at", "lead_professional_id", "coordinator_id", "opened_on", "lead_agency__name", "summary__rated_on"),
)
"""Of ``Case``, in the order of ``CaseLine``."""


def _lines() -> QuerySet[Any, tuple[Any, ...]]:
    still_open = TierPeriod.objects.filter(case=OuterRef("pk"), to_on__isnull=True).order_by("from_on", "pk")
    tiers = ArraySubquery(still_open.values("tier"))
    return Case.objects.filter(OnPage("pk")).annotate(open_at=tiers).values_list(*_NAMES)


def _lines_with_voice() -> QuerySet[Any, tuple[Any, ...]]:
    widest = Grant.objects.filter(record_id=OuterRef("pk"), scope__gte=Scope.FULL)
    lines = _lines().annotate(in_full=Exists(widest), heard_on=heard_on())
    return lines.values_list(*_NAMES, "in_full", "heard_on")  # type: ignore[no-any-return]


_LINES, _LINES_WITH_VOICE = Values(_lines), Values(_lines_with_voice)

_FOUND = "select place, record_id from casework_case_search(%s, %s, %s, %s, %s)"


def case_lines(
    wanted: Wanted | None = None, *, after: str = "", size: int = PAGE, with_voice: bool = False
) -> tuple[list[CaseLine], str]:
    """One page of the cases that the seat may see, the last referred first, and the key of the next page or nothing.

    Narrowed, it looks through a thousand cases at a time; a page may then have few and yet be followed by another.
    Raises ``ValueError`` for an ``after`` that no page before it gave.
    """
    conditions = wanted.conditions() if wanted else []
    lines = _LINES_WITH_VOICE if with_voice or (wanted and wanted.not_heard_since) else _LINES
    if conditions:
        where, given = " and ".join(sql for sql, _ in conditions), [one for _, more in conditions for one in more]
        rows, following = chosen_rows(lines, Kind.CASE, where=where, given=given, after=after, size=size)
    else:
        rows, following = visible_rows(lines, Kind.CASE, after=after, size=size)
    return [CaseLine(*row) for row in rows], following


def search_cases(text: str) -> list[CaseLine]:
    """Cases that the seat may see whose child has such a name, or exactly that NHS number or case reference.

    The likest first. A function of the database looks, because a policy keeps PostgreSQL from using an index of names;
    it answers keys of cases that the seat holds a grant on, whose rows are then read as any others.
    """
    wanted = text.strip()
    reference = wanted.upper() if wanted.upper().startswith("C-") else ""
    number = "" if reference else nhs_number(wanted)
    key = "" if reference or number else name_key(wanted)
    if not (reference or number or len(key) >= SHORTEST):
        return []
    found = _LINES.page(_FOUND, [reference, number, key, wanted if key else "", FOUND_AT_MOST], "p.place")
    return [CaseLine(*row[2:]) for row in found if row[2] is not None]


Cell = str | SafeString


def _rating(line: CaseLine) -> Cell:
    return rating_tag(line.rating) if line.rating else ""


def _category(line: CaseLine) -> Cell:
    return label("primary_category", line.category) if line.category else ""


def _open_at(line: CaseLine) -> Cell:
    if line.closed_on:
        return status_tag(f"Closed {short_date(line.closed_on)}", "grey")
    return " and ".join(Tier(tier).label for tier in line.open_at)


def _reference(line: CaseLine) -> Cell:
    return mark_safe(f'<span class="app-nowrap">{line.reference}</span>')  # noqa: S308 (letters, digits, hyphens)


CELLS: dict[str, Callable[[CaseLine], Cell]] = {
    "case": _reference,
    "rating": _rating,
    "category": _category,
    "open_at": _open_at,
    "lead": lambda line: line.lead,
    "coordinator": lambda line: line.coordinator or "",
    "agency": lambda line: line.lead_agency,
    "opened": lambda line: short_date(line.opened_on),
    "rated": lambda line: short_date(line.rated_on) if line.rated_on else "",
    "born": lambda line: short_date(line.date_of_birth),
    "heard": lambda line: (short_date(line.heard_on) if line.heard_on else "never") if line.in_full else "",
}
"""What a column says of a case; age and repeat, which hang on more than the line, apart."""


def case_head(columns: Sequence[str] = CASE_COLUMNS_SHOWN) -> list[str]:
    """The headings of a list with these columns, the name first."""
    return ["Name", *(CASE_COLUMNS[column] for column in columns)]


def case_rows(
    found: list[CaseLine], *, on: dt.date, columns: Sequence[str] = CASE_COLUMNS_SHOWN
) -> list[list[str | SafeString]]:
    """Cells of each case in the order of ``case_head``; empty where the seat sees no summary.

    One statement more where the column of repeats is asked for.
    """
    repeats = repeats_among(line.pk for line in found) if "repeat" in columns else {}
    return [[_name(line), *_cells(line, on, columns, repeats)] for line in found]


def _name(line: CaseLine) -> SafeString:
    name = escape(f"{line.forename} {line.surname}")
    return mark_safe(f'<a class="govuk-link" href="{address("casework:case", line.reference)}">{name}</a>')  # noqa: S308 (escaped)


def _cells(line: CaseLine, on: dt.date, columns: Sequence[str], repeats: dict[int, Earlier]) -> list[Cell]:
    apart: dict[str, Callable[[], Cell]] = {
        "age": lambda: str(age_on(line.date_of_birth, on)),
        "repeat": lambda: f"Repeat of {repeats[line.pk].reference}" if line.pk in repeats else "",
    }
    return [apart[name]() if name in apart else CELLS[name](line) for name in columns]
