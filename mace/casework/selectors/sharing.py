"""Who may see a case, and why, in plain English; read from the very grants and decisions that both locks go by."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from mace.access.models import Disclosure, Grant
from mace.access.policy import AGENCY_ROLES, Capability, can
from mace.access.selectors import disclosures_of
from mace.access.services import grants_on
from mace.accounts.models import Holding, Membership, Role
from mace.accounts.selectors import seats_in
from mace.agencies.models import Agency, Participation, Team
from mace.casework.rules import SCOPE_NAMES, SCOPE_SEEN
from mace.core.seat import Seat
from panels.models import Panel
from referrals.models import Case


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody, or whoever holds some post, who sees the case."""

    who: str
    people: str
    scope: int
    why: str

    @property
    def sees(self) -> str:
        return SCOPE_NAMES[self.scope]


@dataclass(frozen=True, slots=True)
class SharingPicture:
    """``whole`` is False for a seat that reads its own line only; ``in_force`` and ``ended`` are sharing decisions."""

    whole: bool
    own_scope: int
    own_why: str
    viewers: list[Viewer]
    in_force: list[Disclosure]
    ended: list[Disclosure]

    @property
    def own_sees(self) -> str:
        return SCOPE_SEEN[self.own_scope]


def scope_of_seat(record_id: int) -> int:
    """The widest scope at which the acting seat may see a record, 0 for none."""
    return max(Grant.objects.filter(record_id=record_id).values_list("scope", flat=True), default=0)


def sees_whole_picture(case: Case, seat: Seat) -> bool:
    """Coordinator, chair and the lead professional do; an agency and all others read their own line only."""
    return can(seat, Capability.DISCLOSE) or case.lead_professional_id == seat.membership_id


def sharing_picture(case: Case, seat: Seat, *, on: dt.date) -> SharingPicture:
    """The picture as the seat may know it."""
    decisions = list(disclosures_of(case.pk))
    in_force = [d for d in decisions if d.withdrawn_at is None]
    whole = sees_whole_picture(case, seat)
    if not whole:
        decisions = [d for d in decisions if d.agency_id == seat.agency_id]
        in_force = [d for d in in_force if d.agency_id == seat.agency_id]
    return SharingPicture(
        whole=whole,
        own_scope=scope_of_seat(case.pk),
        own_why=_own_reason(case, seat),
        viewers=_viewers(case, seat, on=on) if whole else [],
        in_force=in_force,
        ended=[d for d in decisions if d.withdrawn_at is not None],
    )


def agencies_shared_with(case: Case) -> list[Agency]:
    """Agencies that a sharing decision in force lets see the case, by name."""
    rows = Disclosure.objects.filter(record_id=case.pk, withdrawn_at__isnull=True)
    return list(Agency.objects.filter(pk__in=rows.values("agency_id")).order_by("name"))


def agencies_to_share_with(seat: Seat) -> list[tuple[Agency, str]]:
    """Agencies that take part in the seat's partnership, each with the names of who would see what is shared."""
    rows = Participation.objects.filter(partnership_id=seat.partnership_id).select_related("agency")
    leads: defaultdict[int, list[str]] = defaultdict(list)
    for member in Membership.objects.filter(
        partnership_id=seat.partnership_id, role=Role.AGENCY_LEAD, until_on__isnull=True
    ).select_related("user"):
        leads[member.agency_id].append(member.user.name)
    found = sorted((row.agency for row in rows), key=lambda agency: agency.name)
    return [(agency, ", ".join(leads[agency.pk]) or "nobody yet: it has no lead here") for agency in found]


def _own_reason(case: Case, seat: Seat) -> str:
    in_team = case.team_id is not None and case.team_id == seat.team_id
    reasons = (
        (case.lead_professional_id == seat.membership_id, "You are the lead professional of this case."),
        (seat.role == Role.COORDINATOR, f"You coordinate {seat.partnership_name}."),
        (seat.role == Role.CHAIR, "You chair a panel that has this case open or on its agenda."),
        (seat.role == Role.MANAGER and in_team, "You manage the team that this case is with."),
        (seat.role == Role.AGENCY_LEAD, f"It was shared with {seat.agency_name}. The decision stands below."),
        (seat.role in AGENCY_ROLES, f"You are named on it for {seat.agency_name}, for instance because of an action."),
    )
    return next((words for holds, words in reasons if holds), "You wrote the referral or are named on it.")


def _viewers(case: Case, seat: Seat, *, on: dt.date) -> list[Viewer]:
    """Every grant on the case, said as who holds it today. Principals that nobody can hold are left out."""
    grants = grants_on(case.pk)
    seats = list(seats_in(case.partnership_id, on=on))
    names = _Names(seats, Holding.objects.filter(principal__in=grants))
    by_principal = {member.principal: member for member in seats}
    agencies = {a.principal: a for a in Agency.objects.filter(principal__in=grants)}
    teams = {t.principal: t for t in Team.objects.filter(principal__in=grants)}
    panels = {p.principal: p for p in Panel.objects.filter(principal__in=grants)}
    viewers = []
    for principal, scope in grants.items():
        if principal == seat.partnership_principal:
            viewer = Viewer("Coordinators", names.of_role(Role.COORDINATOR), scope, "They coordinate every case.")
        elif agency := agencies.get(principal):
            why = "A sharing decision: see below."
            viewer = Viewer(f"Lead of {agency.name}", names.leads_of(agency), scope, why)
        elif team := teams.get(principal):
            viewer = Viewer(f"Manager of {team.name}", names.managers_of(team), scope, "The case is with this team.")
        elif panel := panels.get(principal):
            viewer = Viewer(
                f"Chairs of the {panel.name}", names.holding(principal), scope, "The case is open or discussed there."
            )
        elif member := by_principal.get(principal):
            viewer = Viewer(member.user.name, _post(member), scope, _why_named(case, member))
        else:
            continue
        viewers.append(viewer)
    return sorted(viewers, key=lambda viewer: (-viewer.scope, viewer.who))


def _post(member: Membership) -> str:
    return f"{Role(member.role).label}, {member.agency.name}"


def _why_named(case: Case, member: Membership) -> str:
    if member.pk == case.lead_professional_id:
        return "Lead professional."
    if member.pk == case.coordinator_id:
        return "Coordinator of this case."
    if member.role in AGENCY_ROLES:
        return "Named on the case for their agency."
    return "Wrote the referral, or is named on the case."


class _Names:
    """Who holds a post today, as text."""

    def __init__(self, seats: list[Membership], holdings: Iterable[Holding]) -> None:
        self.seats = seats
        self.holders: defaultdict[int, set[int]] = defaultdict(set)
        for holding in holdings:
            self.holders[holding.principal].add(holding.membership_id)

    def of_role(self, role: Role) -> str:
        return self._said(m for m in self.seats if m.role == role)

    def leads_of(self, agency: Agency) -> str:
        return self._said(m for m in self.seats if m.role == Role.AGENCY_LEAD and m.agency_id == agency.pk)

    def managers_of(self, team: Team) -> str:
        return self._said(m for m in self.seats if m.role == Role.MANAGER and m.team_id == team.pk)

    def holding(self, principal: int) -> str:
        return self._said(m for m in self.seats if m.pk in self.holders[principal])

    @staticmethod
    def _said(members: Iterable[Membership]) -> str:
        return ", ".join(dict.fromkeys(m.user.name for m in members)) or "nobody at present"
