"""People and their roles, for those who look after them. Nothing here speaks of a child."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from mace.accounts.models import DEPUTISED, Membership, Role, User
from mace.accounts.selectors import current, role_label
from mace.agencies.models import Agency, Team
from mace.agencies.selectors import agreement_state, participations
from mace.core.forms import long_date
from mace.core.seat import Seat

PAGE = 50
BREAK = mark_safe("<br>")
HEAD = ["Name", "Email address", "Roles today", "Account"]


def in_charge_of(seat: Seat) -> QuerySet[Membership]:
    """The seats, past ones too, that the seat sees: its partnership's; a lead's are those of its own agency."""
    rows = Membership.objects.filter(partnership_id=seat.partnership_id).exclude(role=Role.SYSTEM)
    return rows.filter(agency_id=seat.agency_id) if seat.role == Role.AGENCY_LEAD else rows


def changes(seat: Seat, membership: Membership) -> bool:
    """Whether the seat may end that one; the database's ``accounts_looks_after`` says the same."""
    if membership.user_id == seat.user_id or membership.partnership_id != seat.partnership_id:
        return False
    if seat.role == Role.ADMINISTRATOR:
        return True
    return (
        seat.role == Role.AGENCY_LEAD and membership.agency_id == seat.agency_id and membership.role in may_give(seat)
    )


def may_give(seat: Seat) -> list[str]:
    """The roles that the seat may give; a deputy lead names members only."""
    if seat.role == Role.ADMINISTRATOR:
        return [role for role in Role.values if role != Role.SYSTEM]
    if seat.role != Role.AGENCY_LEAD:
        return []
    is_deputy = Membership.objects.filter(pk=seat.membership_id, deputy_for__isnull=False).exists()
    return [Role.AGENCY_MEMBER.value] if is_deputy else [Role.AGENCY_LEAD.value, Role.AGENCY_MEMBER.value]


def people_page(seat: Seat, *, page: int, on: dt.date) -> tuple[list[list[object]], bool]:
    """One page of people as rows of a table, by name, and whether more follow."""
    first = (page - 1) * PAGE
    now = Membership.objects.filter(current(on), pk__in=in_charge_of(seat).values("pk")).select_related(
        "agency", "user"
    )
    people = list(
        User.objects.filter(Exists(in_charge_of(seat).filter(user=OuterRef("pk"))))
        .prefetch_related(Prefetch("memberships", queryset=now.order_by("pk"), to_attr="held_now"))
        .order_by("name", "pk")[first : first + PAGE + 1]
    )
    return [_person_row(person) for person in people[:PAGE]], len(people) > PAGE


def _person_row(person: User) -> list[object]:
    held: list[Membership] = person.held_now  # type: ignore[attr-defined]  # prefetched above
    link = format_html(
        '<a class="govuk-link" href="{}">{}</a>', reverse("casework:person", args=[person.reference]), person.name
    )
    return [link, person.email, _lines(role_words(member) for member in held) or "none", account_words(person)]


def _lines(texts: Iterable[str]) -> SafeString:
    return format_html_join(BREAK, "{}", ((text,) for text in texts))


def role_words(member: Membership) -> str:
    """“Deputy chair, Anytown Children’s Services”."""
    return f"{role_label(member.role, deputy=member.deputy_for_id is not None)}, {member.agency.name}"


def account_words(person: User) -> str:
    if not person.is_active:
        return "closed"
    return "open" if person.last_login else "never signed in"


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role as a person's page shows it. ``end_url`` is empty for one that the seat may not end, or that has ended."""

    words: str
    details: str
    dates: str
    end_url: str


def roles_of(person: User, seat: Seat, *, on: dt.date) -> list[HeldRole]:
    """The roles of a person that the seat sees, the latest first, ended ones too."""
    rows = in_charge_of(seat).filter(user=person).select_related("user", "agency", "team", "deputy_for__user")
    return [_held(member, seat, on=on) for member in rows.order_by("-from_on", "-pk")]


def _held(member: Membership, seat: Seat, *, on: dt.date) -> HeldRole:
    standing_in = f"stands in for {member.deputy_for.user.name}" if member.deputy_for else ""
    team = member.team.name if member.team else ""
    ended = member.until_on is not None and member.until_on < on
    until = f" to {long_date(member.until_on)}" if member.until_on else ""
    return HeldRole(
        words=role_words(member),
        details=" · ".join(part for part in (member.job_title, team, standing_in, member.purpose) if part),
        dates=f"{'Ended: ' if ended else ''}{long_date(member.from_on)}{until or ' until it is ended'}",
        end_url="" if ended or not changes(seat, member) else reverse("casework:end_role", args=[member.reference]),
    )


def agencies_to_give_roles_in(seat: Seat) -> list[Agency]:
    rows = Agency.objects.filter(participations__partnership_id=seat.partnership_id).order_by("name")
    return list(rows.filter(pk=seat.agency_id) if seat.role == Role.AGENCY_LEAD else rows)


def teams_of(agencies: list[Agency]) -> list[Team]:
    return list(Team.objects.filter(agency__in=agencies).select_related("agency").order_by("agency__name", "name"))


def to_stand_in_for(seat: Seat, *, on: dt.date) -> list[Membership]:
    """Chairs and leads in force whom a deputy may stand in for."""
    roles = [role for role in DEPUTISED if role in may_give(seat)]
    rows = in_charge_of(seat).filter(current(on), Q(role__in=roles), deputy_for__isnull=True)
    return list(rows.select_related("user", "agency").order_by("user__name", "pk"))


AGREEMENT_HEAD = ["Agency", "Signed", "Review due", "State", "Change"]


def agreement_rows(partnership_id: int, *, on: dt.date) -> list[list[object]]:
    """Every agency's agreement, as rows of a table."""
    rows: list[list[object]] = []
    for row in participations(partnership_id):
        signed, due = row.agreement_signed_on, row.agreement_review_due_on
        change = format_html(
            '<a class="govuk-link" href="{}">Change<span class="govuk-visually-hidden"> that of {}</span></a>',
            reverse("casework:agreement", args=[row.reference]),
            row.agency.name,
        )
        state = agreement_state(row, on=on)
        words = format_html('<strong class="app-urgent">{}</strong>', state) if state else "in force"
        rows.append(
            [
                row.agency.name,
                long_date(signed) if signed else "no",
                long_date(due) if due else "no date",
                words,
                change,
            ]
        )
    return rows
