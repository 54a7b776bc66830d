"""The history on the page of a case: narrowed by what its address says, and never more than fifty entries at once."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.utils.safestring import SafeString

from mace.access.gate import SeatRequest
from mace.casework.forms.timeline import TimelineFilterForm
from mace.casework.selectors.timeline import ENTRIES_AT_ONCE, Event, Narrowed, narrowed


def history_of(request: SeatRequest, events: list[Event], *, address: str) -> dict[str, Any]:
    """What the template of the history needs. ``?earlier=50`` begins after so many entries."""
    form = TimelineFilterForm.of(request.GET)
    right = form is not None and form.is_valid()
    said = form.cleaned_data if form is not None and right else {}
    wanted = Narrowed(
        kinds=frozenset(said.get("kind") or ()),
        since=said.get("since"),
        until=said.get("until"),
        whose=said.get("whose") or "",
        membership_id=request.seat.membership_id,
        agency_id=request.seat.agency_id,
    )
    found = narrowed(events, wanted)
    start = _start(request.GET.get("earlier", ""), len(found))
    kept = form.kept() if form is not None and right else []
    following = start + ENTRIES_AT_ONCE

    def at(begin: int) -> str:
        more = [*kept, *([("earlier", str(begin))] if begin else [])]
        return f"{address}{'?' + urlencode(more) if more else ''}#history"

    return {
        "events": found[start:following],
        "history_form": form or anything(),
        "history_errors": form if form is not None and not right else None,
        "history_chips": form.chips(address) if form is not None and right else [],
        "history_url": f"{address}#history",
        "history_count": len(found),
        "history_first": start + 1 if found else 0,
        "history_last": min(following, len(found)),
        "earlier_url": at(following) if following < len(found) else "",
        "later_url": at(max(0, start - ENTRIES_AT_ONCE)) if start else "",
        "has_history": bool(events),
    }


def _start(asked: str, count: int) -> int:
    """Where the entries begin; what no page of ours would ask for begins at the newest."""
    start = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0
    return start if start < count else 0


@cache
def anything() -> SafeString:
    """The form with nothing chosen, which is the same for everybody; drawing it costs a fifth of the page."""
    return TimelineFilterForm().render()
