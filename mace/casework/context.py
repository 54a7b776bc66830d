"""What every page of the installation is given: who looks, in which seat, and where they can go."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString

from mace.access import sessions
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
    ("Roles and agencies", "casework:people", (Capability.SEE_PEOPLE,)),
    ("Emergency access", "casework:emergencies", (Capability.EMERGENCY_ACCESS, Capability.REVIEW_EMERGENCY)),
    ("Access log", "casework:access_log", (Capability.READ_SEATS_LOG,)),
    ("Dashboard", "dashboards:dashboard", (Capability.DASHBOARD, Capability.DASHBOARD_SUPPRESSED)),
)


@dataclass(frozen=True, slots=True)
class MenuItem:
    label: str
    url: str
    active: bool


_menus: dict[tuple[str, bool, str], tuple[tuple[str, str], ...]] = {}


def menu(seat: Seat) -> tuple[tuple[str, str], ...]:
    """Name and address of the parts of the product that the seat's role has; worked out once for each kind of seat."""
    kind = (seat.role, seat.may_refer, seat.agency_kind)
    found = _menus.get(kind)
    if found is None:
        allowed = (entry for entry in MENU if any(can(seat, capability) for capability in entry[2]))
        found = _menus[kind] = tuple((label, reverse(name)) for label, name, _ in allowed)
    return found


@lru_cache(maxsize=512)
def _drawn(entries: tuple[tuple[str, str], ...], active: str) -> SafeString:
    items = [MenuItem(label, url, url == active) for label, url in entries]
    return render_to_string("components/navigation.html", {"items": items})


def navigation(seat: Seat, path: str) -> SafeString:
    """The menu; the part that ``path`` lies in is active."""
    entries = menu(seat)
    return _drawn(
        entries, next((url for _, url in entries if path == url or (url != "/" and path.startswith(url))), "")
    )


@cache
def _url(name: str) -> str:
    return reverse(name)


def unread(seat: Seat) -> int:
    """How many messages wait; nothing is asked of a transaction that is being given up."""
    return 0 if connection.needs_rollback else unread_count(seat)


def page(request: HttpRequest) -> dict[str, object]:
    """Context of `base.html`. The one query, for the number of unread messages, runs when the header is drawn."""
    context: dict[str, object] = {"demo": settings.DEMO_SIGN_IN}
    if sessions.USED in request.session:
        context |= {
            "session_seconds": max(sessions.seconds_left(request.session), 1),
            "session_keepalive_url": _url("casework:session"),
        }
    seat: Seat | None = getattr(request, "seat", None)
    if seat is None:
        return context
    return context | {
        "seat": seat,
        "other_seats": [other for other in getattr(request, "seats", ()) if other != seat],
        "seat_switch_url": _url("casework:seats"),
        "inbox_url": _url("casework:inbox"),
        "inbox_unread": SimpleLazyObject(lambda: unread(seat)),
        "navigation": navigation(seat, request.path),
    }
