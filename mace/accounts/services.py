"""Making people and seats. The database's own functions do it and check the seat that asks once more."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection

from mace.accounts.models import Membership, Role, User
from mace.agencies.models import Agency, Team


def _call(function: str, *parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}({', '.join(['%s'] * len(parameters))})", list(parameters))
        row = cursor.fetchone()
    return int(row[0] or 0)


def add_person(*, email: str, name: str) -> User:
    """The account with this address; a new one, that nobody can sign in to yet, if there is none."""
    return User.objects.get(pk=_call("accounts_add_person", email.strip(), " ".join(name.split())))


def give_seat(
    *,
    user: User,
    agency: Agency,
    role: Role | str,
    from_on: dt.date,
    until_on: dt.date | None = None,
    team: Team | None = None,
    job_title: str = "",
    purpose: str = "",
    deputy_for: Membership | None = None,
) -> Membership:
    """Give a person a seat in the partnership of the seat that acts. A chair's deputy gets the chair's panels too."""
    made = _call(
        "accounts_give_seat",
        *(user.pk, agency.pk, team.pk if team else None, str(role), job_title.strip(), from_on, until_on),
        *(purpose.strip(), deputy_for.pk if deputy_for else None),
    )
    return Membership.objects.select_related("user", "agency", "partnership", "team").get(pk=made)


def end_seat(*, membership: Membership, last_day: dt.date) -> None:
    """Let a seat, and those of its deputies, end with a day. One that began later is put back to that day.

    A last day of yesterday ends it at once: at the next request. Change history keeps when that was done.
    """
    with connection.cursor() as cursor:
        cursor.execute("select accounts_end_seat(%s, %s)", [membership.pk, last_day])


def set_active(*, user: User, active: bool) -> None:
    """Close a person's account, which ends all their sessions at the next request, or open it again."""
    with connection.cursor() as cursor:
        cursor.execute("select accounts_set_active(%s, %s)", [user.pk, active])
