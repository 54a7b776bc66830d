"""Asking for a file, seeing whether it is ready, and downloading it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability, can
from mace.audit.models import ReadKind
from mace.casework.selectors.case import identity_bar
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import refuse
from mace.exporting.enums import ExportOf, ExportStatus
from mace.exporting.forms import CaseForm, ListForm
from mace.exporting.rules import CONTENT_TYPES, lasts
from mace.exporting.selectors import exports as selectors
from mace.exporting.selectors.lists import LISTS
from mace.exporting.selectors.readers import readers_for
from mace.exporting.services.asking import ask_again, ask_for_case, ask_for_list
from referrals.selectors import case_by_reference


@requires(Capability.EXPORT_CASE)
@require_safe
def exports(request: SeatRequest) -> HttpResponse:
    """What the seat asked for, the latest first."""
    at = clock.now()
    rows = [
        {
            "title": f"{ExportOf(one.what).label}, {one.get_format_display()}",
            "url": reverse("exporting:export", args=[one.reference]),
            "reference": one.reference,
            "state": selectors.state_of(one, at=at).label,
            "asked_at": one.asked_at,
        }
        for one in selectors.exports()
    ]
    return render(request, "exporting/exports.html", {"rows": rows})


@requires(Capability.EXPORT_LISTS, fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: SeatRequest, table: str) -> HttpResponse:
    """Say what will be in the file, and ask as what and why. The address narrows it as the list's own page was."""
    kind = LISTS.get(table)
    if kind is None:
        raise Http404
    if not can(request.seat, kind.capability):
        raise PermissionDenied
    query = request.GET.urlencode()
    list_url = reverse(kind.page) + (f"?{query}" if query else "")
    try:
        chosen = kind.chosen(request.GET)
    except RuleBroken:  # the list's own page says what is wrong
        return redirect(list_url)
    form = ListForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = ask_for_list(what=table, chosen=chosen, **form.cleaned_data, by=request.seat, at=clock.now())
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            return redirect("exporting:export", made.reference)
    context = {
        "form": form,
        "title": ExportOf(table).label,
        "head": kind.head(chosen),
        "said": kind.said(chosen),
        "list_url": list_url,
        "hours": int(lasts().total_seconds() // 3600),
        "has_errors": bool(form.errors),
    }
    return render(request, "exporting/ask.html", context, status=422 if form.errors else 200)


@requires(Capability.EXPORT_CASE, fresh=True)
@require_http_methods(["GET", "HEAD", "POST"])
def case_pdf(request: SeatRequest, reference: str) -> HttpResponse:
    """Ask for a case as a PDF: for whom, and why."""
    case = case_by_reference(reference)
    form = CaseForm(request.POST if request.method == "POST" else None, readers=readers_for(case.pk, request.seat))
    if request.method == "POST" and form.is_valid():
        try:
            made = ask_for_case(
                case=case,
                reader=form.chosen(),
                reason=form.cleaned_data["reason"],
                by=request.seat,
                at=clock.now(),
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            return redirect("exporting:export", made.reference)
    shown(request, "case PDF page", record_id=case.pk, reference=case.reference)
    context = {
        "form": form,
        "case": case,
        "identity": identity_bar(case, on=clock.today()),
        "may_share": can(request.seat, Capability.DISCLOSE),
        "hours": int(lasts().total_seconds() // 3600),
        "has_errors": bool(form.errors),
    }
    return render(request, "exporting/case_pdf_ask.html", context, status=422 if form.errors else 200)


@requires(Capability.EXPORT_CASE)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: SeatRequest, reference: str) -> HttpResponse:
    """How far one is, and the way to its file; sent, it is queued once more if it still waits."""
    found = selectors.export_by_reference(reference)
    if request.method == "POST":
        if ask_again(export=found, by=request.seat):
            messages.info(request, "It is asked for again. This usually takes less than a minute.")
        return redirect("exporting:export", reference)
    return render(request, "exporting/export.html", _about(found))


def _about(found: Any) -> dict[str, Any]:
    at = clock.now()
    state = selectors.state_of(found, at=at)
    back = reverse(LISTS[found.what].page) if found.what in LISTS else reverse("casework:cases")
    return {
        "export": found,
        "state": state.value,
        "title": selectors.title_of(found),
        "said": selectors.narrowed_by(found),
        "gone": state == ExportStatus.READY and selectors.file_of(found, at=at) is None,
        "list_url": back,
    }


@requires(Capability.EXPORT_CASE, fresh=True)
@require_safe
def export_file(request: SeatRequest, reference: str) -> HttpResponse:
    """The file, for the seat that asked for it, while it sees all that stands in it; else what to do instead."""
    found = selectors.export_by_reference(reference)
    file = selectors.file_of(found, at=clock.now())
    if file is None:
        return render(request, "exporting/export.html", _about(found), status=410)
    shown(
        request,
        "export taken away",
        record_id=found.record_id,
        reference=found.reference,
        rows=found.rows,
        records=file.records,
        kind=ReadKind.EXPORT,
    )
    response = HttpResponse(bytes(file.content), content_type=CONTENT_TYPES[found.format])
    response["Content-Disposition"] = f'attachment; filename="{found.reference}.{found.format}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
