"""The risk journey of a case."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability
from mace.casework.selectors.case import case_page, identity_bar
from mace.casework.selectors.journey import charts, rows, steps
from mace.core import clock
from referrals.selectors import case_by_reference


@requires(Capability.READ_CASES)
@require_safe
def case_journey(request: SeatRequest, reference: str) -> HttpResponse:
    """Ratings, totals and what was done, as charts and as a table; absent for a seat that sees no summary."""
    case = case_by_reference(reference)
    page, today = case_page(case), clock.today()
    if not page.summarised:
        raise Http404
    shown(request, "risk journey", record_id=case.pk, reference=case.reference)
    found = steps(page)
    context = {
        "case": case,
        "full": page.full,
        "identity": identity_bar(case, on=today),
        "charts": charts(page, found, on=today),
        "rows": rows(found),
        "head": ["Day", "Kind", "What"],
    }
    return render(request, "casework/case_journey.html", context)
