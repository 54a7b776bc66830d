"""12-week reviews: those to be answered, and the page that answers one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mace.access.gate import SeatRequest, keep, requires, shown
from mace.access.policy import Capability
from mace.core import clock
from mace.core.errors import Conflict, RuleBroken
from mace.core.forms import long_date
from mace.core.templatetags.components import due_words, rating_tag, status_tag, uk_time
from referrals.enums import Recommendation, ReviewStatus
from referrals.forms import ReviewForm
from referrals.models import Review, ReviewDraft
from referrals.selectors import case_content, open_reviews_for, review_by_reference
from referrals.selectors.cases import cases
from referrals.services import answer_review, save_review
from referrals.services.reviews import may_answer
from referrals.views.cards import identity_bar, rows
from referrals.views.drafts import operation, whole


@requires(Capability.ANSWER_REVIEW)
@require_safe
def own(request: SeatRequest) -> HttpResponse:
    found = open_reviews_for(request.seat)
    shown(request, "review list", rows=len(found), records=[review.record_id for review in found])
    today = clock.today()
    listed = [
        {
            "title": f"Review {review.reference}",
            "url": reverse("referrals:review", args=[review.reference]),
            "meta": f"Case {review.case.reference}, {review.case.child.identity.full_name}. "
            f"Lead professional: {review.case.lead_professional.user.name}",
            "state": due_words(review.due_on, today)
            if review.status == ReviewStatus.DUE
            else f"{long_date(review.answered_on)}, to be discussed"
            if review.answered_on
            else "",
            "urgent": review.due_on < today and review.status == ReviewStatus.DUE,
            "tag": status_tag("Answered", "green")
            if review.status == ReviewStatus.ANSWERED
            else status_tag("To be answered"),
        }
        for review in found
    ]
    return render(request, "referrals/reviews.html", {"listed": listed})


@requires(Capability.ANSWER_REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: SeatRequest, reference: str) -> HttpResponse:
    """What is known, filled in; the answers; once they are sent, what was answered."""
    found = review_by_reference(reference)
    if found.status != ReviewStatus.DUE or not may_answer(found.case, request.seat):
        if request.method == "POST":
            return _after_the_fact(request, found)
        return _read(request, found)
    if request.method != "POST":
        draft = ReviewDraft.objects.filter(review=found).first()
        form = ReviewForm(initial=draft.data if draft else None)
        return _page(request, found, form, draft)
    return _answer(request, found)


def _answer(request: SeatRequest, found: Review) -> HttpResponse:
    """Keep what was typed, whatever it is; send it when it is complete and the button says so."""
    at = clock.now()
    try:
        draft = save_review(
            review=found,
            data=request.POST.dict(),
            version=whole(request.POST.get("version", "")),
            operation=request.POST.get("operation", "")[:40],
            by=request.seat,
            at=at,
        )
    except Conflict as conflict:
        form = ReviewForm(initial=request.POST.dict())
        theirs = [
            (str(form[name].label), value)
            for name, value in conflict.theirs.items()
            if value != request.POST.get(name, "")
        ]
        return _page(request, found, form, None, version=conflict.version, theirs=theirs, status=409)
    if "later" in request.POST:
        messages.success(request, "Saved. You can come back at any time.")
        return redirect("referrals:reviews")
    form = ReviewForm(request.POST)
    if form.is_valid():
        try:
            answer_review(review=found, **form.cleaned_data, by=request.seat, at=at)
        except RuleBroken as broken:
            form.add_error(broken.field or None, broken.message)
        else:
            messages.success(
                request, f"Review {found.reference} is answered. The coordinator puts it on the next meeting."
            )
            return redirect("referrals:review", found.reference)
    keep(request)
    return _page(request, found, form, draft, status=422)


def _after_the_fact(request: SeatRequest, found: Review) -> HttpResponse:
    if not may_answer(found.case, request.seat):
        raise PermissionDenied
    messages.warning(request, "This review was answered already. Nothing was changed.")
    return redirect("referrals:review", found.reference)


def _known(request: SeatRequest, found: Review) -> dict[str, Any]:
    """What the page says of the case: identity, last ratings, the plan."""
    today = clock.today()
    shown(request, "review", record_id=found.record_id, reference=found.reference)
    case = cases().get(pk=found.case_id)
    content = case_content(case)
    plan, risk = content.plan, content.assessment
    ratings = [
        *((part.agreed_on, rating_tag(part.rating), f"agreed by {part.source}") for part in content.ratings),
        *([(risk.effective_on, rating_tag(risk.rating), f"assessed by {risk.written_by.user.name}")] if risk else []),
    ]
    return {
        "review": found,
        "case": case,
        "identity": identity_bar(case, today),
        "due": due_words(found.due_on, today),
        "ratings": sorted(ratings, key=lambda part: part[0], reverse=True),
        "plan": rows(("Made with", plan.with_whom), ("In short", plan.summary), ("In the way", plan.blocked))
        if plan
        else [],
        "steps": [
            [step.text, step.who, long_date(step.by_when) if step.by_when else "no date"] for step in content.steps
        ],
        "voice": content.voice,
    }


def _page(
    request: SeatRequest,
    found: Review,
    form: ReviewForm,
    draft: ReviewDraft | None,
    *,
    version: int | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    standing = version if version is not None else draft.version if draft else 0
    context = _known(request, found) | {
        "form": form,
        "version": standing,
        "saved_at": uk_time(draft.saved_at) if draft else "",
        "operation": operation(),
        "save_url": reverse("referrals:save_review", args=[found.reference]),
        **more,
    }
    return render(request, "referrals/review.html", context, status=status)


def _read(request: SeatRequest, found: Review) -> HttpResponse:
    answers = rows(
        ("What has changed", found.progress),
        ("What the child says", found.voice),
        ("Rating", rating_tag(found.rating) if found.rating else ""),
        ("Why", found.rating_reason),
        ("Recommendation", Recommendation(found.recommendation).label if found.recommendation else ""),
        ("Answered by", found.answered_by.user.name if found.answered_by else ""),
        ("Answered on", long_date(found.answered_on) if found.answered_on else ""),
        ("Held on", long_date(found.held_on) if found.held_on else ""),
    )
    context = _known(request, found) | {"answers": answers, "status": ReviewStatus(found.status).label}
    return render(request, "referrals/review_read.html", context)


@requires(Capability.ANSWER_REVIEW)
@require_POST
def save(request: SeatRequest, reference: str) -> HttpResponseBase:
    """Autosave of the answers: 200 with time and version, 409 with theirs, 422 when the review is answered."""
    found = review_by_reference(reference)
    try:
        draft = save_review(
            review=found,
            data=request.POST.dict(),
            version=whole(request.POST.get("version", "")),
            operation=request.POST.get("op", "")[:40],
            by=request.seat,
            at=clock.now(),
        )
    except Conflict as conflict:
        shown(request, "review", record_id=found.record_id, reference=reference)
        theirs = {name: value for name, value in conflict.theirs.items() if value != request.POST.get(name, "")}
        return JsonResponse({"theirs": theirs, "version": conflict.version}, status=409)
    except RuleBroken as broken:
        return JsonResponse({"message": broken.message}, status=422)
    return JsonResponse({"saved_at": draft.saved_at.isoformat(), "version": draft.version})
