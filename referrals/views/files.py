"""Files beside a referral: attached and removed. They are fetched from ``mace.attachments``."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability
from mace.attachments.models import Attachment
from mace.attachments.rules import MOST_FILES
from mace.attachments.selectors import files_of, removed_files_of
from mace.attachments.showing import file_rows
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import refuse
from mace.core.uploads import takes_files
from referrals.forms import FileForm, RemoveFileForm
from referrals.models import Referral
from referrals.selectors import referral_by_reference
from referrals.selectors.referrals import referral_of_record
from referrals.services.files import attach_file, may_attach, may_take_off, take_file_off
from referrals.transitions import EDITABLE
from referrals.views.drafts import operation


@takes_files
@requires(Capability.FILE_REFERRAL)
@require_http_methods(["GET", "HEAD", "POST"])
def files(request: SeatRequest, reference: str) -> HttpResponse:
    """What is attached, and a form to attach another."""
    referral = referral_by_reference(reference)
    if not may_attach(referral, request.seat) and not may_take_off(referral, request.seat):
        raise PermissionDenied
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        sent = cast("UploadedFile", form.cleaned_data["file"])
        try:
            made = attach_file(
                referral=referral,
                kind=form.cleaned_data["kind"],
                title=form.cleaned_data["title"],
                name=sent.name or "",
                content=sent.read(),
                operation=request.POST.get("operation", "")[:40],
                by=request.seat,
                at=clock.now(),
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, f"File {made.reference} is attached.")
            return redirect("referrals:files", reference)
    return _page(request, referral, form)


def _page(request: SeatRequest, referral: Referral, form: FileForm) -> HttpResponse:
    shown(request, "files of a referral", record_id=referral.record_id, reference=referral.reference)
    found, removed = files_of(referral.record_id), removed_files_of(referral.record_id)
    rows = file_rows(found)
    if may_take_off(referral, request.seat):
        for row, file in zip(rows, found, strict=True):
            href = reverse("referrals:remove_file", args=[file.reference])
            row["actions"] = [{"text": "Remove", "href": href, "hidden": file.title}]
    return render(
        request,
        "referrals/files.html",
        {
            "referral": referral,
            "form": form,
            "rows": rows,
            "removed": removed,
            "editable": referral.status in EDITABLE,
            "may_attach": may_attach(referral, request.seat),
            "full": len(found) >= MOST_FILES,
            "most": MOST_FILES,
            "operation": operation(),
        },
        status=422 if form.errors else 200,
    )


@requires(Capability.FILE_REFERRAL)
@require_http_methods(["GET", "HEAD", "POST"])
def remove_file(request: SeatRequest, reference: str) -> HttpResponse:
    """Ask why, and say that it is for good."""
    file = get_object_or_404(Attachment, reference=reference)
    referral = referral_of_record(file.record_id)
    if file.removed_at is not None:
        return redirect("referrals:tasks", referral.reference)
    if not may_take_off(referral, request.seat):
        raise PermissionDenied
    form = RemoveFileForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            take_file_off(
                referral=referral,
                attachment=file,
                reason=form.cleaned_data["reason"],
                by=request.seat,
                at=clock.now(),
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, f"File {reference} is removed.")
            return redirect("referrals:files", referral.reference)
    shown(request, "file to be removed", record_id=file.record_id, reference=reference)
    context = {"referral": referral, "file": file, "form": form}
    return render(request, "referrals/remove_file.html", context, status=422 if form.errors else 200)
