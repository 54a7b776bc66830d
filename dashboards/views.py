"""The dashboard: true figures of what the seat may see, and published ones for those who may see no case."""

from __future__ import annotations

from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from dashboards.forms import PeriodForm
from dashboards.presenting import charts, drawn
from dashboards.selectors import population_shares, published_releases, referral_figures, tables_of
from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability, can, require
from mace.accounts.models import Role
from mace.core.forms import iso_date, long_date

WHOSE = {
    Role.PRACTITIONER: "The referrals that you made or work with.",
    Role.MANAGER: "The referrals of your team.",
    Role.COORDINATOR: "All referrals of the partnership.",
    Role.CHAIR: "The referrals that came to the panels you chair.",
    Role.AGENCY_LEAD: "The referrals that your agency may read in full.",
}
ANSWERED_WITH_ERRORS = 422


@requires(Capability.WORK)
@require_safe
def entrance(request: SeatRequest) -> HttpResponseBase:
    """The dashboard that the role has: true figures, or published ones. Others are refused."""
    if can(request.seat, Capability.DASHBOARD_SUPPRESSED):
        return redirect("dashboards:published")
    require(request.seat, Capability.DASHBOARD)
    return dashboard(request)


def dashboard(request: SeatRequest) -> HttpResponseBase:
    """Figures of a period, counted from what the seat may see."""
    start, end = PeriodForm.default()
    asked = any(name.startswith(("start", "end")) for name in request.GET)
    form = PeriodForm(request.GET if asked else None, initial={"start": start, "end": end})
    context = {"form": form, "whose": WHOSE.get(Role(request.seat.role), "")}
    if asked:
        if not form.is_valid():
            return render(request, "dashboards/dashboard.html", context, status=ANSWERED_WITH_ERRORS)
        start, end = form.cleaned_data["start"], form.cleaned_data["end"]
    figures = referral_figures(partnership=request.seat.partnership_id, start=start, end=end)
    shown(request, "dashboard", rows=figures.referrals)
    context |= {
        "figures": figures,
        "period": f"{long_date(start)} to {long_date(end)}",
        "summary": [{"key": key, "value": value} for key, value in figures.summary],
        "charts": charts(figures, population_shares(request.seat.partnership_id)),
    }
    return render(request, "dashboards/dashboard.html", context)


@requires(Capability.DASHBOARD_SUPPRESSED)
@require_safe
def published(request: SeatRequest) -> HttpResponseBase:
    """Published figures of one half-year, the latest unless another is asked for."""
    releases = published_releases()
    wanted = request.GET.get("half_year", "")
    chosen = next((row for row in releases if row.month.isoformat()[:7] == wanted), None) if wanted else None
    if wanted and chosen is None:
        raise Http404
    chosen = chosen or (releases[0] if releases else None)
    context: dict[str, object] = {"chosen": chosen}
    if chosen is not None:
        context |= {
            "period": _words(chosen.body),
            "referrals": chosen.body["referrals"],
            "charts": [drawn(table) for table in tables_of(chosen.body)],
            "releases": [
                {"label": _words(row.body), "url": f"?half_year={row.month.isoformat()[:7]}", "active": row is chosen}
                for row in releases
            ],
        }
    return render(request, "dashboards/published.html", context)


def _words(body: dict[str, str]) -> str:
    start, end = iso_date(body["from"]), iso_date(body["to"])
    assert start is not None
    assert end is not None
    return f"{start:%B %Y} to {end:%B %Y}"
