"""Who should be told that a case is closed; closings and lead periods in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from mace.access.models import Disclosure, NamedPerson
from mace.access.selectors import holders_of
from mace.accounts.models import Membership
from mace.accounts.selectors import SEAT_JOINS
from mace.casework.rules import SCOPE_NAMES
from mace.core.templatetags.components import uk_date
from referrals.enums import Tier, TierOutcome
from referrals.models import Case, CaseClosure, ClosureTold, LeadPeriod


@dataclass(frozen=True, slots=True)
class Proposed:
    """An agency or a person that has a sharing decision on the case. ``key`` names its fields in a form."""

    key: str
    name: str
    why: str
    agency_id: int | None = None
    membership_id: int | None = None


def to_be_told(case: Case, *, on: dt.date) -> list[Proposed]:
    """The lead professional, the agencies with a sharing decision in force, and the people named on the case."""
    lead = case.lead_professional
    found = [Proposed(f"person_{lead.pk}", lead.user.name, "Lead professional", membership_id=lead.pk)]
    shared: dict[int, Proposed] = {}
    rows = Disclosure.objects.filter(record_id=case.pk, withdrawn_at__isnull=True).select_related("agency")
    for line in rows.order_by("agency__name", "-scope", "pk"):
        if line.ends_on is None or line.ends_on >= on:
            why = f"Sees: {SCOPE_NAMES[line.scope].lower()}"
            shared.setdefault(
                line.agency_id,
                Proposed(f"agency_{line.agency_id}", line.agency.name, why, agency_id=line.agency_id),
            )
    return [*found, *shared.values(), *_named(case)]


def _named(case: Case) -> list[Proposed]:
    users = set(NamedPerson.objects.filter(content_object_id=case.pk).values_list("user_id", flat=True))
    if not users:
        return []
    held = {holder.principal for holder in holders_of(case.pk)}
    seats = Membership.objects.filter(user_id__in=users).exclude(pk=case.lead_professional_id)
    return [
        Proposed(f"person_{seat.pk}", f"{seat.user.name}, {seat.agency.name}", "Named", membership_id=seat.pk)
        for seat in seats.select_related(*SEAT_JOINS).order_by("user__name", "pk")
        if seat.principal in held
    ]


def closing_rows(closure: CaseClosure, informed: list[ClosureTold]) -> dict[str, Any]:
    """One closing as a summary list."""
    period = closure.period
    told = [_informed(line) for line in informed if line.told]
    left_out = [f"{_informed(line)}: {line.reason}" for line in informed if not line.told]
    rows = [
        ("Outcome", TierOutcome(period.outcome).label),
        ("Why", period.outcome_reason),
        ("What they think of it", closure.view),
        ("Why they were not asked", closure.no_view_because),
        ("The plan afterwards", closure.plan_after),
        ("Told", "; ".join(told)),
        ("Not told", "; ".join(left_out)),
        ("Details", "to be completed" if closure.completed_at is None else _by(closure)),
    ]
    return {
        "title": f"{Tier(period.tier).label}, {uk_date(period.to_on)}",
        "rows": [{"key": key, "value": value} for key, value in rows if value],
    }


def _by(closure: CaseClosure) -> str:
    who = closure.completed_by.user.name if closure.completed_by else ""
    return f"{who}, {uk_date(closure.completed_at)}"


def _informed(line: ClosureTold) -> str:
    return line.agency.name if line.agency else line.person.user.name if line.person else ""


def lead_rows(period: LeadPeriod) -> dict[str, Any]:
    """One lead period as a summary list."""
    until = uk_date(period.to_on) if period.to_on else "now"
    read = "not yet" if period.handed_by_id and period.read_at is None else uk_date(period.read_at)
    rows = [
        ("Team’s manager", period.manager.user.name if period.manager else ""),
        ("Why", period.why),
        ("What they must know", period.note),
        ("Outstanding then", period.outstanding),
        ("Notes read", read if period.handed_by_id else ""),
    ]
    shown = [{"key": key, "value": value} for key, value in rows if value]
    return {
        "title": f"{period.lead.user.name}, {uk_date(period.from_on)} to {until}",
        "rows": shown or [{"key": "Notes", "value": "None"}],
    }
