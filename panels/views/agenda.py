"""Building an agenda: what is proposed, what is on it, who is invited, publishing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mace.access.gate import SeatRequest, requires, shown
from mace.access.models import Kind, LawfulBasis, Record, Scope
from mace.access.policy import Capability
from mace.agencies.models import Agency
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import CHANGE, CONFIRMED, GovukForm, refuse, sent_again
from mace.core.svg import Chart, stacked_bars
from panels.enums import ItemKind, Strand
from panels.forms.meetings import (
    SCOPE_HINTS,
    VOLT_HINTS,
    CaseItemForm,
    InviteForm,
    StandingItemForm,
    VoltItemForm,
)
from panels.models import AgendaItem, CoreAgency, Meeting
from panels.rules import STRAND_LETTERS, Balance
from panels.selectors.before_sharing import before_sharing
from panels.selectors.meetings import (
    AgendaLine,
    balance,
    item_by_reference,
    items_of,
    line_of,
    meeting_by_reference,
    records_of,
)
from panels.selectors.proposals import case_choices, proposals_for, volt_choices, volt_record
from panels.services.meetings import (
    add_case_item,
    add_standing_item,
    add_volt_item,
    invite_agency,
    move_item,
    publish_agenda,
    remove_item,
    set_minutes_allowed,
)
from panels.transitions import BEFORE
from panels.views.parts import about, within
from referrals.models import Case, Review

WHAT = {"case": "a case", "volt": "a person, place or theme", "standing": "a standing item"}


def balance_chart(found: Balance) -> Chart:
    """The minutes of an agenda as one bar: victims, offenders, locations, themes, standing items."""
    strands = [(name, found.minutes[strand]) for strand, name in STRAND_LETTERS.items()]
    title = f"Minutes used: {found.total} of {found.available}"
    if not found.total:
        return stacked_bars([], [], title)
    names = [f"{name} ({minutes})" for name, minutes in strands]
    return stacked_bars([("Agenda", [minutes for _, minutes in strands])], names, title, label="Agenda")


def open_agenda(reference: str) -> Meeting:
    """The meeting, 404 when its agenda can no longer change."""
    found = meeting_by_reference(reference)
    if found.status not in BEFORE:
        raise Http404
    return found


@requires(Capability.BUILD_AGENDA)
@require_safe
def agenda(request: SeatRequest, reference: str) -> HttpResponse:
    """The agenda builder."""
    found = meeting_by_reference(reference)
    if found.status not in BEFORE:
        return redirect("panels:meeting", reference)
    lines = items_of(found, beside={"invitations"})
    proposals = proposals_for(found)
    records = [*records_of(lines), *(proposal.record_id for proposal in proposals)]
    shown(request, "agenda builder", record_id=found.pk, reference=reference, rows=len(lines), records=records)
    used = balance(found, lines)
    context = {
        **about(found, request.seat, "agenda"),
        "lines": lines,
        "balance": used,
        "chart": balance_chart(used),
        "proposals": proposals,
        "adds": [
            {"label": words, "url": reverse("panels:agenda_add", args=[reference, what])}
            for what, words in WHAT.items()
        ],
    }
    return render(request, "panels/agenda.html", context)


@requires(Capability.BUILD_AGENDA)
@require_http_methods(["GET", "HEAD", "POST"])
def agenda_add(request: SeatRequest, reference: str, what: str) -> HttpResponse:
    """Put something on the agenda: from the proposals, or chosen here."""
    found = open_agenda(reference)
    data = request.POST if request.method == "POST" else None
    form: GovukForm
    records: list[int] = []
    if what == "case":
        cases, records = case_choices(found)
        form = CaseItemForm(data, choices=cases)
    elif what == "volt":
        groups, records = volt_choices(found)
        form = VoltItemForm(data, choices=groups)
    elif what == "standing":
        form = StandingItemForm(data)
    else:
        raise Http404
    if data is not None and form.is_valid():
        try:
            added = _add(request, found, what, form.cleaned_data)
        except RuleBroken as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"{added} is on the agenda.")
            return redirect("panels:agenda", reference)
    if records:
        shown(request, "agenda choices", record_id=found.pk, reference=reference, rows=len(records), records=records)
    context = {"form": form, "meeting": found, "what": WHAT[what], "crumbs": within(found)}
    return render(request, "panels/agenda_add.html", context, status=422 if form.errors else 200)


def _add(request: SeatRequest, found: Meeting, what: str, data: dict[str, Any]) -> str:
    """Put what the form says on the agenda; answers what to call it."""
    common: dict[str, Any] = {
        "meeting": found,
        "minutes_allowed": data["minutes"],
        "by": request.seat,
        "at": clock.now(),
    }
    if what == "case":
        case = Case.objects.get(reference=data["case"])
        review = None
        if wanted := request.POST.get("review"):
            review = Review.objects.filter(reference=wanted, case=case).first()
        kind = ItemKind.REVIEW if review else ItemKind(data["kind"])
        add_case_item(case=case, kind=kind, review=review, **common)
        return case.reference
    if what == "volt":
        chosen = volt_record(data["subject"])
        if chosen is None:
            raise RuleBroken("Choose a person, a place or a theme", field="subject")
        add_volt_item(record_id=chosen[0], strand=chosen[1], **common)
        return str(data["subject"])
    add_standing_item(title=data["title"], **common)
    return f"“{data['title']}”"


@requires(Capability.BUILD_AGENDA)
@require_POST
def item_change(request: SeatRequest, reference: str) -> HttpResponse:
    """One item's buttons: up, down, minutes, remove."""
    item = item_by_reference(reference)
    wanted = request.POST.get("do", "")
    try:
        if wanted in ("up", "down"):
            move_item(item=item, up=wanted == "up", by=request.seat)
        elif wanted == "minutes":
            minutes = request.POST.get("minutes", "")
            if not (minutes.isascii() and minutes.isdigit() and len(minutes) <= 3):
                raise RuleBroken("Minutes must be a whole number")
            set_minutes_allowed(item=item, minutes_allowed=int(minutes), by=request.seat)
        elif wanted == "remove":
            remove_item(item=item, by=request.seat)
            messages.success(
                request,
                "The item is off the agenda. Sharing decisions made for it stand until they are ended on the case.",
            )
    except RuleBroken as refusal:
        messages.error(request, refusal.message)
    return redirect(f"{reverse('panels:agenda', args=[item.meeting.reference])}#items")


@requires(Capability.DISCLOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def item_invite(request: SeatRequest, reference: str) -> HttpResponse:
    """Who will see what of one item, and why: a sharing decision for each agency chosen."""
    item = item_by_reference(reference)
    if item.subject_id is None:
        raise Http404
    line = line_of(item)
    core = set(CoreAgency.objects.filter(panel_id=item.meeting.panel_id).values_list("agency_id", flat=True))
    agencies = Agency.objects.filter(participations__partnership_id=request.seat.partnership_id).order_by("name")
    form = InviteForm(
        request.POST if request.method == "POST" else None,
        agencies=list(agencies),
        core=core,
        hints=SCOPE_HINTS if item.strand == Strand.VICTIM else VOLT_HINTS,
    )
    shown(request, "invitation page", record_id=item.subject_id, reference=reference, records=line.records)
    if request.method == "POST" and form.is_valid() and not {CONFIRMED, CHANGE} & set(request.POST):
        return _check_invitation(request, item, line, form)
    if request.method == "POST" and form.is_valid() and CONFIRMED in request.POST:
        try:
            _invite(request, item.reference, form)
        except RuleBroken as refusal:
            refuse(form, refusal)
        else:
            names = " and ".join(agency.name for agency in form.chosen)
            messages.success(request, f"{names} invited for this item.")
            back = "panels:agenda" if item.meeting.status in BEFORE else "panels:run"
            return redirect(back, item.meeting.reference)
    invited = item.invitations.filter(disclosure__withdrawn_at=None).select_related("agency", "disclosure")
    context = {
        "form": form,
        "line": line,
        "meeting": item.meeting,
        "invited": [
            [row.agency.name, Scope(row.scope).label, row.disclosure.purpose if row.disclosure else ""]
            for row in invited.order_by("agency__name")
        ],
        "head": ["Agency", "Sees", "What for"],
        "crumbs": within(item.meeting),
    }
    return render(request, "panels/item_invite.html", context, status=422 if form.errors else 200)


def _check_invitation(request: SeatRequest, item: AgendaItem, line: AgendaLine, form: InviteForm) -> HttpResponse:
    """What each agency would see; nothing is shared yet. The answers are sent once more with the confirmation."""
    given = form.cleaned_data
    subject = get_object_or_404(Record, pk=item.subject_id)
    before = [
        before_sharing(
            record_id=subject.pk,
            kind=Kind(subject.kind),
            agency=agency,
            scope=given["scope"],
            ends_on=given["ends_on"],
            partnership_id=request.seat.partnership_id,
            on=clock.today(),
            item=item,
        )
        for agency in form.chosen
    ]
    context = {
        "line": line,
        "meeting": item.meeting,
        "before": [(one, Scope(one.has_now).label if one.has_now else "") for one in before],
        "sees": given["scope"].label,
        "sent": sent_again(form),
        "reasons": [
            {"key": "What it is for", "value": given["purpose"]},
            {"key": "Lawful basis", "value": LawfulBasis(given["lawful_basis"]).label},
            {"key": "Why it is necessary", "value": given["necessity"]},
            {"key": "Told", "value": "Yes" if given["told"] else f"No: {given['told_reason']}"},
        ],
        "crumbs": within(item.meeting),
    }
    return render(request, "panels/item_invite_check.html", context)


@transaction.atomic
def _invite(request: SeatRequest, reference: str, form: InviteForm) -> None:
    """All of the agencies chosen, or none."""
    item = item_by_reference(reference)
    data = form.cleaned_data
    for agency in form.chosen:
        invite_agency(
            item=item,
            agency=agency,
            scope=data["scope"],
            purpose=data["purpose"],
            lawful_basis=data["lawful_basis"],
            necessity=data["necessity"],
            told=bool(data["told"]),
            told_reason=data["told_reason"],
            ends_on=data["ends_on"],
            by=request.seat,
            at=clock.now(),
        )


@requires(Capability.BUILD_AGENDA)
@require_http_methods(["GET", "HEAD", "POST"])
def agenda_publish(request: SeatRequest, reference: str) -> HttpResponse:
    """Say who will see what, then publish."""
    found = meeting_by_reference(reference)
    if request.method == "POST":
        try:
            publish_agenda(meeting=found, by=request.seat, at=clock.now())
        except RuleBroken as refusal:
            messages.error(request, refusal.message)
            return redirect("panels:meeting" if found.status not in BEFORE else "panels:agenda", reference)
        messages.success(
            request, "The agenda is published. The chairs, lead professionals and invited agencies are told."
        )
        return redirect("panels:meeting", reference)
    lines = items_of(found, beside={"invitations"})
    records = records_of(lines)
    shown(request, "publication page", record_id=found.pk, reference=reference, rows=len(lines), records=records)
    rows = [
        [
            line.title,
            ", ".join(f"{row.agency.name} ({Scope(row.scope).label.lower()})" for row in line.invitations)
            or ("Everybody invited sees the title" if line.is_standing else "No agency invited"),
        ]
        for line in lines
    ]
    context = {
        **about(found, request.seat, "agenda"),
        "lines": lines,
        "rows": rows,
        "head": ["Item", "Agencies that see it"],
        "balance": balance(found, lines),
        "crumbs": within(found),
    }
    return render(request, "panels/agenda_publish.html", context)
