"""Two records side by side: they are one child, or they are different children; either is said, and taken back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability
from mace.casework.forms.children import ApartForm, MergeForm, OtherRecordForm, TakeBackApartForm, UndoMergeForm
from mace.core import clock
from mace.core.errors import RuleBroken
from referrals.models import Child
from referrals.selectors.comparing import children_like, compare
from referrals.selectors.merging import child_in_full, child_meant, merges_of
from referrals.selectors.sameness import apart_from, possible_pairs, said_apart
from referrals.services import merge_children, say_apart, take_back_apart, undo_merge

APART_ID = "id_apart_%s"
"""So that the reason on the one form is not the reason on the other."""


@requires(Capability.SCREEN)
@require_safe
def possible_pairs_page(request: SeatRequest) -> HttpResponse:
    """Possibly the same child: pairs that the worker found and nobody has decided, newest first, 25 a page."""
    after = request.GET.get("after", "")
    try:
        found, following = possible_pairs(after=after)
    except ValueError:  # an address that was tampered with
        return redirect("casework:possible_pairs")
    if found:
        records = sorted({key for pair in found for key in (pair.a_id, pair.b_id)})
        shown(request, "possibly the same child", rows=len(found), records=records)
    address = reverse("casework:possible_pairs")
    context = {
        "pairs": found,
        "next_url": f"{address}?after={following}" if following else "",
        "first_url": address if after else "",
    }
    return render(request, "casework/possible_pairs.html", context)


@requires(Capability.SCREEN)
@require_http_methods(["GET", "HEAD", "POST"])
def child_merge(request: SeatRequest, reference: str) -> HttpResponse:
    """Find the other record by its reference, see both side by side, then say whether they are one child.

    The other record's reference stays in the address (``?other=``), which tells nothing.
    """
    child = child_in_full(reference)
    ask = OtherRecordForm(request.GET if "other" in request.GET else None)
    other = child_meant(ask.cleaned_data["other"]) if ask.is_bound and ask.is_valid() else None
    if ask.is_bound and not ask.errors and (other is None or other == child):
        ask.add_error("other", "Enter the reference of another child whose record you see in full")
        other = None
    if other is None:
        if request.method == "POST":
            raise Http404
        return _alone(request, child, ask)
    form = MergeForm(request.POST or None, pair=(child, other))
    if request.method == "POST" and form.is_valid():
        gone, kept = (child, other) if form.cleaned_data["keep"] == other.reference else (other, child)
        try:
            merge_children(gone=gone, kept=kept, reason=form.cleaned_data["reason"], by=request.seat, at=clock.now())
        except RuleBroken as broken:
            form.add_error(broken.field or None, broken.message)
        else:
            messages.success(request, f"{gone.reference} and {kept.reference} are one child now.")
            return redirect("casework:child_merge", reference=kept.reference)
    return _side_by_side(request, child, other, form=form)


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


@requires(Capability.SCREEN)
@require_POST
def child_apart(request: SeatRequest, reference: str) -> HttpResponse:
    """Say that the two records of the comparison (``?other=``) are different children."""
    child, other = _pair(request, reference)
    form = ApartForm(request.POST, auto_id=APART_ID)
    if form.is_valid():
        try:
            say_apart(one=child, other=other, reason=form.cleaned_data["reason"], by=request.seat, at=clock.now())
        except RuleBroken as broken:
            form.add_error(broken.field or None, broken.message)
        else:
            messages.success(request, f"{child.reference} and {other.reference} are different children.")
            return redirect(_address(child, other))
    return _side_by_side(request, child, other, apart=form)


@requires(Capability.SCREEN)
@require_POST
def child_apart_undo(request: SeatRequest, reference: str) -> HttpResponse:
    """Take back that the two records of the comparison are different children."""
    child, other = _pair(request, reference)
    said = said_apart(child, other)
    if said is None:
        raise Http404
    form = TakeBackApartForm(request.POST)
    if form.is_valid():
        try:
            take_back_apart(apart=said, reason=form.cleaned_data["reason"], by=request.seat, at=clock.now())
        except RuleBroken as broken:
            form.add_error(broken.field or None, broken.message)
        else:
            messages.success(request, f"{child.reference} and {other.reference} may be one child after all.")
            return redirect(_address(child, other))
    return _side_by_side(request, child, other, take_back=form)


def _pair(request: SeatRequest, reference: str) -> tuple[Child, Child]:
    """Both children of a comparison. Raises ``Http404`` unless the seat sees both in full."""
    child, other = child_in_full(reference), child_meant(request.GET.get("other", ""))
    if other is None or other == child:
        raise Http404
    return child, other


def _address(child: Child, other: Child) -> str:
    return f"{reverse('casework:child_merge', args=[child.reference])}?other={other.reference}"


def _alone(request: SeatRequest, child: Child, ask: OtherRecordForm) -> HttpResponse:
    """One record, what was said of it before, and who may be the same child."""
    likely = children_like(child)
    shown(
        request,
        "children compared",
        record_id=child.pk,
        reference=child.reference,
        records=[match.child_id for match in likely],
    )
    context = {
        "child": child,
        "ask": ask,
        "likely": likely,
        "merges": merges_of(child),
        "aparts": apart_from(child),
        "undo": UndoMergeForm(),
    }
    return render(request, "casework/child_merge.html", context, status=422 if ask.errors else 200)


def _side_by_side(request: SeatRequest, child: Child, other: Child, **bound: Any) -> HttpResponse:
    """Both records, with the forms to say that they are one child, or two; ``bound`` are those that were sent."""
    compared, said = compare(child, other), said_apart(child, other)
    merged = next(
        (m for m in merges_of(child) if m.undone_at is None and {m.child_id, m.into_id} == {child.pk, other.pk}), None
    )
    shown(request, "children compared", record_id=other.pk, reference=other.reference, records=compared.records)
    shown(request, "children compared", record_id=child.pk, reference=child.reference, records=compared.records)
    context = {
        "child": child,
        "other": other,
        "compared": compared,
        "said": said,
        "merged": merged,
        "form": bound.get("form") or MergeForm(pair=(child, other)),
        "apart": bound.get("apart") or ApartForm(auto_id=APART_ID),
        "take_back": bound.get("take_back") or TakeBackApartForm(),
    }
    sent = any(form.is_bound for form in bound.values())
    return render(request, "casework/child_compare.html", context, status=422 if sent else 200)
