"""Lists of cases: rows made ready before the template, with as much as the seat's scope covers of each."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mace.core.names import name_key
from mace.core.templatetags.components import rating_tag, short_date, status_tag
from referrals.enums import Tier
from referrals.models import Case, ChildIdentity
from referrals.rules import age_on, nhs_number
from referrals.selectors import label
from referrals.selectors.cases import cases

HEAD = ["Name", "Age", "Case", "Rating", "Main category", "Open at", "Lead professional", "Coordinator"]
FOUND_AT_MOST = 50
ALIKE = 0.5
SHORTEST = 2


def case_rows(found: list[Case], *, on: dt.date) -> list[list[str | SafeString]]:
    """Cells of each case in the order of ``HEAD``; empty where the seat sees no summary."""
    return [_row(case, on) for case in found]


def _row(case: Case, on: dt.date) -> list[str | SafeString]:
    identity = case.child.identity
    summary = getattr(case, "summary", None)
    link = format_html(
        '<a class="govuk-link" href="{}">{}</a>', reverse("casework:case", args=[case.reference]), identity.full_name
    )
    open_at = " and ".join(Tier(period.tier).label for period in case.open_tiers)
    state: str | SafeString = status_tag(f"Closed {short_date(case.closed_on)}", "grey") if case.closed_on else open_at
    return [
        link,
        str(age_on(identity.date_of_birth, on)),
        format_html('<span class="app-nowrap">{}</span>', case.reference),
        rating_tag(summary.rating) if summary else "",
        label("primary_category", summary.primary_category) if summary else "",
        state,
        case.lead_professional.user.name,
        case.coordinator.user.name if case.coordinator else "",
    ]


def search_cases(text: str) -> list[Case]:
    """Cases that the seat may see whose child has such a name, or exactly that NHS number or case reference."""
    wanted = text.strip()
    if wanted.upper().startswith("C-"):
        return list(cases().filter(reference=wanted.upper()))
    if number := nhs_number(wanted):
        return list(cases().filter(child__identity__nhs_number=number))
    key = name_key(wanted)
    if len(key) < SHORTEST:
        return []
    alike = ChildIdentity.objects.annotate(alike=TrigramWordSimilarity(key, "name_key")).filter(
        Q(name_key__contains=key) | Q(aliases__icontains=wanted) | Q(alike__gte=ALIKE)
    )
    ids = list(alike.order_by("-alike", "name_key").values_list("child_id", flat=True)[:FOUND_AT_MOST])
    found = cases().filter(child_id__in=ids).order_by("-opened_on", "-pk")[:FOUND_AT_MOST]
    return sorted(found, key=lambda case: ids.index(case.child_id))
