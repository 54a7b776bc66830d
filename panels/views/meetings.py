"""The list of meetings, planning one, and its overview."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability, can
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import refuse
from mace.core.templatetags.components import status_tag, uk_datetime
from panels.enums import MeetingStatus
from panels.forms.meetings import MeetingForm
from panels.models import Meeting
from panels.selectors.meetings import items_of, meeting_by_reference, meetings_page, panels_to_plan_for, records_of
from panels.services.meetings import cancel_meeting, close_meeting, plan_meeting
from panels.views.parts import STATUS_COLOURS, about

ENDED = {MeetingStatus.CLOSED.value, MeetingStatus.CANCELLED.value}


@requires(Capability.READ_MEETINGS)
@require_safe
def meetings(request: SeatRequest) -> HttpResponse:
    """Meetings the seat may see: those to come with the soonest first, then those past."""
    try:
        page = meetings_page(after=request.GET.get("after", ""))
    except ValueError:  # an address that was tampered with
        return redirect("panels:meetings")
    today = clock.today()
    upcoming = [row for row in page.meetings if row.held_on >= today and row.status not in ENDED][::-1]
    past = [row for row in page.meetings if row not in upcoming]
    next_url = f"{reverse('panels:meetings')}?{urlencode({'after': page.next_after})}" if page.next_after else ""
    return render(
        request,
        "panels/meetings.html",
        {
            "upcoming": [_row(row) for row in upcoming],
            "past": [_row(row) for row in past],
            "head": ["Meeting", "Panel", "When", "Where", "Status"],
            "next_url": next_url,
            "may_plan": can(request.seat, Capability.BUILD_AGENDA),
        },
    )


def _row(meeting: Meeting) -> list[SafeString | str]:
    link = format_html(
        '<a class="govuk-link" href="{}">{}</a>', reverse("panels:meeting", args=[meeting.reference]), meeting.reference
    )
    tag = status_tag(MeetingStatus(meeting.status).label, STATUS_COLOURS[meeting.status])
    return [link, meeting.panel.name, uk_datetime(meeting.starts_at), meeting.place or "To be said", tag]


@requires(Capability.BUILD_AGENDA)
@require_http_methods(["GET", "HEAD", "POST"])
def meeting_new(request: SeatRequest) -> HttpResponse:
    """Plan a meeting."""
    panels = panels_to_plan_for(request.seat)
    form = MeetingForm(request.POST if request.method == "POST" else None, panels=panels)
    if request.method == "POST" and form.is_valid():
        try:
            meeting = plan_meeting(
                panel=form.chosen_panel,
                starts_at=form.starts_at,
                place=form.cleaned_data["place"],
                by=request.seat,
                at=clock.now(),
            )
        except RuleBroken as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"Meeting {meeting.reference} is planned. Build its agenda next.")
            return redirect("panels:agenda", meeting.reference)
    context = {"form": form, "crumbs": [{"label": "Meetings", "url": reverse("panels:meetings")}]}
    return render(request, "panels/meeting_new.html", context, status=422 if form.errors else 200)


@requires(Capability.READ_MEETINGS)
@require_safe
def meeting(request: SeatRequest, reference: str) -> HttpResponse:
    """One meeting: when, where, how far it is, and the items of its agenda that the seat may see."""
    found = meeting_by_reference(reference)
    lines = items_of(found, beside={"invitations"} if can(request.seat, Capability.BUILD_AGENDA) else frozenset())
    records = records_of(lines)
    shown(request, "meeting page", record_id=found.pk, reference=reference, rows=len(lines), records=records)
    context: dict[str, Any] = {
        **about(found, request.seat, "meeting"),
        "lines": lines,
        "facts": [
            {"key": "Panel", "value": found.panel.name},
            {"key": "When", "value": uk_datetime(found.starts_at)},
            {"key": "Where", "value": found.place or "To be said"},
        ],
    }
    if found.approved_at and found.approved_by:
        said = f"{uk_datetime(found.approved_at)} by {found.approved_by.user.name}"
        context["facts"].append({"key": "Minutes approved", "value": said})
    return render(request, "panels/meeting.html", context)


@requires(Capability.BUILD_AGENDA)
@require_POST
def meeting_cancel(request: SeatRequest, reference: str) -> HttpResponse:
    """Call a meeting off."""
    found = meeting_by_reference(reference)
    try:
        cancel_meeting(meeting=found, by=request.seat, at=clock.now())
    except RuleBroken as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"Meeting {reference} is cancelled. Its items are proposed for the next one.")
    return redirect("panels:meeting", reference)


@requires(Capability.MINUTE)
@require_POST
def meeting_close(request: SeatRequest, reference: str) -> HttpResponse:
    """Close a meeting whose actions are all closed."""
    found = meeting_by_reference(reference)
    try:
        close_meeting(meeting=found, by=request.seat, at=clock.now())
    except RuleBroken as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"Meeting {reference} is closed.")
    return redirect("panels:meeting", reference)
