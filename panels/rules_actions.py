"""Who may do what with an action that they see. Pure: ids in, yes or no out."""

from __future__ import annotations

from dataclasses import dataclass

from mace.accounts.models import Role
from mace.core.seat import Seat

PANEL_ROLES = frozenset({Role.COORDINATOR.value, Role.CHAIR.value, Role.SYSTEM.value})


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose an action is: its agency, and the named person's seat and team, if it has one."""

    agency_id: int
    owner_id: int | None
    owner_team_id: int | None


def runs_the_panel(seat: Seat) -> bool:
    """Coordinator or chair: they may close, extend and hand out any action that they see."""
    return seat.role in PANEL_ROLES


def may_update(whose: Whose, seat: Seat) -> bool:
    """The named owner, the owner agency's lead, the manager of the owner's team, coordinator and chair."""
    if runs_the_panel(seat) or whose.owner_id == seat.membership_id:
        return True
    if whose.agency_id != seat.agency_id:
        return False
    return seat.role == Role.AGENCY_LEAD or _manages(whose, seat)


def may_assign(whose: Whose, seat: Seat) -> bool:
    """Coordinator and chair; of the owner agency its lead, and a manager within the team."""
    if runs_the_panel(seat):
        return True
    return whose.agency_id == seat.agency_id and (seat.role == Role.AGENCY_LEAD or _manages(whose, seat))


def _manages(whose: Whose, seat: Seat) -> bool:
    return seat.role == Role.MANAGER and seat.team_id is not None and whose.owner_team_id in (None, seat.team_id)
