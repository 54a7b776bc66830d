"""Running the meeting: the statement, attendance and quorum, then item after item with its minutes and actions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability
from mace.accounts.models import Role
from mace.accounts.selectors import seats_in
from mace.agencies.models import Agency
from mace.core import clock
from mace.core.errors import Conflict, RuleBroken
from mace.core.forms import long_date, refuse
from panels.enums import Decision, MeetingStatus, Strand
from panels.forms.minutes import AttendanceForm, ItemActionForm, ItemCriteriaForm, MinuteForm, StartForm
from panels.models import AgendaItem, Meeting, Minute
from panels.rules import CONFIDENTIALITY_STATEMENT
from panels.selectors.criteria import criteria_of, may_escalate
from panels.selectors.meetings import (
    AgendaLine,
    expected_at,
    item_by_reference,
    items_of,
    meeting_by_reference,
    quorum,
    records_of,
)
from panels.services.actions import create_action, default_due_on
from panels.services.meetings import carry_over_item, finish_meeting, record_attendance, save_minute, start_meeting
from panels.transitions import MINUTING
from panels.views.parts import about, within
from referrals.enums import Rating, ReviewStatus
from referrals.models import Case
from referrals.selectors.cases import cases
from referrals.selectors.identity import identity_of

OWNERS = (Role.PRACTITIONER, Role.MANAGER, Role.COORDINATOR, Role.CHAIR, Role.AGENCY_LEAD, Role.AGENCY_MEMBER)


@requires(Capability.DRAFT_MINUTES)
@require_http_methods(["GET", "HEAD", "POST"])
def run(request: SeatRequest, reference: str) -> HttpResponse:
    """The meeting's desk: attendance and quorum, and the agenda with what is minuted so far."""
    found = meeting_by_reference(reference)
    if found.status not in {MeetingStatus.PUBLISHED.value, *MINUTING}:
        return redirect("panels:meeting", reference)
    expected = expected_at(found)
    form = AttendanceForm(request.POST if request.method == "POST" else None, expected=expected)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            for row, presence, who in form.changes():
                record_attendance(meeting=found, agency=row.agency, presence=presence, who=who, by=request.seat)
        messages.success(request, "Attendance is saved.")
        return redirect("panels:run", reference)
    return _desk(request, found, form, StartForm(), status=422 if form.errors else 200)


def _desk(
    request: SeatRequest, found: Meeting, form: AttendanceForm, start: StartForm, *, status: int = 200
) -> HttpResponse:
    lines = items_of(found, drafts=True)
    records = records_of(lines)
    shown(
        request, "running the meeting", record_id=found.pk, reference=found.reference, rows=len(lines), records=records
    )
    context = {
        **about(found, request.seat, "run"),
        "lines": lines,
        "form": start if start.errors else form,
        "attendance": form,
        "start": start,
        "statement": CONFIDENTIALITY_STATEMENT,
        "quorum": quorum(form.expected),
        "has_begun": found.status in MINUTING,
        "in_progress": found.status == MeetingStatus.IN_PROGRESS,
    }
    return render(request, "panels/run.html", context, status=status)


@requires(Capability.MINUTE)
@require_POST
def meeting_start(request: SeatRequest, reference: str) -> HttpResponse:
    """Begin, once the statement has been read."""
    found = meeting_by_reference(reference)
    form = StartForm(request.POST)
    if not form.is_valid():
        return _desk(request, found, AttendanceForm(None, expected=expected_at(found)), form, status=422)
    try:
        start_meeting(meeting=found, by=request.seat, at=clock.now())
    except RuleBroken as refusal:
        messages.error(request, refusal.message)
    return redirect("panels:run", reference)


@requires(Capability.MINUTE)
@require_POST
def meeting_finish(request: SeatRequest, reference: str) -> HttpResponse:
    """The meeting is over."""
    found = meeting_by_reference(reference)
    try:
        finish_meeting(meeting=found, by=request.seat, at=clock.now())
    except RuleBroken as refusal:
        messages.error(request, refusal.message)
        return redirect("panels:run", reference)
    messages.success(request, "The meeting is over. Its minutes can be written on until the chair approves them.")
    return redirect("panels:minutes", reference)


@requires(Capability.DRAFT_MINUTES)
@require_http_methods(["GET", "HEAD", "POST"])
def item_minute(request: SeatRequest, reference: str) -> HttpResponse:
    """One item while it is discussed. Saves itself as people type (JSON), and by its button without scripts."""
    item = item_by_reference(reference)
    by_itself = "application/json" in request.headers.get("Accept", "")
    if item.meeting.status not in MINUTING:
        if by_itself:
            return JsonResponse({"error": "These minutes cannot be written on."}, status=422)
        return redirect("panels:meeting", item.meeting.reference)
    if by_itself and request.method == "POST":
        return _autosave(request, item)
    line, lines = among(item)
    form = minute_form(item, line.minute, request.POST if request.method == "POST" else None)
    theirs: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        try:
            _save(request, item, form)
        except Conflict as conflict:
            theirs = _in_words(conflict.theirs)
            form.data = {**form.data.dict(), "version": str(conflict.version)}  # type: ignore[attr-defined]
        except RuleBroken as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "The minutes of this item are saved.")
            following = line.number + 1 if request.POST.get("then") == "next" else line.number
            to = next((row for row in lines if row.number == following), line)
            return redirect("panels:item_minute", to.item.reference)
    status = 409 if theirs else 422 if form.errors else 200
    return item_page(request, line, lines, form, theirs=theirs, status=status)


def _autosave(request: SeatRequest, item: AgendaItem) -> JsonResponse:
    """Answer a save while typing, as static/js/autosave.js expects it."""
    minute = Minute.objects.filter(item=item).first()
    form = minute_form(item, minute, request.POST)
    if not form.is_valid():
        return JsonResponse({"error": "Something in the form cannot be saved as it is."}, status=422)
    try:
        saved = _save(request, item, form, draft=True)
    except Conflict as conflict:
        shown(request, "minutes of an item", record_id=item.subject_id or item.pk, reference=item.reference)
        return JsonResponse({"theirs": _in_words(conflict.theirs), "version": conflict.version}, status=409)
    except RuleBroken as refusal:
        return JsonResponse({"error": refusal.message}, status=422)
    return JsonResponse({"saved_at": saved.saved_at.isoformat(), "version": saved.version})


def minute_form(item: AgendaItem, minute: Minute | None, data: Any = None) -> MinuteForm:
    return MinuteForm(data, strand=item.strand, panel_kind=item.meeting.panel.kind, minute=minute)


def _save(request: SeatRequest, item: AgendaItem, form: MinuteForm, *, draft: bool = False) -> Minute:
    return save_minute(
        item=item,
        **form.content(),
        version=form.cleaned_data["version"] or 0,
        operation=form.cleaned_data["op"],
        by=request.seat,
        at=clock.now(),
        draft=draft,
    )


def among(item: AgendaItem) -> tuple[AgendaLine, list[AgendaLine]]:
    """The item's line and all lines of its agenda."""
    lines = items_of(item.meeting, drafts=True)
    line = next((row for row in lines if row.item.pk == item.pk), None)
    if line is None:  # taken off the agenda meanwhile
        raise Http404
    line.item.meeting = item.meeting
    return line, lines


def _in_words(theirs: Any) -> dict[str, str]:
    """What the other writer saved, with words in place of codes."""
    said = dict(theirs)
    said["decision"] = Decision(said["decision"]).label if said["decision"] else ""
    said["rating"] = Rating(said["rating"]).label if said["rating"] else ""
    return said


def _identity(case: Case | None) -> dict[str, Any] | None:
    if case is None:
        return None
    return identity_of(case, on=clock.today(), url=reverse("casework:case", args=[case.reference]))


def item_page(
    request: SeatRequest,
    line: AgendaLine,
    lines: list[AgendaLine],
    form: MinuteForm,
    *,
    theirs: dict[str, str] | None = None,
    action_form: ItemActionForm | None = None,
    criteria_form: ItemCriteriaForm | None = None,
    criteria_theirs: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    item, meeting = line.item, line.item.meeting
    case = cases().filter(pk=item.subject_id).first() if item.strand == Strand.VICTIM else None
    shown(
        request,
        "minutes of an item",
        record_id=item.subject_id or item.pk,
        reference=item.reference,
        rows=len(lines),
        records=records_of(lines),
    )
    review = item.review
    answers = []
    if review is not None and review.status in (ReviewStatus.ANSWERED, ReviewStatus.HELD):
        answers = [
            {"key": "What has changed", "value": review.progress},
            {"key": "What the child says", "value": review.voice},
            {"key": "Rating proposed", "value": f"{review.get_rating_display()}: {review.rating_reason}"},
            {"key": "Recommended", "value": review.get_recommendation_display()},
        ]
    context = {
        **about(meeting, request.seat, "run"),
        "crumbs": within(meeting),
        "line": line,
        "lines": lines,
        "next": next((row for row in lines if row.number == line.number + 1), None),
        "identity": _identity(case),
        "account": getattr(getattr(case, "summary", None), "account", ""),
        "review": review,
        "answers": answers,
        "form": form,
        "theirs": [
            (_label(form, name), text or "(empty)") for name, text in (theirs or {}).items() if name in form.fields
        ],
        "action_form": action_form or _action_form(request, item),
        "action_rows": [_action_row(action) for action in line.actions],
        "criteria_form": criteria_form or criteria_form_of(item),
        "criteria_theirs": criteria_theirs or [],
        "criteria_open": criteria_form is not None or form["decision"].value() == Decision.ESCALATE
        if "decision" in form.fields
        else False,
        "has_errors": bool(theirs or (action_form and action_form.errors) or (criteria_form and criteria_form.errors)),
        "saved_at": line.minute.saved_at if line.minute else None,
    }
    return render(request, "panels/item_minute.html", context, status=status)


def criteria_form_of(item: AgendaItem) -> ItemCriteriaForm | None:
    """The criteria as they are answered so far, where this panel can escalate."""
    if not may_escalate(item):
        return None
    return ItemCriteriaForm(kept=criteria_of([item.pk]).get(item.pk))


def _label(form: MinuteForm, name: str) -> str:
    return str(form.fields[name].label)


def _action_row(action: Any) -> dict[str, Any]:
    who = f"{action.owner.user.name}, {action.owner_agency.name}" if action.owner else action.owner_agency.name
    return {
        "title": action.text,
        "url": reverse("panels:action", args=[action.reference]),
        "meta": f"{who} · {action.reference}",
        "state": f"{action.get_status_display()}, due {long_date(action.due_on)}",
    }


def _action_form(request: SeatRequest, item: AgendaItem, data: Any = None) -> ItemActionForm:
    partnership = request.seat.partnership_id
    today = clock.today()
    agencies = Agency.objects.filter(participations__partnership_id=partnership).order_by("name")
    return ItemActionForm(
        data,
        agencies=list(agencies),
        people=list(seats_in(partnership, on=today, roles=OWNERS)),
        due=default_due_on(panel=item.meeting.panel, on=today),
    )


@requires(Capability.MINUTE)
@require_POST
def item_action(request: SeatRequest, reference: str) -> HttpResponse:
    """Give an action of this item."""
    item = item_by_reference(reference)
    if item.meeting.status not in MINUTING:
        raise Http404
    form = _action_form(request, item, request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            action = create_action(
                record_id=item.subject_id or item.meeting_id,
                item=item,
                strand=item.strand,
                text=data["text"],
                measure=data["measure"],
                owner_agency=form.owner_agency,
                owner=form.owner,
                due_on=data["due_on"],
                operation=data["operation"],
                by=request.seat,
                at=clock.now(),
            )
        except RuleBroken as refusal:
            names = {"owner": "who", "owner_agency": "who"}
            refuse(form, RuleBroken(refusal.message, field=names.get(refusal.field, refusal.field)))
        else:
            messages.success(request, f"Action {action.reference} is given.")
            return redirect(f"{reverse('panels:item_minute', args=[reference])}#actions")
    line, lines = among(item)
    return item_page(request, line, lines, minute_form(item, line.minute), action_form=form, status=422)


@requires(Capability.MINUTE)
@require_POST
def item_carry(request: SeatRequest, reference: str) -> HttpResponse:
    """Carry an item that was not reached over to the panel's next meeting."""
    item = item_by_reference(reference)
    meeting = item.meeting
    try:
        later = carry_over_item(item=item, by=request.seat, at=clock.now())
    except RuleBroken as refusal:
        messages.error(request, refusal.message)
        return redirect("panels:item_minute", reference)
    messages.success(request, f"The item is carried over to {later.reference} on {long_date(later.held_on)}.")
    return redirect("panels:run", meeting.reference)
