"""What the pages of one meeting have in common."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from mace.access.policy import Capability, can
from mace.core.seat import Seat
from panels.enums import MeetingStatus
from panels.models import Meeting
from panels.transitions import BEFORE, FIXED, MINUTING

STATUS_COLOURS: dict[str, str] = {
    MeetingStatus.PLANNED.value: "grey",
    MeetingStatus.PUBLISHED.value: "blue",
    MeetingStatus.IN_PROGRESS.value: "purple",
    MeetingStatus.DRAFTED.value: "yellow",
    MeetingStatus.APPROVED.value: "green",
    MeetingStatus.CLOSED.value: "grey",
    MeetingStatus.CANCELLED.value: "red",
}


def about(meeting: Meeting, seat: Seat, active: str) -> dict[str, Any]:
    """The context of every page of a meeting: the parts that this seat can open now, and what it may do."""
    builds, minutes = can(seat, Capability.BUILD_AGENDA), can(seat, Capability.DRAFT_MINUTES)
    parts = [("meeting", "Overview", True)]
    parts.append(("agenda", "Build the agenda", builds and meeting.status in BEFORE))
    parts.append(("run", "Run the meeting", minutes and meeting.status in {MeetingStatus.PUBLISHED.value, *MINUTING}))
    parts.append(
        ("approve", "Approve", can(seat, Capability.APPROVE_MINUTES) and meeting.status == MeetingStatus.DRAFTED)
    )
    parts.append(("minutes", "Minutes", meeting.status in FIXED or (minutes and meeting.status in MINUTING)))
    return {
        "meeting": meeting,
        "status_colour": STATUS_COLOURS[meeting.status],
        "builds": builds,
        "minutes_it": minutes,
        "invites": can(seat, Capability.DISCLOSE),
        "is_fixed": meeting.status in FIXED,
        "parts": [
            {"label": label, "url": reverse(f"panels:{name}", args=[meeting.reference]), "active": name == active}
            for name, label, shown in parts
            if shown
        ],
        "crumbs": [{"label": "Meetings", "url": reverse("panels:meetings")}],
    }


def within(meeting: Meeting) -> list[dict[str, str]]:
    """The way to a page below a meeting's own."""
    return [
        {"label": "Meetings", "url": reverse("panels:meetings")},
        {"label": meeting.reference, "url": reverse("panels:meeting", args=[meeting.reference])},
    ]
