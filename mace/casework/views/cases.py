"""The list of cases, finding one, and the page of a case."""

from __future__ import annotations

from functools import cache
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_safe

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability, can
from mace.audit.models import ReadKind
from mace.casework.forms.case_list import CaseFilterForm, SaveViewForm
from mace.casework.forms.search import CaseSearchForm
from mace.casework.rules import CASE_COLUMNS_SHOWN
from mace.casework.selectors.case import (
    action_entries,
    assessment_rows,
    attached_rows,
    authority_not_told,
    case_page,
    concern_rows,
    identity_bar,
    journey,
    missing_now,
    plan_in_file,
    summary_rows,
    who_rows,
)
from mace.casework.selectors.case_list import Wanted, case_head, case_lines, case_rows, search_cases
from mace.casework.selectors.emergency import emergency_context
from mace.casework.selectors.protected_address import may_see_address
from mace.casework.selectors.timeline import timeline
from mace.casework.selectors.views import saved_views
from mace.casework.services.views import remove_view, save_view
from mace.casework.views.case_links import case_links, case_menu
from mace.casework.views.course import course_context
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import refuse
from referrals.selectors import case_by_reference

LATEST = 5
"""Entries of its history that stand on the page of a case; its own page has all."""


@requires(Capability.READ_CASES)
@require_safe
def cases(request: SeatRequest) -> HttpResponse:
    """The cases that the seat may see, the last referred first, 25 a page; narrowed by what is chosen beside them."""
    after = request.GET.get("after", "")
    narrow = CaseFilterForm.of(request.GET)
    right = narrow is not None and narrow.is_valid()
    chosen, kept = (narrow.cleaned_data, narrow.kept()) if narrow and right else ({}, {})
    wanted = narrow.wanted(request.seat) if narrow and right else Wanted()
    columns = chosen.get("columns") or CASE_COLUMNS_SHOWN
    try:
        found, following = case_lines(wanted, after=after, with_voice="heard" in columns)
    except ValueError:  # an address that was tampered with
        return redirect("casework:cases")
    if found:
        shown(request, "case list", rows=len(found), records=[case.pk for case in found])
    address = reverse("casework:cases")
    return render(
        request,
        "casework/cases.html",
        {
            "form": CaseSearchForm(),
            "head": case_head(columns),
            "rows": case_rows(found, on=clock.today(), columns=columns),
            "narrow": narrow,
            "has_errors": not right and narrow is not None,
            "anything": _anything(),
            "narrowed_by": narrow.said() if narrow and right else [],
            "changed": bool(kept),
            "views_url": _with(reverse("casework:case_views"), kept),
            "more": following,
            "later": bool(after),
            "may_read_voice": can(request.seat, Capability.READ_VOICE),
            "may_import": can(request.seat, Capability.IMPORT),
            "export_url": _with(reverse("exporting:ask", args=["cases"]), kept)
            if can(request.seat, Capability.EXPORT_LISTS)
            else "",
            "first_url": _with(address, kept) if after else "",
            "next_url": _with(address, kept | {"after": following}) if following else "",
        },
        status=200 if right or narrow is None else 422,
    )


def _with(address: str, kept: dict[str, str | list[str]]) -> str:
    return f"{address}?{urlencode(kept, doseq=True)}" if kept else address


@requires(Capability.READ_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def case_views(request: SeatRequest) -> HttpResponse:
    """The seat's own views of the list; ``?state=…`` is what the list showed, to be saved under a name."""
    narrow = CaseFilterForm.of(request.GET)
    kept = narrow.kept() if narrow is not None and narrow.is_valid() else {}
    going = request.POST.get("remove", "")
    if going:
        name = remove_view(reference=going, by=request.seat)
        if name is None:
            raise Http404
        messages.success(request, f"The view ‘{name}’ is removed.")
        return redirect("casework:case_views")
    form = SaveViewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            view = save_view(name=form.cleaned_data["name"], chosen=kept, by=request.seat)
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, f"The view ‘{view.name}’ is saved.")
            return redirect(_with(reverse("casework:cases"), view.chosen))
    address = reverse("casework:cases")
    rows = [(view, _with(address, view.chosen)) for view in saved_views()]
    context = {
        "form": form,
        "kept": kept,
        "said": narrow.said_all() if narrow is not None and kept else [],
        "views": rows,
        "list_url": _with(address, kept),
    }
    return render(request, "casework/case_views.html", context, status=422 if form.errors else 200)


@cache
def _anything() -> SafeString:
    """The form with nothing chosen, which is the same for everybody; drawing it costs a fifth of the page."""
    return CaseFilterForm().render()


@requires(Capability.READ_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def case_search(request: SeatRequest) -> HttpResponse:
    """What was looked for comes by POST and stands in no address."""
    if request.method != "POST":
        return redirect("casework:cases")
    form = CaseSearchForm(request.POST)
    found = search_cases(form.cleaned_data["text"]) if form.is_valid() else []
    records = [case.pk for case in found]
    shown(request, "case search", rows=len(found), records=records, kind=ReadKind.SEARCH)
    return render(
        request,
        "casework/case_search.html",
        {"form": form, "head": case_head(), "rows": case_rows(found, on=clock.today()), "count": len(found)},
        status=200 if form.is_valid() else 422,
    )


@requires(Capability.READ_CASES)
@require_safe
def case(request: SeatRequest, reference: str) -> HttpResponse:
    """One case as far as the seat's scope goes."""
    found = case_by_reference(reference)
    page, today = case_page(found), clock.today()
    records = [entry.row.pk for entry in page.volt.entries] if page.volt else []
    shown(request, "case page", record_id=found.pk, reference=found.reference, records=records)
    opens_reviews = can(request.seat, Capability.READ_REVIEWS)
    events = timeline(page, opens_reviews=opens_reviews)
    by_emergency = emergency_context(found, request.seat)
    sees_address = may_see_address(found, emergency=by_emergency["emergency"] is not None)
    return render(
        request,
        "casework/case.html",
        {
            "page": page,
            "case": found,
            "identity": identity_bar(found, on=today),
            "menu": case_menu(page, request.seat, sees_address=sees_address),
            "who_rows": who_rows(page, on=today),
            "summary_rows": summary_rows(page),
            "concern_rows": concern_rows(page.content),
            "assessment_rows": assessment_rows(page.content),
            "plan_file": plan_in_file(page.content),
            "file_rows": attached_rows(page),
            "journey": journey(page, on=today),
            "actions": action_entries(page, on=today),
            "latest": events[:LATEST],
            "event_count": len(events),
            "opens_reviews": opens_reviews,
            "missing_now": missing_now(page),
            "authority_not_told": authority_not_told(page),
            "today": today,
            **course_context(page, request.seat),
            **case_links(page, request.seat, on=today),
            **by_emergency,
        },
    )
