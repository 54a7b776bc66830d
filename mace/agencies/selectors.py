"""Reading the organisations. An information-sharing agreement that has lapsed warns; it never cuts off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from mace.agencies.models import Agency, Participation
from mace.core.forms import long_date


def agreement_state(participation: Participation | None, *, on: dt.date) -> str:
    """What is wrong with an agency's agreement, as a sentence without the agency's name; empty when nothing is."""
    if participation is None or participation.agreement_signed_on is None:
        return "It has no information-sharing agreement with this partnership."
    due = participation.agreement_review_due_on
    if due is not None and due < on:
        return f"The review of its information-sharing agreement was due on {long_date(due)}."
    return ""


def agreement_warnings(agencies: Iterable[Agency], partnership_id: int, on: dt.date) -> dict[int, str]:
    """What to be told before sharing with agencies, by the key of each whose agreement does not stand."""
    chosen = list(agencies)
    rows = {
        row.agency_id: row for row in Participation.objects.filter(agency__in=chosen, partnership_id=partnership_id)
    }
    found = {agency.pk: _named(agency, agreement_state(rows.get(agency.pk), on=on)) for agency in chosen}
    return {key: words for key, words in found.items() if words}


def _named(agency: Agency, state: str) -> str:
    return f"{agency.name}: {state} Sharing is still possible: ask the coordinator to have it renewed." if state else ""


def participations(partnership_id: int) -> QuerySet[Participation]:
    """The agencies of a partnership with their agreements, by name."""
    return Participation.objects.filter(partnership_id=partnership_id).select_related("agency").order_by("agency__name")


def lapsed_agreements(partnership_id: int, *, on: dt.date) -> QuerySet[Participation]:
    """The agencies of a partnership without an agreement, or whose review is overdue, by name."""
    return participations(partnership_id).filter(
        Q(agreement_signed_on__isnull=True) | Q(agreement_review_due_on__lt=on)
    )
