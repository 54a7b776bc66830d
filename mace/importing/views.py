"""Bringing a spreadsheet in, step by step: file, sheets, columns, values, people, check, import, undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability
from mace.core import clock
from mace.core.errors import Conflict, RuleBroken
from mace.core.forms import GovukForm, refuse, whole
from mace.core.uploads import takes_files
from mace.importing.enums import ImportStatus
from mace.importing.forms import (
    CellForm,
    ColumnsForm,
    FileForm,
    HeadingsForm,
    PeopleForm,
    SpellingsForm,
    UndoForm,
)
from mace.importing.models import Import
from mace.importing.reading.fields import CODED, words_of
from mace.importing.selectors.files import cells_of, code_lists, file_by_reference, files, rows_of
from mace.importing.selectors.steps import counts_in_words, sheet_plan, sheets_of, steps_of
from mace.importing.services.planning import (
    bring_file,
    correct_cell,
    decide_people,
    leave_file,
    set_columns,
    set_headings,
    set_spellings,
    start,
)
from mace.importing.services.undoing import undo_import, worked_on
from mace.importing.transitions import CHANGEABLE, WORKING
from referrals.selectors import case_by_reference

MEANWHILE = "Somebody else changed this import meanwhile. Look at what stands there now, then try again."
DOUBTS_SHOWN = 200


@takes_files
@requires(Capability.IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: SeatRequest) -> HttpResponse:
    """What was brought in before, and a form to bring in another file."""
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            file = bring_file(content=sent.read(), name=sent.name, by=request.seat, at=clock.now())
        except RuleBroken as broken:
            form.add_error("file", broken.message)
        else:
            return redirect("importing:import", file.reference)
    return render(
        request, "importing/imports.html", {"form": form, "files": files()}, status=422 if form.errors else 200
    )


@requires(Capability.IMPORT)
@require_safe
def one_import(request: SeatRequest, reference: str) -> HttpResponse:
    """Where an import stands, what is left to decide, and what the last check found."""
    file = file_by_reference(reference)
    if file.found or file.outline:
        shown(request, "spreadsheet", reference=file.reference, rows=file.rows_all)
    found: dict[str, Any] = file.found
    return render(
        request,
        "importing/import.html",
        {
            "file": file,
            "sheets": sheets_of(file),
            "steps": steps_of(file),
            "changeable": file.status in CHANGEABLE,
            "working": file.status in WORKING,
            "counts": counts_in_words(found.get("counts", {})),
            "found": found,
            "doubts": [_doubt(file, one) for one in found.get("doubts", [])[:DOUBTS_SHOWN]],
            "blocked": sum(bool(one["blocks"]) for one in found.get("doubts", [])),
        },
    )


def _doubt(file: Import, one: dict[str, Any]) -> dict[str, Any]:
    names = [sheet["sheet"] for sheet in file.outline]
    at = names.index(one["sheet"]) + 1 if one["sheet"] in names else 0
    url = reverse("importing:cell", args=[file.reference, at, one["cell"]]) if at and one["cell"] else ""
    return one | {"url": url, "field": words_of("people", one["field"]) if one["field"] else ""}


def _sheet(file: Import, number: str) -> tuple[int, dict[str, Any]]:
    """The sheet's number, from 1, and its first rows. Raises ``Http404`` for one that there is not."""
    numbers = {str(at): (at, one) for at, one in enumerate(file.outline, 1)}
    if number not in numbers:
        raise Http404
    return numbers[number]


def _answer(
    request: SeatRequest, template: str, file: Import, context: dict[str, Any], *forms: GovukForm
) -> HttpResponse:
    shown(request, "spreadsheet", reference=file.reference, rows=1)
    status = 422 if any(form.errors for form in forms) else 200
    return render(request, template, {"file": file, "changeable": file.status in CHANGEABLE, **context}, status=status)


def _carried_out(form: GovukForm, act: Callable[[], object]) -> bool:
    """Whether a valid form's decision was taken; why it was not stands on the form."""
    if not form.is_valid():
        return False
    try:
        act()
    except Conflict:
        form.add_error(None, MEANWHILE)
    except RuleBroken as broken:
        refuse(form, broken)
    return not form.errors


def _version(request: SeatRequest, file: Import) -> int:
    """The version that the page was made of; the present one where the page says nothing."""
    said = whole(request.POST.get("version", ""))
    return file.version if said is None else said


@requires(Capability.IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: SeatRequest, reference: str, number: str) -> HttpResponse:
    """What one sheet holds: its use and headings, and once those are right, its columns."""
    file = file_by_reference(reference)
    at, outline = _sheet(file, number)
    plan = sheet_plan(file, at)
    rows = plan.header_rows
    begin = {"use": plan.use, "first": rows[0] if rows else None, "second": rows[1] if len(rows) > 1 else None}
    asked = request.POST.get("step", "") if request.method == "POST" else ""
    headings = HeadingsForm(request.POST if asked == "headings" else None, initial=begin)
    columns = ColumnsForm(
        request.POST if asked == "columns" else None, sheet=plan, samples=outline["samples"], prefix="c"
    )
    form = headings if asked == "headings" else columns
    common: dict[str, Any] = {
        "file": file,
        "sheet": plan.sheet,
        "version": _version(request, file),
        "by": request.seat,
    }
    if asked == "headings" and _carried_out(
        form, lambda: set_headings(use=headings.cleaned_data["use"], rows=headings.rows(), **common)
    ):
        messages.success(request, "The sheet is read anew. Look at its columns.")
        return redirect("importing:sheet", reference, number)
    if asked == "columns" and _carried_out(
        form,
        lambda: set_columns(fields=columns.chosen(), names=columns.cleaned_data.get("names", plan.names), **common),
    ):
        messages.success(request, f"The columns of ‘{plan.sheet}’ are saved.")
        return redirect("importing:import", reference)
    context = {
        "outline": outline,
        "plan": plan,
        "headings": headings,
        "columns": columns,
        "form": form,
        "number": number,
    }
    return _answer(request, "importing/sheet.html", file, context, form)


@requires(Capability.IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def values(request: SeatRequest, reference: str, field: str) -> HttpResponse:
    """What each way of writing in the columns of one field means."""
    file = file_by_reference(reference)
    found = file.plan.get("spellings", {}).get(field)
    if not found:
        raise Http404
    form = SpellingsForm(
        request.POST if request.method == "POST" else None,
        field=field,
        found=found,
        choices=code_lists()[CODED[field]],
    )
    version = _version(request, file)
    if request.method == "POST" and _carried_out(
        form, lambda: set_spellings(file=file, chosen={field: form.chosen()}, version=version, by=request.seat)
    ):
        messages.success(request, "Saved, and remembered for the next file.")
        return redirect("importing:import", reference)
    context = {"form": form, "words": words_of("people", field), "more": len(found) - len(form.texts)}
    return _answer(request, "importing/values.html", file, context, form)


@requires(Capability.IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: SeatRequest, reference: str) -> HttpResponse:
    """Which rows speak of one child, as far as the last check saw."""
    file = file_by_reference(reference)
    groups = file.found.get("groups", [])
    if not groups:
        raise Http404
    form = PeopleForm(
        request.POST if request.method == "POST" else None, groups=groups, same=file.decisions.get("same", {})
    )
    version = _version(request, file)
    if request.method == "POST" and _carried_out(
        form, lambda: decide_people(file=file, same=form.chosen(), version=version, by=request.seat)
    ):
        messages.success(request, "Saved. Check the file again.")
        return redirect("importing:import", reference)
    return _answer(request, "importing/people.html", file, {"form": form}, form)


@requires(Capability.IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def cell(request: SeatRequest, reference: str, number: str, address: str) -> HttpResponse:
    """One cell: what is doubted about it, and what should stand there instead."""
    file = file_by_reference(reference)
    name = _sheet(file, number)[1]["sheet"]
    now = file.decisions.get("cells", {}).get(name, {}).get(address, "")
    doubts = [one for one in file.found.get("doubts", []) if (one["sheet"], one["cell"]) == (name, address)]
    suggestion = next((one["suggestion"] for one in doubts if one["suggestion"]), "")
    form = CellForm(request.POST if request.method == "POST" else None, initial={"text": now or suggestion})
    version = _version(request, file)
    if request.method == "POST" and _carried_out(
        form,
        lambda: correct_cell(
            file=file, sheet=name, cell=address, text=form.cleaned_data["text"], version=version, by=request.seat
        ),
    ):
        messages.success(request, f"Cell {address} is corrected. Check the file again when you are done.")
        return redirect("importing:import", reference)
    context = {"form": form, "sheet": name, "address": address, "doubts": doubts, "corrected": now}
    return _answer(request, "importing/cell.html", file, context, form)


@requires(Capability.IMPORT)
@require_POST
def go(request: SeatRequest, reference: str) -> HttpResponse:
    """Let the worker check or import the file, or leave it; ``do`` says which."""
    file = file_by_reference(reference)
    wanted = request.POST.get("do", "")
    try:
        if wanted == "leave":
            leave_file(file=file, by=request.seat)
            messages.success(request, "The import is left. Nothing was imported, and the file is forgotten.")
            return redirect("importing:imports")
        if wanted not in ("check", "import"):
            raise Http404
        status = ImportStatus.CHECKING if wanted == "check" else ImportStatus.IMPORTING
        start(file=file, status=status, by=request.seat)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    return redirect("importing:import", reference)


@requires(Capability.IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: SeatRequest, reference: str) -> HttpResponse:
    """Take an import back as a whole."""
    file = file_by_reference(reference)
    if file.status != ImportStatus.IMPORTED:
        raise Http404
    form = UndoForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and _carried_out(
        form, lambda: undo_import(file=file, reason=form.cleaned_data["reason"], by=request.seat, at=clock.now())
    ):
        messages.success(request, "The import is undone. What it made is taken back, and stays on record as that.")
        return redirect("importing:import", reference)
    return _answer(request, "importing/undo.html", file, {"form": form, "since": worked_on(file)}, form)


@requires(Capability.IMPORT)
@require_safe
def rows(request: SeatRequest, reference: str) -> HttpResponse:
    """What became of each row, a hundred a page."""
    file = file_by_reference(reference)
    after = whole(request.GET.get("after", "")) or 0
    lines, following = rows_of(file, after=after)
    shown(request, "spreadsheet rows", reference=file.reference, rows=len(lines))
    return render(
        request,
        "importing/rows.html",
        {
            "file": file,
            "lines": lines,
            "first_url": reverse("importing:rows", args=[reference]) if after else "",
            "next_url": f"?after={following}" if following else "",
        },
    )


@requires(Capability.READ_CASES)
@require_safe
def case_cells(request: SeatRequest, reference: str) -> HttpResponse:
    """Where what is on a case came from: file, sheet, cell, and what stood there, for who sees the case in full."""
    case = case_by_reference(reference)
    found = cells_of(case)
    if not found:
        raise Http404
    shown(request, "spreadsheet cells", record_id=case.pk, reference=case.reference, rows=len(found))
    kept = [one for one in found if not one.field]
    return render(
        request,
        "importing/case_cells.html",
        {
            "case": case,
            "kept": kept,
            "cells": [(words_of("people", one.field), one) for one in found if one.field],
        },
    )
