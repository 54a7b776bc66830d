"""The history of a case: narrowed by what its address says, and never more than fifty entries at once."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability, can
from mace.casework.forms.timeline import TimelineFilterForm
from mace.casework.selectors.case import case_page, identity_bar
from mace.casework.selectors.timeline import ENTRIES_AT_ONCE, Narrowed, narrowed, timeline
from mace.core import clock
from mace.core.addresses import address
from mace.core.seat import Seat
from referrals.selectors import case_by_reference


@requires(Capability.READ_CASES)
@require_safe
def case_history(request: SeatRequest, reference: str) -> HttpResponse:
    """Every event of a case; ``?kind=…&whose=…`` narrows them, ``?earlier=50`` begins after so many."""
    case = case_by_reference(reference)
    page = case_page(case)
    shown(request, "case history", record_id=case.pk, reference=case.reference)
    form = TimelineFilterForm.of(request.GET)
    right = form is not None and form.is_valid()
    events = timeline(page, opens_reviews=can(request.seat, Capability.READ_REVIEWS))
    found = narrowed(events, _wanted(form.cleaned_data if form is not None and right else {}, request.seat))
    start = _start(request.GET.get("earlier", ""), len(found))
    kept = form.kept() if form is not None and right else []
    path, following = address("casework:case_history", case.reference), start + ENTRIES_AT_ONCE

    def at(begin: int) -> str:
        more = [*kept, *([("earlier", str(begin))] if begin else [])]
        return f"{path}{'?' + urlencode(more) if more else ''}"

    context = {
        "case": case,
        "identity": identity_bar(case, on=clock.today()),
        "events": found[start:following],
        "form": form or anything(),
        "has_errors": form is not None and not right,
        "chips": form.chips(path) if form is not None and right else [],
        "path": path,
        "count": len(found),
        "first": start + 1 if found else 0,
        "last": min(following, len(found)),
        "earlier_url": at(following) if following < len(found) else "",
        "later_url": at(max(0, start - ENTRIES_AT_ONCE)) if start else "",
    }
    return render(request, "casework/case_history.html", context, status=422 if context["has_errors"] else 200)


def _wanted(said: dict[str, Any], seat: Seat) -> Narrowed:
    return Narrowed(
        kinds=frozenset(said.get("kind") or ()),
        since=said.get("since"),
        until=said.get("until"),
        whose=said.get("whose") or "",
        membership_id=seat.membership_id,
        agency_id=seat.agency_id,
    )


def _start(asked: str, count: int) -> int:
    """Where the entries begin; what no page of ours would ask for begins at the newest."""
    start = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0
    return start if start < count else 0


@cache
def anything() -> SafeString:
    """The form with nothing chosen, which is the same for everybody; drawing it costs a fifth of the page."""
    return TimelineFilterForm().render()
