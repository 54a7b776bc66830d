"""What needs you today."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability, can
from mace.accounts.models import Role
from mace.casework.selectors.organisations import organisations
from mace.casework.selectors.work import ListedSection, all_lists, count_of, work_of
from mace.core import clock

WITHOUT_WORK_LISTS = {
    *(Role.ANALYST.value, Role.INFORMATION_GOVERNANCE.value, Role.ADMINISTRATOR.value),
    *(Role.AUDITOR.value, Role.ANALYST_IDENTIFIABLE.value),
}


@requires(Capability.WORK)
@require_safe
def home(request: SeatRequest) -> HttpResponse:
    """The work of the seat; ``?list=`` shows one of its lists only."""
    seat, today = request.seat, clock.today()
    context: dict[str, Any] = {"today": today}
    if seat.role == Role.ADMINISTRATOR:
        context["organisations"] = organisations(seat.partnership_id, on=today)
    if seat.role not in WITHOUT_WORK_LISTS:
        context |= _lists(request)
    if can(seat, Capability.DASHBOARD_SUPPRESSED):
        context["dashboard_url"] = reverse("dashboards:dashboard")
    return render(request, "casework/home.html", context)


def _lists(request: SeatRequest) -> dict[str, Any]:
    sections = work_of(request.seat, on=clock.today())
    chosen = request.GET.get("list", "")
    if all(section.key != chosen for section in sections):
        chosen = ""
    if total := count_of(sections):
        records = [row.record_id for section in sections for row in section.rows if row.record_id is not None]
        shown(request, "home", rows=total, records=records)
    return {
        "cards": [
            {
                "count": len(section.rows),
                "label": section.card,
                "url": f"?list={section.key}",
                "urgent": section.urgent,
                "current": section.key == chosen,
            }
            for section in sections
        ],
        "sections": [ListedSection(section, section.rows) for section in sections if section.key == chosen]
        if chosen
        else all_lists(sections),
        "chosen": chosen,
        "total": total,
        "may_refer": can(request.seat, Capability.FILE_REFERRAL),
    }
