"""Publishing figures in which no child can be worked out, for the board and analysts, who hold no grants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from dashboards.models import PopulationShare, PublishedFigures
from dashboards.rules import LEAST_RELEASED, half_years_ended, suppressed
from dashboards.selectors import Figures, referral_figures
from mace.access.policy import Capability
from mace.accounts.models import Role
from mace.core.clock import london_date
from mace.core.errors import NotAllowed
from mace.core.seat import Seat

HALF_YEARS_BACK = 6
NOT_PUBLISHED = frozenset({"team"})
"""Tables that list only what occurs, so that even an empty line would tell something."""


@transaction.atomic
def publish_figures(*, by: Seat, at: dt.datetime) -> int:
    """Publish each half-year of the last three years that has ended and is not published yet; answers how many.

    A half-year with fewer than ten referrals waits, whatever comes in late. One that is published stays as it is: two
    states of it could be subtracted. Safe to run twice and at the same time: one row per partnership and month.
    """
    if by.role != Role.SYSTEM:
        raise NotAllowed(Capability.DASHBOARD)
    there = set(PublishedFigures.objects.filter(partnership_id=by.partnership_id).values_list("month", flat=True))
    made: list[PublishedFigures] = []
    for start, end in half_years_ended(before=london_date(at), count=HALF_YEARS_BACK):
        if end.replace(day=1) in there:
            continue
        figures = referral_figures(partnership=by.partnership_id, start=start, end=end)
        if figures.referrals >= LEAST_RELEASED:
            made.append(
                PublishedFigures(
                    partnership_id=by.partnership_id, month=end.replace(day=1), body=released(figures), published_at=at
                )
            )
    PublishedFigures.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def released(figures: Figures) -> dict[str, Any]:
    """What of the figures may be known to those who may know no child: the total, and suppressed tables."""
    return {
        "from": figures.start.isoformat(),
        "to": figures.end.isoformat(),
        "referrals": figures.referrals,
        "tables": [
            {
                "name": name,
                "title": shown.title,
                "total": shown.total,
                "groups": [
                    {"label": group.label, "count": group.count, "percent": group.percent} for group in shown.groups
                ],
            }
            for name, shown in ((name, suppressed(true)) for name, true in figures.tables.items())
            if name not in NOT_PUBLISHED
        ],
    }


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One group's share of a population, in per cent."""

    dimension: str
    group: str
    percent: Decimal
    population: str
    source: str


@transaction.atomic
def load_population(*, rows: Iterable[ShareRow], illustrative: bool, by: Seat) -> None:
    """Put shares of a population into the seat's partnership, each in place of the one there for its group."""
    if by.role != Role.SYSTEM:
        raise NotAllowed(Capability.DASHBOARD)
    for row in rows:
        PopulationShare.objects.update_or_create(
            partnership_id=by.partnership_id,
            dimension=row.dimension,
            group=row.group,
            defaults={
                "percent": row.percent,
                "population": row.population,
                "source": row.source,
                "illustrative": illustrative,
            },
        )
