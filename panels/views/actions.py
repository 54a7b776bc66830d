"""Pages about actions: the list of one's work, one action, and what one's agency wrote."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability, can
from mace.accounts.models import Role
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import GovukForm, long_date, refuse
from mace.core.seat import Seat
from panels.enums import ActionStatus
from panels.forms.actions import AssignForm, CloseForm, ExtendForm, ReportForm
from panels.models import Action
from panels.rules_actions import may_assign, may_update, runs_the_panel
from panels.selectors.actions import (
    MOST,
    PASSED_OVER,
    SHOWS,
    action_by_reference,
    by_due_date,
    case_beside,
    cases_of,
    closed_actions_for,
    colleagues_for,
    day_words,
    escalated_to,
    open_actions_for,
    overdue_words,
    updates_of,
    whose,
    written_by_agency,
)
from panels.services.actions import assign_action, close_action, extend_action, report_on_action
from referrals.models import Case
from referrals.rules import age_on

OF_KIND: Final = {
    "person": "A person of concern",
    "location": "A place",
    "theme": "A theme",
    "group": "A peer group",
    "meeting": "A meeting",
}


# --- The list --------------------------------------------------------------------------------------------------------


@requires(Capability.READ_ACTIONS)
@require_safe
def action_list(request: SeatRequest) -> HttpResponse:
    """The seat's open actions, the most overdue first. A board member sees what was escalated, by reference only."""
    if request.seat.role == Role.BOARD:
        told = escalated_to(request.seat)
        if told:
            about = [message.about for message in told if message.about is not None]
            shown(request, "escalated actions", rows=len(told), records=about)
        return render(request, "panels/actions_escalated.html", {"told": told})
    today = clock.today()
    show = request.GET.get("show", "")
    show = show if show in SHOWS else ""
    found = open_actions_for(request.seat, today)
    groups = by_due_date(found, today)
    cards = [
        {
            "count": len(rows),
            "label": SHOWS[name],
            "url": f"{reverse('panels:actions')}?show={name}",
            "urgent": name == "overdue",
            "current": show == name,
        }
        for name, rows in groups.items()
    ]
    if show == "closed":
        groups = {"closed": closed_actions_for(request.seat)}
    elif show:
        groups = {show: groups[show]}
    rows = [action for group in groups.values() for action in group]
    cases = cases_of(rows)
    sections = [
        {"title": SHOWS[name], "rows": [_row(action, cases, request.seat, today) for action in group]}
        for name, group in groups.items()
        if group
    ]
    if rows:
        shown(request, "actions", rows=len(rows), records=[action.record_id for action in rows])
    context = {
        "cards": cards,
        "sections": sections,
        "show": show,
        "empty": not sections,
        "cut": len(found) == MOST,
        "most": MOST,
        "can_write": request.seat.role != Role.BOARD,
        "may_export": can(request.seat, Capability.EXPORT_LISTS),
        "reads_written": can(request.seat, Capability.UPDATE_ACTION),
    }
    return render(request, "panels/actions.html", context)


def _row(action: Action, cases: dict[int, Case], seat: Seat, today: dt.date) -> dict[str, Any]:
    return {
        "title": action.text,
        "url": reverse("panels:action", args=[action.reference]),
        "state": overdue_words(action, today),
        "urgent": action.status == ActionStatus.OPEN and action.due_on < today,
        "meta": " · ".join(
            part for part in (action.reference, _about(action, cases), _owner_words(action, seat)) if part
        ),
    }


def _about(action: Action, cases: dict[int, Case]) -> str:
    case = cases.get(action.record_id)
    if case is not None:
        return f"{case.child.identity.full_name}, case {case.reference}"
    return OF_KIND.get(action.record.kind, "")


def _owner_words(action: Action, seat: Seat) -> str:
    name = action.owner.user.name if action.owner else "no person named yet"
    return name if action.owner_agency_id == seat.agency_id else f"{action.owner_agency.name}: {name}"


# --- One action ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Forms:
    """The forms that the seat may use on an action; ``None`` where it may not."""

    report: ReportForm | None = None
    close: CloseForm | None = None
    assign: AssignForm | None = None
    extend: ExtendForm | None = None


def _forms(action: Action, seat: Seat, today: dt.date) -> Forms:
    if action.status != ActionStatus.OPEN:
        return Forms()
    forms, mine = Forms(), whose(action)
    if may_update(mine, seat):
        forms.report = ReportForm()
        forms.close = CloseForm(panel=runs_the_panel(seat))
    if may_assign(mine, seat):
        forms.assign = _assign_form(action, seat, today)
    if runs_the_panel(seat):
        forms.extend = ExtendForm()
    return forms


def _assign_form(action: Action, seat: Seat, today: dt.date, data: Any = None) -> AssignForm:
    return AssignForm(data, colleagues=colleagues_for(action, seat, on=today), now_with=action.owner_id)


@requires(Capability.READ_ACTIONS)
@require_safe
def action_page(request: SeatRequest, reference: str) -> HttpResponse:
    """One action: what is to be done, how it stands, what was reported, who was told; and what the seat may do."""
    action = action_by_reference(reference)
    return _page(request, action, _forms(action, request.seat, clock.today()))


def _page(
    request: SeatRequest, action: Action, forms: Forms, *, failed: GovukForm | None = None, status: int = 200
) -> HttpResponse:
    today = clock.today()
    case = case_beside(action)
    shown(request, "action page", record_id=action.record_id, reference=action.reference)
    context = {
        "action": action,
        "identity": _identity(case, today) if case else None,
        "state": overdue_words(action, today),
        "urgent": action.status == ActionStatus.OPEN and action.due_on < today,
        "facts": _facts(action, case),
        "updates": [
            {"title": row.written_by_name, "text": row.text, "at": row.written_at, "kind": "Update"}
            for row in updates_of(action)
        ],
        "chasers": [
            [day_words(row.chased_on) + f" {row.chased_on.year}", _told_words(row.told), long_date(row.due_on)]
            for row in action.chasers.all()
        ],
        "chase_head": ["Date", "Who was told", "Due date then"],
        "forms": forms,
        "form": failed,
    }
    return render(request, "panels/action.html", context, status=status)


def _told_words(told: str) -> str:
    return "Nobody: a later step was due already" if told == PASSED_OVER else told[:1].upper() + told[1:]


def _identity(case: Case, today: dt.date) -> dict[str, Any]:
    """What the identity bar may show: the rating only where the seat's scope covers the summary."""
    known = case.child.identity
    summary = getattr(case, "summary", None)
    return {
        "name": known.full_name,
        "url": reverse("casework:case", args=[case.reference]),
        "age": age_on(known.date_of_birth, today),
        "born": known.date_of_birth,
        "reference": case.reference,
        "lead": case.lead_professional.user.name,
        "rating": summary.rating if summary else None,
    }


def _facts(action: Action, case: Case | None) -> list[dict[str, str]]:
    rows = [
        ("Agency", action.owner_agency.name),
        ("Person", action.owner.user.name if action.owner else "No person named yet"),
        ("Due", long_date(action.due_on)),
        ("How we will know it worked", action.measure),
        ("About", "" if case else OF_KIND.get(action.record.kind, "")),
        ("Part of the agenda", action.get_strand_display()),
        ("Given", long_date(clock.london_date(action.created_at))),
        ("Ended", long_date(action.closed_on) if action.closed_on else ""),
        ("Note at the end", action.closing_note),
    ]
    return [{"key": key, "value": value} for key, value in rows if value]


def _answer(
    request: SeatRequest, action: Action, name: str, form: GovukForm, *, do: Callable[[], object], done: str
) -> HttpResponse:
    """Do what a valid form asks and go back to the action; else show the page again with what was typed."""
    if form.is_valid():
        try:
            do()
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, done)
            return redirect("panels:action", reference=action.reference)
    forms = _forms(action, request.seat, clock.today())
    setattr(forms, name, form)
    return _page(request, action, forms, failed=form, status=422)


@requires(Capability.UPDATE_ACTION)
@require_POST
def action_report(request: SeatRequest, reference: str) -> HttpResponse:
    action = action_by_reference(reference)
    form = ReportForm(request.POST)

    def do() -> None:
        report_on_action(
            action=action,
            text=form.cleaned_data["text"],
            operation=form.cleaned_data["operation"],
            by=request.seat,
            at=clock.now(),
        )

    return _answer(request, action, "report", form, do=do, done="Your update is saved")


@requires(Capability.UPDATE_ACTION)
@require_POST
def action_close(request: SeatRequest, reference: str) -> HttpResponse:
    action = action_by_reference(reference)
    form = CloseForm(request.POST, panel=runs_the_panel(request.seat))

    def do() -> None:
        close_action(
            action=action,
            status=form.cleaned_data["status"],
            note=form.cleaned_data["note"],
            by=request.seat,
            at=clock.now(),
        )

    return _answer(request, action, "close", form, do=do, done="The action is closed")


@requires(Capability.ASSIGN_ACTION)
@require_POST
def action_assign(request: SeatRequest, reference: str) -> HttpResponse:
    action = action_by_reference(reference)
    form = _assign_form(action, request.seat, clock.today(), request.POST)

    def do() -> None:
        assign_action(action=action, to=form.chosen, by=request.seat, at=clock.now())

    return _answer(request, action, "assign", form, do=do, done="The action is handed on, and your colleague told")


@requires(Capability.MINUTE)
@require_POST
def action_extend(request: SeatRequest, reference: str) -> HttpResponse:
    action = action_by_reference(reference)
    form = ExtendForm(request.POST)

    def do() -> None:
        extend_action(
            action=action,
            due_on=form.cleaned_data["due_on"],
            reason=form.cleaned_data["reason"],
            by=request.seat,
            at=clock.now(),
        )

    return _answer(request, action, "extend", form, do=do, done="The new due date is agreed, and the owner told")


# --- What one's agency wrote -----------------------------------------------------------------------------------------


@requires(Capability.UPDATE_ACTION)
@require_safe
def written(request: SeatRequest) -> HttpResponse:
    """What the seat, or a lead's whole agency, wrote on actions: by the action's reference, nothing else of the case.

    It stays readable when the case is no longer shared with the agency.
    """
    rows = written_by_agency(request.seat)
    if rows:
        shown(request, "written by the agency", rows=len(rows), records=[row.record_id for row in rows])
    entries = [
        {
            "title": f"Action {row.action_reference}",
            "text": row.text,
            "at": row.written_at,
            "by": row.written_by_name,
            "kind": "Update",
        }
        for row in rows
    ]
    whole_agency = request.seat.role == Role.AGENCY_LEAD
    return render(request, "panels/written.html", {"entries": entries, "whole_agency": whole_agency})
