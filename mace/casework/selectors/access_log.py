"""Who looked at what, as far as the seat may know it: the policy of the entries decides, here are the questions.

References, kinds, people and times; never what a record says.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from mace.access.policy import Capability, can
from mace.access.selectors import after_key, next_key
from mace.accounts.models import Membership, Role
from mace.audit.models import ReadEntry, ReadKind
from mace.core.seat import Seat
from mace.core.templatetags.components import uk_datetime

PAGE = 25
CAP = 1000
HEAD = ["When", "Who", "What they opened", "What it showed", "Kind"]
OUTSIDE = "Somebody outside the partnership"


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment until another, which is no longer part of it; open where there is none."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None

    def covers(self) -> Q:
        found = Q()
        if self.since is not None:
            found &= Q(at__gte=self.since)
        if self.until is not None:
            found &= Q(at__lt=self.until)
        return found


@dataclass(frozen=True, slots=True)
class LogPage:
    """Entries, newest first. ``next_after`` asks for the following page, if there is one."""

    entries: list[ReadEntry]
    next_after: str


def record_by_reference(reference: str) -> int | None:
    """The record whose log the seat may read, by its public reference; ``None`` for every other."""
    return _one("select audit_record_of(%s)", [reference])


def entries_about(record_id: int, period: Period, *, after: str = "") -> LogPage:
    """Who looked at a record, or at anything of the same child's that the seat answers for.

    Raises ``ValueError`` for an ``after`` that no page before it gave.
    """
    moment, key = after_key(after) if after else (None, None)
    with connection.cursor() as cursor:
        cursor.execute(
            "select audit_reads_about(%s, %s, %s, %s, %s, %s)",
            [record_id, period.since, period.until, moment, key, PAGE + 1],
        )
        ids = [row[0] for row in cursor.fetchall()]
    found = ReadEntry.objects.in_bulk(ids)
    return _page([found[key] for key in ids if key in found])


def count_about(record_id: int, period: Period) -> tuple[int, int]:
    """How many entries those are altogether, and by how many seats."""
    with connection.cursor() as cursor:
        cursor.execute("select * from audit_count_about(%s, %s, %s)", [record_id, period.since, period.until])
        entries, seats = cursor.fetchone()
    return int(entries), int(seats)


def entries_of(member: Membership) -> QuerySet[ReadEntry]:
    """What one seat looked at."""
    return ReadEntry.objects.filter(membership_id=member.pk)


def entries_of_agency(seat: Seat) -> QuerySet[ReadEntry]:
    """What the seats of one's own agency looked at."""
    return ReadEntry.objects.filter(agency_id=seat.agency_id, partnership_id=seat.partnership_id)


def entries_of_kind(seat: Seat, *kinds: ReadKind) -> QuerySet[ReadEntry]:
    """Answers of these kinds to seats of the partnership, and to others who were shown its records."""
    here = Q(partnership_id=seat.partnership_id, kind__in=[kind.value for kind in kinds])
    beyond = Q(beyond=True, kind__in=[kind.value for kind in kinds])
    return ReadEntry.objects.filter(here | beyond)


def log_page(entries: QuerySet[ReadEntry], period: Period, *, after: str = "") -> LogPage:
    """One page of these. Raises ``ValueError`` for an ``after`` that no page before it gave."""
    rows = entries.filter(period.covers())
    if after:
        moment, key = after_key(after)
        rows = rows.filter(Q(at__lt=moment) | Q(at=moment, pk__lt=key), at__lte=moment)
    return _page(list(rows.order_by("-at", "-pk")[: PAGE + 1]))


def count_of(entries: QuerySet[ReadEntry], period: Period) -> int:
    """How many of these; ``CAP + 1`` stands for more than ``CAP``."""
    return len(entries.filter(period.covers()).order_by()[: CAP + 1].values_list("pk", flat=True))


def members_to_ask_about(seat: Seat) -> list[Membership]:
    """Whose log the seat may ask for, by name: its partnership's, or its agency's in it; leavers too."""
    rows = Membership.objects.filter(partnership_id=seat.partnership_id).exclude(role=Role.SYSTEM)
    if not can(seat, Capability.READ_WHOLE_LOG):
        rows = rows.filter(agency_id=seat.agency_id)
    return list(rows.select_related("user", "agency").order_by("user__name", "pk"))


def log_rows(page: LogPage) -> list[list[str | SafeString]]:
    """Rows of a table, in the order of ``HEAD``."""
    who = _who(page.entries)
    shown = references_shown(page.entries)
    return [
        [
            uk_datetime(entry.at),
            who.get(entry.membership_id, OUTSIDE),
            _opened(entry),
            _showed(entry, shown.get(entry.pk, [])),
            ReadKind(entry.kind).label,
        ]
        for entry in page.entries
    ]


def references_shown(entries: Sequence[ReadEntry]) -> dict[int, list[str]]:
    """By entry: the references of what it showed, those that the seat may know."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    if entries:
        with connection.cursor() as cursor:
            cursor.execute("select entry_id, reference from audit_shown(%s)", [[entry.pk for entry in entries]])
            for key, reference in cursor.fetchall():
                found[key].append(reference)
    return found


def _page(rows: list[ReadEntry]) -> LogPage:
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return LogPage(rows, next_key(rows[-1].at, rows[-1].pk) if more else "")


def _who(entries: Sequence[ReadEntry]) -> dict[int, str]:
    members = Membership.objects.select_related("user", "agency").in_bulk({entry.membership_id for entry in entries})
    return {key: f"{row.user.name}, {Role(row.role).label}, {row.agency.name}" for key, row in members.items()}


def _opened(entry: ReadEntry) -> str:
    """The action in words; a refusal carries the name of the page that was asked for."""
    words = entry.action.rpartition(":")[2].replace("_", " ").replace("-", " ") if entry.refused else entry.action
    return words[:1].upper() + words[1:]


def _showed(entry: ReadEntry, references: list[str]) -> str | SafeString:
    """One reference, or how many with the list behind it."""
    if entry.refused:
        return f"Nothing; asked for {entry.reference}" if entry.reference else "Nothing"
    others = len(entry.records) - len(references)
    if len(entry.records) <= 1 or not references:
        return references[0] if references else entry.reference or (f"{entry.rows} in figures" if entry.rows else "")
    rest = format_html("<li>and {} more</li>", others) if others > 0 else ""
    return format_html(
        '<details><summary>{} records{}</summary><ul class="govuk-list govuk-list--bullet">{}{}</ul></details>',
        len(entry.records),
        f", for {entry.reference}" if entry.reference else "",
        format_html_join("", "<li>{}</li>", ((reference,) for reference in references)),
        rest,
    )


def _one(sql: str, parameters: list[str]) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        (found,) = cursor.fetchone()
    return found if found is None else int(found)
