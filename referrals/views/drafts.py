"""The referral as its writer sees it: task list, pages with autosave, check your answers, submitted, withdrawn."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mace.access.gate import SeatRequest, keep, requires, shown
from mace.access.policy import Capability
from mace.attachments.selectors import files_of
from mace.core import clock
from mace.core.errors import Conflict, RuleBroken
from mace.core.forms import whole
from mace.core.templatetags.components import uk_time
from referrals.enums import About, ReferralStatus, Section
from referrals.forms import StartForm, WithdrawForm
from referrals.models import DraftSection, Referral
from referrals.rules import ROWS_ADDED, names_file_gone, rows_wanted
from referrals.sections import OPTIONAL, SECTIONS_OF, SectionForm
from referrals.selectors import name_of, referral_by_reference
from referrals.services import save_section, start_referral, submit_referral, withdraw_referral
from referrals.services.drafting import asked_for, may_write
from referrals.transitions import EDITABLE
from referrals.views.cards import Card
from referrals.views.reading import SENT, read_referral

WITHDRAWABLE = (ReferralStatus.DRAFT, *SENT)


def operation() -> str:
    """A token that makes a double click one save."""
    return secrets.token_hex(16)


@requires(Capability.FILE_REFERRAL)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SeatRequest) -> HttpResponse:
    """What the referral is about, the child proposed; then its task list."""
    form = StartForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = start_referral(
            about=form.cleaned_data["about"],
            by=request.seat,
            at=clock.now(),
            operation=request.POST.get("operation", "")[:40],
        )
        return redirect("referrals:tasks", made.reference)
    context = {"operation": operation(), "form": form}
    return render(request, "referrals/new.html", context, status=422 if form.errors else 200)


def _editable(referral: Referral, request: SeatRequest) -> bool:
    return may_write(referral, request.seat) and referral.status in EDITABLE


def _task(referral: Referral, section: Section, draft: DraftSection | None) -> dict[str, Any]:
    task: dict[str, Any] = {
        "title": section.label,
        "href": reverse("referrals:section", args=[referral.reference, section.value]),
    }
    if draft is None:
        optional = section in OPTIONAL
        return task | {"status": "Optional" if optional else "Not started", "colour": "grey" if optional else "blue"}
    return task | ({"status": "Done"} if draft.complete else {"status": "In progress", "colour": "light-blue"})


def _files_task(referral: Referral, count: int) -> dict[str, Any]:
    return {
        "title": "Files",
        "href": reverse("referrals:files", args=[referral.reference]),
        "hint": "Your own assessment or plan, if there is one: you need not type it again",
        "status": f"{count} attached" if count else "Optional",
        **({} if count else {"colour": "grey"}),
    }


@requires(Capability.READ_CASES)
@require_safe
def tasks(request: SeatRequest, reference: str) -> HttpResponse:
    """The task list for whoever is writing the referral; for everybody else who sees it, what it says."""
    referral = referral_by_reference(reference)
    if not _editable(referral, request):
        return read_referral(request, referral)
    shown(request, "referral task list", record_id=referral.record_id, reference=reference)
    drafts = {row.section: row for row in referral.sections.all()}
    files = files_of(referral.record_id)
    references = {file.reference for file in files}
    for row in drafts.values():
        row.complete = row.complete and not names_file_gone(row.data, references)
    pages = [Section(name) for name in SECTIONS_OF[referral.about]]
    missing = [
        section for section in pages if section not in OPTIONAL and not (section in drafts and drafts[section].complete)
    ]
    ready = not missing
    last: dict[str, Any] = {"title": "Check your answers and send", "status": "Cannot start yet"}
    if ready:
        last |= {"status": "Not started", "colour": "blue", "href": reverse("referrals:check", args=[reference])}
    return render(
        request,
        "referrals/tasks.html",
        {
            "referral": referral,
            "name": _typed_name(referral, drafts),
            "tasks": [_task(referral, section, drafts.get(section)) for section in pages],
            "of_child": referral.about == About.CHILD,
            "file_tasks": [_files_task(referral, len(files))],
            "last_tasks": [last],
            "done": sum(1 for section in pages if section in drafts and drafts[section].complete),
            "count": len(pages),
            "returned": referral.status == ReferralStatus.RETURNED,
            "may_withdraw": referral.status == ReferralStatus.DRAFT,
        },
    )


def _typed_name(referral: Referral, drafts: dict[str, DraftSection]) -> str:
    child = drafts.get(referral.about)  # the page that says who or what it is
    referral.called = None  # type: ignore[attr-defined]  # what was sent before may be typed anew
    referral.child_page = [child] if child else []
    return name_of(referral)


def _writable(request: SeatRequest, reference: str, section: str) -> Referral:
    if section not in Section.values:
        raise Http404
    referral = referral_by_reference(reference)
    if not may_write(referral, request.seat):
        raise PermissionDenied
    if section not in SECTIONS_OF[referral.about]:
        raise Http404
    return referral


def _page(
    request: SeatRequest,
    referral: Referral,
    section: Section,
    form: SectionForm,
    *,
    version: int,
    saved_at: str = "",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    matches = [match.child_id for match in getattr(form, "matches", [])]
    shown(request, "referral page", record_id=referral.record_id, reference=referral.reference, records=matches)
    return render(
        request,
        f"referrals/pages/{section.value}.html" if referral.about == About.CHILD else "referrals/section.html",
        {
            "referral": referral,
            "section": section,
            "form": form,
            "version": version,
            "saved_at": saved_at,
            "operation": operation(),
            "save_url": reverse("referrals:save_section", args=[referral.reference, section.value]),
            "back": request.GET.get("from") == "check" or request.POST.get("return") == "check",
            **more,
        },
        status=status,
    )


@requires(Capability.FILE_REFERRAL)
@require_http_methods(["GET", "HEAD", "POST"])
def section(request: SeatRequest, reference: str, section: str) -> HttpResponse:
    """One page. Its buttons keep what was typed, valid or not; only *Save and continue* asks for what is missing."""
    referral = _writable(request, reference, section)
    if referral.status not in EDITABLE:
        messages.warning(request, "This referral was sent and can no longer be changed.")
        return redirect("referrals:tasks", reference)
    which, form_class = Section(section), SECTIONS_OF[referral.about][section]
    at = clock.now()
    if request.method != "POST":
        draft = DraftSection.objects.filter(referral=referral, section=section).first()
        form = form_class(draft.data if draft else None, asked=asked_for(referral, at, section), check=False)
        saved_at = uk_time(draft.saved_at) if draft else ""
        return _page(request, referral, which, form, version=draft.version if draft else 0, saved_at=saved_at)
    posted = request.POST.copy()
    if "more" in posted:
        posted["rows"] = str(rows_wanted({"rows": posted.get("rows", "")}) + ROWS_ADDED)
    try:
        draft = save_section(
            referral=referral,
            section=section,
            data=posted,
            version=whole(posted.get("version", "")),
            operation=posted.get("operation", "")[:40],
            by=request.seat,
            at=at,
        )
    except Conflict as conflict:
        mine = form_class.read(posted)
        form = form_class(mine, asked=asked_for(referral, at, section), check=False)
        return _page(
            request,
            referral,
            which,
            form,
            version=conflict.version,
            status=409,
            theirs=differences(form, conflict, mine),
        )
    return _after_save(request, referral, which, draft)


def _after_save(request: SeatRequest, referral: Referral, which: Section, draft: DraftSection) -> HttpResponse:
    if "more" in request.POST:
        return redirect("referrals:section", referral.reference, which.value)
    if "later" in request.POST:
        messages.success(request, "Saved. You can come back at any time.")
        return redirect("referrals:tasks", referral.reference)
    form = SECTIONS_OF[referral.about][which](draft.data, asked=asked_for(referral, draft.saved_at, which))
    if not form.is_valid():
        keep(request)
        saved_at = uk_time(draft.saved_at)
        return _page(request, referral, which, form, version=draft.version, saved_at=saved_at, status=422)
    if request.POST.get("return") == "check":
        return redirect("referrals:check", referral.reference)
    return redirect("referrals:tasks", referral.reference)


def differences(form: SectionForm, conflict: Conflict, mine: dict[str, Any]) -> list[tuple[str, str]]:
    """Question and answer of each field in which somebody else's save differs from what was sent."""
    found = []
    for name, value in conflict.theirs.items():
        if value == mine.get(name) or name == "rows":
            continue
        base = name.rsplit("_", 1)[0]
        label = str(form[name].label) if name in form.fields else str(form[base].label) if base in form.fields else name
        found.append((label, ", ".join(value) if isinstance(value, list) else str(value)))
    return found


@requires(Capability.FILE_REFERRAL)
@require_POST
def save(request: SeatRequest, reference: str, section: str) -> HttpResponseBase:
    """Autosave (``static/js/autosave.js`` says how): 200 with time and version, 409 with theirs, 422 when sent."""
    referral = _writable(request, reference, section)
    at = clock.now()
    try:
        draft = save_section(
            referral=referral,
            section=section,
            data=request.POST,
            version=whole(request.POST.get("version", "")),
            operation=request.POST.get("op", "")[:40],
            by=request.seat,
            at=at,
        )
    except Conflict as conflict:
        shown(request, "referral page", record_id=referral.record_id, reference=reference)
        mine = SECTIONS_OF[referral.about][section].read(request.POST)
        theirs = {
            name: ", ".join(value) if isinstance(value, list) else value
            for name, value in conflict.theirs.items()
            if value != mine.get(name)
        }
        return JsonResponse({"theirs": theirs, "version": conflict.version}, status=409)
    except RuleBroken as broken:
        return JsonResponse({"message": broken.message}, status=422)
    return JsonResponse({"saved_at": draft.saved_at.isoformat(), "version": draft.version})


@requires(Capability.FILE_REFERRAL)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: SeatRequest, reference: str) -> HttpResponse:
    """Every answer with a link to change it, and the button that sends the referral."""
    referral = referral_by_reference(reference)
    if not may_write(referral, request.seat):
        raise PermissionDenied
    errors: list[dict[str, str]] = []
    at = clock.now()
    if request.method == "POST":
        try:
            submit_referral(referral=referral, by=request.seat, at=at)
        except RuleBroken as broken:
            href = reverse("referrals:section", args=[reference, broken.field]) if broken.field else ""
            errors.append({"text": broken.message, "href": href})
        else:
            return redirect("referrals:submitted", reference)
    elif referral.status not in EDITABLE:
        return redirect("referrals:tasks", reference)
    shown(request, "referral answers", record_id=referral.record_id, reference=reference)
    cards, missing = _answer_cards(referral, at)
    context = {"referral": referral, "cards": cards, "missing": missing, "errors": errors, "has_errors": bool(errors)}
    return render(request, "referrals/check.html", context, status=422 if errors else 200)


def _answer_cards(referral: Referral, at: Any) -> tuple[list[Card], list[Section]]:
    asked = asked_for(referral, at)
    drafts = {row.section: row.data for row in referral.sections.all()}
    cards, missing = [], []
    for section, form_class in SECTIONS_OF[referral.about].items():
        which = Section(section)
        href = f"{reverse('referrals:section', args=[referral.reference, section])}?from=check"
        if section not in drafts and section in OPTIONAL:
            cards.append(
                Card(which.label, [{"key": "Nothing added", "value": "This page may be left out"}], _change(href))
            )
            continue
        form = form_class(drafts.get(section, {}), asked=asked)
        if form.is_valid():
            rows = [{"key": key, "value": value} for key, value in form.as_rows()]
            rows = rows or [{"key": "Nothing added", "value": "This page may be left out"}]
            cards.append(Card(which.label, rows, _change(href)))
        else:
            missing.append(which)
            cards.append(
                Card(
                    which.label,
                    [{"key": "Not complete", "value": "Open this page to see what is missing"}],
                    _change(href),
                )
            )
    return cards, missing


def _change(href: str) -> list[dict[str, str]]:
    return [{"text": "Change", "href": href}]


@requires(Capability.FILE_REFERRAL)
@require_safe
def submitted(request: SeatRequest, reference: str) -> HttpResponse:
    referral = referral_by_reference(reference)
    if not may_write(referral, request.seat):
        raise PermissionDenied
    if referral.status not in SENT:
        return redirect("referrals:tasks", reference)
    waits = referral.status == ReferralStatus.WITH_MANAGER
    context = {"referral": referral, "with_manager": waits, "of_child": referral.about == About.CHILD}
    return render(request, "referrals/submitted.html", context)


@requires(Capability.FILE_REFERRAL)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: SeatRequest, reference: str) -> HttpResponse:
    """Take the referral back, on a page that says what it means."""
    referral = referral_by_reference(reference)
    if not may_write(referral, request.seat):
        raise PermissionDenied
    if referral.status not in WITHDRAWABLE:
        messages.warning(request, "This referral can no longer be withdrawn.")
        return redirect("referrals:tasks", reference)
    form = WithdrawForm(
        request.POST if request.method == "POST" else None, needs_reason=referral.status != ReferralStatus.DRAFT
    )
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_referral(referral=referral, reason=form.cleaned_data["reason"], by=request.seat, at=clock.now())
        except RuleBroken as broken:
            form.add_error(broken.field or None, broken.message)
        else:
            messages.success(request, f"Referral {reference} is withdrawn.")
            return redirect("referrals:list")
    status = 422 if request.method == "POST" else 200
    return render(request, "referrals/withdraw.html", {"referral": referral, "form": form}, status=status)
