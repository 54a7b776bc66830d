"""Pages of VOLT: the list and search, one record, a new record, a link, what cases share."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mace.access.gate import SeatRequest, requires, shown
from mace.access.models import Kind
from mace.access.policy import Capability, can
from mace.audit.models import ReadKind
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import refuse
from referrals.models import Case, Child, Referral
from volt import services
from volt.forms import KIND_CHOICES, RECORD_FORMS, LinkForm, MentionsForm, PersonForm, SearchForm
from volt.presenting import entry_rows, fact_rows, linked_rows, rests_on, shared_groups, wording_words
from volt.rules import ABOUT_A_CHILD, VOLT_KINDS
from volt.selectors import (
    End,
    around,
    end_by_reference,
    mentions_to_settle,
    referrals_with_mentions,
    search_volt,
    shared_between_cases,
    volt_by_reference,
    volt_page,
    wording_by_reference,
)

ANSWERED_WITH_ERRORS = 422


def _kind(value: str) -> Kind:
    """The kind of that name. Raises ``Http404`` for one that VOLT does not have."""
    if value not in {kind.value for kind in VOLT_KINDS}:
        raise Http404
    return Kind(value)


def _end(reference: str) -> End:
    """The end of a link to be made. Raises ``Http404`` when the seat does not see it in full."""
    found = end_by_reference(reference)
    if found is None:
        raise Http404
    return found


def _end_url(end: End) -> str:
    if end.kind not in ABOUT_A_CHILD:
        return reverse("volt:record", args=[end.reference])
    return reverse("casework:case" if end.reference.startswith("C-") else "referrals:tasks", args=[end.reference])


@requires(Capability.READ_VOLT)
@require_safe
def volt_list(request: SeatRequest) -> HttpResponseBase:
    """Records of one kind, newest first, a page at a time."""
    kind = _kind(request.GET.get("kind", Kind.PERSON.value))
    try:
        entries, next_after = volt_page(kind, after=request.GET.get("after", ""))
    except ValueError as error:
        raise Http404 from error
    shown(request, "VOLT list", rows=len(entries), records=[entry.row.pk for entry in entries])
    context = _list_context(request, kind=kind, form=SearchForm()) | {
        "rows": entry_rows(entries),
        "next_url": f"?{urlencode({'kind': kind.value, 'after': next_after})}" if next_after else "",
    }
    return render(request, "volt/list.html", context)


@requires(Capability.READ_VOLT)
@require_POST
def volt_search(request: SeatRequest) -> HttpResponseBase:
    """Records of all kinds by name or alias."""
    form = SearchForm(request.POST)
    understood = form.is_valid()
    entries = search_volt(form.cleaned_data["q"]) if understood else []
    records = [entry.row.pk for entry in entries]
    shown(request, "VOLT search", rows=len(entries), records=records, kind=ReadKind.SEARCH)
    return render(
        request,
        "volt/list.html",
        _list_context(request, kind=None, form=form) | {"rows": entry_rows(entries), "searched": understood},
        status=200 if understood else ANSWERED_WITH_ERRORS,
    )


def _list_context(request: SeatRequest, *, kind: Kind | None, form: SearchForm) -> dict[str, Any]:
    tabs = [
        {"label": label, "url": f"{reverse('volt:list')}?kind={value}", "active": kind is not None and value == kind}
        for value, label in KIND_CHOICES
    ]
    return {
        "form": form,
        "tabs": tabs,
        "kind": kind,
        "kind_plural": dict(KIND_CHOICES)[kind.value] if kind else "",
        "may_write": can(request.seat, Capability.WRITE_VOLT),
    }


@requires(Capability.READ_VOLT)
@require_safe
def volt_record(request: SeatRequest, reference: str) -> HttpResponseBase:
    """One person, location, group or theme: its facts, its links, and the cases it is linked to.

    Whoever holds a record that is for the police and coordinators only is shown what may be said in its place.
    """
    try:
        entry = volt_by_reference(reference)
    except Http404:
        return _worded(request, reference)
    view, cases = around(entry.row.pk)
    records = [*(linked.row.pk for linked in view.entries), *(case.record_id for case in cases)]
    shown(request, "VOLT record", record_id=entry.row.pk, reference=reference, records=records)
    return render(
        request,
        "volt/record.html",
        {
            "entry": entry,
            "facts": fact_rows(entry),
            "case_links": linked_rows([linked for linked in cases if not rests_on(linked)]),
            "referral_links": linked_rows([linked for linked in cases if rests_on(linked)]),
            "volt_links": [row for linked in view.entries for row in entry_rows([linked], with_links=True)],
            "wordings": [wording_words(row) for row in view.wordings],
            "may_write": can(request.seat, Capability.WRITE_VOLT) and entry.in_full,
            "may_explain": can(request.seat, Capability.EXPLAIN_ACCESS),
            "crumbs": [{"label": "People and places", "url": f"{reverse('volt:list')}?kind={entry.kind.value}"}],
        },
    )


def _worded(request: SeatRequest, reference: str) -> HttpResponse:
    wording = wording_by_reference(reference)
    shown(request, "VOLT record", record_id=wording.record_id, reference=reference)
    kind = Kind(wording.record.kind)
    context = {
        "reference": reference,
        "kind": kind,
        "words": wording_words(wording),
        "crumbs": [{"label": "People and places", "url": f"{reverse('volt:list')}?kind={kind.value}"}],
    }
    return render(request, "volt/worded.html", context)


@requires(Capability.WRITE_VOLT)
@require_http_methods(["GET", "HEAD", "POST"])
def volt_new(request: SeatRequest, kind: str) -> HttpResponseBase:
    """Record a person, location, group or theme; with ``?case=`` it is linked to that case in the same go."""
    of_kind = _kind(kind)
    asked = request.POST.get("case") or request.GET.get("case", "")
    subject = _end(asked) if asked else None
    form_class = RECORD_FORMS[of_kind]
    data = request.POST if request.method == "POST" else None
    tight = services.may_handle_tightly(request.seat)
    form = form_class(data, tight=tight)
    link = LinkForm(data, a=subject.kind, b=of_kind, prefix="link", tight=tight) if subject else None
    if data is not None and form.is_valid() & (link is None or link.is_valid()):
        try:
            return _record_it(request, of_kind, form, link, subject)
        except RuleBroken as broken:
            refuse(
                link if link is not None and broken.field in link.fields and broken.field != "name" else form, broken
            )
    if subject is not None:
        shown(request, "new VOLT record", record_id=subject.record_id, reference=subject.reference)
    context = {
        "form": form,
        "link_form": link,
        "subject": subject,
        "kind": of_kind,
        "back_url": _end_url(subject) if subject else f"{reverse('volt:list')}?kind={of_kind.value}",
    }
    return render(request, "volt/new.html", context, status=ANSWERED_WITH_ERRORS if data is not None else 200)


def _record_it(request: SeatRequest, kind: Kind, form: Any, link: LinkForm | None, subject: End | None) -> HttpResponse:
    at = clock.now()
    facts: dict[str, Any] = form.facts()
    if kind is Kind.PERSON:
        facts["child"] = _child_of(form)
    row = services.RECORD[kind](**facts, by=request.seat, at=at)
    if subject is not None and link is not None:
        services.link_records(a=subject.record_id, b=row.pk, **link.said(), by=request.seat, at=at)
    messages.success(request, f"{kind.label} {row.reference} is recorded.")
    return redirect("volt:record", row.reference)


def _child_of(form: PersonForm) -> Child | None:
    """The child who is this person, by the reference of a case that the seat sees."""
    reference = form.cleaned_data["also_child"].strip().upper()
    if not reference:
        return None
    case = Case.objects.filter(reference=reference).select_related("child").first()
    if case is None:
        raise RuleBroken("Enter the reference of a case that you can see", field="also_child")
    return case.child


@requires(Capability.WRITE_VOLT)
@require_http_methods(["GET", "HEAD", "POST"])
def volt_link(request: SeatRequest) -> HttpResponseBase:
    """Link the record named by ``?a=`` with another one; ``?to=`` fills that one in."""
    start = _end(request.POST.get("a") or request.GET.get("a", ""))
    data = request.POST if request.method == "POST" else None
    tight = services.may_handle_tightly(request.seat)
    form = LinkForm(data, a=start.kind, initial={"other": request.GET.get("to", "")}, tight=tight)
    if data is not None and form.is_valid():
        other = end_by_reference(form.cleaned_data["other"])
        try:
            if other is None:
                raise RuleBroken("Enter the reference of a record that you can see in full", field="other")
            services.link_records(a=start.record_id, b=other.record_id, **form.said(), by=request.seat, at=clock.now())
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, f"{start.reference} and {other.reference} are linked.")
            return redirect(_end_url(start))
    shown(request, "new VOLT link", record_id=start.record_id, reference=start.reference)
    context = {
        "form": form,
        "start": start,
        "back_url": _end_url(start),
        "of_child": start.kind in ABOUT_A_CHILD,
        "mentions": referrals_with_mentions(start) if start.kind in ABOUT_A_CHILD else [],
    }
    return render(request, "volt/link.html", context, status=ANSWERED_WITH_ERRORS if data is not None else 200)


@requires(Capability.READ_VOLT)
@require_safe
def volt_shared(request: SeatRequest) -> HttpResponseBase:
    """What cases share; with ``?case=`` only what that case shares with others."""
    asked = request.GET.get("case", "")
    subject = _end(asked) if asked else None
    if subject is not None and subject.kind not in ABOUT_A_CHILD:
        raise Http404
    found = shared_between_cases(subject.record_id if subject else None)
    shown(
        request,
        "what cases share",
        record_id=subject.record_id if subject else None,
        reference=subject.reference if subject else "",
        rows=len(found),
        records=[
            record for group in found for record in (group.entry.row.pk, *(case.record_id for case in group.cases))
        ],
    )
    context = {"groups": shared_groups(found), "subject": subject, "subject_url": _end_url(subject) if subject else ""}
    return render(request, "volt/shared.html", context)


@requires(Capability.WRITE_VOLT)
@require_http_methods(["GET", "HEAD", "POST"])
def volt_mentions(request: SeatRequest, reference: str) -> HttpResponseBase:
    """Turn what a referral mentions into records and links, those of the same name proposed first."""
    referral = get_object_or_404(Referral.objects.select_related("case"), reference=reference)
    found = mentions_to_settle(referral)
    data = request.POST if request.method == "POST" else None
    form = MentionsForm(data, mentions=found)
    back = reverse("referrals:tasks", args=[reference])
    if referral.case is not None:
        back = reverse("casework:case", args=[referral.case.reference])
    if data is not None and form.is_valid():
        try:
            made = services.from_mentions(
                referral=referral, answers=form.answers(), by=request.seat, at=clock.now(), **form.grades()
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, f"{len(made)} link{'' if len(made) == 1 else 's'} recorded.")
            return redirect(back)
    records = [entry.row.pk for mention in found for entry in mention.existing]
    shown(
        request, "mentions of a referral", record_id=referral.pk, reference=reference, rows=len(found), records=records
    )
    context = {
        "form": form,
        "referral": referral,
        "mentions": found,
        "settled": [mention for mention in found if mention.linked],
        "back_url": back,
    }
    return render(request, "volt/mentions.html", context, status=ANSWERED_WITH_ERRORS if data is not None else 200)
