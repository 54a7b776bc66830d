"""What every page of the installation is given: who looks, in which seat, and where they can go."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from mace.access.policy import Capability, can
from mace.core.seat import Seat
from mace.notifications.selectors import unread_count

MENU: tuple[tuple[str, str, tuple[Capability, ...]], ...] = (
    ("My work", "casework:home", (Capability.WORK,)),
    ("Referrals", "referrals:list", (Capability.FILE_REFERRAL, Capability.SCREEN)),
    ("Cases", "casework:cases", (Capability.READ_CASES,)),
    ("Meetings", "panels:meetings", (Capability.READ_MEETINGS,)),
    ("Actions", "panels:actions", (Capability.READ_ACTIONS,)),
    ("People and places", "volt:list", (Capability.READ_VOLT,)),
    ("Dashboard", "dashboards:dashboard", (Capability.DASHBOARD, Capability.DASHBOARD_SUPPRESSED)),
)


@dataclass(frozen=True, slots=True)
class MenuItem:
    label: str
    url: str
    active: bool


def menu(seat: Seat, path: str) -> list[MenuItem]:
    """The parts of the product that the seat's role has; the one that ``path`` lies in is active."""
    items = []
    for label, name, capabilities in MENU:
        if not any(can(seat, capability) for capability in capabilities):
            continue
        url = reverse(name)
        items.append(MenuItem(label, url, path == url if url == "/" else path.startswith(url)))
    return items


def unread(seat: Seat) -> int:
    """How many messages wait; nothing is asked of a transaction that is being given up."""
    return 0 if connection.needs_rollback else unread_count(seat)


def page(request: HttpRequest) -> dict[str, object]:
    """Context of `base.html`. The one query, for the number of unread messages, runs when the header is drawn."""
    context: dict[str, object] = {
        "demo": settings.DEMO_SIGN_IN,
        "footer_links": [
            {"label": "Accessibility", "url": reverse("casework:accessibility")},
            {"label": "Privacy", "url": reverse("casework:privacy")},
        ],
    }
    seat: Seat | None = getattr(request, "seat", None)
    if seat is None:
        return context
    return context | {
        "seat": seat,
        "seats_count": getattr(request, "seats_count", 1),
        "seat_switch_url": reverse("casework:seats"),
        "inbox_url": reverse("casework:inbox"),
        "inbox_unread": SimpleLazyObject(lambda: unread(seat)),
        "nav_items": menu(seat, request.path),
    }
