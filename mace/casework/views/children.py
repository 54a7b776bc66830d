"""Handing a case to another lead professional; saying that two records are one child, and undoing that."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability
from mace.casework.forms.children import HandOverForm, MergeForm, OtherRecordForm, UndoMergeForm
from mace.casework.selectors.case import identity_bar
from mace.casework.selectors.handing_over import outstanding_words
from mace.casework.services.handing_over import hand_over
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import refuse
from mace.core.templatetags.components import uk_date
from referrals.models import Child
from referrals.selectors import case_by_reference, possible_leads
from referrals.selectors.merging import cases_of, child_in_full, child_meant, merges_of
from referrals.services import merge_children, undo_merge


@requires(Capability.DISCLOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def case_hand_over(request: SeatRequest, reference: str) -> HttpResponse:
    """Says who sees the case no more and who will, and asks why."""
    case, today = case_by_reference(reference), clock.today()
    leads = possible_leads(request.seat.partnership_id, on=today).exclude(pk=case.lead_professional_id)
    form = HandOverForm(
        request.POST if request.method == "POST" else None,
        leads=leads,
        initial={"outstanding": outstanding_words(case, on=today)} if request.method != "POST" else None,
    )
    if request.method == "POST" and form.is_valid():
        to = form.leads[form.cleaned_data["to"]]
        try:
            hand_over(
                case=case,
                to=to,
                reason=form.cleaned_data["reason"],
                note=form.cleaned_data["note"],
                outstanding=form.cleaned_data["outstanding"],
                by=request.seat,
                at=clock.now(),
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, f"{to.user.name} is the lead professional of {case.reference} now.")
            return redirect("casework:case", reference=case.reference)
    shown(request, "case hand-over", record_id=case.pk, reference=case.reference)
    return render(
        request,
        "casework/case_hand_over.html",
        {"case": case, "identity": identity_bar(case, on=today), "form": form},
        status=422 if form.is_bound else 200,
    )


@requires(Capability.SCREEN)
@require_http_methods(["GET", "HEAD", "POST"])
def child_merge(request: SeatRequest, reference: str) -> HttpResponse:
    """Find the other record by its reference, see both side by side, then say that they are one child.

    The other record's reference stays in the address (``?other=``), which tells nothing.
    """
    child = child_in_full(reference)
    ask = OtherRecordForm(request.GET if "other" in request.GET else None)
    other = child_meant(ask.cleaned_data["other"]) if ask.is_bound and ask.is_valid() else None
    if ask.is_bound and not ask.errors and (other is None or other == child):
        ask.add_error("other", "Enter the reference of another child whose record you see in full")
        other = None
    context = {"child": child, "ask": ask, "merges": merges_of(child), "undo": UndoMergeForm()}
    status = 422 if ask.errors else 200
    if other is not None:
        form = MergeForm(request.POST or None, pair=(child, other))
        if request.method == "POST" and form.is_valid():
            gone, kept = (child, other) if form.cleaned_data["keep"] == other.reference else (other, child)
            try:
                merge_children(
                    gone=gone, kept=kept, reason=form.cleaned_data["reason"], by=request.seat, at=clock.now()
                )
            except RuleBroken as broken:
                form.add_error(broken.field or None, broken.message)
            else:
                messages.success(request, f"{gone.reference} and {kept.reference} are one child now.")
                return redirect("casework:child_merge", reference=kept.reference)
        context |= {"other": other, "form": form, "rows": _side_by_side(child, other)}
        status = 422 if form.is_bound else 200
        shown(request, "children compared", record_id=other.pk, reference=other.reference)
    elif request.method == "POST":
        raise Http404
    shown(request, "children compared", record_id=child.pk, reference=child.reference)
    return render(request, "casework/child_merge.html", context, status=status)


@requires(Capability.SCREEN)
@require_POST
def child_merge_undo(request: SeatRequest, reference: str) -> HttpResponse:
    child = child_in_full(reference)
    form = UndoMergeForm(request.POST)
    merge = next((m for m in merges_of(child) if m.undone_at is None and m.child_id == child.pk), None)
    if merge is None:
        raise Http404
    if not form.is_valid():
        messages.error(request, str(form.errors["reason"][0]))
    else:
        try:
            undo_merge(merge=merge, reason=form.cleaned_data["reason"], by=request.seat, at=clock.now())
        except RuleBroken as broken:
            messages.error(request, broken.message)
        else:
            messages.success(request, f"{merge.child.reference} and {merge.into.reference} are two children again.")
    return redirect(reverse("casework:child_merge", args=[child.reference]))


def _side_by_side(one: Child, other: Child) -> list[tuple[str, str, str]]:
    """What both records say of who the child is, line by line."""

    def said(child: Child) -> list[str]:
        identity = child.identity
        held = [
            f"{case.reference}, {'closed ' + uk_date(case.closed_on) if case.closed_on else 'open'}"
            for case in cases_of(child)
        ]
        return [
            child.reference,
            identity.full_name,
            identity.aliases,
            f"{uk_date(identity.date_of_birth)}{identity.day_words}",
            identity.nhs_number,
            identity.upn,
            identity.local_id,
            identity.address,
            ", ".join(held),
        ]

    names = ["Reference", "Name", "Also known as", "Born", "NHS number", "UPN", "Local number", "Address", "Cases"]
    return list(zip(names, said(one), said(other), strict=True))
