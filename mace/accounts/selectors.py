"""Reading seats."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from mace.accounts.models import Membership, Role, User
from mace.agencies.models import Participation
from mace.core.seat import Seat

SEAT_JOINS = ("user", "agency", "partnership", "team")


MAY_REFER = Exists(
    Participation.objects.filter(agency=OuterRef("agency"), partnership=OuterRef("partnership"), may_refer=True)
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person who may sign in, all the seats they hold today, and whether they have a second factor."""

    user: User
    seats: tuple[Seat, ...]
    second_factor: bool


def role_label(role: str, *, deputy: bool) -> str:
    """The role as people know it; who stands in for somebody is told apart: “Deputy chair”."""
    label = str(Role(role).label)
    return f"Deputy {label.lower()}" if deputy else label


_USER_FIELDS = tuple(field.attname for field in User._meta.concrete_fields)
_SIGNED_IN = f"""
select {", ".join(f"u.{field}" for field in _USER_FIELDS)},
  exists (select from mfa_authenticator f where f.user_id = u.id and f.type = 'totp'),
  m.id, m.role, m.deputy_for_id is not null, m.job_title, m.principal, a.id, a.name, a.kind, a.principal,
  p.id, p.name, p.principal, t.id, t.name, t.principal,
  exists (select from agencies_participation q where q.agency_id = a.id and q.partnership_id = p.id and q.may_refer)
from accounts_user u
left join (accounts_membership m join agencies_agency a on a.id = m.agency_id
           join agencies_partnership p on p.id = m.partnership_id left join agencies_team t on t.id = m.team_id)
  on m.user_id = u.id and m.role <> 'system' and m.from_on <= %s and (m.until_on is null or m.until_on >= %s)
where u.id = %s and u.is_active order by m.id"""  # noqa: S608 (the fields' names stand above)


def signed_in(user_id: int, *, on: dt.date) -> SignedIn | None:
    """Everything a request needs to know of the person who is signed in, in one statement; ``None`` for a leaver.

    In SQL, because it runs for every request and must cost as little Python as it can.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SIGNED_IN, [on, on, user_id])
        rows = cursor.fetchall()
    if not rows:
        return None
    of_user = len(_USER_FIELDS)
    user = User.from_db(connection.alias, _USER_FIELDS, rows[0][:of_user])
    seats = tuple(_seat(user, row[of_user + 1 :]) for row in rows if row[of_user + 1] is not None)
    return SignedIn(user=user, seats=seats, second_factor=rows[0][of_user])


def _seat(user: User, row: tuple[Any, ...]) -> Seat:
    membership, role, deputy, job_title, principal, *organisations = row
    agency, agency_name, agency_kind, agency_principal, partnership, *rest = organisations
    partnership_name, partnership_principal, team, team_name, team_principal, may_refer = rest
    return Seat(
        membership_id=membership,
        user_id=user.pk,
        person_name=user.name,
        role=role,
        role_label=role_label(role, deputy=deputy),
        agency_id=agency,
        agency_name=agency_name,
        agency_kind=agency_kind,
        partnership_id=partnership,
        partnership_name=partnership_name,
        team_id=team,
        team_name=team_name or "",
        principal=principal,
        agency_principal=agency_principal,
        team_principal=team_principal,
        partnership_principal=partnership_principal,
        job_title=job_title,
        may_refer=may_refer,
    )


def seat_of(membership: Membership) -> Seat:
    """The seat as the rest of the program knows it. ``membership`` needs ``SEAT_JOINS`` loaded to be cheap."""
    team = membership.team
    return Seat(
        membership_id=membership.pk,
        user_id=membership.user_id,
        person_name=membership.user.name,
        role=membership.role,
        role_label=role_label(membership.role, deputy=membership.deputy_for_id is not None),
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
