"""Everybody who sees a record, said as who they are and why; from the very grants that both locks go by."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from mace.access.models import Grant
from mace.access.policy import AGENCY_ROLES
from mace.access.selectors import Holder, holders_of
from mace.accounts.models import Membership, Role
from mace.accounts.selectors import SEAT_JOINS
from mace.casework.selectors.sharing_subject import Subject
from mace.core.clock import LONDON
from mace.core.forms import long_date
from mace.core.seat import Seat
from mace.core.templatetags.components import uk_time

NOBODY = "nobody at present"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody, or whoever holds some post, who sees the record. ``seats`` are those of today, by key."""

    who: str
    people: str
    scope: int
    sees: str
    until: str
    why: str
    seats: tuple[int, ...]


def until_words(until: dt.datetime | None) -> str:
    """When a grant ends: the last whole day where it ends at midnight, else day and time."""
    if until is None:
        return "no end date"
    local = until.astimezone(LONDON)
    if (local.hour, local.minute) == (0, 0):
        return f"the end of {long_date((local - dt.timedelta(days=1)).date())}"
    return f"{uk_time(until)} on {long_date(local.date())}"


def viewers_of(subject: Subject) -> list[Viewer]:
    """Everybody who sees the record today, the widest first; posts that nobody holds are said to be empty."""
    holders = holders_of(subject.record_id)
    return _viewers(subject, _Reasons(subject, {holder.principal for holder in holders}), holders)


def whole_picture(subject: Subject, seat: Seat) -> tuple[list[Viewer], list[Viewer]]:
    """The acting seat's own lines, and everybody's."""
    holders = holders_of(subject.record_id)
    reasons = _Reasons(subject, {holder.principal for holder in holders})
    own = [(row.principal, row.scope, row.until) for row in holders if row.membership_id == seat.membership_id]
    return _own(subject, seat, reasons, own), _viewers(subject, reasons, holders)


def _viewers(subject: Subject, reasons: _Reasons, holders: list[Holder]) -> list[Viewer]:
    keys = {holder.membership_id for holder in holders}
    seats = {seat.pk: seat for seat in Membership.objects.filter(pk__in=keys).select_related(*SEAT_JOINS)}
    grouped: defaultdict[int, list[Holder]] = defaultdict(list)
    for holder in holders:
        grouped[holder.principal].append(holder)
    found: list[Viewer] = []
    for principal, rows in grouped.items():
        found += _said(subject, reasons, principal, rows, seats)
    return sorted(found, key=lambda viewer: (-viewer.scope, viewer.who, viewer.people))


def _said(
    subject: Subject, reasons: _Reasons, principal: int, rows: list[Holder], seats: dict[int, Membership]
) -> Iterable[Viewer]:
    there = [seats[row.membership_id] for row in rows if row.membership_id is not None]
    sees, until = subject.scope_names[rows[0].scope], until_words(rows[0].until)
    post = reasons.post(principal)
    if post is not None:
        who, why = post
        names = ", ".join(dict.fromkeys(_elsewhere(seat, subject) for seat in there)) or NOBODY
        yield Viewer(who, names, rows[0].scope, sees, until, why, tuple(seat.pk for seat in there))
        return
    for seat in there:
        words = f"{Role(seat.role).label}, {seat.agency.name}"
        yield Viewer(seat.user.name, words, rows[0].scope, sees, until, reasons.of_person(principal, seat), (seat.pk,))


def _elsewhere(seat: Membership, subject: Subject) -> str:
    """A person's name; an agency's lead for another partnership is told apart."""
    here = seat.partnership_id == subject.partnership_id
    return seat.user.name if here else f"{seat.user.name} (for {seat.partnership.name})"


def own_lines(subject: Subject, seat: Seat) -> list[Viewer]:
    """Why the acting seat itself sees the record; nothing of anybody else."""
    rows = list(
        Grant.objects.filter(record_id=subject.record_id)
        .order_by("-scope", "principal")
        .values_list("principal", "scope", "until")
    )
    return _own(subject, seat, _Reasons(subject, {principal for principal, _, _ in rows}), rows)


def _own(
    subject: Subject, seat: Seat, reasons: _Reasons, rows: Iterable[tuple[int, int, dt.datetime | None]]
) -> list[Viewer]:
    return [
        Viewer(
            who="You",
            people=seat.words,
            scope=scope,
            sees=subject.scope_names[scope],
            until=until_words(until),
            why=reasons.own(principal, seat),
            seats=(seat.membership_id,),
        )
        for principal, scope, until in rows
    ]


_WHO_THEY_ARE = """
select 'partnership', principal, id, name from agencies_partnership where principal = any (%(principals)s)
union all select 'agency', principal, id, name from agencies_agency where principal = any (%(principals)s)
union all select 'team', principal, id, name from agencies_team where principal = any (%(principals)s)
union all select 'panel', principal, id, name from panels_panel where principal = any (%(principals)s)
union all select 'emergency', principal, id, reference from access_emergencyaccess
           where principal = any (%(principals)s)
union all select 'named', user_id, null, '' from access_namedperson where content_object_id = %(record)s
union all select 'referrer', referrer_id, null, '' from referrals_referral where case_id = %(record)s"""
"""What the principals stand for, who is named on the record and who referred; one statement, under the policies."""


class _Reasons:
    """Why a principal holds the record: what was read once for all of them."""

    def __init__(self, subject: Subject, principals: set[int]) -> None:
        self.subject = subject
        found: defaultdict[str, dict[int, tuple[int, str]]] = defaultdict(dict)
        with connection.cursor() as cursor:
            cursor.execute(_WHO_THEY_ARE, {"principals": list(principals), "record": subject.record_id})
            for what, key, pk, words in cursor.fetchall():
                found[what][key] = (pk, words)
        self.partnerships, self.agencies, self.teams = found["partnership"], found["agency"], found["team"]
        self.panels, self.emergencies = found["panel"], found["emergency"]
        self.named, self.referrers = set(found["named"]), set(found["referrer"])

    def post(self, principal: int) -> tuple[str, str] | None:
        """Which post it is and why it sees the record; none for one person's own principal."""
        case = self.subject.case
        if principal in self.partnerships:
            return "Coordinators", f"They coordinate every {self.subject.noun} that is not restricted."
        if agency := self.agencies.get(principal):
            return f"Lead of {agency[1]}", "A sharing decision: see below."
        if team := self.teams.get(principal):
            of_case = "The case is with this team." if case and case.team_id == team[0] else "A referral came from it."
            return f"Manager of {team[1]}", of_case if case else "A case of this team is linked with it."
        if panel := self.panels.get(principal):
            why = f"The {self.subject.noun} is, or was, on its agenda or linked with what is."
            return f"Chairs of the {panel[1]}", why
        return None

    def of_person(self, principal: int, seat: Membership) -> str:
        """Why one person sees it, through a grant of their own."""
        if principal != seat.principal:
            return self._in_emergency(principal, reviewing=seat.role == Role.INFORMATION_GOVERNANCE)
        return self._of_seat(seat.pk, seat.user_id, seat.role)

    def own(self, principal: int, seat: Seat) -> str:
        """The same for the acting seat, said to it."""
        noun, case = self.subject.noun, self.subject.case
        if principal != seat.principal and self.post(principal) is None:
            return self._in_emergency(principal, reviewing=seat.role == Role.INFORMATION_GOVERNANCE)
        panel = self.panels.get(principal)
        reasons = (
            (principal in self.partnerships, f"You coordinate {seat.partnership_name}."),
            (principal in self.agencies, f"It was shared with {seat.agency_name}. The decision stands below."),
            (principal in self.teams, f"You manage the team that this {noun} is with, or that referred it."),
            (panel, f"You chair the {panel and panel[1]}, which has this {noun} open or on its agenda."),
            (case and case.lead_professional_id == seat.membership_id, "You are the lead professional of this case."),
            (seat.membership_id in self.referrers, "You wrote the referral."),
            (
                seat.role in AGENCY_ROLES,
                f"You are named on it for {seat.agency_name}, for instance because of an action.",
            ),
        )
        return next((words for holds, words in reasons if holds), "You recorded it, or are named on it.")

    def _in_emergency(self, principal: int, *, reviewing: bool) -> str:
        emergency = self.emergencies.get(principal)
        reference = f", review {emergency[1]}" if emergency else ""
        return f"Reviews an emergency access{reference}." if reviewing else f"In an emergency{reference}."

    def _of_seat(self, membership_id: int, user_id: int, role: str) -> str:
        case, entry = self.subject.case, self.subject.entry
        reasons = (
            (case and membership_id == case.lead_professional_id, "Lead professional."),
            (case and membership_id == case.coordinator_id, "Coordinator of this case."),
            (membership_id in self.referrers, "Wrote the referral."),
            (entry and membership_id == entry.row.created_by_id, "Recorded it."),
            (user_id in self.named and role in AGENCY_ROLES, "Named on it for their agency."),
            (user_id in self.named, "Named on it."),
            (entry, "Leads a case that is linked with it."),
        )
        return next((words for holds, words in reasons if holds), "Named on another record of the same child.")
