"""The agencies of a partnership and their people, for its administrator. Nothing here speaks of a child."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from mace.accounts.models import Membership, Role
from mace.accounts.selectors import seats_in
from mace.agencies.models import Participation
from mace.core.templatetags.components import short_date


@dataclass(frozen=True, slots=True)
class AgencyRow:
    name: str
    kind: str
    leads: str
    people: list[str]
    agreement: str
    lapsed: bool


def organisations(partnership_id: int, *, on: dt.date) -> list[AgencyRow]:
    """Each agency with its people by role, and how its information-sharing agreement stands."""
    members: defaultdict[int, list[Membership]] = defaultdict(list)
    for member in seats_in(partnership_id, on=on):
        members[member.agency_id].append(member)
    rows = []
    for row in (
        Participation.objects.filter(partnership_id=partnership_id).select_related("agency").order_by("agency__name")
    ):
        here = members[row.agency_id]
        due = row.agreement_review_due_on
        if row.agreement_signed_on is None:
            agreement = "not signed"
        elif due is None:
            agreement = f"signed {short_date(row.agreement_signed_on)}"
        else:
            agreement = f"review {'was ' if due < on else ''}due {short_date(due)}"
        rows.append(
            AgencyRow(
                name=row.agency.name,
                kind=row.agency.get_kind_display(),
                leads=", ".join(m.user.name for m in here if m.role == Role.AGENCY_LEAD) or "nobody",
                people=[f"{m.user.name}, {m.get_role_display()}" for m in here],
                agreement=agreement,
                lapsed=due is not None and due < on,
            )
        )
    return rows
