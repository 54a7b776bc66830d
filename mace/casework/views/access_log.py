"""The access log: who looked at a child, what a person looked at, files, refusals; and what was changed on a case.

Reading it is itself put on record.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from mace.access.gate import SeatRequest, requires, shown
from mace.access.models import Scope
from mace.access.policy import Capability, can
from mace.audit.models import ReadEntry, ReadKind
from mace.casework.forms.access_log import LogForm, PersonLogForm, SubjectForm
from mace.casework.selectors import access_log as log
from mace.casework.selectors import access_log_changes as history
from mace.casework.selectors.case import identity_bar
from mace.casework.selectors.sharing import scope_of_seat
from mace.core import clock
from mace.core.seat import Seat
from referrals.selectors import case_by_reference

ANSWERED_WITH_ERRORS = 422

TABS: tuple[tuple[str, str, Capability], ...] = (
    ("A child or case", "casework:access_log", Capability.READ_ACCESS_LOG),
    ("A person", "casework:access_log_people", Capability.READ_SEATS_LOG),
    ("Files and exports", "casework:access_log_files", Capability.READ_WHOLE_LOG),
    ("Refusals", "casework:access_log_refusals", Capability.READ_WHOLE_LOG),
    ("Changes to a case", "casework:access_log_changes", Capability.READ_WHOLE_LOG),
    ("Emergency access", "casework:emergencies", Capability.REVIEW_EMERGENCY),
)
"""The parts of the access log: label, page, who has it."""


def tabs(seat: Seat, path: str) -> list[dict[str, Any]]:
    """The parts of the access log that the seat has, for the component *sub_navigation*."""
    return [
        {"label": label, "url": reverse(name), "active": reverse(name) == path}
        for label, name, capability in TABS
        if can(seat, capability)
    ]


@requires(Capability.READ_ACCESS_LOG)
@require_safe
def access_log(request: SeatRequest) -> HttpResponse:
    """Who looked at a child, by the reference of the child, a case or a referral."""
    form = SubjectForm(request.GET if "reference" in request.GET else None)
    context: dict[str, Any] = {"form": form, "intro": "Who looked at a child’s records, and when."}
    if form.is_bound and form.is_valid():
        reference = form.cleaned_data["reference"]
        record_id = log.record_by_reference(reference)
        if record_id is None:
            form.add_error("reference", "There is no record of that reference whose access log you may read")
        else:
            return _about(request, form, record_id, reference, context)
    return _render(request, context)


@requires(Capability.READ_ACCESS_LOG)
@require_safe
def case_access_log(request: SeatRequest, reference: str) -> HttpResponse:
    """Who looked at one case that the seat sees in full; an agency lead reads what its own agency's people did."""
    case = case_by_reference(reference)
    if scope_of_seat(case.pk) < Scope.FULL:
        raise Http404
    form = LogForm(request.GET if _asked(request, "start", "end") else None)
    context = {"form": form, "case": case, "identity": identity_bar(case, on=clock.today())}
    if form.is_bound and not form.is_valid():
        return _render(request, context)
    return _about(request, form, case.pk, case.reference, context)


def _about(
    request: SeatRequest, form: LogForm, record_id: int, reference: str, context: dict[str, Any]
) -> HttpResponse:
    period = log.Period(form.since, form.until) if form.is_bound else log.Period()
    try:
        page = log.entries_about(record_id, period, after=request.GET.get("after", ""))
    except ValueError:  # an address that was tampered with
        return redirect(request.path)
    entries, seats = log.count_about(record_id, period)
    people = "1 person" if seats == 1 else f"{seats} people"
    times = "once" if entries == 1 else f"{entries} times"
    shown(
        request,
        "access log of a record",
        record_id=record_id,
        reference=reference,
        rows=len(page.entries),
        kind=ReadKind.LOG,
    )
    context |= {
        "counted": f"{reference}: looked at {times}, by {people}." if entries else "",
        "changes_url": _changes_url(request.seat, reference),
    }
    return _render(request, context, page)


def _changes_url(seat: Seat, reference: str) -> str:
    if can(seat, Capability.READ_WHOLE_LOG):
        return f"{reverse('casework:access_log_changes')}?reference={reference}"
    return reverse("casework:case_changes", args=[reference]) if reference.startswith("C-") else ""


@requires(Capability.READ_SEATS_LOG)
@require_safe
def access_log_people(request: SeatRequest) -> HttpResponse:
    """What one person was shown; for an agency lead also what the whole agency was."""
    seat = request.seat
    whole = can(seat, Capability.READ_WHOLE_LOG)
    form = PersonLogForm(
        request.GET if _asked(request, "role", "start", "end") else None,
        members=log.members_to_ask_about(seat),
        needed=whole,
    )
    context: dict[str, Any] = {"form": form, "intro": "What a person was shown, and when."}
    if form.is_bound and not form.is_valid():
        return _render(request, context)
    chosen = form.chosen if form.is_bound else None
    if chosen is None and whole:
        return _render(request, context)
    entries = log.entries_of(chosen) if chosen else log.entries_of_agency(seat)
    name = "access log of a person" if chosen else "access log of the agency"
    return _listed(request, context, entries, form, name=name, reference=chosen.reference if chosen else "")


@requires(Capability.READ_WHOLE_LOG)
@require_safe
def access_log_files(request: SeatRequest) -> HttpResponse:
    """What left the service as a file."""
    form = LogForm(request.GET if _asked(request, "start", "end") else None)
    context: dict[str, Any] = {"form": form, "intro": "Documents and exports that were taken away."}
    entries = log.entries_of_kind(request.seat, ReadKind.FILE, ReadKind.EXPORT)
    return _listed(request, context, entries, form, name="access log of files")


@requires(Capability.READ_WHOLE_LOG)
@require_safe
def access_log_refusals(request: SeatRequest) -> HttpResponse:
    """What was asked for and refused: hidden, not there at all, or not for the role."""
    form = LogForm(request.GET if _asked(request, "start", "end") else None)
    context: dict[str, Any] = {
        "form": form,
        "intro": "Pages that were asked for and not shown. What is hidden and what does not exist look the same here.",
    }
    entries = log.entries_of_kind(request.seat, ReadKind.REFUSAL)
    return _listed(request, context, entries, form, name="access log of refusals")


def _listed(
    request: SeatRequest,
    context: dict[str, Any],
    entries: QuerySet[ReadEntry],
    form: LogForm,
    *,
    name: str,
    reference: str = "",
) -> HttpResponse:
    if form.is_bound and not form.is_valid():
        return _render(request, context)
    period = log.Period(form.since, form.until) if form.is_bound else log.Period()
    try:
        page = log.log_page(entries, period, after=request.GET.get("after", ""))
    except ValueError:
        return redirect(request.path)
    found = log.count_of(entries, period)
    said = f"more than {log.CAP}" if found > log.CAP else str(found)
    shown(request, name, reference=reference, rows=len(page.entries), kind=ReadKind.LOG)
    return _render(
        request, context | {"counted": f"{said} {'entry' if found == 1 else 'entries'}." if found else ""}, page
    )


@requires(Capability.READ_WHOLE_LOG)
@require_safe
def access_log_changes(request: SeatRequest) -> HttpResponse:
    """What was changed on a child's records, for the officer, who sees none of them."""
    asked = request.GET.get("reference", "")
    form = SubjectForm({"reference": asked} if asked else None)
    for name in ("start", "end"):
        del form.fields[name]
    context: dict[str, Any] = {"form": form, "intro": "What was changed on a child’s records, and by whom."}
    if not form.is_bound or not form.is_valid():
        return _render_changes(request, context)
    record_id = log.record_by_reference(form.cleaned_data["reference"])
    if record_id is None:
        form.add_error("reference", "There is no record of that reference whose changes you may read")
        return _render_changes(request, context)
    return _changes(request, context, record_id, form.cleaned_data["reference"])


@requires(Capability.EXPLAIN_ACCESS)
@require_safe
def case_changes(request: SeatRequest, reference: str) -> HttpResponse:
    """What was changed on a case that the seat sees in full."""
    case = case_by_reference(reference)
    if scope_of_seat(case.pk) < Scope.FULL:
        raise Http404
    context = {"case": case, "identity": identity_bar(case, on=clock.today())}
    return _changes(request, context, case.pk, case.reference)


def _changes(request: SeatRequest, context: dict[str, Any], record_id: int, reference: str) -> HttpResponse:
    try:
        found, following = history.changes_to(record_id, after=request.GET.get("after", ""))
    except ValueError:
        return redirect(request.path)
    shown(request, "changes to a record", record_id=record_id, reference=reference, rows=len(found), kind=ReadKind.LOG)
    context |= {
        "head": history.HEAD,
        "rows": history.change_rows(found),
        "asked": True,
        "next_url": _address(request, following) if following else "",
        "first_url": _address(request, "") if request.GET.get("after") else "",
    }
    return _render_changes(request, context)


def _render_changes(request: SeatRequest, context: dict[str, Any]) -> HttpResponse:
    return _answer(request, "casework/access_log_changes.html", context)


def _render(request: SeatRequest, context: dict[str, Any], page: log.LogPage | None = None) -> HttpResponse:
    if page is not None:
        context |= {
            "head": log.HEAD,
            "rows": log.log_rows(page),
            "asked": True,
            "next_url": _address(request, page.next_after) if page.next_after else "",
            "first_url": _address(request, "") if request.GET.get("after") else "",
        }
    return _answer(request, "casework/access_log.html", context)


def _answer(request: SeatRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    form = context.get("form")
    status = ANSWERED_WITH_ERRORS if form is not None and form.errors else 200
    return render(request, template, {"tabs": tabs(request.seat, request.path), **context}, status=status)


def _asked(request: HttpRequest, *names: str) -> bool:
    return any(key.startswith(names) for key in request.GET)


def _address(request: HttpRequest, after: str) -> str:
    """The same question, from another entry on."""
    asked = request.GET.copy()
    asked.pop("after", None)
    if after:
        asked["after"] = after
    return f"?{asked.urlencode()}"
