"""Minutes: approving them, reading them, and having them as a PDF."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability, can
from mace.audit.models import ReadKind
from mace.core import clock
from mace.core.errors import RuleBroken
from panels.enums import Decision, MeetingStatus
from panels.models import MinutesDocument
from panels.rules import gaps, listed
from panels.selectors.criteria import criteria_of
from panels.selectors.documents import document_by_reference, documents_of, file_of, pack_for
from panels.selectors.meetings import expected_at, items_of, meeting_by_reference, quorum, records_of
from panels.services.approval import said_of
from panels.services.meetings import approve_minutes, request_document
from panels.transitions import FIXED
from panels.views.parts import about, within


@requires(Capability.APPROVE_MINUTES)
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: SeatRequest, reference: str) -> HttpResponse:
    """What approving will do, what is still missing, and the button."""
    found = meeting_by_reference(reference)
    refused = ""
    if request.method == "POST":
        try:
            approve_minutes(meeting=found, by=request.seat, at=clock.now())
        except RuleBroken as refusal:
            refused = refusal.message
        else:
            messages.success(request, "The minutes are approved and fixed. What was decided is in effect.")
            return redirect("panels:minutes", reference)
    elif found.status != MeetingStatus.DRAFTED:
        return redirect("panels:meeting", reference)
    lines = items_of(found, drafts=True)
    records = records_of(lines)
    shown(request, "approval page", record_id=found.pk, reference=reference, rows=len(lines), records=records)
    escalating = [line.item.pk for line in lines if line.minute and line.minute.decision == Decision.ESCALATE]
    answered = criteria_of(escalating)
    missing = [
        {
            "text": f"{line.number}. {line.title}: {listed(lacking)} missing",
            "href": reverse("panels:item_minute", args=[line.item.reference]),
        }
        for line in lines
        if (lacking := gaps(said_of(line.item, line.minute, answered.get(line.item.pk))))
    ]
    problems = missing or ([{"text": refused, "href": ""}] if refused else [])
    context = {
        **about(found, request.seat, "approve"),
        "crumbs": within(found),
        "lines": lines,
        "missing": missing,
        "errors": problems if refused else [],
        "has_errors": bool(refused),
        "quorum": quorum(expected_at(found)),
    }
    return render(request, "panels/approve.html", context, status=422 if refused else 200)


@requires(Capability.READ_MEETINGS)
@require_safe
def minutes(request: SeatRequest, reference: str) -> HttpResponse:
    """The minutes as this seat may read them: only the items it may see, each with decision, rationale and actions."""
    found = meeting_by_reference(reference)
    if found.status not in FIXED and not can(request.seat, Capability.DRAFT_MINUTES):
        return redirect("panels:meeting", reference)
    pack = pack_for(found, request.seat)
    records = records_of(pack.lines)
    shown(request, "minutes", record_id=found.pk, reference=reference, rows=len(pack.lines), records=records)
    context = {
        **about(found, request.seat, "minutes"),
        "pack": pack,
        "documents": documents_of(found),
        "may_print": found.status in FIXED or found.status == MeetingStatus.DRAFTED,
        "is_draft": found.status not in FIXED,
        "may_close": found.status == MeetingStatus.APPROVED and can(request.seat, Capability.MINUTE),
    }
    return render(request, "panels/minutes.html", context)


@requires(Capability.READ_MEETINGS)
@require_POST
def document_request(request: SeatRequest, reference: str) -> HttpResponse:
    """Ask for the minutes as a PDF."""
    found = meeting_by_reference(reference)
    try:
        document = request_document(meeting=found, by=request.seat, at=clock.now())
    except RuleBroken as refusal:
        messages.error(request, refusal.message)
        return redirect("panels:meeting", reference)
    return redirect("panels:document", document.reference)


@requires(Capability.READ_MEETINGS)
@require_safe
def document(request: SeatRequest, reference: str) -> HttpResponse:
    """How far the document is; a link to it once it is ready."""
    found: MinutesDocument = document_by_reference(reference)
    context = {"document": found, "meeting": found.meeting, "crumbs": within(found.meeting)}
    return render(request, "panels/document.html", context)


@requires(Capability.READ_MEETINGS)
@require_safe
def document_file(request: SeatRequest, reference: str) -> HttpResponse:
    """The PDF, for the seat that asked for it, while it may still read every item in it."""
    found = document_by_reference(reference)
    content = file_of(found)
    shown(
        request,
        "minutes as PDF",
        record_id=found.meeting_id,
        reference=reference,
        rows=len(found.item_records),
        records=[*found.item_records, *found.read_records],
        kind=ReadKind.FILE,
    )
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{found.reference}.pdf"'
    return response
