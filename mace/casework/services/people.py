"""Giving people roles and taking them away, in the seat of an administrator or an agency's lead."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from mace.access.policy import Capability, require
from mace.accounts.models import DEPUTISED, TIME_LIMITED, Membership, Role, User
from mace.accounts.services import add_person, end_seat, give_seat, set_active
from mace.agencies.models import Agency, Participation, Team
from mace.agencies.services import set_agreement
from mace.core.clock import london_date
from mace.core.errors import RuleBroken
from mace.core.seat import Seat
from mace.notifications.services import notify

FIRST_STEP = "/accounts/password/reset/"
"""Where a new person asks for a link to choose a password with: none is ever sent, and no link stands in the outbox."""


@transaction.atomic
def give_role(
    *,
    user: User,
    agency: Agency,
    role: Role | str,
    from_on: dt.date,
    by: Seat,
    at: dt.datetime,
    until_on: dt.date | None = None,
    team: Team | None = None,
    job_title: str = "",
    purpose: str = "",
    deputy_for: Membership | None = None,
) -> Membership:
    """Give a person a role, and tell them by mail where to begin. The very same role again answers the one that stands.

    Raises ``RuleBroken`` for a role to oneself, a time-limited one without its end or purpose, a team of another
    agency, or a deputy for somebody who does not hold that role there.
    """
    require(by, Capability.GIVE_ROLES)
    if user.pk == by.user_id:
        raise RuleBroken("Nobody gives themselves a role. Ask another administrator.")
    limited = str(role) in TIME_LIMITED or deputy_for is not None
    if until_on is not None and until_on < from_on:
        raise RuleBroken("The role must end on or after the day it begins", field="until_on")
    if limited and until_on is None:
        raise RuleBroken("Enter the last day: this role is for a time", field="until_on")
    if limited and not purpose.strip():
        raise RuleBroken("Say what this role is for", field="purpose")
    if team is not None and team.agency_id != agency.pk:
        raise RuleBroken(f"Select a team of {agency.name}", field="team")
    if deputy_for is not None:
        _check_deputy(deputy_for, user=user, agency=agency, role=str(role), until_on=until_on)
    terms = {"role": role, "team": team, "from_on": from_on, "until_on": until_on, "deputy_for": deputy_for}
    same = Membership.objects.filter(user=user, agency=agency, partnership_id=by.partnership_id, **terms).first()
    if same is not None:
        return same
    made = give_seat(
        user=user,
        agency=agency,
        role=role,
        from_on=from_on,
        until_on=until_on,
        team=team,
        job_title=job_title,
        purpose=purpose,
        deputy_for=deputy_for,
    )
    new = not user.has_usable_password() and user.last_login is None
    notify(
        to=made,
        subject="You have been given a role in MACE",
        text=(
            "Ask for a link to choose your password with, on the page below, by your work email address. You then set "
            "up a second step for signing in."
            if new
            else "Sign in as usual. If you hold several roles you choose one, and can switch at the top of every page."
        ),
        path=FIRST_STEP if new else "/",
        about=None,
        dedupe_key=f"role {made.reference}",
        by=by,
        at=at,
    )
    return made


def _check_deputy(whom: Membership, *, user: User, agency: Agency, role: str, until_on: dt.date | None) -> None:
    if whom.user_id == user.pk:
        raise RuleBroken("Nobody stands in for themselves", field="deputy_for")
    if role not in DEPUTISED or whom.role != role or whom.agency_id != agency.pk:
        raise RuleBroken("A deputy has the same role and agency as the person they stand in for", field="deputy_for")
    if whom.until_on is not None and until_on is not None and until_on > whom.until_on:
        raise RuleBroken("A deputy’s role ends no later than that of the person they stand in for", field="until_on")


@transaction.atomic
def add_with_role(
    *,
    email: str,
    name: str,
    agency: Agency,
    role: Role | str,
    from_on: dt.date,
    by: Seat,
    at: dt.datetime,
    **more: object,
) -> Membership:
    """Add a person, or find the one who has this address, and give them a role."""
    require(by, Capability.GIVE_ROLES)
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is not None and not user.is_active:
        raise RuleBroken("The account with this address is closed. An administrator can open it.", field="email")
    user = add_person(email=email, name=name)
    return give_role(user=user, agency=agency, role=role, from_on=from_on, by=by, at=at, **more)  # type: ignore[arg-type]


@transaction.atomic
def end_role(*, membership: Membership, at_once: bool, by: Seat, at: dt.datetime) -> None:
    """End a role with today, or at once: then the person's next request finds it gone."""
    require(by, Capability.GIVE_ROLES)
    if membership.user_id == by.user_id:
        raise RuleBroken("Nobody ends their own role. Ask another administrator.")
    today = london_date(at)
    end_seat(membership=membership, last_day=today - dt.timedelta(days=1) if at_once else today)


@transaction.atomic
def close_account(*, user: User, by: Seat) -> None:
    """Close a person's account; all their sessions end at the next request, their roles stay on record."""
    require(by, Capability.CLOSE_ACCOUNTS)
    _of_oneself(user, by)
    set_active(user=user, active=False)


@transaction.atomic
def open_account(*, user: User, by: Seat) -> None:
    """Open a closed account again, with whatever roles still stand."""
    require(by, Capability.CLOSE_ACCOUNTS)
    _of_oneself(user, by)
    set_active(user=user, active=True)


def _of_oneself(user: User, by: Seat) -> None:
    if user.pk == by.user_id:
        raise RuleBroken("Nobody closes their own account. Ask another administrator.")


@transaction.atomic
def keep_agreement(
    *, participation: Participation, signed_on: dt.date | None, review_due_on: dt.date | None, by: Seat
) -> None:
    """Record an agency's information-sharing agreement. Raises ``RuleBroken`` for a review that nothing precedes."""
    require(by, Capability.KEEP_AGREEMENTS)
    if review_due_on is not None and (signed_on is None or review_due_on < signed_on):
        raise RuleBroken("The review must be due on or after the day the agreement was signed", field="review_due_on")
    set_agreement(participation=participation, signed_on=signed_on, review_due_on=review_due_on)
