"""What needs you today."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from mace.access.gate import SeatRequest, requires, shown
from mace.access.middleware import SEAT_KEY
from mace.access.policy import Capability, can
from mace.accounts.models import Role
from mace.casework.selectors.organisations import organisations
from mace.casework.selectors.work import ListedSection, all_lists, count_of, work_of
from mace.core import clock

WITHOUT_WORK_LISTS = {Role.ANALYST.value, Role.INFORMATION_GOVERNANCE.value, Role.ADMINISTRATOR.value}


@requires(Capability.WORK)
def home(request: SeatRequest) -> HttpResponse:
    """The work of the seat; ``?list=`` shows one of its lists only. Who holds several roles chooses one first."""
    seat, today = request.seat, clock.today()
    if getattr(request, "seats_count", 1) > 1 and SEAT_KEY not in request.session:
        return redirect("casework:seats")
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
        shown(request, "home", rows=total)
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
