"""Messages to the seat. Each carries a reference and a link, never a name."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability
from mace.casework.selectors.inbox import inbox_page
from mace.core import clock
from mace.notifications.selectors import inbox as inbox_of
from mace.notifications.services import mark_read


@requires(Capability.WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def inbox(request: SeatRequest) -> HttpResponse:
    """Newest first; posting marks all of them as read."""
    if request.method == "POST":
        for message in inbox_of(request.seat).filter(read_at__isnull=True):
            mark_read(message=message, by=request.seat, at=clock.now())
        messages.success(request, "All messages are marked as read.")
        return redirect("casework:inbox")
    rows, after = inbox_page(request.seat, after=request.GET.get("after", ""))
    if about := [row.about for row in rows if row.about is not None]:
        shown(request, "inbox", rows=len(about), records=about)
    return render(
        request,
        "casework/inbox.html",
        {
            "rows": rows,
            "any_unread": any(row.unread for row in rows),
            "next_url": f"?after={after}" if after else "",
            "first_url": "?" if request.GET.get("after") else "",
        },
    )


@require_POST
def _open(request: SeatRequest, reference: str) -> HttpResponse:
    message = get_object_or_404(inbox_of(request.seat), reference=reference)
    if message.read_at is None:
        mark_read(message=message, by=request.seat, at=clock.now())
    if url_has_allowed_host_and_scheme(message.path, allowed_hosts=None):
        return redirect(message.path)
    return redirect("casework:inbox")


open_message = requires(Capability.WORK)(_open)
