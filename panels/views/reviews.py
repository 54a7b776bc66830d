"""12-week reviews: those to be answered, and the page that answers one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import strip_tags
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mace.access.gate import SeatRequest, keep, requires, shown
from mace.access.policy import Capability, can
from mace.attachments.showing import in_its_place
from mace.core import clock
from mace.core.errors import Conflict, RuleBroken
from mace.core.forms import long_date, refuse, whole
from mace.core.templatetags.components import rating_tag, status_tag, uk_date, uk_time
from panels.selectors.actions import overdue_words
from panels.selectors.reviews import KnownOfReview, known_of
from referrals.enums import Recommendation, ReviewStatus, StepReviewed
from referrals.forms import ReviewForm
from referrals.models import Review, ReviewDraft
from referrals.selectors import label, open_reviews_for, review_by_reference
from referrals.selectors.pathways import episode_title, interview_words
from referrals.selectors.reviews import by_lateness, earlier_steps, late_words, step_field
from referrals.services import answer_review, save_review
from referrals.services.reviews import may_answer
from referrals.views.cards import identity_bar, rows
from referrals.views.drafts import operation


@requires(Capability.READ_REVIEWS)
@require_safe
def reviews(request: SeatRequest) -> HttpResponse:
    """Reviews that are not held yet: who has not answered, what is late, what waits for a meeting."""
    found, today = open_reviews_for(request.seat), clock.today()
    shown(request, "review list", rows=len(found), records=[review.record_id for review in found])
    parts = [
        {
            "title": f"{title} ({len(rows)})",
            "key": key,
            "rows": [_row(review, today) for review in rows],
        }
        for key, title, rows in by_lateness(found, on=today)
        if rows
    ]
    context = {"parts": parts, "may_export": can(request.seat, Capability.EXPORT_LISTS)}
    return render(request, "panels/reviews.html", context)


def _row(review: Review, today: dt.date) -> dict[str, Any]:
    answered = review.status == ReviewStatus.ANSWERED
    return {
        "title": f"Review {review.reference}",
        "url": reverse("panels:review", args=[review.reference]),
        "meta": f"Case {review.case.reference}, {review.case.child.identity.full_name}. "
        f"{'' if answered else 'Not answered by: '}{review.case.lead_professional.user.name}"
        f"{', answered on ' + long_date(review.answered_on) if review.answered_on else ''}",
        "state": late_words(review, today),
        "urgent": review.due_on < today,
        "tag": status_tag("Answered, not held", "green") if answered else status_tag("To be answered"),
    }


@requires(Capability.READ_REVIEWS)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: SeatRequest, reference: str) -> HttpResponse:
    """What is known, filled in; the answers; once they are sent, what was answered."""
    found = review_by_reference(reference)
    if found.status != ReviewStatus.DUE or not may_answer(found.case, request.seat):
        if request.method == "POST":
            return _after_the_fact(request, found)
        return _read(request, found)
    known = known_of(found)
    if request.method != "POST":
        draft = ReviewDraft.objects.filter(review=found).first()
        form = ReviewForm(initial=draft.data if draft else None, plan=known.content.steps)
        return _page(request, found, known, form, draft)
    return _answer(request, found, known)


def _answer(request: SeatRequest, found: Review, known: KnownOfReview) -> HttpResponse:
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
        form = ReviewForm(initial=request.POST.dict(), plan=known.content.steps)
        theirs = [
            (strip_tags(str(form[name].label)), value)
            for name, value in conflict.theirs.items()
            if name in form.fields and value != request.POST.get(name, "")
        ]
        return _page(request, found, known, form, None, version=conflict.version, theirs=theirs, status=409)
    if "later" in request.POST:
        messages.success(request, "Saved. You can come back at any time.")
        return redirect("panels:reviews")
    form = ReviewForm(request.POST, plan=known.content.steps)
    if form.is_valid():
        try:
            answer_review(review=found, **form.answers(), by=request.seat, at=at)
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(
                request, f"Review {found.reference} is answered. The coordinator puts it on the next meeting."
            )
            return redirect("panels:review", found.reference)
    keep(request)
    return _page(request, found, known, form, draft, status=422)


def _after_the_fact(request: SeatRequest, found: Review) -> HttpResponse:
    if not may_answer(found.case, request.seat):
        raise PermissionDenied
    messages.warning(request, "This review was answered already. Nothing was changed.")
    return redirect("panels:review", found.reference)


def _shown(request: SeatRequest, found: Review, known: KnownOfReview) -> dict[str, Any]:
    """What the page says of the case: identity, last ratings and scores, the plan, actions since the last review."""
    today = clock.today()
    shown(request, "review", record_id=found.record_id, reference=found.reference)
    content, case, lately = known.content, known.case, known.pathways
    plan, risk, voice = content.plan, content.assessment, content.voice
    ratings = [
        *((part.agreed_on, rating_tag(part.rating), f"agreed by {part.source}") for part in content.ratings),
        *([(risk.effective_on, rating_tag(risk.rating), f"assessed by {risk.written_by.user.name}")] if risk else []),
    ]
    return {
        "review": found,
        "case": case,
        "identity": identity_bar(case, today, url=reverse("casework:case", args=[case.reference])),
        "due": late_words(found, today),
        "ratings": sorted(ratings, key=lambda part: part[0], reverse=True),
        "plan": rows(
            ("Made with", plan.with_whom),
            ("In short", plan.summary),
            ("In a file", in_its_place(plan.attachment, plan.attachment_id, "plan")),
            ("In the way", plan.blocked),
        )
        if plan
        else [],
        "scores": rows(
            *(
                (label("risk_domain", part.domain), f"{part.score} of 3{': ' + part.evidence if part.evidence else ''}")
                for part in content.scores
            )
        ),
        "steps": [
            [step.text, step.who, long_date(step.by_when) if step.by_when else "no date"] for step in content.steps
        ],
        "voice": voice,
        "since": known.since,
        "missing": [f"{episode_title(one)}. {interview_words(one, clock.now())}" for one in lately.missing],
        "moments": [f"{uk_date(one.on)}: {one.kind_words}. {one.about}" for one in lately.moments],
        "actions": [
            {
                "title": action.text,
                "url": reverse("panels:action", args=[action.reference]) if reads_actions(request) else "",
                "meta": f"{action.reference} · {action.owner_agency.name}",
                "state": overdue_words(action, today),
                "urgent": action.closed_on is None and action.due_on < today,
            }
            for action in known.actions
        ],
    }


def reads_actions(request: SeatRequest) -> bool:
    """Whether the seat may open the pages of actions."""
    return can(request.seat, Capability.READ_ACTIONS)


def _page(
    request: SeatRequest,
    found: Review,
    known: KnownOfReview,
    form: ReviewForm,
    draft: ReviewDraft | None,
    *,
    version: int | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    standing = version if version is not None else draft.version if draft else 0
    typed = request.POST.dict() if request.method == "POST" else draft.data if draft else {}
    context = _shown(request, found, known) | {
        "form": form,
        "earlier": [(step, typed[step_field(step.pk, "note")]) for step in earlier_steps(found, typed, form.fields)],
        "version": standing,
        "saved_at": uk_time(draft.saved_at) if draft else "",
        "operation": operation(),
        "save_url": reverse("panels:save_review", args=[found.reference]),
        **more,
    }
    return render(request, "panels/review.html", context, status=status)


def _read(request: SeatRequest, found: Review) -> HttpResponse:
    known = known_of(found)
    answers = rows(
        ("What has changed", found.progress),
        ("Rating", rating_tag(found.rating) if found.rating else ""),
        ("Why", found.rating_reason),
        ("What the child says", found.voice),
        ("Observed", found.observed),
        ("What the child wants", found.wants),
        ("Why the child’s voice is missing", found.voice_missing),
        ("Who could reach them", found.reached_by),
        ("How", found.reached_how),
        ("What helped", found.helped),
        ("What did not help", found.not_helped),
        ("Recommendation", Recommendation(found.recommendation).label if found.recommendation else ""),
        ("Wanted from the panel", found.asks),
        ("Answered by", found.answered_by.user.name if found.answered_by else ""),
        ("Answered on", long_date(found.answered_on) if found.answered_on else ""),
        ("Held on", long_date(found.held_on) if found.held_on else ""),
    )
    context = _shown(request, found, known) | {
        "answers": answers,
        "said_of_steps": [(step.text, StepReviewed(step.state).label, step.note) for step in known.answered_steps],
        "status": ReviewStatus(found.status).label,
    }
    return render(request, "panels/review_read.html", context)


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
