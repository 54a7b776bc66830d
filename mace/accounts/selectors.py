"""Reading seats."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from mace.accounts.models import Membership, Role
from mace.agencies.models import Participation
from mace.core.seat import Seat

SEAT_JOINS = ("user", "agency", "partnership", "team")


MAY_REFER = Exists(
    Participation.objects.filter(agency=OuterRef("agency"), partnership=OuterRef("partnership"), may_refer=True)
)


def seat_of(membership: Membership) -> Seat:
    """The seat as the rest of the program knows it. ``membership`` needs ``SEAT_JOINS`` loaded to be cheap."""
    team = membership.team
    return Seat(
        membership_id=membership.pk,
        user_id=membership.user_id,
        person_name=membership.user.name,
        role=membership.role,
        role_label=Role(membership.role).label,
        agency_id=membership.agency_id,
        agency_name=membership.agency.name,
        agency_kind=membership.agency.kind,
        partnership_id=membership.partnership_id,
        partnership_name=membership.partnership.name,
        team_id=membership.team_id,
        team_name=team.name if team else "",
        principal=membership.principal,
        agency_principal=membership.agency.principal,
        team_principal=team.principal if team else None,
        partnership_principal=membership.partnership.principal,
        job_title=membership.job_title,
        may_refer=getattr(membership, "may_refer", False),
    )


def current(on: dt.date) -> Q:
    """Memberships in force on a date, of people who may sign in."""
    return Q(from_on__lte=on) & (Q(until_on__isnull=True) | Q(until_on__gte=on)) & Q(user__is_active=True)


def memberships_of(user_id: int, *, on: dt.date) -> QuerySet[Membership]:
    """A person's current seats, in a fixed order; the system's own are never a person's."""
    return (
        Membership.objects.filter(current(on), user_id=user_id)
        .exclude(role=Role.SYSTEM)
        .select_related(*SEAT_JOINS)
        .annotate(may_refer=MAY_REFER)
        .order_by("pk")
    )


def system_seat(partnership_id: int) -> Seat:
    """The seat that tasks and commands act in for one partnership."""
    return seat_of(Membership.objects.select_related(*SEAT_JOINS).get(partnership_id=partnership_id, role=Role.SYSTEM))


def seat_by_membership(membership_id: int, *, on: dt.date) -> Seat | None:
    """The seat of a membership that is in force on a date, for a task that works for one person; else ``None``."""
    row = Membership.objects.filter(current(on), pk=membership_id).select_related(*SEAT_JOINS).first()
    return seat_of(row) if row else None


def system_seats() -> list[Seat]:
    """One system seat for each partnership of the installation."""
    rows = Membership.objects.filter(role=Role.SYSTEM).select_related(*SEAT_JOINS).order_by("partnership_id")
    return [seat_of(row) for row in rows]


def seats_in(
    partnership_id: int, *, on: dt.date, roles: Iterable[str] = (), agency_id: int | None = None
) -> QuerySet[Membership]:
    """Current seats of a partnership, narrowed by role and agency, by name."""
    rows = Membership.objects.filter(current(on), partnership_id=partnership_id).exclude(role=Role.SYSTEM)
    if roles:
        rows = rows.filter(role__in=list(roles))
    if agency_id is not None:
        rows = rows.filter(agency_id=agency_id)
    return rows.select_related(*SEAT_JOINS).order_by("user__name", "pk")
