"""A child who may be known in another partnership: asking its coordinators, and answering what others ask."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from mace.access.gate import SeatRequest, requires, shown
from mace.access.policy import Capability
from mace.core import clock
from mace.core.errors import RuleBroken
from mace.core.forms import refuse
from referrals.forms.elsewhere import AnswerForm, AskElsewhereForm
from referrals.models import ChildQuestion
from referrals.selectors.elsewhere import (
    known_elsewhere,
    other_partnerships,
    question_by_reference,
    questions_about,
    questions_to,
)
from referrals.selectors.matching import Match, Wanted, possible_matches
from referrals.selectors.merging import child_in_full
from referrals.services import answer_question, ask_partnership


@requires(Capability.ASK_ELSEWHERE)
@require_http_methods(["GET", "HEAD", "POST"])
def child_elsewhere(request: SeatRequest, reference: str) -> HttpResponse:
    """Which partnerships may know the child, what they were asked and answered, and a form to ask any of them."""
    child = child_in_full(reference)
    known = known_elsewhere(child)
    form = AskElsewhereForm(
        request.POST if request.method == "POST" else None,
        partnerships=other_partnerships(request.seat.partnership_id),
        has_number=bool(child.identity.nhs_number),
        initial={"asked": str(known[0].elsewhere_id) if known else ""},
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            question = ask_partnership(
                child=child,
                asked=form.chosen,
                reason=said["reason"],
                lawful_basis=said["lawful_basis"],
                with_nhs_number=said.get("nhs_number", False),
                by=request.seat,
                at=clock.now(),
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, f"{form.chosen.name} is asked: question {question.reference}.")
            return redirect("referrals:child_elsewhere", reference=child.reference)
    shown(request, "child known elsewhere", record_id=child.pk, reference=child.reference)
    context = {"child": child, "known": known, "questions": questions_about(child), "form": form}
    return render(request, "referrals/child_elsewhere.html", context, status=422 if form.is_bound else 200)


@requires(Capability.ASK_ELSEWHERE)
@require_safe
def child_questions(request: SeatRequest) -> HttpResponse:
    """What other partnerships ask, by reference: the child stands on the page of each."""
    found = questions_to(request.seat.partnership_id)
    return render(request, "referrals/child_questions.html", {"questions": found})


@requires(Capability.ASK_ELSEWHERE)
@require_http_methods(["GET", "HEAD", "POST"])
def child_question(request: SeatRequest, reference: str) -> HttpResponse:
    """Whom another partnership asks about, who here may be meant, and the answer."""
    question = question_by_reference(reference, asked_id=request.seat.partnership_id)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            answer_question(
                question=question,
                answer=said["answer"],
                reason=said["answer_reason"],
                by=request.seat,
                at=clock.now(),
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, f"Question {question.reference} is answered.")
            return redirect("referrals:child_question", reference=question.reference)
    likely = _meant(question) if question.answered_at is None else []
    records = [question.record_id, *(match.child_id for match in likely)]
    shown(request, "question about a child", reference=question.reference, records=records)
    context = {"question": question, "likely": likely, "form": form}
    return render(request, "referrals/child_question.html", context, status=422 if form.is_bound else 200)


def _meant(question: ChildQuestion) -> list[Match]:
    """Who of the own partnership may be the child that is asked about."""
    return possible_matches(
        Wanted(question.forename, question.surname, question.date_of_birth, nhs_number=question.nhs_number)
    )
