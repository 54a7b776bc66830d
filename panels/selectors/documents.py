"""Minutes as a document: which one may still be read, and what goes into it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import escape

from django.http import Http404
from django.shortcuts import get_object_or_404

from mace.access.models import Scope
from mace.access.policy import Capability, can
from mace.core.seat import Seat
from panels.enums import DocumentStatus
from panels.models import Meeting, MinutesDocument
from panels.rules import Quorum
from panels.selectors.meetings import (
    AgendaLine,
    Expected,
    expected_at,
    items_of,
    quorum,
    readable_items,
    scopes_on,
)


@dataclass(frozen=True, slots=True)
class Pack:
    """One seat's minutes of one meeting: the items it may read, how many others it only knows of, who was there."""

    meeting: Meeting
    lines: list[AgendaLine]
    not_shared: int
    expected: list[Expected]
    quorum: Quorum

    @property
    def item_records(self) -> list[int]:
        return [line.item.pk for line in self.lines]

    def scopes(self) -> dict[int, int]:
        """The scope that the seat holds on each item and on what it speaks of."""
        subjects = [line.item.subject_id for line in self.lines if line.item.subject_id is not None]
        return scopes_on([*self.item_records, *subjects])


def pack_for(meeting: Meeting, seat: Seat) -> Pack:
    """What the minutes of a meeting say to a seat. Drafts are for seats that write minutes."""
    lines = items_of(meeting, drafts=can(seat, Capability.DRAFT_MINUTES), beside={"minutes", "actions"})
    readable = readable_items(lines)
    for number, line in enumerate(readable, 1):
        line.number = number
    others = sum(not line.is_standing for line in lines) - sum(not line.is_standing for line in readable)
    expected = expected_at(meeting)
    return Pack(meeting=meeting, lines=readable, not_shared=others, expected=expected, quorum=quorum(expected))


def watermark(recipient: str) -> str:
    """A page's background as a `data:` address: marking and recipient, faint, out of a screen reader's way."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 595 842" width="595" height="842">'
        '<g transform="rotate(-35 297 421)" font-family="Liberation Sans, Arial" font-weight="bold" fill="#000" '
        'fill-opacity=".07" text-anchor="middle"><text x="297" y="400" font-size="44">OFFICIAL-SENSITIVE</text>'
        f'<text x="297" y="450" font-size="24">{escape(recipient)}</text></g></svg>'
    )
    return f"data:image/svg+xml,{quote(svg)}"


def documents_of(meeting: Meeting) -> list[MinutesDocument]:
    """The seat's own documents of a meeting, the latest first, without their content."""
    return list(
        MinutesDocument.objects.filter(meeting=meeting).defer("content").order_by("-requested_at", "-reference")[:10]
    )


def document_by_reference(reference: str) -> MinutesDocument:
    """404 for a document that is another seat's, that speaks of what is no longer shared, or that does not exist."""
    found: MinutesDocument = get_object_or_404(
        MinutesDocument.objects.select_related("meeting__panel").defer("content"), reference=reference
    )
    return found


def file_of(document: MinutesDocument) -> bytes:
    """The finished file, while the seat may still read every item in it; otherwise 404."""
    wanted = document.item_records
    scopes = scopes_on(wanted)
    if document.status != DocumentStatus.READY or any(scopes.get(pk, 0) < Scope.SUMMARY for pk in wanted):
        raise Http404
    return bytes(MinutesDocument.objects.only("content").get(pk=document.pk).content or b"")
